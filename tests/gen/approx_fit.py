#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The polynomials of src/isa/sem_approx.c: weighted least squares at Chebyshev nodes, the
weights raised where the error is large until it is nearly level (Lawson's iteration).
Prints each coefficient as a hex double; the source rounds it to f32.
"""
import mpmath as mp

mp.mp.dps = 40


def nodes(lo, hi, n):
    return [(lo + hi) / 2 + (hi - lo) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]


def solve(rows, weights):
    """rows: (basis values, target), already scaled to the error that counts."""
    n = len(rows[0][0])
    a, b = mp.matrix(n, n), mp.matrix(n, 1)
    for (v, y), w in zip(rows, weights):
        for i in range(n):
            b[i] += w * v[i] * y
            for j in range(n):
                a[i, j] += w * v[i] * v[j]
    return mp.lu_solve(a, b)


def level(weights, errors):
    most = max(errors)
    weights = [w * (e / most + mp.mpf('1e-3')) for w, e in zip(weights, errors)]
    total = sum(weights)
    return [w / total * len(weights) for w in weights]


def show(name, best):
    print(f'{name}: error 2^{float(mp.log(best[0], 2)):.2f}')
    for c in best[1]:
        print('  ', float(c).hex())


def polynomial(name, f, degree, lo, hi, weight):
    xs = nodes(mp.mpf(lo), mp.mpf(hi), 200)
    w, best = [mp.mpf(1)] * len(xs), None
    for _ in range(30):
        rows = [([x ** k * weight(x) for k in range(degree + 1)], f(x) * weight(x)) for x in xs]
        c = solve(rows, w)
        errors = [abs(sum(ci * v for ci, v in zip(c, row)) - y) for row, y in rows]
        if best is None or max(errors) < best[0]:
            best = (max(errors), list(c))
        w = level(w, errors)
    show(name, best)


def rational_tanh(hi):
    """tanh(x)/x = (1 + p1 z + p2 z^2 + p3 z^3) / (1 + q1 z + q2 z^2 + q3 z^3), z = x^2."""
    zs = [z ** 2 for z in nodes(mp.mpf(0), mp.mpf(hi), 300)]
    w, q, best = [mp.mpf(1)] * len(zs), [mp.mpf(1)] * len(zs), None
    for _ in range(60):
        rows = []
        for z, qz in zip(zs, q):
            y = mp.tanh(mp.sqrt(z)) / mp.sqrt(z)
            s = 1 / (qz * y)
            rows.append(([z ** k * s for k in (1, 2, 3)] + [-y * z ** k * s for k in (1, 2, 3)], (y - 1) * s))
        c = solve(rows, w)
        q = [1 + sum(c[3 + k] * z ** (k + 1) for k in range(3)) for z in zs]
        errors = [abs((1 + sum(c[k] * z ** (k + 1) for k in range(3))) / qz * mp.sqrt(z) / mp.tanh(mp.sqrt(z)) - 1)
                  for z, qz in zip(zs, q)]
        if best is None or max(errors) < best[0]:
            best = (max(errors), list(c))
        w = level(w, errors)
    show('tanh', best)


polynomial('ex2: (2^f - 1)/f', lambda f: (mp.power(2, f) - 1) / f, 5, -0.5, 0.5,
           lambda f: abs(f) / mp.power(2, f) + mp.mpf('1e-3'))
polynomial('lg2: log2(1+t)/t', lambda t: mp.log(1 + t, 2) / t, 8, -mp.mpf(1) / 3, mp.mpf(1) / 3,
           lambda t: mp.mpf(1))
polynomial('sin: sin(pi/2 r)/r of r^2', lambda z: mp.sin(mp.sqrt(z) * mp.pi / 2) / mp.sqrt(z), 3, 1e-6, 0.2501,
           lambda z: mp.sqrt(z) + mp.mpf('0.01'))
polynomial('cos: (cos(pi/2 r) - 1)/r^2 of r^2', lambda z: (mp.cos(mp.sqrt(z) * mp.pi / 2) - 1) / z, 3, 1e-6, 0.2501,
           lambda z: z + mp.mpf('0.001'))
rational_tanh(8.3)
