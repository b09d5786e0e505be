#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Litmus tests of PTX's memory model: outcomes that must not be seen are not.

usage: tests/tools/litmus.py BUILD [--runs N] [--table] [--only NAME] [--places P,P]
                             [--scopes S,S] [--backend B] [--mode M] [-v]

Each row of ROWS is a program of two to four threads, an outcome, and what the model says of
it, derived by hand from the chapter "Memory Consistency Model" of the PTX manual. It runs
with its threads in one warp, in warps of one block, in blocks of their own and in a cluster's
blocks, its variables in global and in shared memory. --runs 1000000 (`make litmus`) runs each
of them so often, in every scope; --table prints docs/litmus.md's table. Without it some ten
thousand runs each, in one scope that includes the threads."""
import argparse
import ctypes
import os
import re
import sys
import time

# Instructions: st.SEM LOCATION VALUE, ld.SEM LOCATION, exch.SEM LOCATION VALUE,
# add.SEM LOCATION VALUE, fence.SEM, membar; threads are separated by |. Loads, exch and add
# write r0, r1 … in the order of the text. SEM is weak, volatile, or one that takes a scope.
# Verdicts. no: forbidden where the scope includes all threads (so that what is strong is
# morally strong); never: forbidden anyway; yes: allowed; always: seen in every run.
ROWS = [
    ('all of them run', 'st.weak x 1 | st.weak y 1', 'x=1 y=1', 'always'),
    ('all read', 'ld.weak x; ld.weak y | ld.weak x', 'r0=0 r1=0 r2=0', 'always'),
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
SCOPES = ('cta', 'cluster', 'gpu', 'sys')
# Where the threads are, and with `shared` where the variables are: of a cluster's blocks the
# first has x, the last y.
PLACES = ('warp', 'block', 'grid', 'warp shared', 'block shared', 'cluster shared')
INSTANCES = 32768                   # in a launch; a power of two
SYNC_EVERY = 8                      # iterations between two meetings of a grid's blocks
GROUPS = 16                         # blocks or clusters of a launch, but of a grid's
SLOTS = 10                          # words of an instance: x, y, r0 to r7
ALL_SCOPES = 100000                 # runs from which on every scope has its turn


# -- Programs as PTX
def instruction(text, scope, place, registers):
    words = text.split()
    op, _, sem = words[0].partition('.')
    if op == 'membar':
        return ['membar.%s;' % {'cta': 'cta', 'gpu': 'gl', 'sys': 'sys'}[scope]]
    if op == 'fence':
        return [f'fence.{sem}.{scope};']
    space = {'cluster shared': 'shared::cluster'}.get(
        place, 'shared' if place.endswith('shared') else 'global')
    at = '[%%%s]' % words[1]
    full = sem if sem in ('weak', 'volatile') else f'{sem}.{scope}'
    value = words[2] if len(words) > 2 else None
    if value and value[0] == 'r':
        value = '%' + value
    if op == 'st':
        return [f'mov.u32 %v, {value};', f'st.{full}.{space}.u32 {at}, %v;']
    r = f'%r{len(registers)}'
    registers.append(r)
    if op == 'ld':
        return [f'ld.{full}.{space}.u32 {r}, {at};']
    if op == 'exch':
        return [f'mov.u32 %v, {value};', f'atom.{full}.{space}.exch.b32 {r}, {at}, %v;']
    return [f'atom.{full}.{space}.add.u32 {r}, {at}, {value};']


def program(code, scope, place):
    """A list of lines for each thread, with the registers that it loads."""
    registers, threads = [], []
    for text in code.split('|'):
        first, lines = len(registers), []
        for i in text.split(';'):
            if i.strip():
                lines += instruction(i.strip(), scope, place, registers)
        for r in range(first, len(registers)):
            lines.append(f'st.global.u32 [%out+{4 * INSTANCES * (2 + r)}], %r{r};')
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


def threads_of(code):
    return code.count('|') + 1


def places_of(place, k):
    """(lines that set %role, %first and %group; instances at once; lines that make all of an
    instance's threads meet)."""
    if place.startswith('warp'):
        n = 32 // k
        return ([f'rem.u32 %role, %lane, {k};', f'div.u32 %first, %lane, {k};',
                 'mov.u32 %group, %ctaid.x;'], n, [f'bar.warp.sync {(1 << n * k) - 1};'])
    if place.startswith('block'):
        return (['shr.u32 %role, %tidx, 5;', 'mov.u32 %first, %lane;',
                 'mov.u32 %group, %ctaid.x;'], 32, ['bar.sync 0;'])
    if place.startswith('cluster'):
        return (['mov.u32 %role, %cluster_ctarank;', 'mov.u32 %first, %lane;',
                 'mov.u32 %group, %clusterid.x;'], 32,
                ['barrier.cluster.arrive.aligned;', 'barrier.cluster.wait.aligned;'])
    return (['mov.u32 %role, %ctaid.x;', 'mov.u32 %first, %lane;', 'mov.u32 %group, 0;'], 32,
            [])


def shape_of(place, k):
    """(grid, block, cluster)."""
    return {'warp': (GROUPS, 32, 1), 'block': (GROUPS, 32 * k, 1), 'grid': (k, 32, 1),
            'cluster': (GROUPS * k, 32, k)}[place.split()[0]]


def shared_variables(k, place, meet):
    """(addresses of the variables, their first values, what they hold at last)."""
    at = ['shl.b32 %t, %first, 2;', 'mov.u32 %x, cells;', 'add.u32 %x, %x, %t;',
          'add.u32 %y, %x, 128;']
    if place.startswith('cluster'):
        at += ['mapa.shared::cluster.u32 %x, %x, 0;',
               f'mapa.shared::cluster.u32 %y, %y, {k - 1};']
        space = 'shared::cluster'
    else:
        space = 'shared'
    first = ['setp.ne.u32 %q, %role, 0;', '@%q bra ready;', 'mov.u32 %v, 0;',
             f'st.{space}.u32 [%x], %v;', f'st.{space}.u32 [%y], %v;', 'ready:', *meet]
    last = [*meet, 'setp.ne.u32 %q, %role, 0;', '@%q bra kept;',
            f'ld.{space}.u32 %v, [%x];', 'st.global.u32 [%out], %v;',
            f'ld.{space}.u32 %v, [%y];', f'st.global.u32 [%out+{4 * INSTANCES}], %v;', 'kept:',
            *meet]
    return at, first, last


def runs_of(place, k):
    """Runs of a program in one launch."""
    group, share = places_of(place, k)[1], INSTANCES // GROUPS
    return INSTANCES if place == 'grid' else share // group * group * GROUPS


def kernel(name, code, scope, place):
    """Its threads take the roles of a program in turns, so that each comes first at times."""
    k, shared = threads_of(code), place.endswith('shared')
    threads, n = program(code, scope, place)
    where, group, meet = places_of(place, k)
    share = INSTANCES if place == 'grid' else INSTANCES // GROUPS
    at, first, last = shared_variables(k, place, meet) if shared else ([], [], [])
    body = ['mov.u32 %tidx, %tid.x;', 'and.b32 %lane, %tidx, 31;', *where,
            f'mul.lo.u32 %group, %group, {share};', 'ld.param.u64 %mem, [mem];',
            f'add.u64 %meet, %mem, {4 * INSTANCES * SLOTS};', 'mov.u32 %i, 0;',
            'mov.u32 %goal, 0;', f'setp.ge.u32 %q, %first, {group};', '@%q bra end;', *at,
            'next:']
    if place == 'grid':
        body += MEET.format(every=SYNC_EVERY, threads=k).split('\n')
    body += [f'mad.lo.u32 %t, %i, {group}, %first;',
             'add.u32 %t, %t, %group;', 'mul.wide.u32 %a, %t, 4;', 'add.u64 %out, %mem, %a;']
    if not shared:
        body += ['mov.u64 %x, %out;', f'add.u64 %y, %x, {4 * INSTANCES};']
    body += first
    for number, lines in enumerate(threads):
        body += [f'setp.ne.u32 %q, %role, {number};', f'@%q bra not{number};', *lines,
                 f'not{number}:']
    body += [*last, 'add.u32 %role, %role, 1;', f'rem.u32 %role, %role, {k};',
             'add.u32 %i, %i, 1;', f'setp.lt.u32 %q, %i, {share // group};', '@%q bra next;',
             'end:', 'ret;']
    wide = 'b32' if shared else 'b64'
    cluster = shape_of(place, k)[2]
    return [f'.visible .entry {name}(.param .u64 mem)',
            *([f'.reqnctapercluster {cluster}'] if cluster > 1 else []), '{',
            '.shared .align 16 .b8 cells[256];', '.reg .pred %q;',
            f'.reg .b32 %tidx, %lane, %role, %first, %group, %i, %t, %v, %goal, %r<{n + 1}>;',
            f'.reg .b64 %mem, %meet, %a, %out;', f'.reg .{wide} %x, %y;', *body, '}']


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
    body += [f'red.global.add.u32 [%mem+{4 * INSTANCES * SLOTS + 4}], 1;', 'end:', 'ret;']
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
        memory = ctypes.c_uint64()
        self.call('cuMemAlloc_v2', ctypes.byref(memory),
                  ctypes.c_size_t(4 * INSTANCES * SLOTS + 64))
        self.memory = memory.value
        self.met, self.counted = (self.memory + 4 * INSTANCES * SLOTS + i for i in (0, 4))

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
        pointer = ctypes.c_uint64(self.memory)
        args = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.byref(pointer), ctypes.c_void_p))
        self.call('cuLaunchKernel', f, grid, 1, 1, block, 1, 1, 0, None, args, None)

    def set(self, at, value, words):
        self.call('cuMemsetD32_v2', ctypes.c_uint64(at), value, ctypes.c_size_t(words))

    def clear(self):
        self.set(self.memory, 0, 2 * INSTANCES)
        self.set(self.memory + 8 * INSTANCES, 99, (SLOTS - 2) * INSTANCES)
        self.set(self.met, 0, 1)

    def count(self):
        """Outcomes counted since the last time."""
        n = ctypes.c_uint32()
        self.call('cuMemcpyDtoH_v2', ctypes.byref(n), ctypes.c_uint64(self.counted),
                  ctypes.c_size_t(4))
        self.set(self.counted, 0, 1)
        return n.value


def module_text(rows, scope, place):
    text = ['.version 8.0', '.target sm_90', '.address_size 64']
    for i, row in enumerate(rows):
        text += kernel(f'k{i}', row[1], scope, place) + judge(f'j{i}', row[2])
    return '\n'.join(text) + '\n'


SCOPED = r'relaxed|acquire|release|acq_rel|fence|membar'


def includes(scope, place):
    """The scope includes all threads."""
    return {'cta': place != 'grid' and not place.startswith('cluster'),
            'cluster': place != 'grid'}.get(scope, True)


def scopes_of(row, place, all_scopes):
    """Of instructions without a scope one run says all."""
    if not all_scopes or not re.search(SCOPED, row[1]):
        return ['cta' if includes('cta', place) else 'gpu']
    return [s for s in SCOPES if s != 'cluster' or 'membar' not in row[1]]


class Runner:
    def __init__(self, options, rows):
        self.o, self.rows = options, rows
        self.d = Device(os.path.abspath(options.build))
        self.passed = self.failed = 0
        self.seen = {}  # (row, place, scope): how often
        self.began = time.monotonic()

    def row(self, f, j, row, scope, place):
        name, code, condition, verdict = row
        k = threads_of(code)
        launches = -(-self.o.runs // runs_of(place, k))
        for _ in range(launches):
            self.d.clear()
            self.d.launch(f, *shape_of(place, k)[:2])
            self.d.launch(j, INSTANCES // 128, 128)
        n = self.d.count()
        strong = includes(scope, place) or not re.search(SCOPED, code)
        if verdict == 'always':
            bad = n != launches * runs_of(place, k)
        else:
            bad = n and (verdict == 'never' or (verdict == 'no' and strong))
        self.seen[name, place, scope] = n
        self.failed += bool(bad)
        self.passed += not bad
        if bad or self.o.verbose:
            print(f'{"FAILED " if bad else ""}{name}, {place}, {scope}: {condition} seen '
                  f'{n} times; {code}', flush=True)

    def module(self, rows, scope, place):
        m = self.d.load(module_text(rows, scope, place))
        for i, row in enumerate(rows):
            self.row(self.d.function(m, f'k{i}'), self.d.function(m, f'j{i}'), row, scope, place)
            self.progress(place, scope, row[0])
        self.d.call('cuModuleUnload', m)

    def progress(self, place, scope, name):
        if sys.stdout.isatty():
            text = f'{self.passed + self.failed} of {self.total}: {name}, {place}, .{scope}, ' \
                f'{time.monotonic() - self.began:.0f} s'
            print(f'\r{text:<78.78}', end='', flush=True)

    def run(self):
        todo = []
        for place in self.o.places.split(','):
            for scope in self.o.scopes.split(','):
                rows = [r for r in self.rows
                        if scope in scopes_of(r, place, self.o.runs >= ALL_SCOPES)]
                if rows:
                    todo.append((rows, scope, place))
        self.total = sum(len(t[0]) for t in todo)
        for t in todo:
            self.module(*t)
        if sys.stdout.isatty():
            print(f'\r{"":78}\r', end='')
        if self.o.table:
            self.table()
        print(f'{self.passed} passed, {self.failed} failed')
        return self.failed != 0

    def table(self):
        print('| test | threads | outcome | the model | seen |\n| --- | --- | --- | --- | --- |')
        words = {'always': 'always', 'no': 'forbidden', 'never': 'forbidden', 'yes': 'allowed'}
        for name, code, condition, verdict in self.rows:
            seen = []
            for place in PLACES:
                some = [f'.{s} {self.seen[name, place, s]}' if re.search(SCOPED, code)
                        else str(self.seen[name, place, s])
                        for s in SCOPES if self.seen.get((name, place, s))]
                if verdict == 'always':
                    seen = ['in every run']
                elif some:
                    seen.append(f'{place}: ' + ', '.join(some))
            program_text = code.replace(' |', ' ‖')
            print(f'| {name} | `{program_text}` | {condition} | {words[verdict]} | '
                  + ('; '.join(seen) or '—') + ' |')


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
