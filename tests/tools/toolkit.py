#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ptxas, fatbinary and cuobjdump of the CUDA-shaped folder, on files of each other, of
`kasuri nvcc`, of clang and (where it is installed) of NVIDIA's nvcc.
usage: tests/tools/toolkit.py BUILD   (ends with `N passed, N failed, N skipped`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
cuda = os.path.join(build, 'cuda')
nvcc13 = '/usr/local/cuda/bin/nvcc'
work = tempfile.mkdtemp(prefix='kasuri-toolkit-')
env = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'NVCC', 'CUDA', 'LD_'))}
env['PATH'] = f'{cuda}/bin:/usr/bin:/bin'
flags_file = os.path.join(cuda, 'lib64', 'link-flags')
sanitize = open(flags_file).read().split() if os.path.exists(flags_file) else []
passed = failed = skipped = 0

PTX = '''.version 8.0
.target sm_80
.address_size 64
.visible .global .align 4 .u32 total[4];
.const .align 8 .b8 table[24];
.visible .entry twice(.param .u64 p, .param .u32 n)
{
   .reg .b64 %a;
   .reg .b32 %v;
   .shared .align 4 .b8 room[96];
   ld.param.u64 %a, [p];
   ld.global.u32 %v, [%a];
   shl.b32 %v, %v, 1;
   st.shared.u32 [room], %v;
   st.global.u32 [%a], %v;
   ret;
}
'''
LOAD = '''#include <cuda.h>
#include <stdio.h>
int main(int c, char **v)
{
   CUdevice d; CUcontext x; CUmodule m; CUfunction f; CUdeviceptr p; int r = 21, n = 1;
   cuInit(0); cuDeviceGet(&d, 0); cuDevicePrimaryCtxRetain(&x, d); cuCtxSetCurrent(x);
   int e = cuModuleLoad(&m, v[1]);
   if (e == 0) e = cuModuleGetFunction(&f, m, "twice");
   cuMemAlloc(&p, 4);
   cuMemcpyHtoD(p, &r, 4);
   void *args[] = {&p, &n};
   if (e == 0) e = cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, 0, args, 0);
   cuMemcpyDtoH(&r, p, 4);
   printf("%d %d\\n", e, r);
   return e;
}
'''
CU = '''#include <cstdio>
__global__ void k(int *p) { *p = 42; }
int main() { int *p; cudaMallocManaged(&p, 4); k<<<1, 1>>>(p); int e = cudaDeviceSynchronize();
   printf("%d %d\\n", e, *p); return *p != 42; }
'''


def write(name, text):
    with open(os.path.join(work, name), 'w') as f:
        f.write(text)


def read(name):
    with open(os.path.join(work, name), 'rb') as f:
        return f.read()


def run(*args):
    p = subprocess.run(args, cwd=work, env=env, text=True, capture_output=True, timeout=200,
                       stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def check(what, ok, detail=''):
    global passed, failed
    passed += bool(ok)
    failed += not ok
    if not ok:
        print(f'FAILED {what}: {detail}')


def expect(what, result, status=0, out='', err=''):
    code, stdout, stderr = result
    check(what, code == status and re.search(out, stdout, re.S) and re.search(err, stderr, re.S),
          f'status {code}, out {stdout[-400:]!r}, err {stderr[-600:]!r}')


def test_ptxas():
    expect('ptxas', run('ptxas', '-arch=sm_90', '-O3', 'a.ptx', '-o', 'a.cubin'), 0, '^$', '^$')
    expect('loaded cubin', run('./load', 'a.cubin'), 0, '^0 42\n$', '^$')
    expect('default name', run('ptxas', '--gpu-name', 'sm_80', '-lineinfo', 'a.ptx'), 0, '^$', '^$')
    check('elf.o', read('elf.o')[:4] == b'\x7fELF')
    expect('ptxas -v', run('ptxas', '-v', 'a.ptx', '-o', 'v.cubin'), 0, '^$',
           r"^ptxas info    : 16 bytes gmem, 24 bytes cmem\[3\]\n.*"
           r"Compiling entry function 'twice' for 'sm_80'\n.*96 bytes smem, 12 bytes cmem\[0\]")
    expect('only checked', run('ptxas', '-arch=compute_80', 'a.ptx', '-o', 'none'), 0, '^$', '^$')
    check('nothing written', not os.path.exists(os.path.join(work, 'none')))
    expect('older target', run('ptxas', '-arch=sm_75', 'a.ptx'), 1, '', 'above the target sm_75')
    write('bad.ptx', PTX.replace('shl.b32 %v', 'shl.b32 %w'))
    expect('an error', run('ptxas', 'bad.ptx', '-o', 'bad.cubin'), 1, '^$',
           r"^ptxas bad.ptx, line 13; error   : .*%w.*\(column \d+\) \[[a-z-]+\]\n"
           r"ptxas fatal   : Ptx assembly aborted due to errors\n$")
    check('no output', not os.path.exists(os.path.join(work, 'bad.cubin')))
    expect('as a string', run('ptxas', '-ias', PTX, '-o', 's.cubin'), 0, '^$', '^$')
    expect('loaded string', run('./load', 's.cubin'), 0, '^0 42\n$', '^$')
    expect('one warning', run('ptxas', '-maxrregcount', '32', '-dlcm=ca', 'a.ptx'), 0, '^$',
           '^kasuri ptxas: warning: without meaning.*--maxrregcount 32, --def-load-cache ca\n$')
    expect('misspelt', run('ptxas', '--verbos', 'a.ptx'), 2, '', "did you mean '--verbose'")
    expect('no input', run('ptxas'), 2, '', 'no input')
    expect('no such file', run('ptxas', 'absent.ptx'), 1, '', 'absent.ptx: No such file')
    expect('version', run('ptxas', '--version'), 0, r'release 13\.0, V13\.0')
    expect('help', run('ptxas', '--help'), 0, 'usage: ptxas.*--gpu-name, -arch')


def test_fatbinary():
    expect('fatbinary', run('fatbinary', '--create=a.fatbin', '-64', '--cmdline=-O3',
                            '--image3=kind=elf,sm=80,file=a.cubin',
                            '--image3=kind=ptx,sm=80,file=a.ptx',
                            '--image3=kind=ptx,sm=90a,file=a.ptx', '--embedded-fatbin=a.fatbin.c'),
           0, '^$', '^$')
    expect('in it', run('cuobjdump', '-lptx', '-lelf', 'a.fatbin'), 0,
           r'^PTX file    1: a.1.sm_80.ptx\nPTX file    2: a.2.sm_90a.ptx\n$')
    expect('loaded fatbin', run('./load', 'a.fatbin'), 0, '^0 42\n$', '^$')
    expect('C file', run('cc', '-Wall', '-Werror', '-c', 'a.fatbin.c', '-o', 'fatbin.o'), 0)
    expect('in its object', run('cuobjdump', '-lptx', 'fatbin.o'), 0, 'sm_80.ptx.*sm_90a.ptx')
    expect('compressed', run('fatbinary', '--create', 'z.fatbin', '--compress-all',
                             '--image=profile=compute_80,file=a.ptx'), 0, '^$', '^$')
    check('zstd', b'\x28\xb5\x2f\xfd' in read('z.fatbin') and b'.entry' not in read('z.fatbin'))
    expect('loaded compressed', run('./load', 'z.fatbin'), 0, '^0 42\n$', '^$')
    expect('PTX comes back', run('cuobjdump', '-xptx', 'all', 'z.fatbin'), 0, 'z.1.sm_80.ptx')
    check('the same', read('z.1.sm_80.ptx').decode() == PTX)
    expect('no file', run('fatbinary', '--create=x', '--image3=kind=ptx,sm=80'), 1, '', 'no file')
    expect('unknown kind', run('fatbinary', '--create=x', '--image3=kind=gas,sm=80,file=a.ptx'), 1,
           '', "not 'gas'")
    expect('nothing to do', run('fatbinary'), 2, '', '--create')


def test_cuobjdump():
    expect('nvcc', run('nvcc', 'k.cu', '-o', 'k', '-gencode', 'arch=compute_75,code=compute_75',
                       '-gencode', 'arch=compute_90,code=sm_90'), 0)
    expect('executable', run('cuobjdump', '-lptx', 'k'), 0, r'^PTX file    1: k.1.sm_75.ptx\n'
           r'PTX file    2: k.2.sm_90.ptx\n$')
    expect('one target', run('cuobjdump', '-ptx', '-arch', 'sm_75', 'k'), 0,
           r'^\nFatbin ptx code:\n=+\narch = sm_75\n.*\.target sm_75.*_Z1kPi')
    expect('archive', run('nvcc', '-lib', 'k.cu', 'k.cu', '-o', 'libk.a'), 0)
    expect('members', run('cuobjdump', '-lptx', 'libk.a'), 0,
           r'member libk.a:k-0.o:\nPTX file    1.*member libk.a:k-1.o:\nPTX file    2')
    expect('no device code', run('cuobjdump', '-lptx', 'load'), 0, 'does not contain device code')
    expect('-sass', run('cuobjdump', '-sass', 'k'), 2, '', 'no disassembler')
    expect('not ELF', run('cuobjdump', 'nothing'), 1, '', 'nothing: neither')
    damaged = read('a.fatbin')
    with open(os.path.join(work, 'cut.fatbin'), 'wb') as f:
        f.write(damaged[:-100])
    expect('truncated', run('cuobjdump', 'cut.fatbin'), 1, '', 'cut.fatbin: damaged fatbin')


def test_clang():
    """clang's own way from CUDA to a program goes through ptxas and fatbinary."""
    expect('clang', run('clang++-19', '-x', 'cuda', f'--cuda-path={cuda}', '--cuda-gpu-arch=sm_80',
                        '-Wno-unknown-cuda-version', '-Xclang', '-target-sdk-version=12.5',
                        '-nocudainc', '-nogpulib', '-isystem', f'{cuda}/include', '-include',
                        'kasuri/front.h', 'k.cu', '-o', 'k.clang', f'-L{cuda}/lib64',
                        '-lcudart_static', *sanitize), 0, '^$')
    expect('built by clang', run('./k.clang'), 0, '^0 42\n$', '^$')


def test_others():
    global skipped
    p = run(nvcc13, '--version') if os.path.exists(nvcc13) else (1, '', '')
    if p[0] or 'Kasuri' in p[1]:
        skipped += 1
        return
    expect('NVIDIA\'s nvcc', run(nvcc13, '-gencode', 'arch=compute_80,code=sm_80', '-gencode',
                                 'arch=compute_90,code=compute_90', '-c', 'k.cu', '-o', 'n.o'))
    expect('its object', run('cuobjdump', '-lelf', '-lptx', 'n.o'), 0,
           r'ELF file    1: n.1.sm_80.cubin\n.*PTX file    1: n.1.sm_90.ptx')
    expect('its code', run('cuobjdump', '-xelf', 'all', 'n.o'), 0, 'n.1.sm_80.cubin')
    check('an ELF file', read('n.1.sm_80.cubin')[:4] == b'\x7fELF')
    expect('packed again', run('fatbinary', '--create=n.fatbin',
                               '--image3=kind=elf,sm=80,file=n.1.sm_80.cubin',
                               '--image3=kind=ptx,sm=80,file=a.ptx'), 0, '^$', '^$')
    expect('both kinds', run('cuobjdump', '-lelf', '-lptx', 'n.fatbin'), 0, 'ELF file.*PTX file')
    expect('loaded with machine code', run('./load', 'n.fatbin'), 0, '^0 42\n$', '^$')


write('a.ptx', PTX)
write('k.cu', CU)
write('load.c', LOAD)
write('nothing', 'not code at all\x00')
try:
    expect('loader', run('nvcc', 'load.c', '-o', 'load', '-lcuda'))
    for test in (test_ptxas, test_fatbinary, test_cuobjdump, test_clang, test_others):
        test()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
sys.exit(failed != 0)
