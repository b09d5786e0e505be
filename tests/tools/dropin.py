#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How programs find Kasuri under `kasuri run`, with nothing of NVIDIA's installed: libraries
that an RPATH, an absolute name or a bundled copy would pick (decoys stand there), and
programs with a runtime linked into them (functions of its names that end the program).
usage: tests/tools/dropin.py BUILD   (ends with `N passed, N failed`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'dropin')
lib64 = os.path.join(build, 'cuda', 'lib64')
work = tempfile.mkdtemp(prefix='kasuri-dropin-')
env = {k: v for k, v in os.environ.items()
       if not k.startswith(('KASURI_', 'LD_', 'NVCC_', 'CUDA'))}
passed = failed = 0
NODE = '{ global: *; };'


def path(*names):
    return os.path.join(work, *names)


def cc(output, *args):
    os.makedirs(os.path.dirname(path(output)), exist_ok=True)
    subprocess.run([os.environ.get('CC', 'cc'), '-w', '-O0', '-D_GNU_SOURCE',
                    '-o', path(output), *args], check=True, timeout=120)
    return path(output)


def source(name):
    return os.path.join(here, name + '.c')


def run(*args, prefix=(kasuri, 'run'), **extra):
    p = subprocess.run([*prefix, *args], cwd=work, env=dict(env, **extra), text=True,
                       capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def expect(what, result, status, out='', err=''):
    global passed, failed
    code, stdout, stderr = result
    if code == status and re.search(out, stdout, re.S) and re.search(err, stderr, re.S):
        passed += 1
    else:
        failed += 1
        print(f'FAILED {what}: status {code}, out {stdout[-600:]!r}, err {stderr[-600:]!r}')


def ours(name):
    return re.escape(os.path.join(lib64, name))


def decoy(where, abi=None):
    """A shared library in NVIDIA's place: its functions answer 999."""
    if abi is None:
        return cc(where, '-shared', '-fPIC', source('decoy'), '-Wl,-soname,libcuda.so.1')
    script = path(f'node{abi}.map')
    with open(script, 'w') as f:
        f.write(f'libcudart.so.{abi} {NODE}')
    return cc(where, '-shared', '-fPIC', '-DRUNTIME', source('decoy'),
              f'-Wl,--version-script={script}', f'-Wl,-soname,{os.path.basename(where)}')


def test_finding_first():
    for abi in (12, 13):
        name = f'libcudart.so.{abi}'
        fake = decoy(f'app{abi}/lib/{name}', abi)
        for how, flags in (('RPATH', ['-Wl,--disable-new-dtags']),
                           ('RUNPATH', ['-Wl,--enable-new-dtags'])):
            prog = cc(f'app{abi}/bin/linked-{how}', '-DLINKED', source('finder'), fake,
                      '-ldl', '-Wl,-rpath,$ORIGIN/../lib', *flags)
            expect(f'{how} of {name} without Kasuri finds the decoy', run(prog, prefix=()), 0,
                   rf'linked: {re.escape(work)}.*{name}')
            expect(f'{how} of {name}', run(prog), 0, f'linked: {ours(name)}\n')
            expect(f'{how} and LD_LIBRARY_PATH of {name}',
                   run(prog, LD_LIBRARY_PATH=os.path.dirname(fake)), 0,
                   f'linked: {ours(name)}\n')
        prog = cc(f'app{abi}/bin/absolute', '-DLINKED', source('finder'), '-ldl', fake)
        expect(f'{name} preloaded by its path', run(prog, LD_PRELOAD=fake), 0,
               f'linked: {ours(name)}\n')
    for abi, bundled in ((12, 'libcudart-9335f6a2.so.12'), (12, 'libcudart.so.12.4.127'),
                         (13, 'libcudart-a1b2c3.so.13.0.48')):
        fake = decoy(f'wheel/{bundled}', abi)
        prog = cc(f'wheel/use-{bundled}', '-DLINKED', source('finder'), fake, '-ldl',
                  '-Wl,-rpath,$ORIGIN')
        expect(f'bundled {bundled} without Kasuri', run(prog, prefix=()), 0,
               re.escape(bundled) + '\n')
        expect(f'bundled {bundled}', run(prog), 0, f'linked: {ours(f"libcudart.so.{abi}")}\n')
        expect(f'bundled {bundled} by dlopen', run(path('app13/bin/absolute'), fake,
               LD_LIBRARY_PATH=''), 0, re.escape(fake) + f': {ours(f"libcudart.so.{abi}")}\n')


def test_dlopen():
    prog = cc('dl/finder', source('finder'), '-ldl', '-Wl,-rpath,$ORIGIN')
    fake = decoy('dl/libcuda.so.1')
    other = decoy('dl/libcuda.so.550.54.14')
    expect('dlopen without Kasuri', run(prog, fake, prefix=()), 0, re.escape(fake) + '\n$')
    for name in (fake, other, 'libcuda.so.1', 'libcuda.so', 'libcuda.so.550.54.14'):
        expect(f'dlopen of {name}', run(prog, name), 0,
               f'^{re.escape(name)}: {ours("libcuda.so.1")}\n$')
    for name, abi in (('libcudart.so', 13), ('libcudart.so.13', 13), ('libcudart.so.12', 12)):
        expect(f'dlopen of {name}', run(prog, name), 0, f': {ours(f"libcudart.so.{abi}")}\n$')
    expect('both runtimes at once', run(prog, 'libcudart.so.12', 'libcudart.so.13'), 0,
           f'so.12: {ours("libcudart.so.12")}\n.*so.13: {ours("libcudart.so.13")}\n')
    mine = decoy('dl/libmine.so')
    expect('a library that is no concern of ours', run(prog, mine), 0,
           f': {re.escape(mine)}\n$')
    expect('a name that nobody has', run(prog, 'libcudart.so.11.0'), 0,
           r'libcudart\.so\.11\.0: nothing')
    expect('a child process finds us too', run('/bin/sh', '-c', f'{prog} {fake}; true'), 0,
           f': {ours("libcuda.so.1")}\n')
    expect('said on request', run(prog, fake, KASURI_LOADER='verbose'), 0, '',
           f'loader: {re.escape(fake)} -> {ours("libcuda.so.1")}')


RIGHT = r'^status 0, version (\d+), sum 7000\n$'


def test_redirecting():
    fake = source('fake_runtime')
    for abi in (12, 13):
        for how, flags in (('PIE', ['-fPIE', '-pie']), ('non-PIE', ['-fno-pie', '-no-pie'])):
            prog = cc(f'static{abi}-{how}', *flags, f'-DFORM={abi}', fake)
            what = f'runtime {abi} linked in, {how}'
            expect(f'{what}: entered without Kasuri', run(prog, prefix=()), 99, '', 'entered')
            result = run(prog)
            expect(what, result, 0, RIGHT, '^$')
            expect(f'{what}: its version', result, 0, f'version {abi}0')
        prog = cc('linked-plugin', source('plugin_main'), cc('libplugin.so', '-shared',
                  '-fPIC', '-DPLUGIN', f'-DFORM={abi}', fake), '-Wl,-rpath,$ORIGIN')
        expect(f'runtime {abi} in a library of the program', run(prog), 0, RIGHT, '^$')
        host = cc('host', source('plugin_host'), '-ldl')
        expect(f'runtime {abi} in a library opened later', run(host, path('libplugin.so')), 0,
               RIGHT, '^$')
        subprocess.run(['strip', path('libplugin.so')], check=True)
        expect(f'runtime {abi} in a stripped library', run(host, path('libplugin.so')), 99, '',
               'libplugin.so: NVIDIA.*symbol table was removed.*NVCC_APPEND_FLAGS')
    prog = cc('old', '-DFORM=11', fake)
    expect('older than CUDA 12', run(prog), 127, '^$', 'old: a runtime older than CUDA 12')


def test_stripped():
    for how in (['-fPIE', '-pie'], ['-fno-pie', '-no-pie']):
        prog = cc('stripped', *how, '-s', '-DFORM=13', source('fake_runtime'))
        expect('a stripped program', run(prog), 127, '^$',
               r'stripped: NVIDIA.s CUDA runtime is linked into it.*symbol table was removed'
               rf'.*NVCC_APPEND_FLAGS="-L{re.escape(lib64)} -lcuda".*-cudart shared')
    relinked = cc('relinked', '-s', source('marked'))
    expect('stripped, but with Kasuri\'s runtime', run(relinked), 0, '^fine\n$', '^$')


def test_hostile():
    """Damaged symbol tables: the loader takes such files, as it reads no sections."""
    good = cc('whole', '-DFORM=13', source('fake_runtime'))
    with open(good, 'rb') as f:
        data = bytearray(f.read())
    shoff = int.from_bytes(data[40:48], 'little')
    count = int.from_bytes(data[60:62], 'little')
    cases = {'cut sections': data[:shoff + 100], 'far sections': bytearray(data),
             'no names': bytearray(data), 'endless sizes': bytearray(data),
             'odd links': bytearray(data), 'wild values': bytearray(data)}
    cases['far sections'][40:48] = (2**63).to_bytes(8, 'little')
    cases['no names'][62:64] = b'\xff\xfe'
    for i in range(count):
        at = shoff + i * 64
        kind = int.from_bytes(data[at + 4:at + 8], 'little')
        if kind in (2, 11):
            cases['endless sizes'][at + 32:at + 40] = b'\xff' * 8
            cases['odd links'][at + 40:at + 44] = b'\xff\xff\xff\x7f'
        if kind == 2:
            offset = int.from_bytes(data[at + 24:at + 32], 'little')
            size = int.from_bytes(data[at + 32:at + 40], 'little')
            for s in range(offset, offset + size, 24):
                cases['wild values'][s + 8:s + 16] = (2**64 - 8).to_bytes(8, 'little')
    for name, image in cases.items():
        prog = path('damaged')
        with open(prog, 'wb') as f:
            f.write(image)
        os.chmod(prog, 0o755)
        code, out, err = run(prog)
        expect(f'damaged: {name}: no crash', (code if code in (0, 99, 127) else -1, out, err),
               code)


try:
    test_finding_first()
    test_dlopen()
    test_redirecting()
    test_stripped()
    test_hostile()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
