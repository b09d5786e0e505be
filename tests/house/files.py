#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every tracked source file opens with its licence, is not longer than 600 lines or says in
docs/house.md why, and holds no path or host of one machine. usage: tests/house/files.py BUILD"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from harness import check, finish  # noqa: E402

SOURCE = ('.c', '.h', '.hpp', '.cpp', '.cu', '.cuh', '.S', '.py', '.sh', '.ptx', '.ir', '.inc')
LIMIT = 600
# Spelled in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile('(?<![\\w.{}])/(?:' + '|'.join(
    ['ho' + 'me/[a-z]', 'wo' + 'rk/', 'ro' + 'ot/', 'Us' + 'ers/', 'mnt/', 'scratch/']) + ')')
HOSTS = re.compile('|'.join(
    ['py' + r'pi\.org', 'pythonhosted' + r'\.org', 'crates' + r'\.io', 'npm' + r'js\.',
     'proxy' + r'\.golang', 'deb' + r'\.debian\.org', r'archive\.' + r'ubuntu\.com']))


def tracked():
    try:
        out = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, check=True,
                             capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        print('not a git checkout\n0 passed, 0 failed, 1 skipped')
        sys.exit(77)
    return [p for p in out.split('\0') if p and os.path.isfile(os.path.join(ROOT, p))]


def reasons():
    """Rows of docs/house.md's table of long files: | `PATH` | reason |"""
    path = os.path.join(ROOT, 'docs', 'house.md')
    with open(path, encoding='utf-8') as f:
        return dict(re.findall(r'^\| `([^`]+)` \| (\S.*) \|$', f.read(), re.M))


known = reasons()
long_files = set()
for path in tracked():
    with open(os.path.join(ROOT, path), 'rb') as f:
        text = f.read().decode('utf-8', 'replace')
    for n, line in enumerate(text.split('\n'), 1):
        check(not MACHINE.search(line), f'{path}:{n}: a path of one machine')
        check(not HOSTS.search(line), f'{path}:{n}: a host of packages')
    # Data is as its maker wrote it.
    if path.startswith('tests/data/') or '/data/' in path:
        continue
    is_source = path.endswith(SOURCE) or os.path.basename(path) == 'meson.build'
    if not is_source and not text.startswith('#!'):
        continue
    head = text[:300]
    check('SPDX-License-Identifier: Apache-2.0' in head, f'{path}:1: no SPDX line')
    lines = text.count('\n')
    if lines > LIMIT:
        long_files.add(path)
        check(path in known, f'{path}: {lines} lines: split it, or list it in docs/house.md')
for path in known:
    check(path in long_files, f'docs/house.md: {path} has no more than {LIMIT} lines')
finish()
