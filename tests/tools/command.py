#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the `kasuri` command that run no kernel: every option, help, errors, caching.
usage: tests/tools/command.py BUILD   (ends with `N passed, N failed`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
work = tempfile.mkdtemp(prefix='kasuri-test-')
env = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'NVCC_'))}
env['KASURI_CACHE_DIR'] = os.path.join(work, 'cache dir')
passed = failed = 0

HOST_ONLY = '#include <cstdio>\nint main(int c, char **v) { printf("%d:%s\\n", c, c > 1 ? v[1] : ""); return c; }\n'
KERNEL = '''#include "part.h"
__global__ void kernel(float *x, float a) { x[threadIdx.x] = x[threadIdx.x] * a / (FACTOR) + sqrtf(a); }
#ifdef __CUDA_ARCH__
__device__ int arch_is = __CUDA_ARCH__;
#endif
'''


def write(name, text):
    path = os.path.join(work, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


def read(name):
    with open(os.path.join(work, name)) as f:
        return f.read()


def run(*args, **extra):
    e = dict(env, **extra)
    p = subprocess.run([kasuri, *args], cwd=work, env=e, text=True, capture_output=True,
                       timeout=120, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def check(what, ok, detail=''):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f'FAILED {what}: {detail}')


def expect(what, result, status, out='', err=''):
    """Patterns must be found; an empty one allows anything."""
    code, stdout, stderr = result
    ok = (code == status and re.search(out, stdout, re.S) is not None and
          re.search(err, stderr, re.S) is not None)
    check(what, ok, f'status {code}, out {stdout[-500:]!r}, err {stderr[-500:]!r}')


def test_front():
    expect('no arguments', run(), 2, '^$', 'usage: kasuri')
    expect('--help', run('--help'), 0, 'usage: kasuri.*run.*nvcc.*env.*doctor.*cache', '^$')
    expect('-h', run('-h'), 0, 'usage: kasuri')
    expect('help', run('help'), 0, 'usage: kasuri')
    expect('--version', run('--version'), 0, r'^kasuri \d+\.\d+\.\d+ \(CUDA 13\.0\)\n$')
    expect('suggestion', run('rnu'), 2, '', "did you mean 'run'")
    expect('no suggestion', run('xylophone'), 2, '', "no command 'xylophone'")
    for c in ('run', 'nvcc', 'ptxas', 'fatbinary', 'nvlink', 'cuobjdump', 'env', 'smi', 'doctor',
              'cache'):
        expect(f'help {c}', run('help', c), 0, 'usage: ', '^$')
        expect(f'{c} --help', run(c, '--help'), 0, 'usage: ', '^$')
        page = os.path.join(source, 'docs', 'man', f'kasuri-{c}.1')
        check(f'man page of {c}', os.path.exists(page), page)
    expect('help of nothing', run('help', 'cahce'), 2, '', "did you mean 'cache'")


def test_env():
    code, out, err = run('env')
    shell = subprocess.run(['sh', '-c', 'eval "$1"; echo "$CUDA_HOME"; command -v nvcc; '
                            'nvcc --version', 'sh', out], text=True, capture_output=True)
    cuda = os.path.join(build, 'cuda')
    check('env can be evaluated', code == 0 and shell.stdout.startswith(
        f'{cuda}\n{cuda}/bin/nvcc\n') and 'release 13.0' in shell.stdout, shell.stdout)
    expect('env --list', run('env', '--list', KASURI_BACKEND='interp'), 0,
           r'KASURI_BACKEND .*\[now: interp\]')
    expect('env, unknown', run('env', '--lits'), 2, '', "unknown argument '--lits'")


def test_doctor():
    code, out, err = run('doctor')
    check('doctor says', code in (0, 1) and 'clang 19' in out and 'CUDA folder' in out, out)
    expect('doctor misses clang', run('doctor', KASURI_CLANG='/nowhere/clang'), 1,
           'MISSING  clang 19.*mend: apt-get install clang-19')
    expect('doctor, unknown', run('doctor', '--x'), 2, '', 'unknown argument')


def test_cache():
    expect('cache path', run('cache', 'path'), 0, '^' + re.escape(env['KASURI_CACHE_DIR']))
    expect('cache size', run('cache', 'size'), 0, r'files, [\d.]+ [kM]B')
    expect('cache', run('cache'), 0, 'cache dir: ')
    expect('cache, misspelt', run('cache', 'claer'), 2, '', "did you mean 'clear'")
    expect('cache elsewhere', run('cache', 'path', KASURI_CACHE_DIR='',
                                  XDG_CACHE_HOME=os.path.join(work, 'x')), 0, '/x/kasuri\n')
    expect('cache that cannot be', run('cache', KASURI_CACHE_DIR='/proc/nothing/here'), 1, '',
           'cannot make the cache folder')


def test_nvcc_words():
    expect('nvcc --version', run('nvcc', '--version'), 0, r'release 13\.0, V13\.0')
    expect('nvcc -V', run('nvcc', '-V'), 0, 'release 13')
    expect('nvcc without input', run('nvcc'), 2, '', 'no input files')
    expect('nvcc, suggestion', run('nvcc', '--lineinfos', 'a.cu'), 2, '', "mean '-lineinfo'")
    expect('nvcc -Wall', run('nvcc', '-Wall', 'a.cu'), 2, '', '-Xcompiler -Wall')
    expect('nvcc, no such file', run('nvcc', 'absent.cu'), 2, '', 'absent.cu: No such file')
    expect('nvcc, value missing', run('nvcc', 'a.cu', '-o'), 2, '', "'-o' wants a value")
    expect('nvcc, bad arch', run('nvcc', '-arch=sm_x', 'a.cu'), 2, '', "architecture 'sm_x'")
    expect('nvcc, bad gencode', run('nvcc', '-gencode', 'code=sm_80', 'a.cu'), 2, '',
           'wants arch=')
    expect('nvcc, bad bool', run('nvcc', '-ftz=maybe', 'a.cu'), 2, '', 'true or false')
    write('a.txt', 'text')
    expect('nvcc, unknown kind', run('nvcc', 'a.txt'), 2, '', 'unknown kind of input')
    expect('nvcc -ltoir', run('nvcc', '-ltoir', 'a.cu'), 2, '', '-ltoir: there is no LTO IR')
    expect('nvcc -x', run('nvcc', '-x', 'fortran', 'a.cu'), 2, '', 'one of c c.. cu, not')
    expect('nvcc -m', run('nvcc', '-m32', 'a.cu'), 2, '', 'one of 64, not .32')
    expect('nvcc -code', run('nvcc', '-code=sm_x', 'a.cu'), 2, '', "architecture 'sm_x'")
    expect('nvcc -Werror', run('nvcc', '-Werror', 'most', 'a.cu'), 2, '', "no 'most'")
    expect('nvcc -arch-ls', run('nvcc', '--list-gpu-arch'), 0, '^compute_75\n.*compute_90\n$')
    expect('nvcc -code-ls', run('nvcc', '-code-ls'), 0, '^sm_75\n.*sm_90\n$')
    expect('nvcc, both lists', run('nvcc', '-code-ls', '-arch-ls'), 0,
           r'arch=compute_80,code=\[compute_80,sm_80\]')
    expect('nvcc, two outputs', run('nvcc', '-c', '-o', 'x.o', 'a.cu', 'a.cu'), 2, '',
           'there are 2 inputs')
    expect('nvcc, no response file', run('nvcc', '@absent'), 2, '', 'response file absent')
    expect('nvcc, no clang', run('nvcc', 'a.cu', KASURI_CLANG='/nowhere/clang'), 2, '',
           'apt-get install clang-19')


def test_nvcc_compile():
    write('part.h', '#define FACTOR 3.0f\n')
    expect('-ptx', run('nvcc', '-ptx', 'a.cu'), 0, '^$', '^$')
    ptx = read('a.ptx')
    check('PTX has the kernel and target', '.target sm_90' in ptx and
          re.search(r'\.entry _Z6kernelPff', ptx) is not None and '= 900;' in ptx, ptx[:300])
    check('IEEE division', 'div.rn.f32' in ptx and 'sqrt.rn.f32' in ptx, ptx)
    expect('-arch', run('nvcc', '-ptx', '-arch=sm_80', '-o', 'b.ptx', 'a.cu'), 0)
    check('sm_80', '.target sm_80' in read('b.ptx') and '= 800;' in read('b.ptx'))
    expect('-arch NN apart', run('nvcc', '-ptx', '-arch', 'compute_75', '-o', 'b.ptx', 'a.cu'), 0)
    check('sm_75', '.target sm_75' in read('b.ptx'))
    expect('newer arch', run('nvcc', '-ptx', '-arch=sm_120', '-o', 'b.ptx', 'a.cu'), 0, '',
           'sm_120 is compiled as sm_90')
    expect('-use_fast_math', run('nvcc', '-ptx', '-use_fast_math', '-o', 'b.ptx', 'a.cu'), 0)
    fast = read('b.ptx')
    check('fast arithmetic', 'div.approx.ftz.f32' in fast and 'sqrt.approx.ftz.f32' in fast, fast)
    expect('-prec-sqrt', run('nvcc', '-ptx', '-prec-sqrt=false', '-o', 'b.ptx', 'a.cu'), 0)
    check('approximate root alone', 'sqrt.approx.f32' in read('b.ptx') and
          'div.rn.f32' in read('b.ptx'))
    expect('-fmad=false', run('nvcc', '-ptx', '--fmad=false', '-o', 'b.ptx', 'a.cu'), 0)
    check('no contraction', 'fma.rn' not in read('b.ptx'))
    expect('-lineinfo', run('nvcc', '-ptx', '-lineinfo', '-o', 'b.ptx', 'a.cu'), 0)
    check('lines in PTX', '.loc' in read('b.ptx'))
    expect('-G', run('nvcc', '-ptx', '-G', '-o', 'b.ptx', 'a.cu'), 0)
    check('debug in PTX', '.debug' in read('b.ptx') or 'debug' in read('b.ptx'))
    expect('-D, -I, -include', run('nvcc', '-ptx', '-D', 'X=1', '-DY', '-I.', '-I', '/tmp',
                                   '-include', 'part.h', '-U', 'Y', '-o', 'b.ptx', 'a.cu'), 0)
    expect('-Xptxas', run('nvcc', '-ptx', '-Xptxas', '-v,-O3', '-o', 'b.ptx', 'a.cu'), 0, '',
           "^ptxas info .*entry function '_Z6kernelPff' for 'sm_90'.*12 bytes cmem.0.")
    expect('one warning', run('nvcc', '-ptx', '-maxrregcount=32', '-Xptxas', '-dlcm=ca',
                              '-restrict', '-ccbin', 'g++', '-t4', 'a.cu'), 0, '',
           '^kasuri nvcc: warning: without meaning here, and ignored: -maxrregcount 32, '
           '-restrict, -Xptxas -dlcm=ca\n$')
    expect('no warning', run('nvcc', '-ptx', '-w', '-maxrregcount=32', 'a.cu'), 0, '', '^$')
    expect('-cubin', run('nvcc', '-cubin', '-arch=sm_80', 'a.cu'), 0, '^$', '^$')
    expect('-arch=all', run('nvcc', '-fatbin', '-arch=all', '-o', 'all.fatbin', 'a.cu'), 0)
    with open(os.path.join(work, 'all.fatbin'), 'rb') as f:
        targets = set(re.findall(rb'\.target (sm_\d+)', f.read()))
    check('oldest and newest', targets == {b'sm_75', b'sm_90'}, str(targets))
    expect('-fatbin', run('nvcc', '-fatbin', '-gencode', 'arch=compute_80,code=sm_80',
                          '-gencode=arch=compute_90,code=[sm_90,compute_90]', 'a.cu'), 0)
    with open(os.path.join(work, 'a.fatbin'), 'rb') as f:
        fatbin = f.read()
    check('fatbin holds two targets', fatbin[:4] == b'\x50\xed\x55\xba' and
          b'.target sm_80' in fatbin and b'.target sm_90' in fatbin)
    expect('-c', run('nvcc', '-c', 'a.cu', '-Xcompiler', '-fPIC,-Wall'), 0)
    check('object', os.path.exists(os.path.join(work, 'a.o')))
    expect('-MD', run('nvcc', '-c', '-MD', '-MF', 'a.d', '-MT', 'goal', 'a.cu'), 0)
    check('make rule', read('a.d').startswith('goal:') and 'part.h' in read('a.d'))
    expect('-M', run('nvcc', '-M', 'a.cu'), 0, 'a.o:.*part.h')
    expect('-arch=native', run('nvcc', '-ptx', '-arch=native', '-o', 'b.ptx', 'a.cu',
                               KASURI_DEVICE='t4'), 0)
    check('the device there is', '.target sm_75' in read('b.ptx'))
    expect('-MM', run('nvcc', '-MM', '-odir', 'out', 'a.cu'), 0, r'^out/a\.o:[^/]*part\.h\n$')
    expect('-E', run('nvcc', '-E', 'a.cu'), 0, 'threadIdx')
    expect('-std', run('nvcc', '-c', '-std=c++20', '-O3', '-g', '-w', 'a.cu'), 0)
    write('flags', '-c -DQUOTED="\\"a b\\""\n  a.cu -o "spaced out.o"\n')
    expect('response file', run('nvcc', '@flags'), 0)
    check('quoted name', os.path.exists(os.path.join(work, 'spaced out.o')))
    expect('--dryrun', run('nvcc', '--dryrun', 'a.cu', '-o', 'never'), 0, '^$',
           r'#\$ TOP=.*--cuda-device-only.*--cuda-host-only.*-lcudart')
    check('nothing was made', not os.path.exists(os.path.join(work, 'never')))
    expect('appended flags', run('nvcc', '--dryrun', 'a.cu', NVCC_APPEND_FLAGS='-DMORE=1'), 0,
           '', '-DMORE=1')
    expect('keep', run('nvcc', '-c', '-keep', '-keep-dir', work, 'a.cu'), 0)
    check('kept PTX', os.path.exists(os.path.join(work, 'a.sm_90.ptx')))
    write('error.cu', '__global__ void k() { nonsense; }\nint main() { }\n')
    code, out, err = run('nvcc', '-c', 'error.cu')
    check('an error is said once', code == 1 and err.count('undeclared identifier') == 1 and
          'error.cu:1:' in err, err)
    check('no object after an error', not os.path.exists(os.path.join(work, 'error.o')))
    write('host.cpp', '#include <cuda_runtime.h>\nint x = sizeof(cudaDeviceProp);\n')
    expect('host file', run('nvcc', '-c', 'host.cpp', '-o', 'host.o'), 0)
    write('plain.c', '#include <cuda_runtime_api.h>\n#include <vector_types.h>\n'
          'struct float4 v; dim3 d; int x = cudaSuccess;\n')
    expect('C file', run('nvcc', '-c', 'plain.c'), 0)
    expect('-x cu', run('nvcc', '-ptx', '-x', 'cu', 'host.cpp'), 0)
    expect('-lib', run('nvcc', '-lib', '-o', 'libx.a', 'host.o', 'plain.o'), 0)
    check('archive', os.path.exists(os.path.join(work, 'libx.a')))


def test_nvcc_link():
    """Links need libcudart; without it built they are left to a full build."""
    if not os.path.exists(os.path.join(build, 'cuda', 'lib64', 'libcudart.so')):
        return
    write('main.cu', HOST_ONLY)
    expect('link', run('nvcc', '-o', 'prog', 'main.cu', '-lm', '-L.', '-Xlinker', '--as-needed'), 0)
    p = subprocess.run([os.path.join(work, 'prog'), 'a'], capture_output=True, text=True)
    check('linked program runs', p.returncode == 2 and p.stdout == '2:a\n', str(p))
    expect('-run', run('nvcc', '-run', '-run-args', 'z', '-o', 'prog', 'main.cu'), 2, '2:z')
    expect('-shared', run('nvcc', '-shared', '-o', 'libk.so', 'a.cu'), 0)
    expect('link error', run('nvcc', '-o', 'prog2', 'a.cu'), 1, '', 'main')
    test_run()


def test_run():
    expect('run .cu', run('run', 'main.cu', 'arg'), 2, '^2:arg\n$', '^$')
    expect('cached', run('run', '--time', 'main.cu'), 1, '^1:', 'found main.cu.*ran .* status 1')
    write('main.cu', HOST_ONLY.replace('%d:', '%d;'))
    expect('changed source', run('run', '--time', 'main.cu'), 1, '^1;', 'compiled main.cu')
    expect('other flags', run('run', '-DX=1', '-O3', '--time', 'main.cu'), 1, '', 'compiled')
    write('dep.cu', '#include "dep.h"\nint main() { return VALUE; }\n')
    write('dep.h', '#define VALUE 5\n')
    expect('header', run('run', 'dep.cu'), 5)
    expect('header, cached', run('run', '--time', 'dep.cu'), 5, '', 'found')
    write('dep.h', '#define VALUE 6\n')
    expect('changed header', run('run', 'dep.cu'), 6)
    expect('no compiler when cached', run('run', 'dep.cu', PATH=env['PATH']), 6)
    expect('does not compile', run('run', 'error.cu'), 1, '', 'undeclared')
    expect('program', run('run', './prog', 'b'), 2, '2:b')
    expect('program by bare name', run('run', 'prog', 'b'), 2, '2:b')
    write('env.cu', '#include <cstdio>\n#include <cstdlib>\nint main() { printf("%s %s %s %s\\n",'
          ' getenv("KASURI_BACKEND"), getenv("KASURI_MODE"), getenv("KASURI_THREADS"),'
          ' getenv("KASURI_SEED")); }\n')
    expect('settings', run('run', '--backend=interp', '--mode', 'thread', '--threads', '2',
                           '--seed=7', 'env.cu'), 0, '^interp thread 2 7\n$')


def test_run_words():
    expect('run nothing', run('run'), 2, '', 'nothing to run')
    expect('run absent', run('run', 'absent'), 127, '', 'no such file or program')
    expect('run absent .cu', run('run', 'absent.cu'), 1, '', 'absent.cu: No such file')
    expect('run text', run('run', 'a.txt'), 126, '', 'neither a program nor')
    expect('run, misspelt', run('run', '--bakcend', 'x', 'a.cu'), 2, '', "mean '--backend'")
    expect('run, bad backend', run('run', '--backend', 'cuda', 'a.cu'), 2, '', "not 'cuda'")
    expect('run, bad threads', run('run', '--threads=many', 'a.cu'), 2, '', 'takes a number')
    expect('run, value missing', run('run', '--mode'), 2, '', 'wants a value')
    expect('run --trace=', run('run', '--trace=', 'a.cu'), 2, '', 'wants a file, or json')
    expect('run --traec', run('run', '--traec', 'a.cu'), 2, '', "mean '--trace'")
    expect('run, flags of .ptx', run('run', '--grid', '1', 'a.cu'), 2, '', 'are for .ptx files')
    expect('run, bad shape', run('run', '--grid', '0', 'a.ptx'), 2, '', r'X\[,Y\[,Z\]\]')
    expect('run, bad arg', run('run', '--arg', 'f33:1', 'a.ptx'), 2, '', 'is not TYPE:VALUE')
    expect('run, arguments of .ptx', run('run', 'a.ptx', 'x'), 2, '', 'no arguments of its own')


def test_symlink():
    nvcc = os.path.join(build, 'cuda', 'bin', 'nvcc')
    p = subprocess.run([nvcc, '-ptx', 'a.cu', '-o', 'c.ptx'], cwd=work, env=env,
                       capture_output=True, text=True)
    check('nvcc by its own name', p.returncode == 0, p.stderr)


write('a.cu', KERNEL)
try:
    for t in (test_front, test_env, test_doctor, test_cache, test_nvcc_words,
              test_nvcc_compile, test_nvcc_link, test_run_words, test_symlink):
        t()
    expect('cache clear', run('cache', 'clear'), 0)
    check('cache is gone', not os.path.exists(env['KASURI_CACHE_DIR']))
finally:
    shutil.rmtree(work)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
