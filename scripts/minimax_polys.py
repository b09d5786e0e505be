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
# tanh r = r + r^3 g(r^2), for r below a quarter of ln 2
poly('TANHF', 0, 0.0301, 2, 'f', even(lambda r: (mp.tanh(r) / r - 1) / r ** 2))
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
TAILS |= {'ERFINVF_A', 'ERFINVF_B', 'ERFINVF_C'}
poly('ERFINV_A', M('-3.125'), M('3.125'), 24, 'd', lambda t: erfinv_ratio(t + M('3.125')))
poly('ERFINV_B', M('-0.78'), M('0.78'), 20, 'd', lambda t: erfinv_ratio((t + M('3.25')) ** 2))
poly('ERFINV_C', M('-1.1'), M('2.35'), 24, 'd', lambda t: erfinv_ratio((t + M('5')) ** 2))
poly('ERFINV_D', M('-3.3'), M('3.3'), 18, 'd', lambda t: erfinv_ratio((t + M('10.5')) ** 2))
poly('ERFINV_E', M('-7.2'), M('7.2'), 18, 'd', lambda t: erfinv_ratio((t + M('20.75')) ** 2))

# gamma: lgamma(1 + t) / t, lgamma(2 + t) / t, and what Stirling's formula leaves over,
# times x, as a function of 1 / x^2 for x >= 3
poly('LGAMMA1', -0.5, 0.5, 27, 'd', removable(lambda t: mp.loggamma(1 + t) / t))
poly('LGAMMA2', -0.5, 1, 20, 'd', removable(lambda t: mp.loggamma(2 + t) / t))


def stirling_rest(u):
    if u < mp.mpf(10) ** -9:
        return mp.mpf(1) / 12 - u / 360 + u * u / 1260
    x = 1 / mp.sqrt(u)
    with mp.workdps(80):
        return x * (mp.loggamma(x) - ((x - 0.5) * mp.log(x) - x + mp.log(2 * mp.pi) / 2))


poly('STIRLING', 0, M(1) / 9, 12, 'd', stirling_rest)


# Bessel functions. Near a zero z: f(x) / (x - z), as a function of x - z.
def about(f, z):
    def g(t):
        if abs(t) < mp.mpf(10) ** -20:
            t = mp.mpf(10) ** -20
        with mp.workdps(80):
            return f(z + t) / t
    return g


def zero(f, guess):
    with mp.workdps(90):
        return mp.findroot(f, guess)


def in_square(f):
    """f given for x, as a function of z = x^2; z = 0 by its neighbourhood."""
    def g(z):
        with mp.workdps(90):
            return f(mp.sqrt(z if z > mp.mpf(10) ** -30 else mp.mpf(10) ** -30))
    return g


J0 = lambda x: mp.besselj(0, x)
J1 = lambda x: mp.besselj(1, x)
Y0 = lambda x: mp.bessely(0, x)
Y1 = lambda x: mp.bessely(1, x)
ZEROS = {
    'J0_1': zero(J0, 2.4), 'J0_2': zero(J0, 5.52),
    'J1_1': zero(J1, 3.83), 'J1_2': zero(J1, 7.0156),
    'Y0_1': zero(Y0, 0.89), 'Y0_2': zero(Y0, 3.957), 'Y0_3': zero(Y0, 7.086),
    'Y1_1': zero(Y1, 2.197), 'Y1_2': zero(Y1, 5.43),
}


def bessel(name, f, zname, lo, hi, deg):
    z = ZEROS[zname]
    poly(name, M(lo) - z, M(hi) - z, deg, 'd', about(f, z))


poly('J0_SMALL', 0, 4.2, 9, 'd', in_square(J0))
bessel('J0_B', J0, 'J0_1', '1.7', '4', 14)
bessel('J0_C', J0, 'J0_2', '4', '7.1', 15)
poly('J1_SMALL', 0, 12.5, 10, 'd', in_square(lambda x: J1(x) / x))
bessel('J1_B', J1, 'J1_1', '2.5', '5.4', 15)
bessel('J1_C', J1, 'J1_2', '5.4', '8.6', 16)
# Y0 = 2/pi log(x/z) J0 + (x^2 - z^2) S(x^2) and the like for Y1, z their first zeros
z = ZEROS['Y0_1']
poly('Y0_S', 0, 4.42, 8, 'd', in_square(
    lambda x, z=z: (Y0(x) - 2 / mp.pi * mp.log(x / z) * J0(x)) / (x * x - z * z)))
bessel('Y0_B', Y0, 'Y0_2', '2.1', '5.5', 24)
bessel('Y0_C', Y0, 'Y0_3', '5.5', '8.6', 17)
z = ZEROS['Y1_1']
poly('Y1_S', 0, 12.5, 10, 'd', in_square(
    lambda x, z=z: x * (Y1(x) - 2 / mp.pi * mp.log(x / z) * J1(x)) / (x * x - z * z)))
bessel('Y1_B', Y1, 'Y1_2', '3.5', '7.1', 21)


# Far out: modulus and phase, J = sqrt(2 / (pi x)) A cos(x - (2n + 1) pi / 4 + D / x),
# A and D functions of u = 1 / x^2.
def modulus(n):
    def g(u):
        if u < mp.mpf(10) ** -12:
            return mp.mpf(1)
        x = 1 / mp.sqrt(u)
        with mp.workdps(70):
            return mp.sqrt(mp.pi * x / 2 * (mp.besselj(n, x) ** 2 + mp.bessely(n, x) ** 2))
    return g


def phase(n):
    def g(u):
        if u < mp.mpf(10) ** -12:
            return mp.mpf(4 * n * n - 1) / 8
        x = 1 / mp.sqrt(u)
        with mp.workdps(70):
            w = x - (2 * n + 1) * mp.pi / 4
            j, y = mp.besselj(n, x), mp.bessely(n, x)
            c, s = mp.cos(w), mp.sin(w)
            return mp.atan2(y * c - j * s, j * c + y * s) * x
    return g


for n in (0, 1):
    poly(f'BESSEL_A{n}', 0, M(1) / 49, 13, 'd', modulus(n))
    poly(f'BESSEL_D{n}', 0, M(1) / 49, 14, 'd', phase(n))

# modified: I0 and I1 / x in x^2, and far out e^-x sqrt(x) I in 1 / x
for n in (0, 1):
    poly(f'I{n}_SMALL', 0, 133, 17, 'd', in_square(lambda x, n=n: mp.besseli(n, x) / x ** n),
         in_square(lambda x, n=n: x ** n / mp.besseli(n, x)))


def far_i(n):
    def g(t):
        if t < mp.mpf(10) ** -6:
            return (1 - (4 * n * n - 1) * t / 8 + (4 * n * n - 1) * (4 * n * n - 9) * t * t / 128) / mp.sqrt(2 * mp.pi)
        x = 1 / t
        with mp.workdps(60):
            return mp.exp(-x) * mp.sqrt(x) * mp.besseli(n, x)
    return g


for n in (0, 1):
    poly(f'I{n}_FAR', 0, M(1) / M('11.5'), 19, 'd', far_i(n))


def print_constants():
    """The zeros as double-doubles, for bessel.c."""
    for name, v in ZEROS.items():
        hi = mp.mpf(float(v))
        print(name, float(hi).hex(), float(v - hi).hex())
