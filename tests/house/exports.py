#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The CUDA libraries export exactly the names they should: libcuda.so.1 those of its table,
libcudart.so.12 and .13 those of CUDA's own libraries under their version nodes, the LLVM
module its one function. usage: tests/house/exports.py BUILD"""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from harness import check, finish  # noqa: E402

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, 'build'))
# Kasuri's own, and what later 12.x versions added to the list's.
OWN = {'libcuda.so.1': {(n, '') for n in ('kasuri_image_pack_fatbin', 'kasuri_kernel_resolver',
                                           'kasuri_trace_start',
                                           'kasuri_trace_enter', 'kasuri_trace_leave')},
       'libcudart.so.12': {('__kasuriRegisterManagedRange', 'libcudart.so.12'),
                           ('cudaGetDriverEntryPointByVersion_ptsz', 'libcudart.so.12')},
       'libcudart.so.13': {('__kasuriRegisterManagedRange', 'libcudart.so.13')}}
# The linker's marks.
MARKS = {'_end', '_edata', '__bss_start', '_init', '_fini'}


def exports(path):
    """{(name, version node)} of what path defines for others; sanitizers' own left out."""
    out = subprocess.run(['nm', '-D', '--defined-only', '--with-symbol-versions', path],
                         check=True, capture_output=True, text=True).stdout
    names = set()
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        name, _, node = name.partition('@')
        if kind != 'A' and name not in MARKS and not re.match('__(asan|ubsan|tsan|sanitizer|odr_asan)', name):
            names.add((name, node.lstrip('@')))
    return names


def find(name):
    found = [p for p in glob.glob(os.path.join(BUILD, '**', name), recursive=True)
             if os.path.isfile(p)]
    return found[0] if found else None


def compare(name, want):
    path = find(name)
    check(path, f'{name}: not in {BUILD}')
    if not path:
        return
    have = exports(path)
    want = want | OWN.get(name, set())
    for n, node in sorted(want | have):
        check((n, node) in have, f'{name}: {n} is missing at version "{node}"')
        check((n, node) in want, f'{name}: {n}@{node} is exported and should not be')


def table(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f if line.strip()]
    return rows[0], rows[1:]


def driver_names():
    """A row's symbol, and the one of its per-thread stream form."""
    head, rows = table('src/driver/api.tsv')
    symbol, thread = head.index('symbol'), head.index('per_thread')
    names = {(r[symbol], '') for r in rows}
    return names | {(f'{r[symbol]}_{r[thread]}', '') for r in rows if r[thread] != '-'}


def runtime_names(version):
    node = f'libcudart.so.{version}'
    with open(os.path.join(ROOT, 'tests', 'data', 'abi', node + '.symbols.txt')) as f:
        return {(name, node) for name in f.read().split()}


compare('libcuda.so.1', driver_names())
for v in ('12', '13'):
    compare(f'libcudart.so.{v}', runtime_names(v))
if find('kasuri-simd.so'):
    compare('kasuri-simd.so', {('kasuri_simd_compile', '')})
finish()
