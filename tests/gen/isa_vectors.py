#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Expected values of lane-wise PTX instructions, from a model that shares nothing with
src/isa: exact rationals rounded once, plain integers, and mpmath for the approximations.

Writes tests/data/isa_vectors.txt: a line '@opcode' opens a group; each line after it has
the sources in hex, '=', and the results in hex, or for approximations '~' and the least
and greatest float that the manual's error bound allows.

usage: isa_vectors.py > tests/data/isa_vectors.txt
"""
import math
import random
import sys
from fractions import Fraction

import mpmath

mpmath.mp.prec = 200
random.seed(20251)
OUT = []


# -- Floats: bits <-> exact values ------------------------------------------------------
class Format:
    def __init__(self, bits, frac, nan):
        self.bits, self.frac, self.nan = bits, frac, nan
        self.ebits = bits - 1 - frac
        self.bias = (1 << (self.ebits - 1)) - 1
        self.inf = ((1 << self.ebits) - 1) << frac
        self.sign = 1 << (bits - 1)
        self.min_normal = 1 << frac

    def is_nan(self, u):
        return (u & ~self.sign) > self.inf

    def is_inf(self, u):
        return (u & ~self.sign) == self.inf

    def negative(self, u):
        return bool(u & self.sign)

    def value(self, u):
        m = u & ~self.sign
        e, f = m >> self.frac, m & ((1 << self.frac) - 1)
        if e:
            f |= 1 << self.frac
        v = Fraction(f) * Fraction(2) ** (max(e, 1) - self.bias - self.frac)
        return -v if self.negative(u) else v

    def flush(self, u):
        return u & self.sign if (u & ~self.sign) < self.min_normal else u

    def round(self, v, mode='rn', zero_sign=0):
        """v a Fraction; zero_sign is used when v is exactly 0."""
        if v == 0:
            return self.sign if zero_sign else 0
        neg, v = v < 0, abs(v)
        e = 0
        e = v.numerator.bit_length() - v.denominator.bit_length()
        if Fraction(2) ** e > v:
            e -= 1
        unit = max(e, 1 - self.bias) - self.frac
        q = v / Fraction(2) ** unit
        n, rest = q.numerator // q.denominator, q - q.numerator // q.denominator
        up = {'rn': rest > Fraction(1, 2) or (rest == Fraction(1, 2) and n & 1),
              'rna': rest >= Fraction(1, 2), 'rz': False,
              'rm': neg and rest > 0, 'rp': not neg and rest > 0}[mode]
        n += bool(up)
        # n units of 2^unit: as bits, the exponent's increments carry by themselves.
        u = n + ((unit + self.frac - (1 - self.bias)) << self.frac)
        if u >= self.inf:
            away = mode in ('rn', 'rna') or (mode == 'rm' and neg) or (mode == 'rp' and not neg)
            u = self.inf if away else self.inf - 1
        return u | (self.sign if neg else 0)


F32 = Format(32, 23, 0x7fffffff)
F64 = Format(64, 52, 0xfff8000000000000)
F16 = Format(16, 10, 0x7fff)
BF16 = Format(16, 7, 0x7fff)
NAME = {'f32': F32, 'f64': F64, 'f16': F16, 'bf16': BF16}


def add(f, mode, x, y):
    if f.is_nan(x) or f.is_nan(y):
        return f.nan
    if f.is_inf(x):
        return f.nan if f.is_inf(y) and x != y else x
    if f.is_inf(y):
        return y
    v = f.value(x) + f.value(y)
    both = f.negative(x) and f.negative(y)
    either = f.negative(x) or f.negative(y)
    return f.round(v, mode, either if mode == 'rm' else both)


def fma(f, mode, x, y, z):
    if f.is_nan(x) or f.is_nan(y) or f.is_nan(z):
        return f.nan
    s = f.negative(x) != f.negative(y)
    if f.is_inf(x) or f.is_inf(y):
        if f.value(x) == 0 and not f.is_inf(x) or f.value(y) == 0 and not f.is_inf(y):
            return f.nan
        if f.is_inf(z) and f.negative(z) != s:
            return f.nan
        return f.inf | (f.sign if s else 0)
    if f.is_inf(z):
        return z
    v = f.value(x) * f.value(y) + f.value(z)
    both = s and f.negative(z)
    either = s or f.negative(z)
    return f.round(v, mode, either if mode == 'rm' else both)


def mul(f, mode, x, y):
    s = f.negative(x) != f.negative(y)
    return fma(f, mode, x, y, f.sign if s else 0)


def div(f, mode, x, y):
    if f.is_nan(x) or f.is_nan(y):
        return f.nan
    s = f.sign if f.negative(x) != f.negative(y) else 0
    if f.is_inf(x):
        return f.nan if f.is_inf(y) else f.inf | s
    if f.is_inf(y):
        return s
    if f.value(y) == 0:
        return f.nan if f.value(x) == 0 else f.inf | s
    return f.round(f.value(x) / f.value(y), mode, s)


def sqrt(f, mode, x):
    if f.is_nan(x):
        return f.nan
    if f.value(x) == 0 and not f.is_inf(x):
        return x
    if f.negative(x):
        return f.nan
    if f.is_inf(x):
        return x
    v = f.value(x)
    # An integer root with far more bits than any format, plus a sticky bit below.
    k = 300
    scaled = v * Fraction(4) ** (k + 600)
    n = scaled.numerator // scaled.denominator
    r = math.isqrt(n)
    exact = r * r == n and scaled.denominator == 1
    root = Fraction(2 * r + (0 if exact else 1)) / Fraction(2) ** (k + 601)
    return f.round(root, mode)


def saturate(f, u):
    if f.is_nan(u) or f.negative(u):
        return 0
    one = f.round(Fraction(1))
    return min(u, one)


def minmax(f, want_max, x, y, nan_prop=False, xorsign=False):
    if xorsign:
        s = (x ^ y) & f.sign
        r = minmax(f, want_max, x & ~f.sign, y & ~f.sign, nan_prop)
        return f.nan if f.is_nan(r) else r | s
    if f.is_nan(x) or f.is_nan(y):
        if nan_prop or (f.is_nan(x) and f.is_nan(y)):
            return f.nan
        return y if f.is_nan(x) else x

    def key(u):
        return -(u & ~f.sign) - 1 if u & f.sign else u
    return (max if want_max else min)(x, y, key=key)


# -- Operands -----------------------------------------------------------------------------
SPECIAL = {
    'f32': [0, 1, 0x7fffff, 0x800000, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x7f7fffff,
            0x7f800000, 0x7fc00000, 0x33800000],
    'f64': [0, 1, 0xfffffffffffff, 0x10000000000000, 0x3ff0000000000000, 0x3ff0000000000001,
            0x7fefffffffffffff, 0x7ff0000000000000, 0x7ff8000000000000, 0x3ca0000000000000],
    'f16': [0, 1, 0x3ff, 0x400, 0x3c00, 0x3c01, 0x3bff, 0x7bff, 0x7c00, 0x7e00, 0x1000],
    'bf16': [0, 1, 0x7f, 0x80, 0x3f80, 0x3f81, 0x3f7f, 0x7f7f, 0x7f80, 0x7fc0, 0x3b80],
}


def specials(t):
    f = NAME[t]
    return [u ^ s for u in SPECIAL[t] for s in (0, f.sign)]


def some(t, near=None):
    """A float of type t: any bits, or one of a size close to `near`."""
    f = NAME[t]
    kind = random.randrange(4)
    if kind == 0:
        return random.getrandbits(f.bits)
    if kind == 1:
        return random.choice(specials(t))
    e = f.bias + random.randrange(-12, 13)
    if near is not None and kind == 2:
        e = ((near & ~f.sign) >> f.frac) + random.randrange(-3, 4)
    e = min(max(e, 0), (1 << f.ebits) - 1)
    return e << f.frac | random.getrandbits(f.frac) | random.getrandbits(1) << (f.bits - 1)


def group(name, rows):
    OUT.append('@' + name)
    for srcs, dsts in rows:
        OUT.append(' '.join('%x' % s for s in srcs) + ' = ' + ' '.join('%x' % d for d in dsts))


def pairs_of(t, n, keep=1.0):
    sp = specials(t)
    for x in sp:
        for y in sp:
            if random.random() < keep:
                yield x, y
    for _ in range(n):
        x = some(t)
        yield x, some(t, x)


def float_groups():
    for t, f in (('f32', F32), ('f64', F64)):
        for mode in ('rn', 'rz', 'rm', 'rp'):
            keep, n = 0.3, 60
            group(f'add.{mode}.{t}', [((x, y), (add(f, mode, x, y),)) for x, y in pairs_of(t, n, keep)])
            group(f'sub.{mode}.{t}', [((x, y), (add(f, mode, x, y ^ f.sign) if not f.is_nan(y) else f.nan,))
                                      for x, y in pairs_of(t, n, 0.1)])
            group(f'mul.{mode}.{t}', [((x, y), (mul(f, mode, x, y),)) for x, y in pairs_of(t, n, keep)])
            group(f'div.{mode}.{t}', [((x, y), (div(f, mode, x, y),)) for x, y in pairs_of(t, n, keep)])
            group(f'rcp.{mode}.{t}', [((x,), (div(f, mode, f.round(Fraction(1)), x),))
                                      for x in specials(t) + [some(t) for _ in range(n)]])
            group(f'sqrt.{mode}.{t}', [((x,), (sqrt(f, mode, x),))
                                       for x in specials(t) + [some(t) & ~f.sign for _ in range(n)]])
            rows = []
            for _ in range(250):
                x, y = some(t), some(t)
                z = some(t)
                if random.random() < 0.6:
                    p = mul(f, 'rn', x, y)
                    z = p ^ f.sign if not f.is_nan(p) and not f.is_inf(p) else z
                    z = (z + random.randrange(-2, 3)) % (1 << f.bits)
                rows.append(((x, y, z), (fma(f, mode, x, y, z),)))
            group(f'fma.{mode}.{t}', rows)
    f, t = F32, 'f32'
    ftz = f.flush
    for mode in ('rn', 'rz'):
        group(f'add.{mode}.ftz.f32', [((x, y), (ftz(add(f, mode, ftz(x), ftz(y))),)) for x, y in pairs_of(t, 30, .2)])
        group(f'mul.{mode}.ftz.sat.f32', [((x, y), (saturate(f, ftz(mul(f, mode, ftz(x), ftz(y)))),))
                                          for x, y in pairs_of(t, 30, .2)])
        group(f'div.{mode}.ftz.f32', [((x, y), (ftz(div(f, mode, ftz(x), ftz(y))),)) for x, y in pairs_of(t, 30, .2)])
    group('add.sat.f32', [((x, y), (saturate(f, add(f, 'rn', x, y)),)) for x, y in pairs_of(t, 30, .2)])
    for t in ('f32', 'f64', 'f16', 'bf16'):
        f = NAME[t]
        for op, big in (('min', False), ('max', True)):
            group(f'{op}.{t}', [((x, y), (minmax(f, big, x, y),)) for x, y in pairs_of(t, 30, .5)])
            if t != 'f64':
                group(f'{op}.NaN.{t}', [((x, y), (minmax(f, big, x, y, True),)) for x, y in pairs_of(t, 20, .3)])
                group(f'{op}.xorsign.abs.{t}', [((x, y), (minmax(f, big, x, y, False, True),))
                                                for x, y in pairs_of(t, 20, .3)])
    for t in ('f32', 'f64'):
        f = NAME[t]
        xs = specials(t) + [some(t) for _ in range(10)]
        tests = {'finite': lambda m: m < f.inf, 'infinite': lambda m: m == f.inf, 'number': lambda m: m <= f.inf,
                 'notanumber': lambda m: m > f.inf, 'normal': lambda m: m == 0 or f.min_normal <= m < f.inf,
                 'subnormal': lambda m: 0 < m < f.min_normal}
        for name, fn in tests.items():
            group(f'testp.{name}.{t}', [((x,), (int(fn(x & ~f.sign)),)) for x in xs])
        group(f'neg.{t}', [((x,), (x ^ f.sign,)) for x in xs])
        group(f'abs.{t}', [((x,), (x & ~f.sign,)) for x in xs])
    group('copysign.f32', [((x, y), (y & 0x7fffffff | x & 0x80000000,)) for x, y in pairs_of('f32', 10, .1)])
    half_groups()


def half_groups():
    for t, f in (('f16', F16), ('bf16', BF16)):
        for op, fn in (('add', add), ('mul', mul)):
            group(f'{op}.{"rn." if t == "f16" else ""}{t}',
                  [((x, y), (fn(f, 'rn', x, y),)) for x, y in pairs_of(t, 300, .5)])
        group(f'sub.{t}', [((x, y), (add(f, 'rn', x, y ^ f.sign) if not f.is_nan(y) else f.nan,))
                           for x, y in pairs_of(t, 60, .2)])
        rows, relu, two = [], [], []
        for _ in range(500):
            x, y, z = some(t), some(t), some(t)
            if random.random() < 0.6:
                p = mul(f, 'rn', x, y)
                if not f.is_nan(p) and not f.is_inf(p):
                    z = (p + random.randrange(-2, 3)) % (1 << 16) ^ f.sign
                    if random.random() < .5:
                        z = (z & f.sign) | ((z & ~f.sign) >> f.frac) << f.frac
            r = fma(f, 'rn', x, y, z)
            rows.append(((x, y, z), (r,)))
            relu.append(((x, y, z), (0 if not f.is_nan(r) and f.negative(r) else r,)))
        group(f'fma.rn.{t}', rows)
        group(f'fma.rn.relu.{t}', relu[:100])
        for (x, y, z), (r,) in rows[:60]:
            (a, b, c), (s,) = random.choice(rows)
            two.append(((a << 16 | x, b << 16 | y, c << 16 | z), (s << 16 | r,)))
        group(f'fma.rn.{t}x2', two)
        group(f'neg.{t}x2', [((x << 16 | y,), ((x ^ 0x8000) << 16 | y ^ 0x8000,)) for x, y in pairs_of(t, 5, .05)])
    f = F16
    group('add.rn.ftz.sat.f16', [((x, y), (saturate(f, f.flush(add(f, 'rn', f.flush(x), f.flush(y)))),))
                                 for x, y in pairs_of('f16', 60, .3)])


# -- Comparison ---------------------------------------------------------------------------
def compare(f, op, x, y):
    nan = f.is_nan(x) or f.is_nan(y)
    if op == 'num':
        return not nan
    if op == 'nan':
        return nan
    if nan:
        return op.endswith('u')

    def key(u):
        m = u & ~f.sign
        return -m if u & f.sign else m
    a, b = key(x), key(y)
    return {'eq': a == b, 'ne': a != b, 'lt': a < b, 'le': a <= b, 'gt': a > b, 'ge': a >= b}[op[:2]]


def compare_groups():
    ops = ['eq', 'ne', 'lt', 'le', 'gt', 'ge']
    for t in ('f32', 'f64', 'f16', 'bf16'):
        for op in ops + [o + 'u' for o in ops] + ['num', 'nan']:
            group(f'setp.{op}.{t}', [((x, y), (int(compare(NAME[t], op, x, y)), int(not compare(NAME[t], op, x, y))))
                                     for x, y in pairs_of(t, 5, .05)])
    for op in ops:
        for bits in (16, 32, 64):
            for sign in 'us':
                rows = []
                for _ in range(12):
                    x = random.choice([0, 1, (1 << bits) - 1, 1 << (bits - 1), random.getrandbits(bits)])
                    y = random.choice([x, x ^ 1 << (bits - 1), random.getrandbits(bits), 0])
                    a, b = (x, y) if sign == 'u' else (signed(x, bits), signed(y, bits))
                    r = {'eq': a == b, 'ne': a != b, 'lt': a < b, 'le': a <= b, 'gt': a > b, 'ge': a >= b}[op]
                    rows.append(((x, y), (int(r), int(not r))))
                group(f'setp.{op}.{sign}{bits}', rows)
    for name, fn in (('and', lambda a, b: a & b), ('or', lambda a, b: a | b), ('xor', lambda a, b: a ^ b)):
        group(f'setp.lt.{name}.s32', [((x & 0xffffffff, y & 0xffffffff, c), (fn(int(x < y), c), fn(int(x >= y), c)))
                                      for x, y in ((1, 2), (2, 1), (-1, 0), (0, -1)) for c in (0, 1)])
    group('set.lt.u32.f32', [((x, y), (0xffffffff if compare(F32, 'lt', x, y) else 0,)) for x, y in pairs_of('f32', 9, .04)])
    group('set.ge.f32.s32', [((x, y), (0x3f800000 if signed(x, 32) >= signed(y, 32) else 0,))
                             for x, y in ((1, 1), (0, 1), (0xffffffff, 0), (0, 0xffffffff))])
    rows = []
    for x, y in pairs_of('f16', 9, .04):
        a, b = some('f16'), some('f16')
        rows.append(((a << 16 | x, b << 16 | y), ((0x3c00 if compare(F16, 'gt', a, b) else 0) << 16 |
                                                  (0x3c00 if compare(F16, 'gt', x, y) else 0),)))
    group('set.gt.f16x2.f16x2', rows)


# -- Integers -----------------------------------------------------------------------------
def signed(x, bits):
    return x - (1 << bits) if x >> (bits - 1) & 1 else x


def trunc_div(a, b):
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q


def int_operand(bits):
    return random.choice([0, 1, 2, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1,
                          random.getrandbits(bits), random.getrandbits(bits // 2), random.getrandbits(bits)])


def int_groups():
    for bits in (16, 32, 64):
        mask = (1 << bits) - 1
        for sign in 'us':
            t = f'{sign}{bits}'

            def num(x):
                return x if sign == 'u' else signed(x, bits)

            def rows(fn, n, count=40):
                out = []
                for _ in range(count):
                    s = [int_operand(bits) for _ in range(n)]
                    out.append((s, (fn(*[num(x) for x in s]) & mask,)))
                return out
            group(f'add.{t}', rows(lambda a, b: a + b, 2, 10))
            group(f'sub.{t}', rows(lambda a, b: a - b, 2, 10))
            group(f'mul.lo.{t}', rows(lambda a, b: a * b, 2))
            group(f'mul.hi.{t}', rows(lambda a, b: a * b >> bits, 2))
            group(f'mad.lo.{t}', rows(lambda a, b, c: a * b + c, 3, 20))
            group(f'mad.hi.{t}', rows(lambda a, b, c: (a * b >> bits) + c, 3, 30))
            group(f'div.{t}', rows(lambda a, b: trunc_div(a, b) if b else -1, 2, 80))
            group(f'rem.{t}', rows(lambda a, b: a - trunc_div(a, b) * b if b else a, 2, 80))
            group(f'min.{t}', rows(min, 2, 20))
            group(f'max.{t}', rows(max, 2, 20))
            group(f'sad.{t}', rows(lambda a, b, c: abs(a - b) + c, 3, 20))
            if sign == 's':
                group(f'abs.{t}', rows(abs, 1, 12))
                group(f'neg.{t}', rows(lambda a: -a, 1, 12))
            if bits < 64:
                wide = (1 << 2 * bits) - 1
                out, mad = [], []
                for _ in range(20):
                    a, b, c = int_operand(bits), int_operand(bits), int_operand(2 * bits)
                    out.append(((a, b), (num(a) * num(b) & wide,)))
                    mad.append(((a, b, c), (num(a) * num(b) + c & wide,)))
                group(f'mul.wide.{t}', out)
                group(f'mad.wide.{t}', mad)
        amounts = [0, 1, 7, 15, 16, 31, 32, 33, 63, 64, 65, 255, 1 << 31, 0xffffffff]
        shl, shru, shrs = [], [], []
        for n in amounts:
            x = random.getrandbits(bits) | 1 << (bits - 1)
            shl.append(((x, n), (x << n & mask if n < bits else 0,)))
            shru.append(((x, n), (x >> n if n < bits else 0,)))
            shrs.append(((x, n), (signed(x, bits) >> min(n, bits) & mask,)))
        group(f'shl.b{bits}', shl)
        group(f'shr.u{bits}', shru)
        group(f'shr.s{bits}', shrs)
        for op, fn in (('and', lambda a, b: a & b), ('or', lambda a, b: a | b), ('xor', lambda a, b: a ^ b)):
            group(f'{op}.b{bits}', [((a, b), (fn(a, b),)) for a, b in
                                    [(random.getrandbits(bits), random.getrandbits(bits)) for _ in range(5)]])
        group(f'not.b{bits}', [((a,), (~a & mask,)) for a in (0, mask, random.getrandbits(bits))])
        group(f'cnot.b{bits}', [((a,), (int(a == 0),)) for a in (0, mask, 1 << bits - 1)])
    sat = lambda v: min(max(v, -1 << 31), (1 << 31) - 1) & 0xffffffff
    pool = [(int_operand(32), int_operand(32), int_operand(32)) for _ in range(40)]
    s32 = lambda x: signed(x, 32)
    group('add.sat.s32', [((a, b), (sat(s32(a) + s32(b)),)) for a, b, _ in pool])
    group('sub.sat.s32', [((a, b), (sat(s32(a) - s32(b)),)) for a, b, _ in pool])
    group('mad.hi.sat.s32', [((a, b, c), (sat((s32(a) * s32(b) >> 32) + s32(c)),)) for a, b, c in pool])
    low24 = lambda x, s: signed(x & 0xffffff, 24) if s else x & 0xffffff
    for t, s in (('u32', 0), ('s32', 1)):
        group(f'mul24.lo.{t}', [((a, b), (low24(a, s) * low24(b, s) & 0xffffffff,)) for a, b, _ in pool[:15]])
        group(f'mul24.hi.{t}', [((a, b), (low24(a, s) * low24(b, s) >> 16 & 0xffffffff,)) for a, b, _ in pool[:15]])
        group(f'mad24.lo.{t}', [((a, b, c), (low24(a, s) * low24(b, s) + c & 0xffffffff,)) for a, b, c in pool[:15]])
    group('add.u16x2', [((a, b), (((a >> 16) + (b >> 16) & 0xffff) << 16 | (a + b & 0xffff),)) for a, b, _ in pool[:15]])
    for op, fn in (('min', min), ('max', max)):
        for t, s in (('u16x2', 0), ('s16x2', 1)):
            n = lambda x: signed(x & 0xffff, 16) if s else x & 0xffff
            group(f'{op}.{t}', [((a, b), ((fn(n(a >> 16), n(b >> 16)) & 0xffff) << 16 | fn(n(a), n(b)) & 0xffff,))
                                for a, b, _ in pool[:15]])
        group(f'{op}.relu.s32', [((a, b), (max(fn(s32(a), s32(b)), 0),)) for a, b, _ in pool[:15]])
    carry_groups()
    bit_groups()


def carry_groups():
    for bits in (32, 64):
        m = (1 << bits) - 1
        def ops(n):
            return [random.choice([0, 1, m, m - 1, random.getrandbits(bits)]) for _ in range(n)]
        t = f'u{bits}'
        rows = lambda fn, n, carry: [(s + ([c] if carry else []), fn(*s, c)) for s in (ops(n) for _ in range(12))
                                     for c in ((0, 1) if carry else (0,))]
        plus = lambda v: (v & m, v >> bits & 1)
        group(f'add.cc.{t}', rows(lambda a, b, c: plus(a + b), 2, False))
        group(f'addc.cc.{t}', rows(lambda a, b, c: plus(a + b + c), 2, True))
        group(f'addc.{t}', rows(lambda a, b, c: (a + b + c & m,), 2, True))
        group(f'sub.cc.{t}', rows(lambda a, b, c: (a - b & m, int(a < b)), 2, False))
        group(f'subc.cc.{t}', rows(lambda a, b, c: (a - b - c & m, int(a < b + c)), 2, True))
        group(f'mad.lo.cc.{t}', rows(lambda a, b, d, c: plus((a * b & m) + d), 3, False))
        group(f'madc.lo.cc.{t}', rows(lambda a, b, d, c: plus((a * b & m) + d + c), 3, True))
        group(f'madc.hi.cc.{t}', rows(lambda a, b, d, c: plus((a * b >> bits) + d + c), 3, True))
        group(f'mad.hi.cc.s{bits}', rows(lambda a, b, d, c: plus((signed(a, bits) * signed(b, bits) >> bits & m) + d), 3, False))


def bfe(bits, sign, a, b, c):
    msb, pos, n = bits - 1, b & 255, c & 255
    fill = 0 if not sign or n == 0 else a >> min(pos + n - 1, msb) & 1
    return sum(((a >> pos + i & 1) if i < n and pos + i <= msb else fill) << i for i in range(bits))


def bfi(bits, a, b, c, d):
    f, pos, n = b, c & 255, d & 255
    i = 0
    while i < n and pos + i < bits:
        f = f & ~(1 << pos + i) | (a >> i & 1) << pos + i
        i += 1
    return f


def prmt(mode, a, b, c):
    src = [(b << 32 | a) >> 8 * i & 255 for i in range(8)]
    s = c & 3
    if mode == '':
        sel = [c >> 4 * i & 15 for i in range(4)]
        return sum(((255 if src[k & 7] & 128 else 0) if k & 8 else src[k]) << 8 * i for i, k in enumerate(sel))
    table = {'f4e': [[3, 2, 1, 0], [4, 3, 2, 1], [5, 4, 3, 2], [6, 5, 4, 3]],
             'b4e': [[5, 6, 7, 0], [6, 7, 0, 1], [7, 0, 1, 2], [0, 1, 2, 3]],
             'rc8': [[0] * 4, [1] * 4, [2] * 4, [3] * 4],
             'ecl': [[3, 2, 1, 0], [3, 2, 1, 1], [3, 2, 2, 2], [3, 3, 3, 3]],
             'ecr': [[0, 0, 0, 0], [1, 1, 1, 0], [2, 2, 1, 0], [3, 2, 1, 0]],
             'rc16': [[1, 0, 1, 0], [3, 2, 3, 2], [1, 0, 1, 0], [3, 2, 3, 2]]}[mode]
    return sum(src[k] << 8 * (3 - i) for i, k in enumerate(table[s]))


def fns(mask, base, off):
    if off == 0:
        return base if mask >> base & 1 else 0xffffffff
    pos, count, step = base, abs(off) - 1, 1 if off > 0 else -1
    while 0 <= pos < 32:
        if mask >> pos & 1:
            if count == 0:
                return pos
            count -= 1
        pos += step
    return 0xffffffff


def bit_groups():
    for bits in (32, 64):
        xs = [0, 1, (1 << bits) - 1, 1 << bits - 1, (1 << bits - 1) - 1] + [random.getrandbits(bits) >> random.randrange(bits)
                                                                            for _ in range(15)]
        group(f'popc.b{bits}', [((x,), (bin(x).count('1'),)) for x in xs])
        group(f'clz.b{bits}', [((x,), (bits - x.bit_length(),)) for x in xs])
        group(f'brev.b{bits}', [((x,), (int(format(x, f'0{bits}b')[::-1], 2),)) for x in xs])
        for sign in 'us':
            for amount in (0, 1):
                rows = []
                for x in xs:
                    y = x ^ (1 << bits) - 1 if sign == 's' and x >> bits - 1 else x
                    n = y.bit_length() - 1
                    r = 0xffffffff if n < 0 else bits - 1 - n if amount else n
                    rows.append(((x,), (r,)))
                group(f'bfind{".shiftamt" if amount else ""}.{sign}{bits}', rows)
            rows = []
            for x in xs:
                p, n = random.choice([0, 3, bits - 1, bits, 40, 255, 256]), random.choice([0, 1, 5, bits - 1, bits, 255, 256])
                rows.append(((x, p, n), (bfe(bits, sign == 's', x, p, n),)))
            group(f'bfe.{sign}{bits}', rows)
        rows = []
        for x in xs:
            y = random.getrandbits(bits)
            p, n = random.choice([0, 3, bits - 1, bits, 40, 255, 256]), random.choice([0, 1, 5, bits - 1, bits, 255, 256])
            rows.append(((x, y, p, n), (bfi(bits, x, y, p, n),)))
        group(f'bfi.b{bits}', rows)
    w = 0xffffffff
    for wrap in ('wrap', 'clamp'):
        sl, sr, bm, su, ss = [], [], [], [], []
        for n in (0, 1, 13, 31, 32, 33, 47, 64, w):
            a, b = random.getrandbits(32), random.getrandbits(32)
            k = n & 31 if wrap == 'wrap' else min(n, 32)
            sl.append(((a, b, n), ((b << 32 | a) << k >> 32 & w,)))
            sr.append(((a, b, n), ((b << 32 | a) >> k & w,)))
            for p in (0, 1, 30, 31, 32, 40):
                q, k2 = (p & 31, n & 31) if wrap == 'wrap' else (min(p, 32), min(n, 32))
                bm.append(((p, n), (((1 << k2) - 1) << q & w,)))
            k = n & 31 if wrap == 'wrap' else n
            if k >= 32:
                su.append(((a, n), (a,)))
                ss.append(((a, n), (a,)))
            else:
                low = a & (1 << k) - 1
                su.append(((a, n), (low,)))
                ss.append(((a, n), ((low - (1 << k) if k and low >> k - 1 & 1 else low) & w,)))
        group(f'shf.l.{wrap}.b32', sl)
        group(f'shf.r.{wrap}.b32', sr)
        group(f'bmsk.{wrap}.b32', bm)
        group(f'szext.{wrap}.u32', su)
        group(f'szext.{wrap}.s32', ss)
    rows = []
    for lut in list(range(0, 256, 23)) + [0x96, 0xe8, 0x80, 0xfe]:
        a, b, c = (random.getrandbits(32) for _ in range(3))
        r = sum((lut >> ((a >> i & 1) << 2 | (b >> i & 1) << 1 | c >> i & 1) & 1) << i for i in range(32))
        rows.append(((a, b, c, lut), (r,)))
    group('lop3.b32', rows)
    for mode in ('', 'f4e', 'b4e', 'rc8', 'ecl', 'ecr', 'rc16'):
        rows = []
        for i in range(12):
            a, b = random.getrandbits(32), random.getrandbits(32)
            c = random.getrandbits(16) if mode == '' else i
            rows.append(((a, b, c), (prmt(mode, a, b, c),)))
        group('prmt.b32' + ('.' + mode if mode else ''), rows)
    rows = []
    for _ in range(60):
        m, b = random.getrandbits(32) & random.getrandbits(32), random.randrange(32)
        off = random.randrange(-9, 10)
        rows.append(((m, b, off & w), (fns(m, b, off),)))
    group('fns.b32', rows)
    for ta in ('u32', 's32'):
        for tb in ('u32', 's32'):
            byte = lambda x, i, t: signed(x >> 8 * i & 255, 8) if t == 's32' else x >> 8 * i & 255
            half = lambda x, i, t: signed(x >> 16 * i & 65535, 16) if t == 's32' else x >> 16 * i & 65535
            r4, lo, hi = [], [], []
            for _ in range(10):
                a, b, c = (random.getrandbits(32) for _ in range(3))
                r4.append(((a, b, c), (c + sum(byte(a, i, ta) * byte(b, i, tb) for i in range(4)) & w,)))
                lo.append(((a, b, c), (c + sum(half(a, i, ta) * byte(b, i, tb) for i in range(2)) & w,)))
                hi.append(((a, b, c), (c + sum(half(a, i, ta) * byte(b, i + 2, tb) for i in range(2)) & w,)))
            group(f'dp4a.{ta}.{tb}', r4)
            group(f'dp2a.lo.{ta}.{tb}', lo)
            group(f'dp2a.hi.{ta}.{tb}', hi)
    group('selp.b32', [((5, 7, p), (5 if p else 7,)) for p in (0, 1)])
    group('selp.f64', [((5, 7, p), (5 if p else 7,)) for p in (0, 1)])
    group('slct.b32.s32', [((5, 7, c), (5 if signed(c, 32) >= 0 else 7,)) for c in (0, 1, w, 1 << 31)])
    group('slct.b64.f32', [((5, 7, c), (r,)) for c, r in ((0, 5), (0x80000000, 5), (0x3f800000, 5), (0xbf800000, 7),
                                                         (0x7fc00000, 7), (0x80000001, 7))])
    group('slct.ftz.b64.f32', [((5, 7, c), (r,)) for c, r in ((0x80000001, 5), (0xbf800000, 7))])
    ad = lambda n, s: lambda a, b, i: abs((signed(a >> n * i & (1 << n) - 1, n) if s else a >> n * i & (1 << n) - 1) -
                                          (signed(b >> n * i & (1 << n) - 1, n) if s else b >> n * i & (1 << n) - 1))
    for n in (8, 16):
        for t in ('u32', 's32'):
            f = ad(n, t == 's32')
            k = 32 // n
            pool = [tuple(random.getrandbits(32) for _ in range(3)) for _ in range(8)]
            group(f'vabsdiff{k}.u32.{t}.{t}', [((a, b, c), (sum((f(a, b, i) & (1 << n) - 1) << n * i for i in range(k)),)) for a, b, c in pool])
            group(f'vabsdiff{k}.u32.{t}.{t}.add', [((a, b, c), (c + sum(f(a, b, i) for i in range(k)) & w,)) for a, b, c in pool])


# -- Conversion ---------------------------------------------------------------------------
def to_integer(v, mode):
    return {'rni': lambda: round(v), 'rzi': lambda: math.trunc(v), 'rmi': lambda: math.floor(v),
            'rpi': lambda: math.ceil(v)}[mode]()


def cvt_groups():
    ints = [(s, b) for b in (8, 16, 32, 64) for s in 'us']
    for ds, db in ints:
        for ss, sb in ints:
            lo, hi = (0, (1 << db) - 1) if ds == 'u' else (-1 << db - 1, (1 << db - 1) - 1)
            plain, sat = [], []
            for _ in range(5):
                x = int_operand(sb)
                v = x if ss == 'u' else signed(x, sb)
                plain.append(((x,), (v & (1 << db) - 1,)))
                sat.append(((x,), (min(max(v, lo), hi) & (1 << db) - 1,)))
            group(f'cvt.{ds}{db}.{ss}{sb}', plain)
            group(f'cvt.sat.{ds}{db}.{ss}{sb}', sat)
    for t in ('f16', 'bf16', 'f32', 'f64'):
        f = NAME[t]
        for s, b in ints:
            lo, hi = (0, (1 << b) - 1) if s == 'u' else (-1 << b - 1, (1 << b - 1) - 1)
            for mode in ('rni', 'rzi', 'rmi', 'rpi'):
                rows = []
                edge = [f.round(Fraction(v)) for v in (lo, hi, hi + 1, lo - 1, Fraction(1, 2), Fraction(3, 2), Fraction(5, 2))]
                near = [(e + d) % (1 << f.bits) for e in edge for d in (-1, 0, 1)]
                for x in random.sample(near, 8) + random.sample(specials(t), 6) + [some(t) for _ in range(4)]:
                    if f.is_nan(x):
                        r = 1 << b - 1 if t == 'f64' or b == 64 else 0
                    elif f.is_inf(x):
                        r = lo if f.negative(x) else hi
                    else:
                        r = min(max(to_integer(f.value(x), mode), lo), hi)
                    rows.append(((x,), (r & (1 << b) - 1,)))
                group(f'cvt.{mode}.{s}{b}.{t}', rows)
            for mode in ('rn', 'rz', 'rm', 'rp'):
                rows = []
                for _ in range(8):
                    x = random.choice([int_operand(b), random.getrandbits(b) >> random.randrange(b)])
                    if random.random() < .4:
                        k = random.randrange(b)
                        x = ((1 << k) * random.getrandbits(8) + random.choice([-1, 0, 1]) + (1 << k >> 1)) & (1 << b) - 1
                    v = x if s == 'u' else signed(x, b)
                    rows.append(((x,), (f.round(Fraction(v), mode),)))
                group(f'cvt.{mode}.{t}.{s}{b}', rows)
    names = ['f16', 'bf16', 'f32', 'f64']
    for d in names:
        for s in names:
            g, f = NAME[d], NAME[s]
            exact = g.frac >= f.frac and g.ebits >= f.ebits
            if d == s:
                for mode in ('rni', 'rzi', 'rmi', 'rpi'):
                    rows = []
                    for x in specials(s) + [some(s) for _ in range(12)]:
                        if f.is_nan(x):
                            r = f.nan
                        elif f.is_inf(x):
                            r = x
                        else:
                            r = f.round(Fraction(to_integer(f.value(x), mode)), 'rn', f.negative(x))
                        rows.append(((x,), (r,)))
                    group(f'cvt.{mode}.{d}.{s}', rows)
                continue
            for mode in ([''] if exact else ['rn', 'rz', 'rm', 'rp']):
                rows = []
                xs = specials(s) + [some(s) for _ in range(25)]
                # Ties and their neighbours, subnormal ones too.
                for _ in range(25):
                    u = random.choice([random.getrandbits(g.bits - 1) % g.inf, random.getrandbits(g.frac + 1)])
                    v = (g.value(u) + g.value(min(u + 1, g.inf - 1))) / 2
                    xs.append((f.round(v) + random.choice([-1, 0, 0, 1])) % f.inf)
                for x in xs:
                    if f.is_nan(x):
                        r = g.nan
                    elif f.is_inf(x):
                        r = g.inf | (g.sign if f.negative(x) else 0)
                    else:
                        r = g.round(f.value(x), mode or 'rn', f.negative(x))
                    rows.append(((x,), (r,)))
                group('cvt.' + (mode + '.' if mode else '') + f'{d}.{s}', rows)
    cvt_special_groups()


def narrow(f, x, mode, satfinite=False, relu=False):
    """f32 bits x to format f with the modifiers of the half forms."""
    if F32.is_nan(x):
        return f.nan
    if relu and F32.negative(x):
        return 0
    s = f.sign if F32.negative(x) else 0
    r = f.inf | s if F32.is_inf(x) else f.round(F32.value(x), mode, s)
    return r - 1 if satfinite and f.is_inf(r) else r


def cvt_special_groups():
    xs = specials('f32') + [some('f32') for _ in range(20)] + [0x477fefff, 0x477ff000, 0x7f7f8000, 0x7f7fffff]
    for t in ('f16', 'bf16'):
        f = NAME[t]
        group(f'cvt.rn.relu.{t}.f32', [((x,), (narrow(f, x, 'rn', False, True),)) for x in xs])
        group(f'cvt.rz.satfinite.{t}.f32', [((x,), (narrow(f, x, 'rz', True),)) for x in xs])
        group(f'cvt.rn.satfinite.{t}.f32', [((x,), (narrow(f, x, 'rn', True),)) for x in xs])
        group(f'cvt.rn.{t}x2.f32', [((x, y), (narrow(f, x, 'rn') << 16 | narrow(f, y, 'rn'),))
                                    for x, y in zip(xs, reversed(xs))])
    group('cvt.sat.f32.f32', [((x,), (saturate(F32, x),)) for x in xs])
    group('cvt.ftz.f64.f32', [((x,), (narrow64(F32.flush(x)),)) for x in xs])
    group('cvt.rn.ftz.f32.f64', [((x,), (F32.flush(narrow32(x)),)) for x in specials('f64') +
                                 [0x380fffffe0000000, 0x380fffffffffffff, 0x3800000000000000]])
    tf = Format(19, 10, 0)
    for mode in ('rna', 'rn', 'rz'):
        rows = []
        for x in xs + [0x3f801000, 0x3f803000, 0x3f802fff, 0x7f7fefff, 0x7f7ff000]:
            if F32.is_nan(x):
                r = F32.nan
            elif F32.is_inf(x):
                r = x
            else:
                r = tf.round(F32.value(x), mode, F32.negative(x)) << 13
            rows.append(((x,), (r,)))
        group(f'cvt.{mode}.tf32.f32', rows)
    small_groups(xs)


def narrow64(x):
    if F32.is_nan(x):
        return F64.nan
    if F32.is_inf(x):
        return F64.inf | (F64.sign if F32.negative(x) else 0)
    return F64.round(F32.value(x), 'rn', F32.negative(x))


def narrow32(x):
    if F64.is_nan(x):
        return F32.nan
    if F64.is_inf(x):
        return F32.inf | (F32.sign if F64.negative(x) else 0)
    return F32.round(F64.value(x), 'rn', F64.negative(x))


SMALL = {  # name: exponent bits, fraction bits, bias, greatest code, NaN code or None
    'e4m3': (4, 3, 7, 0x7e, 0x7f), 'e5m2': (5, 2, 15, 0x7b, 0x7f),
    'e2m3': (2, 3, 1, 0x1f, None), 'e3m2': (3, 2, 3, 0x1f, None), 'e2m1': (2, 1, 1, 7, None)}


def small_value(kind, code):
    _, frac, bias, _, _ = SMALL[kind]
    e, f = code >> frac, code & (1 << frac) - 1
    if e:
        f |= 1 << frac
    return Fraction(f) * Fraction(2) ** (max(e, 1) - bias - frac)


def small_encode(kind, x, relu=False):
    ebits, frac, _, greatest, nan = SMALL[kind]
    if F32.is_nan(x):
        return greatest if nan is None else nan
    if relu and F32.negative(x):
        return 0
    s = 1 << ebits + frac if F32.negative(x) else 0
    if F32.is_inf(x):
        return s | greatest
    v = abs(F32.value(x))
    best = min(range(greatest + 1), key=lambda c: (abs(small_value(kind, c) - v), c & 1))
    return s | best


def small_groups(xs):
    for kind, (ebits, frac, _, greatest, nan) in SMALL.items():
        near = []
        for _ in range(40):
            c = random.randrange(greatest)
            v = (small_value(kind, c) + small_value(kind, c + 1)) / 2
            near.append(F32.round(v * random.choice([1, -1])) + random.choice([-1, 0, 1]))
        near = [x % (1 << 32) for x in near]
        shift = 4 if kind == 'e2m1' else 8
        all_x = xs + near
        group(f'cvt.rn.satfinite.{kind}x2.f32', [((x, y), (small_encode(kind, x) << shift | small_encode(kind, y),))
                                                 for x, y in zip(all_x, reversed(all_x))])
        group(f'cvt.rn.satfinite.relu.{kind}x2.f32', [((x, y), (small_encode(kind, x, True) << shift |
                                                                small_encode(kind, y, True),))
                                                      for x, y in zip(near, reversed(near))])
        codes = list(range(0, 1 << ebits + frac + 1, 3 if shift == 8 else 1))
        rows = []
        for c in codes:
            d = random.choice(codes)
            rows.append(((c << shift | d,), (small_half(kind, c) << 16 | small_half(kind, d),)))
        group(f'cvt.rn.f16x2.{kind}x2', rows)
    h = [some('f16') for _ in range(30)]
    wide = lambda u: F32.nan if F16.is_nan(u) else (F32.inf | (F32.sign if F16.negative(u) else 0)) if F16.is_inf(u) \
        else F32.round(F16.value(u), 'rn', F16.negative(u))
    for kind in ('e4m3', 'e5m2'):
        group(f'cvt.rn.satfinite.{kind}x2.f16x2', [((x << 16 | y,), (small_encode(kind, wide(x)) << 8 | small_encode(kind, wide(y)),))
                                                   for x, y in zip(h, reversed(h))])
    pack = lambda v, lo, hi, n: min(max(signed(v, 32), lo), hi) & (1 << n) - 1
    pool = [(int_operand(32), random.choice([5, 200, 70000, 0xffffff80, 0xffff0000]), random.getrandbits(32)) for _ in range(12)]
    for t, lo, hi, n in (('u16', 0, 65535, 16), ('s16', -32768, 32767, 16)):
        group(f'cvt.pack.sat.{t}.s32', [((a, b), (pack(a, lo, hi, n) << n | pack(b, lo, hi, n),)) for a, b, c in pool])
    for t, lo, hi, n in (('u8', 0, 255, 8), ('s8', -128, 127, 8), ('u4', 0, 15, 4), ('s4', -8, 7, 4)):
        group(f'cvt.pack.sat.{t}.s32.b32', [((a, b, c), ((c << 2 * n | pack(a, lo, hi, n) << n | pack(b, lo, hi, n)) & 0xffffffff,))
                                            for a, b, c in pool])


def small_half(kind, code):
    ebits, frac, _, greatest, nan = SMALL[kind]
    n = ebits + frac
    s, m = (code >> n & 1) << 15, code & (1 << n) - 1
    if nan is not None and m > greatest:
        if kind == 'e5m2' and m == 0x7c:
            return 0x7c00 | s
        return 0x7fff
    return F16.round(small_value(kind, m), 'rn') | s


# -- Approximations: an interval of floats --------------------------------------------------
def frac_of(x):
    """An mpf as a Fraction, exactly."""
    man, exp = int(mpmath.mpf(x).man), int(mpmath.mpf(x).exp)
    s = -1 if mpmath.mpf(x) < 0 else 1
    return s * Fraction(abs(man)) * Fraction(2) ** exp


def mp(v):
    return mpmath.mpf(v.numerator) / mpmath.mpf(v.denominator)


def bounds(f, v, err):
    lo, hi = f.round(frac_of(v - err), 'rm'), f.round(frac_of(v + err), 'rp')
    return lo, hi


def approx(name, fmt, xs, fn, err, flush=False):
    OUT.append('@' + name)
    for x in xs:
        u = fmt.flush(x) if flush else x
        v = fn(u)
        if isinstance(v, int):
            OUT.append('%x = %x' % (x, v))
            continue
        lo, hi = bounds(fmt, v, err(v, u))
        if flush:
            lo, hi = fmt.flush(lo), fmt.flush(hi)
        OUT.append('%x ~ %x %x' % (x, lo, hi))


def approx_groups():
    f, t = F32, 'f32'
    INF, NEG, NAN = 0x7f800000, 0x80000000, 0x7fffffff
    val = lambda u: mp(f.value(u))
    two = mpmath.mpf(2)
    ulp = lambda n: lambda v, u: n * abs(v) * two ** -23 + two ** -149
    rel = lambda e: lambda v, u: abs(v) * two ** e + two ** -149
    sp = specials(t)

    def ex2(u):
        if f.is_nan(u):
            return NAN
        if f.is_inf(u):
            return 0 if f.negative(u) else INF
        if f.value(u) >= 128:
            return INF
        if f.value(u) < -151:
            return 0
        return two ** val(u)

    def lg2(u):
        if f.is_nan(u):
            return NAN
        if u & ~NEG == 0:
            return NEG | INF
        if f.negative(u):
            return NAN
        if f.is_inf(u):
            return INF
        return mpmath.log(val(u), 2)

    def trig(fn):
        def at(u):
            if f.is_nan(u) or f.is_inf(u):
                return NAN
            if fn is mpmath.sin and u & ~NEG == 0:
                return u
            return fn(val(u))
        return at

    def tanh(u):
        if f.is_nan(u):
            return NAN
        if f.is_inf(u):
            return 0x3f800000 | u & NEG
        if u & ~NEG == 0:
            return u
        return mpmath.tanh(val(u))

    rng = lambda a, b, n: [f.round(Fraction(random.uniform(a, b))) for _ in range(n)]
    xs = sp + rng(-150, 129, 120) + rng(-2, 2, 60) + [f.round(Fraction(k)) for k in (-149, -148, -126, -127, 1, 10, 127)]
    approx('ex2.approx.f32', f, xs, ex2, rel(-22))
    approx('ex2.approx.ftz.f32', f, xs, ex2, rel(-22), True)
    xs = sp + rng(0.5, 2, 80) + [some(t) & ~NEG for _ in range(80)] + [0x3f800000 + d for d in (-3, -2, -1, 0, 1, 2, 3)]
    near = lambda v, u: two ** -22 if abs(v) <= 1 else abs(v) * two ** -22
    approx('lg2.approx.f32', f, xs, lg2, near)
    approx('lg2.approx.ftz.f32', f, xs, lg2, near, True)
    xs = sp[:14] + rng(-6.2831, 6.2831, 120)
    xs = [x for x in xs if f.is_nan(x) or f.is_inf(x) or abs(f.value(x)) < 7]
    absolute = lambda e: lambda v, u: two ** e
    approx('sin.approx.f32', f, xs + [INF, NEG | INF, NAN], trig(mpmath.sin), absolute(-20.5))
    approx('cos.approx.f32', f, xs + [INF, NEG | INF, NAN], trig(mpmath.cos), absolute(-20.5))
    xs = rng(-100, 100, 120)
    approx('sin.approx.ftz.f32', f, xs, trig(mpmath.sin), absolute(-14.7), True)
    approx('cos.approx.ftz.f32', f, xs, trig(mpmath.cos), absolute(-14.7), True)
    # Beyond the manual's ranges all that is asked for is a sine's range.
    for op in ('sin', 'cos'):
        OUT.append(f'@{op}.approx.f32')
        OUT.extend('%x ~ bf800000 3f800000' % x for x in (0x7f7fffff, 0x5f000000, 0x50000001, 0xcb123457))
    xs = sp + rng(-9.5, 9.5, 150) + rng(-.5, .5, 40)
    approx('tanh.approx.f32', f, xs, tanh, rel(-11))

    def rcp(u):
        if f.is_nan(u):
            return NAN
        if f.is_inf(u):
            return u & NEG
        if u & ~NEG == 0:
            return u & NEG | INF
        r = 1 / f.value(u)
        return f.round(r) if f.is_inf(f.round(r)) else mp(r)

    def root(u):
        if f.is_nan(u):
            return NAN
        if u & ~NEG == 0 or u == INF:
            return u
        return NAN if f.negative(u) else mpmath.sqrt(val(u))

    def rroot(u):
        if f.is_nan(u):
            return NAN
        if u & ~NEG == 0:
            return u & NEG | INF
        if f.negative(u):
            return NAN
        return 0 if u == INF else 1 / mpmath.sqrt(val(u))
    xs = sp + [some(t) for _ in range(100)]
    one = ulp(1)
    approx('rcp.approx.f32', f, xs, rcp, one)
    approx('sqrt.approx.f32', f, xs, root, rel(-23))
    approx('rsqrt.approx.f32', f, xs, rroot, rel(-22.9))
    approx('rsqrt.approx.ftz.f32', f, xs, rroot, rel(-22.9), True)
    rows = []
    OUT.append('@div.approx.f32')
    for x, y in pairs_of(t, 100, .3):
        r = div(f, 'rn', x, y)
        m = y & ~NEG
        s = (x ^ y) & NEG
        if not f.is_nan(x) and not f.is_nan(y) and 0x7e800000 < m < INF:
            OUT.append('%x %x = %x' % (x, y, NAN if f.is_inf(x) else s))
        elif f.is_nan(r) or f.is_inf(r) or f.value(r) == 0 or m < 0x800000:
            OUT.append('%x %x = %x' % (x, y, r))
        else:
            lo, hi = bounds(f, mp(f.value(x) / f.value(y)), 2 * abs(mp(f.value(r))) * two ** -23 + two ** -148)
            OUT.append('%x %x ~ %x %x' % (x, y, lo, hi))
    h = F16
    hx = specials('f16') + [some('f16') for _ in range(60)]

    def half(fn32):
        def at(u):
            wide = (0x7f800000 | (u & 0x8000) << 16) if h.is_inf(u) else 0x7fc00000 if h.is_nan(u) else \
                F32.round(h.value(u), 'rn', h.negative(u))
            r = fn32(wide)
            if isinstance(r, int):
                return h.nan if F32.is_nan(r) else h.inf | r >> 16 & 0x8000 if F32.is_inf(r) else \
                    h.round(F32.value(r), 'rn', F32.negative(r))
            return r if abs(r) < 65520 else h.inf
        return at
    approx('ex2.approx.f16', h, hx, half(ex2), lambda v, u: abs(v) * two ** -9.9 + two ** -24)
    approx('tanh.approx.f16', h, hx, half(tanh), lambda v, u: two ** -10.987)
    d = F64
    OUT.append('@rcp.approx.ftz.f64')
    for x in [some('f64') for _ in range(40)]:
        if d.is_nan(x) or d.is_inf(x) or abs(d.value(x)) < Fraction(2) ** -1000 or abs(d.value(x)) > Fraction(2) ** 1000:
            continue
        v = mp(1 / d.value(x))
        OUT.append('%x ~ %x %x' % ((x,) + bounds(d, v, abs(v) * two ** -19)))


def main():
    float_groups()
    compare_groups()
    int_groups()
    cvt_groups()
    approx_groups()
    sys.stdout.write('# Made by tests/gen/isa_vectors.py.\n' + '\n'.join(OUT) + '\n')


main()
