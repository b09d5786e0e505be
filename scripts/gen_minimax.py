#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes the polynomials of src/libs/libdevice: minimax (Remez) coefficients by mpmath.

Each entry of POLYS names a polynomial, the function g(t) it approximates, the interval of
t, the degree and the type the coefficients are rounded to. What is approximated is always
the part of a function that remains when its leading terms are written out in the C code
(for instance (exp(r) - 1 - r) / r^2), so that an absolute error of g is what the ulp bound
asks for.

usage: gen_minimax.py OUT.h [NAME...]   (with names: print those alone, with their errors)
"""
import os
import struct
import sys

import mpmath as mp

mp.mp.dps = 50


def f32(x):
    return mp.mpf(struct.unpack('f', struct.pack('f', round32(x)))[0])


def round32(x):
    """Round once, from the exact value to 24 bits."""
    if x == 0:
        return 0.0
    m, e = mp.frexp(x)
    return float(mp.ldexp(mp.nint(mp.ldexp(m, 24)), e - 24))


def f64(x):
    return mp.mpf(float(x))


ROUND = {'f': f32, 'd': f64}


class Sampled:
    """g on a dense Chebyshev grid, evaluated once."""

    def __init__(self, g, a, b, n):
        self.a, self.b = mp.mpf(a), mp.mpf(b)
        mid, half = (self.a + self.b) / 2, (self.b - self.a) / 2
        self.x = [mid - half * mp.cos(mp.pi * i / (n - 1)) for i in range(n)]
        self.x[0], self.x[-1] = self.a, self.b
        self.y = [g(t) for t in self.x]


def solve(s, y, w, deg, idx):
    """Coefficients c and E with sum c_j t^j + (-1)^i E / w = y at the nodes."""
    n = deg + 2
    A = mp.matrix(n, n)
    rhs = mp.matrix(n, 1)
    for r, i in enumerate(idx):
        t = s.x[i]
        p = mp.mpf(1)
        for j in range(deg + 1):
            A[r, j] = p
            p *= t
        A[r, n - 1] = (-1) ** r / w[i]
        rhs[r] = y[i]
    sol = mp.lu_solve(A, rhs)
    return [sol[j] for j in range(deg + 1)]


def errors(s, y, w, c):
    out = []
    for t, v, k in zip(s.x, y, w):
        p = mp.mpf(0)
        for cj in reversed(c):
            p = p * t + cj
        out.append((p - v) * k)
    return out


def remez(s, y, w, deg, rounds=8):
    n = len(s.x)
    count = deg + 2
    # the grid is Chebyshev-distributed, so that equidistant indices are a good start
    idx = [int(round((n - 1) * (i + 0.5) / count)) for i in range(count)]
    idx[0] = 0
    idx[-1] = n - 1
    best, best_err = None, None
    for _ in range(rounds):
        c = solve(s, y, w, deg, idx)
        e = errors(s, y, w, c)
        worst = max(abs(v) for v in e)
        if best is None or worst < best_err:
            best, best_err = c, worst
        # one extremum for each run of equal sign
        runs = []
        for i, v in enumerate(e):
            if runs and (v >= 0) == (e[runs[-1]] >= 0):
                if abs(v) > abs(e[runs[-1]]):
                    runs[-1] = i
            else:
                runs.append(i)
        while len(runs) > count:
            if abs(e[runs[0]]) < abs(e[runs[-1]]):
                runs.pop(0)
            else:
                runs.pop()
        if len(runs) < count:
            break
        if runs == idx:
            break
        idx = runs
    return best, best_err


def fit(g, a, b, deg, kind, weight=None):
    s = Sampled(g, a, b, 24 * (deg + 2) if deg < 12 else 12 * (deg + 2))
    w = [mp.mpf(1) if weight is None else mp.mpf(weight(t)) for t in s.x]
    c, err = remez(s, s.y, w, deg)
    rnd = ROUND[kind]
    c_lo = rnd(c[0] - rnd(c[0]))
    c = [rnd(v) for v in c]
    final = max(abs(v) for v in errors(s, s.y, w, c))
    return c, c_lo, err, final


POLYS = {}
TAILS = set()


def poly(name, a, b, deg, kind, g, weight=None):
    POLYS[name] = (g, a, b, deg, kind, weight)


def removable(g, terms=None):
    """g(t) with a removable singularity at 0: evaluated beside it at high precision."""
    def h(t):
        if abs(t) < mp.mpf(10) ** -8:
            with mp.workdps(140):
                d = mp.mpf(10) ** -25
                return (g(t + d) + g(t - d)) / 2
        with mp.workdps(80):
            return g(mp.mpf(t))
    return h


def even(f):
    """f given for sqrt(t), t may be slightly negative beside 0 (complex root is fine)."""
    def h(t):
        r = f(mp.sqrt(mp.mpc(t)) if t < 0 else mp.sqrt(t))
        return r.real if isinstance(r, mp.mpc) else r
    return removable(h)


exec(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'minimax_polys.py')).read())


def c_name(name):
    return 'C_' + name


def c_literal(x, kind):
    h = float(x).hex()
    return h + ('f' if kind == 'f' else '')


def emit(names):
    lines = []
    for name in names:
        g, a, b, deg, kind, weight = POLYS[name]
        c, c_lo, err, final = fit(g, a, b, deg, kind, weight)
        print(f'{name}: degree {deg}, error 2^{float(mp.log(err, 2)):.1f}, '
              f'rounded 2^{float(mp.log(final, 2)):.1f}', file=sys.stderr, flush=True)
        ctype = 'float' if kind == 'f' else 'double'
        lines.append(f'/* [{mp.nstr(mp.mpf(a), 6)}, {mp.nstr(mp.mpf(b), 6)}], error 2^{float(mp.log(final, 2)):.1f} */')
        lines.append(f'static const {ctype} {c_name(name)}[{deg + 1}] = {{')
        row = '  '
        for v in c:
            item = ' ' + c_literal(v, kind) + ','
            if len(row) + len(item) > 88:
                lines.append(row)
                row = '  '
            row += item
        lines.append(row)
        lines.append('};')
        if name in TAILS:
            lines.append(f'/* what rounding took from its first coefficient */')
            lines.append(f'#define {c_name(name)}_LO {c_literal(c_lo, kind)}')
    return lines


def main():
    out = sys.argv[1]
    names = sys.argv[2:] or list(POLYS)
    lines = emit(names)
    text = ['/* SPDX-License-Identifier: Apache-2.0',
            ' * Polynomial coefficients, lowest degree first. Written by scripts/gen_minimax.py: do',
            ' * not edit. */', '#ifndef KASURI_LIBDEVICE_COEFFS_H',
            '#define KASURI_LIBDEVICE_COEFFS_H', ''] + lines + ['', '#endif']
    if out == '-':
        print('\n'.join(text))
    else:
        with open(out, 'w') as f:
            f.write('\n'.join(text) + '\n')


main()
