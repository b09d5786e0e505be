#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/fatbins: the device code of our own programs as NVIDIA's nvcc compiles and
packs it, PTX alone, so that machines without nvcc test with it too (tests/tools/fatbins.py).
SOURCES.txt says what each file was made from and how; a program whose source has changed since
is not tested until this has run again.
usage: scripts/make_fatbins.py [NVCC]"""
import glob
import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, 'tests', 'data', 'fatbins')
PTX80 = ['-gencode', 'arch=compute_80,code=compute_80']
PTX75_90 = ['-gencode', 'arch=compute_75,code=compute_75',
            '-gencode', 'arch=compute_90,code=compute_90']
# name: (source, nvcc's options)
FORMS = {
    'saxpy-stored': ('examples/saxpy.cu', [*PTX80, '--no-compress']),
    'saxpy-lz4': ('examples/saxpy.cu', [*PTX80, '--compress-mode=speed']),
    'matmul_tiled-two': ('examples/matmul_tiled.cu', PTX75_90),
    'histogram-G': ('examples/histogram.cu', ['-G', *PTX80]),
    'scan_block-lineinfo': ('examples/scan_block.cu', ['-lineinfo', *PTX80]),
    'nbody-fast': ('examples/nbody.cu', ['-use_fast_math', *PTX80]),
}
OTHER_TARGET = {'devices': ['-gencode', 'arch=compute_75,code=compute_75']}  # runs on a T4
LARGEST = 24 << 10  # bytes: what is more is not worth its place


def digest(path):
    """Of a program and of the headers beside it."""
    h = hashlib.sha256()
    for p in [path, *sorted(glob.glob(os.path.join(os.path.dirname(path), '*.h')))]:
        with open(p, 'rb') as f:
            h.update(f.read())
    return h.hexdigest()[:16]


def main():
    nvcc = sys.argv[1] if len(sys.argv) > 1 else 'nvcc'
    forms = dict(FORMS)
    for path in sorted(glob.glob(os.path.join(ROOT, 'examples', '*.cu')) +
                       glob.glob(os.path.join(ROOT, 'tests', 'programs', '*.cu'))):
        name = os.path.basename(path)[:-3]
        forms[name] = (os.path.relpath(path, ROOT), OTHER_TARGET.get(name, PTX80))
    os.makedirs(OUT, exist_ok=True)
    for old in glob.glob(os.path.join(OUT, '*.fatbin')):
        os.remove(old)
    lines = []
    for name, (source, options) in sorted(forms.items()):
        out = os.path.join(OUT, name + '.fatbin')
        p = subprocess.run([nvcc, '-fatbin', '-std=c++17', '-w', *options, source, '-o', out],
                           cwd=ROOT, capture_output=True, text=True)
        if p.returncode or os.path.getsize(out) > LARGEST:
            print(f'{name}: left out: {p.stderr[-300:] or os.path.getsize(out)}')
            if os.path.exists(out):
                os.remove(out)
            continue
        lines.append(f'{name}\t{source}\t{digest(os.path.join(ROOT, source))}\t'
                     f'{" ".join(options)}\n')
    with open(os.path.join(OUT, 'SOURCES.txt'), 'w') as f:
        f.writelines(['name\tsource\tdigest\toptions\n', *lines])


if __name__ == '__main__':
    main()
