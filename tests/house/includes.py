#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point down: each room's files include only the rooms named here, in CUDA's user
headers nothing of ours, and LLVM only in src/back/simd. usage: tests/house/includes.py BUILD"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from harness import check, finish  # noqa: E402

# What a room may include besides itself. back/exec is what running code sees: below the IR.
WAIST = {'base', 'isa', 'ir'}
MAY = {
    'base': set(),
    'isa': {'base'},
    'back/exec': {'base', 'isa'},
    'ir': {'base', 'isa'},
    'ptx': WAIST,
    'analysis': WAIST | {'back/exec'},
    'pass': WAIST | {'analysis'},
    'back': WAIST | {'back/exec'},
    'back/interp': WAIST | {'back', 'back/exec'},
    'back/simd': WAIST | {'analysis', 'pass', 'back', 'back/exec'},
    'image': {'base'},
    'machine': {'base'},
    'device': WAIST | {'machine', 'ptx', 'image', 'back', 'back/exec'},
    'driver': WAIST | {'machine', 'ptx', 'image', 'device', 'back', 'back/exec'},
    'runtime': set(),  # the driver API and nothing else
    'libs': {'base', 'machine'},
    'tools': WAIST | {'machine', 'ptx', 'image'},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def room_of(folder):
    """The longest room name that folder (below src) lies in."""
    names = [r for r in MAY if folder == r or folder.startswith(r + '/')]
    return max(names, key=len) if names else None


def check_file(path):
    folder = os.path.relpath(os.path.dirname(path), os.path.join(ROOT, 'src'))
    room = room_of(folder)
    where = os.path.relpath(path, ROOT)
    check(room, f'{where}: {folder} is no room')
    with open(path, encoding='utf-8') as f:
        text = f.read()
    for quote, name in INCLUDE.findall(text):
        if re.match(r'(llvm|llvm-c|clang)/', name):
            check(room == 'back/simd', f'{where}: includes {name}: LLVM is for src/back/simd')
            continue
        if not os.path.exists(os.path.join(ROOT, 'src', name)) or '/' not in name:
            continue
        other = room_of(os.path.dirname(name))
        check(other == room or other in MAY.get(room, ()),
              f'{where}: includes {name}: {room} may not include {other}')


def check_user_header(path):
    """User code includes these: they know only each other and the system."""
    where = os.path.relpath(path, ROOT)
    with open(path, encoding='utf-8') as f:
        for quote, name in INCLUDE.findall(f.read()):
            inside = os.path.exists(os.path.join(ROOT, 'src', name))
            check(not inside or '/' not in name or
                  os.path.exists(os.path.join(ROOT, 'include', name)),
                  f'{where}: includes {name} of src/')


for top, see in (('src', check_file), ('include', check_user_header)):
    for folder, folders, files in sorted(os.walk(os.path.join(ROOT, top))):
        folders.sort()
        for name in sorted(files):
            if name.endswith(('.c', '.h', '.hpp', '.cpp', '.S', '.inc')):
                see(os.path.join(folder, name))
finish()
