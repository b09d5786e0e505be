#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kasuri smi` and libnvidia-ml.so.1: devices, a process that holds memory, sensors from a made-up
/sys, queries right and wrong: smi.py BUILD."""
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import xml.dom.minidom

BUILD = os.path.abspath(sys.argv[1])
KASURI = os.path.join(BUILD, 'kasuri')
LIBS = os.path.join(BUILD, 'cuda', 'lib64')
passed = failed = 0


def check(what, got, want):
    global passed, failed
    passed += got == want
    if got != want:
        failed += 1
        print(f'{what}: {got!r}, not {want!r}')


def hold(megabytes):
    """The child that uses device 1: as much memory, and then some processor time."""
    cu = ctypes.CDLL(os.path.join(LIBS, 'libcuda.so.1'))
    ctx, p = ctypes.c_void_p(), ctypes.c_uint64()
    status = [cu.cuInit(0), cu.cuDevicePrimaryCtxRetain(ctypes.byref(ctx), 0),
              cu.cuCtxSetCurrent(ctx),
              cu.cuMemAlloc_v2(ctypes.byref(p), ctypes.c_size_t(megabytes << 20))]
    print(status, flush=True)
    if 'spin' in sys.argv:
        while True:
            pass
    signal.pause()


if len(sys.argv) > 2:
    hold(int(sys.argv[2]))

ENV = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'CUDA_'))}
ENV.update(KASURI_DEVICE='t4,a100', KASURI_THREADS='2', TZ='UTC')


def smi(*args, name=KASURI, **env):
    command = [name] + (['smi'] if name == KASURI else []) + list(args)
    p = subprocess.run(command, env=dict(ENV, **env), capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def csv(fields, *args, what='gpu', how='csv,noheader,nounits', **env):
    status, out, _ = smi(f'--query-{what}={fields}', f'--format={how}', *args, **env)
    return status, [line.split(', ') for line in out.splitlines()]


def start(megabytes, *more, **env):
    p = subprocess.Popen([sys.executable, __file__, BUILD, str(megabytes), *more],
                         env=dict(ENV, **env), stdout=subprocess.PIPE, text=True)
    check('child', p.stdout.readline().strip(), '[0, 0, 0, 0]')
    return p


def stop(p, how=signal.SIGKILL):
    p.send_signal(how)
    p.wait()
    p.stdout.close()


def devices():
    bar = '00000000:0%d:00.0'
    check('csv', csv('index,name,memory.total,compute_cap,pci.bus_id,count'),
          (0, [['0', 'Tesla T4', '15109', '7.5', bar % 1, '2'],
               ['1', 'NVIDIA A100-SXM4-40GB', '40536', '8.0', bar % 2, '2']]))
    check('header and units', csv('gpu_name, memory.total', '-i', '1', how='csv'),
          (0, [['name', 'memory.total [MiB]'], ['NVIDIA A100-SXM4-40GB', '40536 MiB']]))
    check('no value', csv('serial,utilization.memory', '-i', '0'), (0, [['[N/A]', '[N/A]']]))
    uuid = csv('uuid', '-i', '1')[1][0][0]
    check('uuid', bool(re.fullmatch('GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', uuid)), True)
    check('by uuid', csv('index', '-i', uuid), (0, [['1']]))
    check('by bus', csv('index', '-i', '00000000:02:00.0,0'), (0, [['1'], ['0']]))
    check('list', smi('-L')[1].splitlines()[1], f'GPU 1: NVIDIA A100-SXM4-40GB (UUID: {uuid})')
    check('CUDA lists visible ones, smi all',
          len(csv('index', CUDA_VISIBLE_DEVICES='0')[1]), 2)
    status, out, _ = smi(name=os.path.join(BUILD, 'cuda', 'bin', 'nvidia-smi'))
    check('table', (status, bool(re.search(r'Driver Version: [\d.]+ +CUDA Version: 13\.0', out)),
                    'Tesla T4' in out, bool(re.search(r'\b0MiB / 15109MiB', out)),
                    len({len(line) for line in out.splitlines()[1:]})), (0, True, True, True, 1))


def topology():
    status, out, _ = smi('topo', '-m')
    check('topology', (status, out.splitlines()[0].split('\t')[:3],
                       [line.split('\t')[:3] for line in out.splitlines()[1:3]]),
          (0, ['', 'GPU0', 'GPU1'], [['GPU0', ' X ', 'NODE'], ['GPU1', 'NODE', ' X ']]))


def mistakes():
    check('field', smi('--query-gpu=name,speed', '--format=csv')[:2],
          (2, 'Field "speed" is not a valid field to query.\n\n'))
    check('no format', smi('--query-gpu=name')[0], 2)
    check('bad format', smi('--query-gpu=name', '--format=tsv')[0], 2)
    check('no such device', smi('-i', '2')[:2], (6, 'No devices were found\n'))
    check('bad id', smi('-i', 'x', '-L')[0], 6)
    check('settings', smi('-pm', '1')[0], 2)
    check('option without value', smi('-i')[0], 2)
    check('section', smi('-q', '-d', 'WEATHER')[0], 2)
    check('loop', smi('-l', 'never')[0], 2)
    check('no device', smi('-L', KASURI_DEVICE='nothing')[0], 9)
    fields = re.findall(r'^"([\w.]+)"', smi('--help-query-gpu')[1], re.M)
    check('fields', len(fields) > 60 and len(csv(','.join(fields))[1][0]), len(fields))


def processes():
    idle = csv('memory.used')[1]
    a = start(100, CUDA_VISIBLE_DEVICES='1')  # the slower one, which is the first of the bus
    b = start(40, 'spin', CUDA_VISIBLE_DEVICES='1')
    try:
        apps = csv('pid,process_name,used_memory,gpu_name', what='compute-apps')[1]
        check('processes', sorted(r[0] for r in apps if r[3] == 'Tesla T4'),
              sorted([str(a.pid), str(b.pid)]))
        check('memory of one', [r[2] for r in apps if r[0] == str(a.pid)], ['100'])
        check('its program', [os.path.basename(r[1])[:6] for r in apps if r[0] == str(a.pid)],
              ['python'])
        used = csv('memory.used')[1]
        check('in use', [int(u[0]) - int(i[0]) for u, i in zip(used, idle)], [140, 0])
        busy, all_ = csv('utilization.gpu')[1], os.cpu_count()
        check('utilisation', 0 <= int(busy[0][0]) <= 100 and int(busy[1][0]) == 0, True)
        out = xml.dom.minidom.parseString(smi('-q', '-x')[1])
        pids = [e.firstChild.data for e in out.getElementsByTagName('pid')]
        check('XML', (str(a.pid) in pids, len(out.getElementsByTagName('gpu'))), (True, 2))
        out = json.loads(smi('--json')[1])
        check('JSON', ([d['memory.total'] for d in out['devices']], out['devices'][0]['serial'],
                       str(a.pid) in [str(p['pid']) for p in out['processes']]),
              ([15109, 40536], None, True))
        text = smi('-q', '-d', 'PIDS,MEMORY')[1]
        check('sections', (f': {a.pid}' in text, 'FB Memory Usage' in text, 'Clocks' in text),
              (True, True, False))
        nvml(a.pid)
    finally:
        stop(a)  # leaves its record behind, which is found out
        stop(b, signal.SIGTERM)
    check('after their end', (csv('memory.used')[1],
                              [r for r in csv('pid', what='compute-apps')[1]
                               if r[0] in (str(a.pid), str(b.pid))]), (idle, []))


def nvml(pid):
    code = f'''
import ctypes as C, os
n = C.CDLL({os.path.join(LIBS, 'libnvidia-ml.so.1')!r})
u, d, b = C.c_uint(), C.c_void_p(), C.create_string_buffer(128)
r = [n.nvmlDeviceGetCount_v2(C.byref(u))]                       # before nvmlInit
r += [n.nvmlInit_v2(), n.nvmlDeviceGetCount_v2(C.byref(u)), u.value]
r += [n.nvmlDeviceGetHandleByIndex_v2(2, C.byref(d)), n.nvmlDeviceGetHandleByIndex_v2(0, C.byref(d))]
r += [n.nvmlDeviceGetName(d, b, 128), b.value.decode(), n.nvmlDeviceGetName(d, b, 3)]
m = (C.c_ulonglong * 3)()
r += [n.nvmlDeviceGetMemoryInfo(d, m), m[0] == 15843721216, m[2] >= 140 << 20]
m2 = (C.c_ulonglong * 5)(40 | 2 << 24)
r += [n.nvmlDeviceGetMemoryInfo_v2(d, m2), m2[1] == m2[2] + m2[3] + m2[4]]
m2[0] = 1
r += [n.nvmlDeviceGetMemoryInfo_v2(d, m2)]
k, p = C.c_uint(0), (C.c_uint * 600)()
r += [n.nvmlDeviceGetComputeRunningProcesses_v3(d, C.byref(k), None)]
k = C.c_uint(100)
r += [n.nvmlDeviceGetComputeRunningProcesses_v3(d, C.byref(k), p), {pid} in p[0:600:6]]
k = C.c_uint(100)
r += [n.nvmlDeviceGetComputeRunningProcesses(d, C.byref(k), p), {pid} in p[0:600:4]]
r += [n.nvmlDeviceGetSerial(d, b, 128), n.nvmlVgpuTypeGetLicense(d, b, 9), n.nvmlDeviceGetName(None, b, 9)]
s, e = C.c_void_p(), (C.c_ulonglong * 4)()
r += [n.nvmlEventSetCreate(C.byref(s)), n.nvmlEventSetWait_v2(s, e, 1), n.nvmlEventSetFree(s),
      n.nvmlEventSetFree(s), n.nvmlShutdown(), n.nvmlShutdown()]
n.nvmlErrorString.restype = C.c_char_p
print(r, n.nvmlErrorString(3).decode())
'''
    p = subprocess.run([sys.executable, '-c', code], env=ENV, capture_output=True, text=True)
    check('NVML', p.stdout.strip() or p.stderr, str(
        [1, 0, 0, 2, 2, 0, 0, 'Tesla T4', 7, 0, True, True, 0, True, 25, 7, 0, True, 0, True, 3, 3,
         2, 0, 10, 0, 2, 0, 1]) + ' Not Supported')


def sensors():
    with tempfile.TemporaryDirectory() as d:
        def put(path, text):
            path = os.path.join(d, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(text + '\n')
        fields = ('temperature.gpu,temperature.gpu.tlimit,power.draw,power.limit,'
                  'clocks.max.sm')
        check('no sensors', csv(fields, '-i', '0', KASURI_SYSFS=d)[1], [['[N/A]'] * 5])
        put('class/thermal/thermal_zone0/type', 'x86_pkg_temp')
        put('class/thermal/thermal_zone0/temp', '41500')
        check('a thermal zone', csv(fields, '-i', '0', KASURI_SYSFS=d)[1][0][0], '41')
        put('class/hwmon/hwmon0/name', 'nvme')
        put('class/hwmon/hwmon0/temp1_input', '30000')
        put('class/hwmon/hwmon1/name', 'k10temp')
        put('class/hwmon/hwmon1/temp1_input', '57250')
        put('class/hwmon/hwmon1/temp1_crit', '95000')
        put('class/powercap/intel-rapl:0/name', 'package-0')
        put('class/powercap/intel-rapl:0/energy_uj', '5000000')
        put('class/powercap/intel-rapl:0/constraint_0_power_limit_uw', '125000000')
        put('devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq', '4700000')
        put('devices/system/cpu/cpu0/cpufreq/scaling_cur_freq', '3100500')
        check('sensors', csv(fields + ',clocks.sm', '-i', '1', KASURI_SYSFS=d)[1],
              [['57', '95', '0.00', '125.00', '4700', '3100']])


devices()
topology()
mistakes()
processes()
sensors()
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
