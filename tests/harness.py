# SPDX-License-Identifier: Apache-2.0
"""What test programs in Python share: counting, running commands, NVIDIA's nvcc."""
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NVCC = os.environ.get('NVCC') or shutil.which('nvcc') or '/usr/local/cuda/bin/nvcc'
passed = failed = 0


def check(ok, text):
    """Counts ok; prints text where it is false."""
    global passed, failed
    passed += bool(ok)
    if not ok:
        failed += 1
        print(text)


def finish():
    """Ends the program, as tests/run.py reads it."""
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed != 0)


def environment(**more):
    """The environment without what would change how Kasuri or nvcc work, and with more."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(('KASURI_', 'LD_', 'NVCC_', 'CUDA'))}
    return {**env, **more}


def execute(command, env, cwd=None, seconds=120):
    """(status, both outputs); the status is 'timeout' or 'error' where there is none."""
    try:
        p = subprocess.run(command, env=env, cwd=cwd, capture_output=True, timeout=seconds,
                           stdin=subprocess.DEVNULL)
        return p.returncode, (p.stdout + p.stderr).decode('utf-8', 'replace')
    except subprocess.TimeoutExpired:
        return 'timeout', ''
    except OSError as e:  # the command is just being built
        return 'error', str(e)


def has_nvcc():
    """Whether NVIDIA's nvcc is here, not Kasuri's by that name; says so where it is not."""
    try:
        about = subprocess.run([NVCC, '--version'], text=True, capture_output=True).stdout
    except OSError:
        about = ''
    if not about or 'Kasuri' in about:
        print('NVIDIA\'s nvcc is not installed: nothing was run')
        print('0 passed, 0 failed, 1 skipped')
        return False
    return True
