#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes include/kasuri/xorwow_jump.h: x^(2^k) modulo the characteristic polynomial of
XORWOW's 160-bit linear part, which jumps 2^k steps ahead. The polynomial is found from the
generator's own output by Berlekamp and Massey's algorithm, and the jumps are checked."""

N = 160
MASK = (1 << 32) - 1


def step(v):
    t = v[0] ^ (v[0] >> 2)
    return [v[1], v[2], v[3], v[4],
            (v[4] ^ (v[4] << 4) ^ t ^ (t << 1)) & MASK]


def minimal_polynomial(bits):
    """As an integer, bit i the coefficient of x^i; of degree len(bits)/2."""
    c, b, length, m = 1, 1, 0, 1
    window = 0  # bit i: bits[n - i]
    for n, bit in enumerate(bits):
        window = window << 1 | bit
        if bin(c & window).count('1') & 1:
            old = c
            c ^= b << m
            if 2 * length <= n:
                length, b, m = n + 1 - length, old, 1
                continue
        m += 1
    # c is the connection polynomial: reverse it.
    return sum(1 << (length - i) for i in range(length + 1) if c >> i & 1), length


def multiply(a, b, f):
    r = 0
    while b:
        if b & 1:
            r ^= a
        b >>= 1
        a <<= 1
        if a >> N & 1:
            a ^= f
    return r


def apply(poly, v):
    out = [0] * 5
    for i in range(N):
        if poly >> i & 1:
            out = [x ^ y for x, y in zip(out, v)]
        v = step(v)
    return out


v, bits = [123456789, 362436069, 521288629, 88675123, 5783321], []
start = v
for _ in range(2 * N + 64):
    bits.append(v[4] & 1)
    v = step(v)
f, degree = minimal_polynomial(bits)
assert degree == N, degree
powers, p = [], 2
for k in range(67 + 64):
    powers.append(p)
    p = multiply(p, p, f)
v = start
for k in range(12):  # x^(2^k) against 2^k single steps
    assert apply(powers[k], start) == (lambda s, n: [s := step(s) for _ in range(n)][-1])(start, 1 << k)
print('''/* SPDX-License-Identifier: Apache-2.0
 * Written by scripts/gen_xorwow.py: row k is x^(2^k) modulo the characteristic polynomial
 * of XORWOW's linear part, coefficient of x^0 lowest; it jumps 2^k steps ahead. */
#ifndef KASURI_XORWOW_JUMP_H
#define KASURI_XORWOW_JUMP_H

static __device__ const unsigned kasuri_xorwow_jump[131][5] = {''')
for p in powers:
    print('   {' + ', '.join(f'0x{p >> 32 * i & MASK:08X}' for i in range(5)) + '},')
print('''};

#endif''')
