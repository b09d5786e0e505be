# SPDX-License-Identifier: Apache-2.0
# The polynomials of libdevice, read by gen_minimax.py: name, interval, degree, type, g(t).
M = mp.mpf
LN2 = mp.log(2)

# exp: (e^r - 1 - r) / r^2
EXP_G = removable(lambda r: (mp.exp(r) - 1 - r) / r ** 2)
poly('EXPF', -0.3467, 0.3467, 4, 'f', EXP_G)
poly('EXPM1F', -0.52, 0.52, 5, 'f', EXP_G)
poly('EXP2F', -0.5, 0.5, 5, 'f', removable(lambda r: (mp.power(2, r) - 1) / r))
poly('EXP10F', -0.1506, 0.1506, 5, 'f', removable(lambda r: (mp.power(10, r) - 1) / r))
poly('EXP', -0.3467, 0.3467, 10, 'd', EXP_G)
poly('EXPM1', -0.52, 0.52, 11, 'd', EXP_G)

# log: (log(1+f) - f) / f^2 and scaled forms
LOG_G = removable(lambda f: (mp.log1p(f) - f) / f ** 2)
poly('LOGF', -0.3334, 0.3334, 8, 'f', LOG_G)
poly('LOG2F', -0.3334, 0.3334, 8, 'f', lambda f: LOG_G(f) / LN2)
poly('LOG10F', -0.3334, 0.3334, 8, 'f', lambda f: LOG_G(f) / mp.log(10))
# log2 of powf in f64: (log2(1+f) - f/ln2) / f^2
poly('POWLOG2', -0.3334, 0.3334, 13, 'd', lambda f: LOG_G(f) / LN2)
# atanh series in z = s^2: (2 atanh(s) / s - 2) / z
poly('LOG', 0, 0.0401, 7, 'd', even(lambda s: (2 * mp.atanh(s) / s - 2) / s ** 2))
# the same less its first coefficient 2/3, for the double-double logarithm
poly('LOGDD', 0, 0.0401, 8, 'd',
     even(lambda s: ((2 * mp.atanh(s) / s - 2) / s ** 2 - M(2) / 3) / s ** 2))

# sin, cos in z = r^2, |r| <= pi/4
Q = (mp.pi / 4 + M('0.001')) ** 2
poly('SINF', 0, Q, 2, 'f', even(lambda r: (mp.sin(r) / r - 1) / r ** 2))
poly('COSF', 0, Q, 2, 'f', even(lambda r: (mp.cos(r) - 1 + r ** 2 / 2) / r ** 4))
poly('SIN', 0, Q, 5, 'd', even(lambda r: (mp.sin(r) / r - 1) / r ** 2))
poly('COS', 0, Q, 5, 'd', even(lambda r: (mp.cos(r) - 1 + r ** 2 / 2) / r ** 4))

# inverse trigonometric
ASIN_G = even(lambda r: (mp.asin(r) / r - 1) / r ** 2)
ATAN_G = even(lambda r: (mp.atan(r) / r - 1) / r ** 2)
poly('ASINF', 0, 0.251, 4, 'f', ASIN_G)
poly('ATANF', 0, 1, 8, 'f', ATAN_G)
poly('ASIN', 0, 0.251, 12, 'd', ASIN_G)
poly('ATAN', 0, 0.1717, 10, 'd', ATAN_G)

# hyperbolic
poly('SINHF', 0, 1, 3, 'f', even(lambda r: (mp.sinh(r) / r - 1) / r ** 2))
poly('TANHF', 0, 0.36, 4, 'f', even(lambda r: (mp.tanh(r) / r - 1) / r ** 2))
poly('SINH', 0, 1, 7, 'd', even(lambda r: (mp.sinh(r) / r - 1) / r ** 2))
poly('TANH', 0, 0.36, 10, 'd', even(lambda r: (mp.tanh(r) / r - 1) / r ** 2))
