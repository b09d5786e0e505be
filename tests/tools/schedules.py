#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Blocks and grids that wait for each other, on 1 to 4 workers; schedules that repeat
under KASURI_SEED; and the watchdog, where nothing will ever go on.
usage: tests/tools/schedules.py BUILD   (ends with `N passed, N failed`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'schedules')
work = tempfile.mkdtemp(prefix='kasuri-schedules-')
env = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'NVCC_'))}
env['KASURI_CACHE_DIR'] = os.path.join(work, 'cache')
passed = failed = 0


def check(ok, what, *said):
    global passed, failed
    passed += ok
    failed += not ok
    if not ok:
        print(f'FAILED {what}:', *said)


def compiled(name, *flags):
    exe = os.path.join(work, name)
    subprocess.run([kasuri, 'nvcc', '-std=c++17', *flags, os.path.join(here, name + '.cu'),
                    '-o', exe], check=True, timeout=120, env=env)
    return exe


def run(*command, **settings):
    try:
        p = subprocess.run([kasuri, 'run', *command], timeout=60, capture_output=True,
                           text=True, stdin=subprocess.DEVNULL,
                           env=dict(env, KASURI_WATCHDOG='20') | settings)
    except subprocess.TimeoutExpired:
        return 'timeout', '', ''
    return p.returncode, p.stdout, p.stderr


def between_blocks(name, fewer):
    """fewer: what the program is told where a thread has its own stack."""
    exe = compiled(name)
    for threads in '1234':
        for extra in ({}, {'KASURI_MODE': 'thread'}, {'KASURI_SEED': '3'},
                      {'KASURI_BACKEND': 'interp'}):
            if threads != '1' and 'KASURI_SEED' in extra:
                continue
            args = fewer if extra and 'KASURI_SEED' not in extra else ()
            result = run(exe, *args, KASURI_THREADS=threads, **extra)
            check(result[0] == 0, f'{name} on {threads} workers {extra}', result)


def seeded():
    """Whatever a seed gives, it gives again, on any number of workers."""
    exe = compiled('seeded')
    for seed in ('1', '77'):
        for extra in ({}, {'KASURI_BACKEND': 'interp'}):
            first = run(exe, KASURI_SEED=seed, KASURI_THREADS='1', **extra)
            check(first[0] == 0 and 'no error' in first[1], f'seed {seed} {extra}', first)
            for threads in ('1', '2', '4'):
                again = run(exe, KASURI_SEED=seed, KASURI_THREADS=threads, **extra)
                check(again[:2] == first[:2],
                      f'seed {seed} on {threads} workers {extra}', again, first)


def watchdog():
    """A kernel that waits for what nobody writes ends, and its loop is named."""
    exe = compiled('hang', '-lineinfo')
    line = next(n for n, text in enumerate(open(os.path.join(here, 'hang.cu'),
                                                encoding='utf-8'), 1) if 'THE LOOP' in text)
    for extra in ({}, {'KASURI_MODE': 'thread'}, {'KASURI_BACKEND': 'interp'}):
        status, out, err = run(exe, KASURI_WATCHDOG='1', **extra)
        check(status == 0 and 'timed out' in out, f'watchdog {extra}', status, out, err)
        named = re.search(r'kernel \w*hang\w*: .*only polled for 1 s \(KASURI_WATCHDOG\).*'
                          r'PTX line \d+ \(\S*hang\.cu:(\d+)\)', err)
        check(bool(named) and abs(int(named.group(1)) - line) <= 1,
              f'the loop has its name {extra}', err)
        check(('KASURI_MODE=thread' in err) == (not extra), f'the way out {extra}', err)


try:
    between_blocks('between_blocks', ())
    between_blocks('many_blocks', ('few',))
    seeded()
    watchdog()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
