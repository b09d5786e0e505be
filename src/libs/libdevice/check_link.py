#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a kernel for every __nv_* function that clang's headers declare, linked with the
bitcode library, and looks at the PTX: nothing may stay external but what is named here, and
flush-to-zero must follow the compiler's flag.

usage: check_link.py CLANG LIBDEVICE.bc
"""
import os
import re
import subprocess
import sys
import tempfile

# Rounded signed averages: CUDA 9.0 and 9.1 only, and nowhere said how they round.
MISSING = {'__nv_vavgs2', '__nv_vavgs4'}

TYPES = r'(?:const )?(?:unsigned |signed )?(?:void|char|short|int|long long|float|double)'
DECL = re.compile(r'__DEVICE__\s+(' + TYPES + r')\s+(__nv_\w+)\s*\(([^)]*)\)\s*;')


def declarations(clang):
    folder = subprocess.run([clang, '-print-resource-dir'], check=True, text=True,
                            capture_output=True).stdout.strip()
    with open(os.path.join(folder, 'include', '__clang_cuda_libdevice_declares.h')) as f:
        return DECL.findall(f.read())


def kernel(ret, name, params):
    """One kernel that calls the function on values it loads and stores what comes back."""
    loads, args = [], []
    for i, p in enumerate(params.split(',')):
        kind = re.sub(r'\b__\w+\s*$', '', p.strip()).strip()
        if kind.endswith('*'):
            args.append(f'({kind})(p + {64 * (i + 1)})')
        else:
            args.append(f'*({kind} *)(p + {64 * (i + 1)})')
    call = f'{name}({", ".join(args)})'
    body = f'{call};' if ret == 'void' else f'*({ret} *)p = {call};'
    return f'__global__ void k{name}(char *p) {{ {body} }}\n'


def compile_ptx(clang, library, source, flags):
    r = subprocess.run([clang, '-x', 'cuda', '--cuda-device-only', '-nocudainc', '-nocudalib',
                        '--cuda-gpu-arch=sm_80', '-S', '-o', '-', '-Wno-unknown-cuda-version',
                        '-Xclang', '-mlink-builtin-bitcode', '-Xclang', library, *flags, source],
                       text=True, capture_output=True)
    if r.returncode:
        sys.exit(r.stderr)
    return r.stdout


def main():
    clang, library = sys.argv[1:3]
    decls = declarations(clang)
    failed = []

    def check(ok, what):
        if not ok:
            failed.append(what)

    check(len({d[1] for d in decls}) == 430, f'{len(decls)} declarations read, 430 expected')
    text = ['#define __device__ __attribute__((device))',
            '#define __global__ __attribute__((global))', 'extern "C" {']
    for ret, name, params in decls:
        text.append(f'__device__ {ret} {name}({params});')
        if name not in MISSING:
            text.append(kernel(ret, name, params))
    text.append('}')
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'all.cu')
        with open(source, 'w') as f:
            f.write('\n'.join(text))
        for flags in (['-O2'], ['-O0'], ['-O2', '-fcuda-flush-denormals-to-zero']):
            ptx = compile_ptx(clang, library, source, flags)
            extern = set(re.findall(r'\.extern\s+\.func[^;]*?\b(__?\w+)\s*\(?\s*(?:\n|;)', ptx))
            check('.extern' not in ptx, f'{flags}: externals left: {sorted(extern)}')
            check('__nvvm_reflect' not in ptx, f'{flags}: __nvvm_reflect left')
            check(('add.rz.ftz.f32' in ptx) == (len(flags) == 2),
                  f'{flags}: flush-to-zero does not follow the flag')
            if '-O0' not in flags:
                small = re.search(r'\.entry k__nv_expf\(.*?\n}', ptx, re.S)
                check(small and 'call' not in small.group(0), f'{flags}: expf is not inlined')
    for f in failed:
        print('failed:', f, file=sys.stderr)
    print(f'{430 - len(MISSING) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed else 0


sys.exit(main())
