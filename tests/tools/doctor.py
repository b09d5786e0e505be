#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kasuri doctor` names each failure that people meet and what mends it, here with the failure
made: doctor.py BUILD. Programs are C with a fatbin in a section, as nvcc's have it."""
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1])
KASURI = os.path.join(BUILD, 'kasuri')
LIBS = os.path.join(BUILD, 'cuda', 'lib64')
CC = next((c for c in ('clang-19', 'clang', 'cc', 'gcc') if shutil.which(c)), None)
work = tempfile.mkdtemp(prefix='kasuri-doctor-')
passed = failed = skipped = 0


def doctor(*args, preexec=None, wrap=(), **env):
    """(exit status, {what: (state, detail, mend)})"""
    full = {k: v for k, v in os.environ.items()
            if not k.startswith(('KASURI_', 'CUDA_', 'LD_'))}
    full.update({'KASURI_CACHE_DIR': os.path.join(work, 'cache'), 'LC_ALL': 'C', **env})
    p = subprocess.run([*wrap, KASURI, 'doctor', '--json', *args], env=full, timeout=60,
                       capture_output=True, text=True, preexec_fn=preexec)
    out = json.loads(p.stdout)
    return p.returncode, {f['what']: (f['state'], f['detail'], f['mend']) for f in out['findings']}


def check(name, got, want):
    global passed, failed
    passed += got == want
    if got != want:
        failed += 1
        print(f'{name}: {got!r}, not {want!r}')


def expect(name, result, what, state, *words):
    """One finding: its state, words of its text and remedy, and the exit status that goes with it."""
    status, found = result
    f = found.get(what, ('', f'nothing found: {found}', ''))
    text = f'{f[1]} | {f[2]}'
    check(name, (f[0], [w for w in words if w not in text], text if any(
        w not in text for w in words) else '', state != 'missing' or status == 1),
        (state, [], '', True))


def path(*parts):
    p = os.path.join(work, *parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    return p


def library(file, soname):
    subprocess.run([CC, '-shared', '-fPIC', '-x', 'c', '-', '-o', path(file),
                    f'-Wl,-soname,{soname}'], input='int cuda_thing(void) { return 1; }', text=True,
                   check=True)
    return path(file)


def fatbin(*parts):
    """Parts are (kind, sm, bytes): 1 PTX, 2 machine code."""
    body = b''
    for kind, sm, data in parts:
        data += b'\0' * (-len(data) % 8)
        body += struct.pack('<HHIQIIHHIIIQQQ', kind, 0x101, 64, len(data), 0, 0, 0, 8, sm, 0, 0,
                            0x11, 0, 0) + data
    return struct.pack('<IHHQ', 0xBA55ED50, 1, 16, len(body)) + body


def program(name, code=b'', libraries=(), flags=(), runtime=False):
    source = path(name + '.c')
    with open(path(name + '.fatbin'), 'wb') as f:
        f.write(code)
    with open(source, 'w') as f:
        if code:
            f.write('__asm__(".section .nv_fatbin, \\"a\\"\\n.balign 8\\n.incbin \\"%s\\"\\n.text");\n'
                    % path(name + '.fatbin'))
        if runtime:
            f.write('__attribute__((visibility("hidden"), used)) int cudaMalloc(void) '
                    '{ return 0; }\n')
        f.write('int main(void) { return 0; }\n')
    subprocess.run([CC, source, '-o', path(name), '-Wl,--no-as-needed', *libraries, *flags],
                   check=True)
    return path(name)


def ptx(sm, version='8.0'):
    text = f'.version {version}\n.target sm_{sm}\n.address_size 64\n'.encode() + b'\0'
    return (1, sm, text)


def machine():
    status, found = doctor()
    check('devices', found['devices'][0], 'ok')
    expect('no driver', doctor(KASURI_HOME=os.path.dirname(os.path.dirname(path('home/lib64/x')))),
           'libcuda.so.1', 'missing', 'not built or installed', 'make')
    expect('no LLVM', doctor(KASURI_SIMD_MODULE='/nowhere/simd.so'), 'simd back end', 'note',
           '/nowhere/simd.so', 'interpreter', 'KASURI_SIMD_MODULE')
    expect('no clang', doctor(KASURI_CLANG='/nowhere/clang'), 'clang 19', 'missing', 'apt-get')
    expect('few features', doctor(KASURI_CPU='x86-64'), 'processor', 'note', 'too few features',
           'unset KASURI_CPU')
    expect('wrong device', doctor(KASURI_DEVICE='g100'), 'devices', 'missing', 'g100', 'error 100')
    expect('hidden devices', doctor(CUDA_VISIBLE_DEVICES='4'), 'devices', 'missing',
           'CUDA_VISIBLE_DEVICES=4', 'kasuri smi')
    expect('promised memory', doctor(KASURI_DEVICE_MEMORY='90T'), 'memory', 'note',
           '94371840 MiB', 'KASURI_DEVICE_MEMORY=')
    limit = 1 << 34
    expect('limited memory', doctor(
        preexec=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))), 'memory', 'note',
        '16384 MiB', 'error 2', 'ulimit -v unlimited')


def cache():
    global skipped
    expect('no place', doctor(KASURI_CACHE_DIR='/proc/nothing'), 'cache', 'note',
           'cannot make /proc/nothing', 'KASURI_CACHE_DIR')
    expect('not writable', doctor(KASURI_CACHE_DIR='/proc/self'), 'cache', 'note',
           'cannot write to /proc/self')
    expect('no temporary files', doctor(TMPDIR='/proc/self'), 'temporary files', 'note', 'TMPDIR')
    inside = ['unshare', '-rm', 'sh', '-c',
              f'mount -t tmpfs -o noexec none {path("noexec/x")[:-2]} && exec "$@"', 'sh']
    if subprocess.run(inside + ['true'], capture_output=True).returncode:
        skipped += 1
        print('skipped: no mount is possible here, so none that is noexec')
    else:
        expect('noexec', doctor(wrap=inside, KASURI_CACHE_DIR=path('noexec/x')[:-2]), 'cache',
               'note', 'noexec', 'permission denied', 'KASURI_CACHE_DIR')


def libraries():
    theirs = os.path.dirname(library('theirs/libcudart.so.13', 'libcudart.so.13'))
    library('theirs/libcuda.so.1', 'libcuda.so.1')
    library('usr/lib/wsl/lib/libcuda.so.1', 'libcuda.so.1')
    wsl = path('usr/lib/wsl/lib/x')[:-2]
    expect('shadowed', doctor(LD_LIBRARY_PATH=f'{theirs}:{LIBS}'), 'libcudart.so.13', 'note',
           theirs, 'kasuri env')
    check('not shadowed', 'libcudart.so.13' in doctor(LD_LIBRARY_PATH=f'{LIBS}:{theirs}')[1], False)
    expect('two of WSL2', doctor(LD_LIBRARY_PATH=f'{LIBS}:{wsl}:{theirs}'), 'libcuda.so.1', 'note',
           "WSL2's", wsl, theirs, 'kasuri run')
    check('one of WSL2', doctor(LD_LIBRARY_PATH=f'{LIBS}:{wsl}')[1]['libcuda.so.1'][0], 'ok')

    plain = program('plain', libraries=[theirs + '/libcudart.so.13'])
    expect('found nowhere', doctor(plain), 'libcudart.so.13', 'note', 'kasuri run')
    expect('by LD_LIBRARY_PATH', doctor(plain, LD_LIBRARY_PATH=theirs), 'libcudart.so.13', 'note',
           'LD_LIBRARY_PATH leads there', f'kasuri run {plain}')
    expect('ours', doctor(plain, LD_LIBRARY_PATH=LIBS), 'libcudart.so.13', 'ok', LIBS)
    rpath = program('rpath', libraries=[theirs + '/libcudart.so.13'],
                    flags=['-Wl,--disable-new-dtags', '-Wl,-rpath,' + theirs])
    expect('by RPATH', doctor(rpath, LD_LIBRARY_PATH=LIBS), 'libcudart.so.13', 'note', 'RPATH',
           'kasuri run')
    wheel = os.path.dirname(library('py/site-packages/nvidia/cuda_runtime/lib/libcudart.so.12',
                                    'libcudart.so.12'))
    bundled = program('bundled', libraries=[wheel + '/libcudart.so.12'],
                      flags=['-Wl,-rpath,' + wheel])
    expect('by a wheel', doctor(bundled), 'libcudart.so.12', 'note', 'Python package', 'kasuri run')
    newer = program('newer', libraries=[library('newer14/libcudart.so.14', 'libcudart.so.14')])
    expect('CUDA 14', doctor(newer), 'libcudart.so.14', 'missing', 'CUDA 14', 'error 35',
           'newer Kasuri')
    older = program('older', libraries=[library('old/libcudart.so.11.0', 'libcudart.so.11.0')])
    expect('CUDA 11', doctor(older), 'libcudart.so.11.0', 'missing', 'CUDA 11', 'CUDA 12 or 13')
    blas = program('blas', libraries=[library('blas13/libcublas.so.13', 'libcublas.so.13')])
    status, found = doctor(blas)
    check('cuBLAS', found.get('libcublas.so.13', ('ok',))[0],
          'note' if os.path.exists(LIBS + '/libcublas.so.13') else 'missing')


def code():
    sass = (2, 90, b'\x7fELF' + b'\0' * 60)
    expect('machine code alone', doctor(program('sass', fatbin(sass), runtime=True)),
           'device code', 'missing', 'sm_90', 'no PTX', 'error 209', 'code=compute_90')
    both = program('both', fatbin(sass, ptx(80), ptx(90)), runtime=True)
    expect('PTX', doctor(both), 'device code', 'ok', 'PTX for sm_80, sm_90')
    expect('static runtime', doctor(both), 'runtime', 'note', 'linked into', 'kasuri run',
           'NVCC_APPEND_FLAGS')
    expect('stripped', doctor(program('bare', fatbin(ptx(80)), flags=['-s'])), 'runtime', 'missing',
           'stripped', '-cudart shared')
    expect('later devices', doctor(both, KASURI_DEVICE='t4'), 'device code', 'missing',
           'too few features', 'KASURI_DEVICE=t4 is sm_75', 'compute_75')
    expect('a device for it', doctor(both, KASURI_DEVICE='a100'), 'device code', 'ok')
    expect('newer PTX', doctor(program('new', fatbin(ptx(90, '9.7')), runtime=True)), 'PTX version',
           'note', '9.7', 'CUDA 13.0')
    expect('nothing of CUDA', doctor('/bin/true'), 'program', 'ok', 'no device code')
    expect('no program', doctor('/nowhere/at/all'), 'program', 'missing', 'cannot be read')
    with open(path('script'), 'w') as f:
        f.write('#!/bin/sh\n')
    expect('a script', doctor(path('script')), 'program', 'missing', 'no executable')
    with open(path('cut'), 'wb') as f, open(both, 'rb') as g:
        f.write(g.read()[:3000])
    check('half a program', doctor(path('cut'))[0] in (0, 1), True)


try:
    machine()
    cache()
    if CC:
        libraries()
        code()
    else:
        skipped += 1
        print('skipped: no C compiler to make programs with')
finally:
    shutil.rmtree(work)
print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
sys.exit(failed != 0)
