#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Litmus tests of PTX's memory model: outcomes that must not be seen are not.

usage: tests/tools/litmus.py BUILD [--runs N] [--table] [--only NAME] [--places P,P]
                             [--scopes S,S] [--backend B] [--mode M] [-v]

Each row of ROWS is a program of two to four threads, an outcome, and what the model says of
it, derived by hand from the chapter "Memory Consistency Model" of the PTX manual. It runs
with its threads in one warp, in warps of one block, and in blocks of their own. --runs 1000000
(`make litmus`) runs each of them so often, in every scope; --table prints docs/litmus.md's
table. Without it a few thousand runs each, in the scope that just includes the threads."""
import argparse
import ctypes
import os
import re
import sys

# Instructions: st.SEM LOCATION VALUE, ld.SEM LOCATION, exch.SEM LOCATION VALUE,
# add.SEM LOCATION VALUE, fence.SEM, membar; threads are separated by |. Loads, exch and add
# write r0, r1 … in the order of the text. SEM is weak, volatile, or one that takes a scope.
# Verdicts. no: forbidden where the scope includes all threads (so that what is strong is
# morally strong); never: forbidden anyway; yes: allowed.
ROWS = [
    # Message passing: the flag is seen, the data is not.
    ('MP weak', 'st.weak x 1; st.weak y 1 | ld.weak y; ld.weak x', 'r0=1 r1=0', 'yes'),
    ('MP volatile', 'st.volatile x 1; st.volatile y 1 | ld.volatile y; ld.volatile x',
     'r0=1 r1=0', 'yes'),
    ('MP relaxed', 'st.relaxed x 1; st.relaxed y 1 | ld.relaxed y; ld.relaxed x',
     'r0=1 r1=0', 'yes'),
    ('MP release', 'st.weak x 1; st.release y 1 | ld.relaxed y; ld.weak x', 'r0=1 r1=0', 'yes'),
    ('MP acquire', 'st.weak x 1; st.relaxed y 1 | ld.acquire y; ld.weak x', 'r0=1 r1=0', 'yes'),
    ('MP release+acquire', 'st.weak x 1; st.release y 1 | ld.acquire y; ld.weak x',
     'r0=1 r1=0', 'no'),
    ('MP fence.acq_rel', 'st.weak x 1; fence.acq_rel; st.relaxed y 1 | '
     'ld.relaxed y; fence.acq_rel; ld.weak x', 'r0=1 r1=0', 'no'),
    ('MP fence.acq_rel, all relaxed', 'st.relaxed x 1; fence.acq_rel; st.relaxed y 1 | '
     'ld.relaxed y; fence.acq_rel; ld.relaxed x', 'r0=1 r1=0', 'no'),
    ('MP fence.sc', 'st.weak x 1; fence.sc; st.relaxed y 1 | ld.relaxed y; fence.sc; ld.weak x',
     'r0=1 r1=0', 'no'),
    ('MP membar', 'st.weak x 1; membar; st.volatile y 1 | ld.volatile y; membar; ld.weak x',
     'r0=1 r1=0', 'no'),
    ('MP membar, weak flag', 'st.weak x 1; membar; st.weak y 1 | ld.weak y; membar; ld.weak x',
     'r0=1 r1=0', 'yes'),
    ('MP release+fence', 'st.weak x 1; st.release y 1 | ld.relaxed y; fence.acq_rel; ld.weak x',
     'r0=1 r1=0', 'no'),
    ('MP fence+acquire', 'st.weak x 1; fence.acq_rel; st.relaxed y 1 | ld.acquire y; ld.weak x',
     'r0=1 r1=0', 'no'),
    ('MP writer fenced', 'st.weak x 1; fence.acq_rel; st.relaxed y 1 | ld.relaxed y; ld.weak x',
     'r0=1 r1=0', 'yes'),
    ('MP reader fenced', 'st.weak x 1; st.relaxed y 1 | ld.relaxed y; fence.acq_rel; ld.weak x',
     'r0=1 r1=0', 'yes'),
    ('MP atom release+acquire', 'st.weak x 1; exch.release y 1 | add.acquire y 0; ld.weak x',
     'r1=1 r2=0', 'no'),
    ('MP atom acq_rel', 'st.weak x 1; exch.acq_rel y 1 | add.acq_rel y 0; ld.weak x',
     'r1=1 r2=0', 'no'),
    ('MP atom relaxed', 'st.weak x 1; exch.relaxed y 1 | add.relaxed y 0; ld.weak x',
     'r1=1 r2=0', 'yes'),
    ('MP atom+fence', 'st.weak x 1; fence.acq_rel; add.relaxed y 1 | '
     'add.relaxed y 0; fence.acq_rel; ld.weak x', 'r1=1 r2=0', 'no'),
    # Store buffering: each sees the other's variable as it was.
    ('SB weak', 'st.weak x 1; ld.weak y | st.weak y 1; ld.weak x', 'r0=0 r1=0', 'yes'),
    ('SB volatile', 'st.volatile x 1; ld.volatile y | st.volatile y 1; ld.volatile x',
     'r0=0 r1=0', 'yes'),
    ('SB relaxed', 'st.relaxed x 1; ld.relaxed y | st.relaxed y 1; ld.relaxed x',
     'r0=0 r1=0', 'yes'),
    ('SB release+acquire', 'st.release x 1; ld.acquire y | st.release y 1; ld.acquire x',
     'r0=0 r1=0', 'yes'),
    ('SB fence.acq_rel', 'st.relaxed x 1; fence.acq_rel; ld.relaxed y | '
     'st.relaxed y 1; fence.acq_rel; ld.relaxed x', 'r0=0 r1=0', 'yes'),
    ('SB fence.sc', 'st.relaxed x 1; fence.sc; ld.relaxed y | '
     'st.relaxed y 1; fence.sc; ld.relaxed x', 'r0=0 r1=0', 'no'),
    ('SB fence.sc, one side', 'st.relaxed x 1; fence.sc; ld.relaxed y | '
     'st.relaxed y 1; ld.relaxed x', 'r0=0 r1=0', 'yes'),
    ('SB membar', 'st.volatile x 1; membar; ld.volatile y | '
     'st.volatile y 1; membar; ld.volatile x', 'r0=0 r1=0', 'no'),
    ('SB exch and fence.sc', 'exch.relaxed x 1; fence.sc; ld.relaxed y | '
     'exch.relaxed y 1; fence.sc; ld.relaxed x', 'r1=0 r3=0', 'no'),
    ('SB exch acq_rel', 'exch.acq_rel x 1; ld.acquire y | exch.acq_rel y 1; ld.acquire x',
     'r1=0 r3=0', 'yes'),
    # Load buffering: each sees what the other writes later.
    ('LB weak', 'ld.weak y; st.weak x 1 | ld.weak x; st.weak y 1', 'r0=1 r1=1', 'yes'),
    ('LB volatile', 'ld.volatile y; st.volatile x 1 | ld.volatile x; st.volatile y 1',
     'r0=1 r1=1', 'yes'),
    ('LB relaxed', 'ld.relaxed y; st.relaxed x 1 | ld.relaxed x; st.relaxed y 1',
     'r0=1 r1=1', 'yes'),
    ('LB acquire', 'ld.acquire y; st.relaxed x 1 | ld.acquire x; st.relaxed y 1',
     'r0=1 r1=1', 'yes'),
    ('LB release+acquire', 'ld.acquire y; st.release x 1 | ld.acquire x; st.release y 1',
     'r0=1 r1=1', 'no'),
    ('LB fence.acq_rel', 'ld.relaxed y; fence.acq_rel; st.relaxed x 1 | '
     'ld.relaxed x; fence.acq_rel; st.relaxed y 1', 'r0=1 r1=1', 'no'),
    ('LB fence.sc', 'ld.relaxed y; fence.sc; st.relaxed x 1 | '
     'ld.relaxed x; fence.sc; st.relaxed y 1', 'r0=1 r1=1', 'no'),
    ('LB membar', 'ld.volatile y; membar; st.volatile x 1 | '
     'ld.volatile x; membar; st.volatile y 1', 'r0=1 r1=1', 'no'),
    ('LB out of thin air', 'ld.relaxed y; st.relaxed x r0 | ld.relaxed x; st.relaxed y r1',
     'r0=1 r1=1', 'never'),
    # Independent reads of independent writes: two readers disagree about the order.
    ('IRIW weak', 'st.weak x 1 | st.weak y 1 | ld.weak x; ld.weak y | ld.weak y; ld.weak x',
     'r0=1 r1=0 r2=1 r3=0', 'yes'),
    ('IRIW relaxed', 'st.relaxed x 1 | st.relaxed y 1 | ld.relaxed x; ld.relaxed y | '
     'ld.relaxed y; ld.relaxed x', 'r0=1 r1=0 r2=1 r3=0', 'yes'),
    ('IRIW release+acquire', 'st.release x 1 | st.release y 1 | ld.acquire x; ld.acquire y | '
     'ld.acquire y; ld.acquire x', 'r0=1 r1=0 r2=1 r3=0', 'yes'),
    ('IRIW fence.acq_rel', 'st.relaxed x 1 | st.relaxed y 1 | ld.relaxed x; fence.acq_rel; '
     'ld.relaxed y | ld.relaxed y; fence.acq_rel; ld.relaxed x', 'r0=1 r1=0 r2=1 r3=0', 'yes'),
    ('IRIW fence.sc', 'st.relaxed x 1 | st.relaxed y 1 | ld.relaxed x; fence.sc; ld.relaxed y | '
     'ld.relaxed y; fence.sc; ld.relaxed x', 'r0=1 r1=0 r2=1 r3=0', 'no'),
    ('IRIW membar', 'st.volatile x 1 | st.volatile y 1 | ld.volatile x; membar; ld.volatile y | '
     'ld.volatile y; membar; ld.volatile x', 'r0=1 r1=0 r2=1 r3=0', 'no'),
    # Write-to-read causality: a message is passed on.
    ('WRC relaxed', 'st.relaxed x 1 | ld.relaxed x; st.relaxed y 1 | ld.relaxed y; ld.relaxed x',
     'r0=1 r1=1 r2=0', 'yes'),
    ('WRC release+acquire', 'st.relaxed x 1 | ld.relaxed x; st.release y 1 | '
     'ld.acquire y; ld.relaxed x', 'r0=1 r1=1 r2=0', 'no'),
    ('WRC fence.acq_rel', 'st.relaxed x 1 | ld.relaxed x; fence.acq_rel; st.relaxed y 1 | '
     'ld.relaxed y; fence.acq_rel; ld.relaxed x', 'r0=1 r1=1 r2=0', 'no'),
    ('WRC fence.sc', 'st.relaxed x 1 | ld.relaxed x; fence.sc; st.relaxed y 1 | '
     'ld.relaxed y; fence.sc; ld.relaxed x', 'r0=1 r1=1 r2=0', 'no'),
    ('WRC membar', 'st.volatile x 1 | ld.volatile x; membar; st.volatile y 1 | '
     'ld.volatile y; membar; ld.volatile x', 'r0=1 r1=1 r2=0', 'no'),
    ('WRC weak write', 'st.weak x 1 | ld.relaxed x; fence.acq_rel; st.relaxed y 1 | '
     'ld.relaxed y; fence.acq_rel; ld.relaxed x', 'r0=1 r1=1 r2=0', 'yes'),
    # Coherence: one variable.
    ('CoRR weak', 'st.weak x 1 | ld.weak x; ld.weak x', 'r0=1 r1=0', 'yes'),
    ('CoRR relaxed', 'st.relaxed x 1 | ld.relaxed x; ld.relaxed x', 'r0=1 r1=0', 'no'),
    ('CoRR volatile', 'st.volatile x 1 | ld.volatile x; ld.volatile x', 'r0=1 r1=0', 'no'),
    ('CoRR acquire', 'st.release x 1 | ld.acquire x; ld.acquire x', 'r0=1 r1=0', 'no'),
    ('CoRR atom', 'exch.relaxed x 1 | add.relaxed x 0; add.relaxed x 0', 'r1=1 r2=0', 'no'),
    ('CoWW weak', 'st.weak x 1; st.weak x 2 | ld.weak x', 'x=1', 'never'),
    ('CoWW relaxed', 'st.relaxed x 1; st.relaxed x 2 | ld.relaxed x', 'x=1', 'never'),
    ('CoRW weak', 'ld.weak x; st.weak x 1 | ld.weak x', 'r0=1', 'never'),
    ('CoRW relaxed', 'ld.relaxed x; st.relaxed x 1 | st.relaxed x 2', 'r0=2 x=2', 'no'),
    ('CoRW volatile', 'ld.volatile x; st.volatile x 1 | st.volatile x 2', 'r0=2 x=2', 'no'),
    ('CoWR weak', 'st.weak x 1; ld.weak x | st.weak x 2', 'r0=0', 'never'),
    ('CoWR relaxed', 'st.relaxed x 1; ld.relaxed x | st.relaxed x 2', 'r0=2 x=1', 'no'),
    ('CoWR volatile', 'st.volatile x 1; ld.volatile x | st.volatile x 2', 'r0=2 x=1', 'no'),
    # Two writers of two variables, in opposite order.
    ('2+2W weak', 'st.weak x 1; st.weak y 2 | st.weak y 1; st.weak x 2', 'x=1 y=1', 'yes'),
    ('2+2W relaxed', 'st.relaxed x 1; st.relaxed y 2 | st.relaxed y 1; st.relaxed x 2',
     'x=1 y=1', 'yes'),
    ('2+2W release', 'st.release x 1; st.release y 2 | st.release y 1; st.release x 2',
     'x=1 y=1', 'yes'),
    ('2+2W fence.sc', 'st.relaxed x 1; fence.sc; st.relaxed y 2 | '
     'st.relaxed y 1; fence.sc; st.relaxed x 2', 'x=1 y=1', 'no'),
    ('2+2W membar', 'st.volatile x 1; membar; st.volatile y 2 | '
     'st.volatile y 1; membar; st.volatile x 2', 'x=1 y=1', 'no'),
    # S and R: a write against a message.
    ('S relaxed', 'st.relaxed x 2; st.relaxed y 1 | ld.relaxed y; st.relaxed x 1',
     'r0=1 x=2', 'yes'),
    ('S release+acquire', 'st.weak x 2; st.release y 1 | ld.acquire y; st.weak x 1',
     'r0=1 x=2', 'no'),
    ('S fence.acq_rel', 'st.weak x 2; fence.acq_rel; st.relaxed y 1 | '
     'ld.relaxed y; fence.acq_rel; st.weak x 1', 'r0=1 x=2', 'no'),
    ('R fence.acq_rel', 'st.relaxed x 1; fence.acq_rel; st.relaxed y 1 | '
     'st.relaxed y 2; fence.acq_rel; ld.relaxed x', 'r0=0 y=2', 'yes'),
    ('R fence.sc', 'st.relaxed x 1; fence.sc; st.relaxed y 1 | '
     'st.relaxed y 2; fence.sc; ld.relaxed x', 'r0=0 y=2', 'no'),
    # Atomics are atomic.
    ('add and add', 'add.relaxed x 1 | add.relaxed x 1', 'x=1', 'no'),
    ('exch and exch', 'exch.relaxed x 1 | exch.relaxed x 2', 'r0=0 r1=0', 'no'),
    ('add and acq_rel', 'add.acq_rel x 1 | add.acq_rel x 1', 'r0=0 r1=0', 'no'),
]
SCOPES = ('cta', 'gpu', 'sys')
PLACES = ('warp', 'block', 'grid')  # threads of one warp, of one block, of several blocks
INSTANCES = 8192                    # in a launch; a power of two
SYNC_EVERY = 8                      # iterations between two meetings of the blocks


# -- Programs as PTX
def instruction(text, scope, registers):
    words = text.split()
    op, _, sem = words[0].partition('.')
    if op == 'membar':
        return ['membar.%s;' % {'cta': 'cta', 'gpu': 'gl', 'sys': 'sys'}[scope]]
    if op == 'fence':
        return [f'fence.{sem}.{scope};']
    at = '[%%%s]' % words[1]
    full = sem if sem in ('weak', 'volatile') else f'{sem}.{scope}'
    value = words[2] if len(words) > 2 else None
    if value and value[0] == 'r':
        value = '%' + value
    if op == 'st':
        return [f'mov.u32 %v, {value};', f'st.{full}.global.u32 {at}, %v;']
    r = f'%r{len(registers)}'
    registers.append(r)
    if op == 'ld':
        return [f'ld.{full}.global.u32 {r}, {at};']
    if op == 'exch':
        return [f'mov.u32 %v, {value};', f'atom.{full}.global.exch.b32 {r}, {at}, %v;']
    return [f'atom.{full}.global.add.u32 {r}, {at}, {value};']


def program(code, scope):
    """A list of lines for each thread, with the registers that it loads."""
    registers, threads = [], []
    for text in code.split('|'):
        first, lines = len(registers), []
        for i in text.split(';'):
            if i.strip():
                lines += instruction(i.strip(), scope, registers)
        for r in range(first, len(registers)):
            lines.append(f'st.global.u32 [%out+{4 * INSTANCES * r}], %r{r};')
        threads.append(lines)
    return threads, len(registers)


MEET = '''rem.u32 %t, %i, {every};
setp.ne.u32 %q, %t, 0;
@%q bra met;
add.u32 %goal, %goal, {threads};
setp.ne.u32 %q, %lane, 0;
@%q bra wait;
red.release.gpu.global.add.u32 [%meet], 1;
again:
ld.acquire.gpu.global.u32 %t, [%meet];
setp.lt.u32 %q, %t, %goal;
@%q bra again;
wait:
bar.warp.sync 0xffffffff;
met:'''


def kernel(name, code, scope, place):
    threads, n = program(code, scope)
    k = len(threads)
    group = 32 // k if place == 'warp' else 32  # instances at once
    role = {'warp': [f'rem.u32 %role, %lane, {k};', f'div.u32 %first, %lane, {k};'],
            'block': ['shr.u32 %role, %tidx, 5;', 'mov.u32 %first, %lane;'],
            'grid': ['mov.u32 %role, %ctaid.x;', 'mov.u32 %first, %lane;']}[place]
    body = ['mov.u32 %tidx, %tid.x;', 'and.b32 %lane, %tidx, 31;', *role,
            'ld.param.u64 %mem, [mem];', f'add.u64 %meet, %mem, {4 * INSTANCES * 10};',
            'mov.u32 %i, 0;', 'mov.u32 %goal, 0;',
            f'setp.ge.u32 %q, %first, {group};', '@%q bra end;', 'next:']
    if place == 'grid':
        body += MEET.format(every=SYNC_EVERY, threads=k).split('\n')
    body += [f'mad.lo.u32 %t, %i, {group}, %first;',
             f'setp.ge.u32 %q, %t, {INSTANCES};', '@%q bra end;', 'mul.wide.u32 %a, %t, 4;',
             'add.u64 %x, %mem, %a;', f'add.u64 %y, %x, {4 * INSTANCES};',
             f'add.u64 %out, %x, {8 * INSTANCES};']
    for number, lines in enumerate(threads):
        body += [f'setp.ne.u32 %q, %role, {number};', f'@%q bra not{number};', *lines,
                 f'not{number}:']
    body += ['add.u32 %i, %i, 1;', 'bra next;', 'end:', 'ret;']
    return ([f'.visible .entry {name}(.param .u64 mem)', '{', '.reg .pred %q;',
             f'.reg .b32 %tidx, %lane, %role, %first, %i, %t, %v, %goal, %r<{n + 1}>;',
             '.reg .b64 %mem, %meet, %a, %x, %y, %out;', *body, '}'], k)


def judge(name, condition):
    """Counts the instances of which every part of the condition holds."""
    body = ['mov.u32 %i, %ctaid.x;', 'mov.u32 %t, %tid.x;', 'mad.lo.u32 %i, %i, 128, %t;',
            'mul.wide.u32 %a, %i, 4;', 'ld.param.u64 %mem, [mem];', 'add.u64 %a, %a, %mem;']
    for part in condition.split():
        what, value = part.split('=')
        slot = {'x': 0, 'y': 1}.get(what)
        slot = 2 + int(what[1:]) if slot is None else slot
        body += [f'ld.global.u32 %t, [%a+{4 * INSTANCES * slot}];',
                 f'setp.ne.u32 %q, %t, {value};', '@%q bra end;']
    body += [f'red.global.add.u32 [%mem+{4 * INSTANCES * 10 + 4}], 1;', 'end:', 'ret;']
    return [f'.visible .entry {name}(.param .u64 mem)', '{', '.reg .pred %q;',
            '.reg .b32 %i, %t;', '.reg .b64 %a, %mem;', *body, '}']


# -- The driver API
class Device:
    def __init__(self, build):
        self.cu = ctypes.CDLL(os.path.join(build, 'cuda', 'lib64', 'libcuda.so.1'))
        self.call('cuInit', 0)
        context = ctypes.c_void_p()
        self.call('cuDevicePrimaryCtxRetain', ctypes.byref(context), 0)
        self.call('cuCtxSetCurrent', context)
        self.memory = ctypes.c_uint64()
        self.call('cuMemAlloc_v2', ctypes.byref(self.memory), ctypes.c_size_t(self.bytes()))

    @staticmethod
    def bytes():
        return 4 * INSTANCES * 10 + 64

    def call(self, name, *args):
        status = getattr(self.cu, name)(*args)
        if status:
            raise RuntimeError(f'{name}: error {status}')

    def load(self, text):
        module = ctypes.c_void_p()
        self.call('cuModuleLoadData', ctypes.byref(module), text.encode() + b'\0')
        return module

    def function(self, module, name):
        f = ctypes.c_void_p()
        self.call('cuModuleGetFunction', ctypes.byref(f), module, name.encode())
        return f

    def launch(self, f, grid, block):
        pointer = ctypes.c_uint64(self.memory.value)
        args = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.byref(pointer), ctypes.c_void_p))
        self.call('cuLaunchKernel', f, grid, 1, 1, block, 1, 1, 0, None, args, None)

    def clear(self):
        self.call('cuMemsetD32_v2', self.memory, 0, ctypes.c_size_t(2 * INSTANCES))
        self.call('cuMemsetD32_v2', ctypes.c_uint64(self.memory.value + 8 * INSTANCES), 99,
                  ctypes.c_size_t(8 * INSTANCES))
        self.call('cuMemsetD32_v2', ctypes.c_uint64(self.memory.value + 40 * INSTANCES), 0,
                  ctypes.c_size_t(1))

    def count(self):
        """Outcomes counted since the last time."""
        at = ctypes.c_uint64(self.memory.value + 40 * INSTANCES + 4)
        n = ctypes.c_uint32()
        self.call('cuMemcpyDtoH_v2', ctypes.byref(n), at, ctypes.c_size_t(4))
        self.call('cuMemsetD32_v2', at, 0, ctypes.c_size_t(1))
        return n.value


def module_text(rows, scope, place):
    text = ['.version 7.8', '.target sm_90', '.address_size 64']
    for i, row in enumerate(rows):
        text += kernel(f'k{i}', row[1], scope, place)[0] + judge(f'j{i}', row[2])
    return '\n'.join(text) + '\n'


def includes(scope, place):
    return scope != 'cta' or place != 'grid'


class Runner:
    def __init__(self, options, rows):
        self.o, self.rows = options, rows
        self.d = Device(os.path.abspath(options.build))
        self.passed = self.failed = 0
        self.seen = {}  # (row, place, scope): how often

    def module(self, scope, place):
        m = self.d.load(module_text(self.rows, scope, place))
        for i, (name, code, condition, verdict) in enumerate(self.rows):
            k = code.count('|') + 1
            f, j = self.d.function(m, f'k{i}'), self.d.function(m, f'j{i}')
            shape = {'warp': (1, 32), 'block': (1, 32 * k), 'grid': (k, 32)}[place]
            for _ in range(-(-self.o.runs // INSTANCES)):
                self.d.clear()
                self.d.launch(f, *shape)
                self.d.launch(j, INSTANCES // 128, 128)
            n = self.d.count()
            strong = includes(scope, place) or not re.search(
                r'relaxed|acquire|release|acq_rel|fence|membar', code)
            bad = n and (verdict == 'never' or (verdict == 'no' and strong))
            self.seen[name, place, scope] = n
            self.failed += bool(bad)
            self.passed += not bad
            if bad or self.o.verbose:
                print(f'{"FAILED " if bad else ""}{name}, {place}, {scope}: {condition} seen '
                      f'{n} times; {code}', flush=True)
        self.d.call('cuModuleUnload', m)

    def run(self):
        for place in self.o.places.split(','):
            scopes = SCOPES if self.o.runs >= 100000 else \
                ('gpu',) if place == 'grid' else ('cta',)
            for scope in scopes:
                if scope in self.o.scopes.split(','):
                    self.module(scope, place)
        if self.o.table:
            self.table()
        print(f'{self.passed} passed, {self.failed} failed')
        return self.failed != 0

    def table(self):
        print('| test | threads | outcome | the model | seen in a warp | in a block | between '
              'blocks |\n| --- | --- | --- | --- | --- | --- | --- |')
        words = {'no': 'forbidden', 'never': 'forbidden', 'yes': 'allowed'}
        for name, code, condition, verdict in self.rows:
            seen = [' / '.join(str(self.seen[name, p, s]) for s in SCOPES
                               if (name, p, s) in self.seen) for p in PLACES]
            program_text = code.replace(' |', ' ‖')
            print(f'| {name} | `{program_text}` | {condition} | {words[verdict]} | '
                  + ' | '.join(seen) + ' |')


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('build')
    p.add_argument('--runs', type=int, default=INSTANCES, help='of each, at least')
    p.add_argument('--only', default='', help='tests whose names begin like this')
    p.add_argument('--places', default=','.join(PLACES), help='where the threads are')
    p.add_argument('--scopes', default=','.join(SCOPES))
    p.add_argument('--backend', help='KASURI_BACKEND')
    p.add_argument('--mode', help='KASURI_MODE')
    p.add_argument('--table', action='store_true', help='print all results as a table')
    p.add_argument('-v', '--verbose', action='store_true')
    o = p.parse_args()
    os.environ.setdefault('KASURI_THREADS', '4')
    for name in ('backend', 'mode'):
        if getattr(o, name):
            os.environ['KASURI_' + name.upper()] = getattr(o, name)
    return Runner(o, [r for r in ROWS if r[0].startswith(o.only)]).run()


if __name__ == '__main__':
    sys.exit(main())
