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

# error functions. erfc(x) = exp(-x^2) erfcx(x), and (1 + 2x) erfcx(x) is smooth in
# t = (x - k) / (x + k) over all x >= 0.
def erfcx(x):
    x = mp.mpf(x)
    if x > 1e4:
        return (1 - 1 / (2 * x * x) + 3 / (4 * x ** 4)) / (x * mp.sqrt(mp.pi))
    with mp.workdps(int(60 + 0.9 * float(min(x, 60)) ** 2) if x < 30 else 60):
        if x < 30:
            return mp.exp(x * x) * mp.erfc(x)
        s, term, n = mp.mpf(1), mp.mpf(1), 1
        while abs(term) > mp.mpf(10) ** -58 and n < 400:
            term *= -(2 * n - 1) / (2 * x * x)
            s += term
            n += 1
        return s / (x * mp.sqrt(mp.pi))


def erfcx_map(k):
    def g(t):
        if t >= 1 - mp.mpf(10) ** -12:
            return 2 / mp.sqrt(mp.pi)
        x = k * (1 + t) / (1 - t)
        return (1 + 2 * x) * erfcx(x)
    return g


poly('ERFCXF', -1, 1, 12, 'f', erfcx_map(M(2)))
poly('ERFCX', -1, 1, 25, 'd', erfcx_map(M(4)))
ERF_G = even(lambda r: mp.erf(r) / r - 1)
poly('ERFF', 0, 1, 5, 'f', ERF_G)
poly('ERF', 0, 1, 11, 'd', ERF_G)
# log(erfc(x)), which matters as much as erfc(x)
poly('LOGERFCF', 1, 4, 7, 'f', lambda x: mp.log(mp.erfc(x)), lambda x: mp.erfc(x))


# erfinv(x) / x as a function of w = -log(1 - x^2), by Newton's method from w
def erfinv_ratio(w):
    w = mp.mpf(w)
    if w == 0:
        return mp.sqrt(mp.pi) / 2
    with mp.workdps(60 + int(w / 2)):
        c = mp.exp(-w)         # 1 - x^2
        x = mp.sqrt(1 - c)
        q = c / (1 + x)        # 1 - x
        if q > 0.1:
            v = mp.erfinv(x)
        else:
            v = mp.sqrt(-mp.log(q * mp.sqrt(mp.pi * max(w - 1, 1))))
            for _ in range(12):
                f = mp.erfc(v) - q
                d = -2 / mp.sqrt(mp.pi) * mp.exp(-v * v)
                step = f / d
                step = step / (1 + v * step)   # Halley
                v -= step
                if abs(step) < mp.mpf(10) ** -45:
                    break
        return v / x


poly('ERFINVF_A', -2.5, 2.5, 9, 'f', lambda t: erfinv_ratio(t + M('2.5')))
poly('ERFINVF_B', M('-0.7'), M('0.9'), 9, 'f', lambda t: erfinv_ratio((t + M('2.875')) ** 2))
poly('ERFINVF_C', -3, M('3.5'), 10, 'f', lambda t: erfinv_ratio((t + M('6.75')) ** 2))
poly('ERFINV_A', M('-3.125'), M('3.125'), 24, 'd', lambda t: erfinv_ratio(t + M('3.125')))
poly('ERFINV_B', M('-0.78'), M('0.78'), 20, 'd', lambda t: erfinv_ratio((t + M('3.25')) ** 2))
poly('ERFINV_C', M('-1.1'), M('2.35'), 24, 'd', lambda t: erfinv_ratio((t + M('5')) ** 2))
poly('ERFINV_D', M('-3.3'), M('3.3'), 18, 'd', lambda t: erfinv_ratio((t + M('10.5')) ** 2))
poly('ERFINV_E', M('-7.2'), M('7.2'), 18, 'd', lambda t: erfinv_ratio((t + M('20.75')) ** 2))
