#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Device profiles, lists of devices and what of them is visible: devices.py BUILD. Each case is a
process of its own that asks the libraries; figures are those of the cards' data sheets."""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1])
LIBS = os.path.join(BUILD, 'cuda', 'lib64')
SM, CLOCK, MAJOR, MINOR, WIDTH, L2, THREADS, OPTIN, SHARED, BLOCKS, CLUSTER = (
    16, 13, 75, 76, 37, 38, 39, 97, 81, 106, 120)
# name, SMs, kHz, capability, bus width, L2 in MiB, threads and blocks a SM, KiB on request and a SM
CARDS = {
    'h100': ('NVIDIA H100 80GB HBM3', 132, 1980000, (9, 0), 5120, 50, 2048, 32, 227, 228, 1),
    'a100': ('NVIDIA A100-SXM4-40GB', 108, 1410000, (8, 0), 5120, 40, 2048, 32, 163, 164, 0),
    'rtx4090': ('NVIDIA GeForce RTX 4090', 128, 2520000, (8, 9), 384, 72, 1536, 24, 99, 100, 0),
    't4': ('Tesla T4', 40, 1590000, (7, 5), 256, 4, 1024, 16, 64, 64, 0),
    'orin': ('Orin', 16, 1300000, (8, 7), 256, 4, 1536, 16, 163, 164, 0),
}
PTX = '.version 8.0\n.target sm_%s\n.address_size 64\n.visible .entry k()\n{\nret;\n}\n'


def ask(what):
    """The child: answers as JSON on stdout."""
    cu = ctypes.CDLL(os.path.join(LIBS, 'libcuda.so.1'))
    i, z, n = ctypes.c_int, ctypes.c_size_t, ctypes.c_int(-1)
    out = {'init': cu.cuInit(0)}
    if not out['init']:
        cu.cuDeviceGetCount(ctypes.byref(n))
    out['devices'] = []
    for d in range(n.value):
        name, size, a = ctypes.create_string_buffer(256), z(), {}
        uuid, bus = ctypes.create_string_buffer(16), ctypes.create_string_buffer(20)
        cu.cuDeviceGetName(name, 256, d)
        cu.cuDeviceTotalMem_v2(ctypes.byref(size), d)
        cu.cuDeviceGetUuid_v2(uuid, d)
        cu.cuDeviceGetPCIBusId(bus, 20, d)
        for k in range(1, 148):
            v = i()
            if not cu.cuDeviceGetAttribute(ctypes.byref(v), k, d):
                a[k] = v.value
        out['devices'].append({'name': name.value.decode(), 'memory': size.value, 'attr': a,
                               'uuid': uuid.raw.hex(), 'bus': bus.value.decode()})
    if n.value > 0:
        ctx, free, total, p, m = ctypes.c_void_p(), z(), z(), ctypes.c_uint64(), ctypes.c_void_p()
        cu.cuDevicePrimaryCtxRetain(ctypes.byref(ctx), 0)
        cu.cuCtxSetCurrent(ctx)
        cu.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total))
        out['free'], out['total'] = free.value, total.value
        if 'alloc' in what:
            out['alloc'] = [cu.cuMemAlloc_v2(ctypes.byref(p), z(s)) for s in what['alloc']]
        out['load'] = [cu.cuModuleLoadData(ctypes.byref(m), (PTX % s).encode())
                       for s in what.get('load', ())]
    if 'runtime' in what:
        for abi, call in (('13', 'cudaGetDeviceProperties'), ('12', 'cudaGetDeviceProperties_v2')):
            rt = ctypes.CDLL(os.path.join(LIBS, 'libcudart.so.' + abi))
            props = ctypes.create_string_buffer(2048)
            status = getattr(rt, call)(props, 0)
            word = lambda at: int.from_bytes(props.raw[at:at + 4], 'little')
            out[abi] = [status, props.raw.split(b'\0')[0].decode(),
                        int.from_bytes(props.raw[288:296], 'little'), word(360), word(364)]
            out['count' + abi] = [rt.cudaGetDeviceCount(ctypes.byref(n)), n.value]
    print(json.dumps(out))


def child(what=None, **env):
    full = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'CUDA_'))}
    full.update(env, KASURI_THREADS='2')
    p = subprocess.run([sys.executable, __file__, BUILD, json.dumps(what or {})], env=full,
                       capture_output=True, text=True, timeout=60)
    return json.loads(p.stdout), p.stderr


passed = failed = skipped = 0


def check(what, got, want):
    global passed, failed
    if got == want:
        passed += 1
    else:
        failed += 1
        print(f'{what}: {got!r}, not {want!r}')


def cards():
    for card, f in CARDS.items():
        out, err = child({'runtime': 1}, KASURI_DEVICE=card)
        d = out['devices'][0]
        a = {int(k): v for k, v in d['attr'].items()}
        got = (d['name'], a[SM], a[CLOCK], (a[MAJOR], a[MINOR]), a[WIDTH], a[L2] >> 20,
               a[THREADS], a[BLOCKS], a[OPTIN] >> 10, a[SHARED] >> 10, a[CLUSTER])
        check(card, got, f)
        check(card + ' says nothing', err, '')
        for abi in ('12', '13'):
            check(f'{card}, libcudart {abi}', out[abi],
                  [0, f[0], d['memory'], f[3][0], f[3][1]])
    out, _ = child()
    d = out['devices'][0]
    check('native', (len(out['devices']), d['name'][:6], d['attr'][str(SM)],
                     d['attr'][str(CLOCK)], d['attr'][str(MAJOR)]), (1, 'Kasuri', 2, 1000000, 9))


def lists():
    names = lambda out: [d['name'].split()[-1] for d in out['devices']]
    out, _ = child(KASURI_DEVICE='t4, rtx4090x2 ,native')
    check('fastest first', names(out)[:3], ['4090', '4090', 'T4'])
    check('buses', [d['bus'] for d in out['devices'][:3]],
          ['0000:02:00.0', '0000:03:00.0', '0000:01:00.0'])
    check('identifiers differ', len({d['uuid'] for d in out['devices']}), 4)
    again, _ = child(KASURI_DEVICE='t4,rtx4090x2,native')
    check('identifiers stay', [d['uuid'] for d in again['devices']],
          [d['uuid'] for d in out['devices']])
    check('N', len(child(KASURI_DEVICE='3')[0]['devices']), 3)
    for wrong, says in (('h200x', "no device 'h200x'"), ('h100x0', '1 to 64'), ('65', '1 to 64'),
                        ('h100,,t4', "no device ''"), ('./missing', 'no device')):
        out, err = child({'runtime': 1}, KASURI_DEVICE=wrong)
        check(f'KASURI_DEVICE={wrong}', (out['init'], out['count13']), (100, [100, 0]))
        check(f'KASURI_DEVICE={wrong}: {err}', says in err, True)


def visible():
    env = {'KASURI_DEVICE': 'h100,t4,a100'}
    uuid = child(**env)[0]['devices'][1]['uuid']  # the a100, second fastest
    text = f'GPU-{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}'
    fast, bus = ['h100', 'a100', 't4'], ['h100', 't4', 'a100']
    key = {v[0]: k for k, v in CARDS.items()}
    for value, order, want in (
            ('1', fast, ['a100']), ('2,0', fast, ['t4', 'h100']), ('0,7,1', fast, ['h100']),
            ('0,0,1', fast, ['h100']), ('0,-1,1', fast, ['h100']), (' 1 , 2', fast, ['a100', 't4']),
            ('1', bus, ['t4']), ('2,1', bus, ['a100', 't4']), ('0,1,2', bus, bus),
            (text, fast, ['a100']), (text[:8], fast, ['a100']), (text[:8] + ',0', fast, ['a100', 'h100']),
            ('', fast, []), ('-1', fast, []), ('none', fast, []), ('GPU-', fast, []),
            ('GPU-zz', fast, []), ('3', fast, [])):
        extra = {'CUDA_DEVICE_ORDER': 'PCI_BUS_ID'} if order == bus else {}
        out, err = child({'runtime': 1}, CUDA_VISIBLE_DEVICES=value, **env, **extra)
        check(f'CUDA_VISIBLE_DEVICES={value!r}', [key[d['name']] for d in out['devices']], want)
        check(f'count of {value!r}', out['count13'], [0, len(want)] if want else [100, 0])
        check(f'init of {value!r}', out['init'], 0 if want else 100)


def own():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, 'my.device')

        def write(text):
            with open(path, 'w') as f:
                f.write(text)
        write('# one of ours\nlike = a100   # but smaller\nname = Small one\nmemory = 96M\n'
              'multiprocessor_count = 7\n\nmax_threads_per_block=512\n')
        out, err = child({'alloc': [64 << 20, 64 << 20]}, KASURI_DEVICE=path + ',' + path)
        d0 = out['devices'][0]
        check('own file', (d0['name'], d0['memory'], d0['attr'][str(SM)], d0['attr']['1'],
                           d0['attr'][str(MAJOR)], len(out['devices']), err),
              ('Small one', 96 << 20, 7, 512, 8, 2, ''))
        check('out of memory', out['alloc'], [0, 2])
        for text, says in (('nonsense\n', ":1: 'nonsense' is no line"),
                           ('like = h100\nwarp_speed = 9\n', ':2:'),
                           ('like = h900\n', ':1:'), ('memory = much\n', ':1:'),
                           ('multiprocessor_count = 0\n', 'no sense'),
                           ('warp_size = 64\n', 'no sense'), ('name = ' + 'x' * 600 + '\n', ':1:'),
                           ('max_shared_memory_per_block_optin = 1k\n', 'no sense')):
            write(text)
            out, err = child(KASURI_DEVICE=path)
            check(f'{text[:40]!r}: {err}', (out['init'], says in err), (100, True))


def limits():
    out, err = child({'load': ['75', '80', '90a']}, KASURI_DEVICE='t4')
    check('PTX for later devices', out['load'], [0, 218, 218])
    check('it is said', 'sm_90a cannot be compiled' in err, True)
    check('native runs later PTX', child({'load': ['75', '90a', '100']})[0]['load'], [0, 0, 0])
    out, _ = child(KASURI_DEVICE='h100')
    check('no more is free than the host has', out['free'] < out['total'] or
          out['free'] < os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGESIZE'), True)
    out, _ = child(KASURI_DEVICE='h100,h100,t4', KASURI_DEVICE_MEMORY='2G,1G')
    check('sizes in turn', [d['memory'] >> 30 for d in out['devices']], [2, 1, 1])
    check('all of a chosen size is free', out['free'], 2 << 30)
    out, err = child(KASURI_DEVICE_MEMORY='lots')
    check('a malformed size', ('not a size' in err, out['init']), (True, 0))


def compiled():
    """`kasuri run` builds for the devices there are."""
    global skipped
    if not shutil.which('clang++-19'):
        skipped += 1
        return
    with tempfile.TemporaryDirectory() as d:
        source = os.path.join(d, 'arch.cu')
        with open(source, 'w') as f:
            f.write('#include <cstdio>\n__global__ void k(int *p)\n{\n#ifdef __CUDA_ARCH__\n'
                    '*p = __CUDA_ARCH__;\n#endif\n}\nint main()\n{\nint *p;\n'
                    'cudaMallocManaged(&p, 4);\nk<<<1, 1>>>(p);\ncudaDeviceSynchronize();\n'
                    'printf("%d", *p);\n}\n')
        for device, want in (('t4', '750'), ('h100,a100', '800'), ('native', '900')):
            env = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'NVCC_'))}
            env.update(KASURI_DEVICE=device, KASURI_CACHE_DIR=os.path.join(d, 'cache'))
            p = subprocess.run([os.path.join(BUILD, 'kasuri'), 'run', source], env=env,
                               capture_output=True, text=True, timeout=100)
            check(f'kasuri run on {device}', (p.stdout, p.stderr), (want, ''))


if len(sys.argv) > 2:
    ask(json.loads(sys.argv[2]))
else:
    for suite in (cards, lists, visible, own, limits, compiled):
        suite()
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    sys.exit(failed != 0)
