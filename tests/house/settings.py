#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/settings.md and `kasuri env --list` name every KASURI_* variable that the sources read,
and no other. usage: tests/house/settings.py BUILD"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from harness import check, finish  # noqa: E402

READ = re.compile(r'\bgetenv(?:_size)?\(\s*"(KASURI_\w+)"')


def text_of(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return f.read()


read = {}
for path in glob.glob('src/**/*.[ch]*', root_dir=ROOT, recursive=True):
    for name in READ.findall(text_of(path).replace('base_getenv', 'getenv')):
        read.setdefault(name, path)
page = set(re.findall(r'^\| `(KASURI_\w+)`', text_of('docs/settings.md'), re.M))
listed = set(re.findall(r'\{"(KASURI_\w+)"', text_of('src/tools/env.c')))
for name, path in sorted(read.items()):
    check(name in page, f'{path}: {name} is not in docs/settings.md')
    check(name in listed, f'{path}: {name} is not in src/tools/env.c')
for name in sorted(page | listed):
    check(name in read, f'{name} is documented, and nothing reads it')
check(len(read) > 10, 'hardly any setting was found')
finish()
