#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/libdevice.md from what the libdevice tests measure.

usage: doc_libdevice.py BUILD > docs/libdevice.md   (BUILD holds the unit tests)
"""
import os
import re
import subprocess
import sys

HEAD = '''<!-- Written by scripts/doc_libdevice.py: do not edit. -->
# The device math library

`src/libs/libdevice/` holds the `__nv_*` functions that clang's CUDA headers call, in C. clang
compiles them to NVPTX bitcode, `<build>/cuda/nvvm/libdevice/libdevice.10.bc`, which the front
end links with `-Xclang -mlink-builtin-bitcode`; functions are inlined into kernels, so that the
engine sees fma, add, mul, div, sqrt, conversions and bit operations, which it runs at 32 lanes.

- Polynomials are minimax fits made by scripts/gen_minimax.py (what each approximates is in
  scripts/minimax_polys.py). No tables, but for the bits of 2/pi beyond |x| = 100000 in f64.
- f32 functions compute in f32, but for powf (its logarithm), frsqrt_rn, the reduction of
  arguments of sinf, cosf and tanf beyond 70000, and lgammaf, tgammaf and the Bessel functions,
  which round the f64 ones.
- f32 code follows `-fcuda-flush-denormals-to-zero` (`__nvvm_reflect("__CUDA_FTZ")` where an
  intrinsic has to be chosen).
- clang fuses multiplications and additions in device code by default, in inlined functions too.
  The library gives the bounds below with and without that. `-ffast-math` on device code is
  another matter: it lets the compiler reorder sums, which breaks reductions and double-doubles.
- The f32 `fast_*` functions are the approximate PTX instructions.
- tests/tools/libdevice_bits.py runs every function on every back end and asks for the bits that
  the same C gives natively; tests/programs/math_*.cu call them as CUDA programs do.

## Missing
`__nv_vavgs2` and `__nv_vavgs4` (rounded signed averages, called by the headers of CUDA 9.0 and
9.1 alone): how they round is not documented. A call is an unresolved symbol.

## Accuracy
Largest difference from the correctly rounded result, in ulps, found by the tests (f32: every
{stride}th float against libm in double; f64: {count} random arguments a function against libm in
long double; others: vectors made with mpmath), beside the largest that CUDA's documentation
states. A sign of zero or a special value that is wrong would fail the test.

`j0` to `y1` have their bound in ulps for |x| < 8; beyond, and for `jn` and `yn`, CUDA bounds the
absolute error by 2.2e-6 (f32) and 5e-12 (f64), and so does the test (shown as 0). `lgamma` is
measured outside the intervals around its negative zeros that CUDA excludes, too.
'''


def rows(build, test, *args):
    exe = os.path.join(build, 'tests', 'unit_libdevice_' + test)
    out = subprocess.run([exe, '--report', *args], text=True, check=True,
                         capture_output=True).stdout
    return re.findall(r'^\| (.+) \| (\S+) \| (\S+) \|$', out, re.M)


def table(title, data):
    print(f'\n### {title}\n')
    print('| function | bound | measured |\n| --- | --- | --- |')
    for name, bound, worst in data:
        print(f'| {name} | {bound} | {worst} |')


def main():
    build = sys.argv[1]
    stride, count = '509', '1000000'
    print(HEAD.replace('{stride}', stride).replace('{count}', count), end='')
    special = rows(build, 'vectors')
    split = len(special) // 2  # f64, then f32
    table('f32', rows(build, 'f32', stride) + special[split:])
    table('f64', rows(build, 'f64', count) + special[:split])


main()
