#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/libdevice_f64.txt and libdevice_f32.txt: correctly rounded values, by
mpmath, of the device math functions that libm does not have or has less well.

A line: name, order (0 where there is none), argument bits, result bits (hexadecimal).
usage: libdevice_vectors.py FOLDER
"""
import math
import os
import random
import struct
import sys

import mpmath as mp

mp.mp.dps = 60


def bits64(x):
    return struct.unpack('<Q', struct.pack('<d', x))[0]


def bits32(x):
    return struct.unpack('<I', struct.pack('<f', x))[0]


def nearest(v, p, emin, emax):
    """v rounded once to p bits, with subnormals down to exponent emin."""
    v = mp.mpf(v)
    if v == 0 or mp.isinf(v) or mp.isnan(v):
        return float(v)
    m, e = mp.frexp(v)
    q = max(e - p, emin)
    n = int(mp.nint(mp.ldexp(v, -q)))
    if n == 0:
        return math.copysign(0.0, v)
    r = mp.ldexp(mp.mpf(n), q)
    if abs(r) >= mp.ldexp(1, emax):
        return math.copysign(math.inf, n)
    return float(r)


def round64(v):
    return nearest(v, 53, -1074, 1024)


def round32(v):
    return nearest(v, 24, -149, 128)


def deep(f, digits):
    def g(*a):
        with mp.workdps(digits):
            return +f(*a)
    return g


def erfcx(x):
    if x > 1e8:
        return 1 / (x * mp.sqrt(mp.pi))
    if x > 40:
        with mp.workdps(80):
            s, t = mp.mpf(1), mp.mpf(1)
            for n in range(1, 60):
                t *= -(2 * n - 1) / (2 * x * x)
                s += t
            return s / (x * mp.sqrt(mp.pi))
    with mp.workdps(60 + int(abs(float(x)) ** 2 * 0.9)):
        return mp.exp(x * x) * mp.erfc(x)


def inverse_erfc(q):
    """v with erfc(v) = q, 0 < q < 2."""
    if q > 1:
        return -inverse_erfc(2 - q)
    with mp.workdps(60):
        if q > 0.2:
            with mp.workdps(420):
                return mp.erfinv(1 - q)
        v = mp.sqrt(-mp.log(q))
        v = mp.sqrt(-mp.log(q * mp.sqrt(mp.pi) * v))
        for _ in range(40):
            d = (mp.erfc(v) - q) / (2 / mp.sqrt(mp.pi) * mp.exp(-v * v))
            step = d / (1 - v * d) if abs(v * d) < 0.5 else d
            v += step
            if abs(step) < mp.mpf(10) ** -55 * v:
                return v
        raise ArithmeticError('no convergence')


def erfinv(x):
    with mp.workdps(400):
        q = 1 - abs(x)
    return mp.sign(x) * (inverse_erfc(q) if q < 0.8 else mp.erfinv(abs(x)))


def normcdfinv(p):
    return -mp.sqrt(2) * inverse_erfc(2 * p)


def normcdf(x):
    with mp.workdps(100):
        return mp.erfc(-x / mp.sqrt(2)) / 2


def lgamma(x):
    with mp.workdps(80):
        return mp.loggamma(x).real if x > 0 else mp.log(abs(mp.gamma(x)))


def points(rng, kind):
    """Arguments for a kind of function, as Python floats (to be rounded to f32 too)."""
    u = rng.uniform
    if kind == 'line':  # erfcx
        return [u(-26, 30) for _ in range(100)] + [10 ** u(-12, 12) for _ in range(40)]
    if kind == 'unit':  # erfinv
        return [u(-1, 1) for _ in range(80)] + [1 - 10 ** u(-15, -1) for _ in range(60)] + \
            [10 ** u(-20, -1) for _ in range(20)]
    if kind == 'two':  # erfcinv
        return [u(0, 2) for _ in range(80)] + [2 - 10 ** u(-15, -1) for _ in range(40)] + \
            [10 ** u(-300, -1) for _ in range(30)] + [10 ** u(-40, -1) for _ in range(60)]
    if kind == 'probability':
        return [u(0, 1) for _ in range(80)] + [1 - 10 ** u(-15, -1) for _ in range(40)] + \
            [10 ** u(-300, -1) for _ in range(30)] + [10 ** u(-40, -1) for _ in range(60)]
    if kind == 'normal':
        return [u(-9, 9) for _ in range(80)] + [u(-38, -8) for _ in range(40)]
    if kind == 'lgamma':
        return [u(0, 8) for _ in range(100)] + [10 ** u(-30, 30) for _ in range(40)] + \
            [1 + 10 ** u(-12, -1) for _ in range(10)] + [2 - 10 ** u(-12, -1) for _ in range(10)] + \
            [u(-2.2, 0) for _ in range(50)] + [u(-100, -23.01) for _ in range(40)]
    if kind == 'tgamma':
        return [u(0, 12) for _ in range(80)] + [u(0, 172) for _ in range(60)] + \
            [u(-184, 0) for _ in range(60)] + [u(-10, 0) for _ in range(40)] + \
            [10 ** u(-35, 0) for _ in range(20)] + [u(0, 36) for _ in range(40)]
    if kind == 'bessel':
        return [u(0, 8) for _ in range(140)] + [u(8, 30) for _ in range(40)] + \
            [10 ** u(1, 4) for _ in range(30)] + [10 ** u(-10, 0) for _ in range(20)]
    if kind == 'modified':
        return [u(-12, 12) for _ in range(60)] + [u(12, 713) for _ in range(40)] + \
            [u(12, 91) for _ in range(40)] + [10 ** u(-10, 0) for _ in range(10)]
    raise KeyError(kind)


# Beside the zeros of the Bessel functions, where a relative error shows.
ZEROS = {'j0': [2.404825557695773, 5.520078110286311],
         'j1': [3.831705970207512, 7.015586669815619],
         'y0': [0.893576966279167, 3.957678419314858, 7.086051060301773],
         'y1': [2.197141326031017, 5.429681040794135]}

FUNCTIONS = [
    ('erfcx', erfcx, 'line'),
    ('erfinv', erfinv, 'unit'),
    ('erfcinv', inverse_erfc, 'two'),
    ('normcdf', normcdf, 'normal'),
    ('normcdfinv', normcdfinv, 'probability'),
    ('lgamma', lgamma, 'lgamma'),
    ('tgamma', mp.gamma, 'tgamma'),
    ('j0', deep(lambda x: mp.besselj(0, x), 80), 'bessel'),
    ('j1', deep(lambda x: mp.besselj(1, x), 80), 'bessel'),
    ('y0', deep(lambda x: mp.bessely(0, x), 80), 'bessel'),
    ('y1', deep(lambda x: mp.bessely(1, x), 80), 'bessel'),
    ('cyl_bessel_i0', deep(lambda x: mp.besseli(0, x), 80), 'modified'),
    ('cyl_bessel_i1', deep(lambda x: mp.besseli(1, x), 80), 'modified'),
]
ORDERS = [2, 3, 7, 20, 128]


def domain(name, x):
    if name == 'erfinv':
        return -1 < x < 1
    if name == 'erfcinv':
        return 0 < x < 2
    if name == 'normcdfinv':
        return 0 < x < 1
    if name in ('lgamma', 'tgamma'):
        return x != 0 and not (x < 0 and x == math.floor(x))
    return True


def table(precision):
    rng = random.Random(19)
    to_bits, rounded, digits = ((bits64, round64, 16) if precision == 64 else
                                (bits32, round32, 8))
    lines = []
    for name, f, kind in FUNCTIONS:
        xs = points(rng, kind)
        for z in ZEROS.get(name, []):
            xs += [z, math.nextafter(z, 0), z * (1 + 1e-9), z * (1 - 1e-5), z + 0.01]
        for x in xs:
            x = rounded(x)
            if not domain(name, x) or math.isinf(x):
                continue
            y = rounded(f(mp.mpf(x)))
            lines.append(f'{name} 0 {to_bits(x):0{digits}x} {to_bits(y):0{digits}x}')
    for name, f in (('jn', mp.besselj), ('yn', mp.bessely)):
        for n in ORDERS:
            for _ in range(16):
                x = rounded(rng.choice([rng.uniform(0.1, 8), rng.uniform(1, 3 * n)]))
                with mp.workdps(80):
                    y = rounded(f(n, mp.mpf(x)))
                lines.append(f'{name} {n} {to_bits(x):0{digits}x} {to_bits(y):0{digits}x}')
    return lines


for p in (64, 32):
    with open(os.path.join(sys.argv[1], f'libdevice_f{p}.txt'), 'w') as out:
        out.write('\n'.join(table(p)) + '\n')
