#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns tests/data/isa_vectors.txt into ptx tests, so that each back end's own code for an
instruction meets the values that the C meanings are tested with.

usage: tests/gen/instructions.py FOLDER [--vectors N]

A thread is one line of the table; each opcode of a kernel has its sources and results in
buffers of 64-bit words. Approximations (lines with ~) are left to tests/unit/isa_sem.c."""
import argparse
import os
import re

import write

PER_KERNEL, KERNELS_PER_FILE = 8, 8
HEADER = ['.version 8.8', '.target sm_100a', '.address_size 64']
SIZE = {'u8': 8, 's8': 8, 'e4m3x2': 16, 'e5m2x2': 16, 'e2m3x2': 16, 'e3m2x2': 16, 'tf32': 32,
        'f16x2': 32, 'bf16x2': 32, 'u16x2': 32, 's16x2': 32, 'bf16': 16}
COUNTS = ('popc', 'clz', 'bfind')


def size(t):
    if t in SIZE:
        return SIZE[t]
    return int(re.sub('[^0-9]', '', t))


def types(op):
    return [w for w in op.split('.')[1:] if re.fullmatch(
        r'[usfb]\d+(x2)?|bf16(x2)?|e\dm\dx2|tf32', w)]


def signature(op, sources):
    """Register kinds (bits, or 'p') of results and sources; None: not made here."""
    words, t = op.split('.'), types(op)
    name, last = words[0], size(t[-1]) if t else 0
    if name.startswith('v') or 'pack' in words or 'e2m1x2' in words:
        return None
    if name == 'setp':
        return ['p'] * (1 if last == 16 and t[-1][0] in 'fb' else 2), [last, last] + ['p'] * (sources - 2)
    if name == 'testp':
        return ['p'], [last]
    if name in ('set', 'cvt'):
        return [size(t[0])], [last] * sources
    if name == 'selp':
        return [last], [last, last, 'p']
    if name == 'slct':
        return [size(t[0])], [size(t[0])] * 2 + [last]
    if name in ('shl', 'shr'):
        return [last], [last, 32]
    if name == 'bfe':
        return [last], [last, 32, 32]
    if name == 'bfi':
        return [last], [last, last, 32, 32]
    if name in COUNTS:
        return [32], [last]
    if 'wide' in words:
        return [2 * last], [last, last] + [2 * last] * (sources - 2)
    if 'cc' in words or name in ('addc', 'subc', 'madc'):
        return [last] + ['cc'] * ('cc' in words), [last] * (3 if name[0] == 'm' else 2) + \
            ['cc'] * (name[-1] == 'c')
    if name in ('prmt', 'lop3', 'fns', 'dp4a', 'dp2a', 'bmsk', 'szext', 'shf'):
        return [32], [32] * sources
    return [last], [last] * sources


def load(k, kind, reg, buffer):
    """The words of a source into a register of its kind."""
    out = [f'ld.global.u64 %w, [{buffer}];']
    if kind == 'p':
        return out + [f'setp.ne.u64 {reg}, %w, 0;']
    if kind == 64:
        return out + [f'mov.b64 {reg}, %w;']
    return out + [f'cvt.u{kind}.u64 {reg}, %w;']


def register(kind, n):
    return {'p': '%p', 8: '%r', 16: '%h', 32: '%r', 64: '%d'}[kind] + str(n)


def emit(index, op, sig, vectors):
    """One opcode in a kernel: code, and the directives of its buffers."""
    results, sources = sig
    code, ins, outs = [], [], []
    skip = f'skip{index}'
    code += [f'setp.ge.u32 %skip, %tid0, {len(vectors)};', f'@%skip bra {skip};']
    regs, carry_in = [], None
    for k, kind in enumerate(sources):
        if op.startswith('lop3') and k == 3:
            continue
        reg = register(32 if kind == 'cc' else kind, 10 + k)
        code += [f'ld.param.u64 %a, [s{index}_{k}];', 'add.u64 %a, %a, %at;']
        code += load(k, 32 if kind == 'cc' else kind, reg, '%a')
        ins.append((f's{index}_{k}', [v[0][k] for v in vectors]))
        if kind == 'cc':
            carry_in = reg
        else:
            regs.append(reg)
    dst = [register(r, k) for k, r in enumerate(results) if r != 'cc']
    if carry_in:
        code.append(f'add.cc.u32 %r9, {carry_in}, 0xffffffff;')
    target = '|'.join(dst)
    if op.startswith('lop3'):
        for n, v in enumerate(vectors):
            code += [f'setp.eq.u32 %skip, %tid0, {n};',
                     f'@%skip {op} {target}, {", ".join(regs)}, {v[0][3]};']
    else:
        code.append(f'{op} {target}, {", ".join(regs)};')
    if 'cc' in results:
        code.append('addc.u32 %r8, 0, 0;')
    for k, kind in enumerate(results):
        code += [f'ld.param.u64 %a, [d{index}_{k}];', 'add.u64 %a, %a, %at;']
        if kind == 'cc':
            code += ['cvt.u64.u32 %w, %r8;']
        elif kind == 'p':
            code += [f'selp.u64 %w, 1, 0, {dst[k]};']
        elif kind == 64:
            code += [f'mov.b64 %w, {dst[k]};']
        elif kind == 8:
            code += [f'and.b32 {dst[k]}, {dst[k]}, 255;', f'cvt.u64.u32 %w, {dst[k]};']
        else:
            code += [f'cvt.u64.u{kind} %w, {dst[k]};']
        code += ['st.global.u64 [%a], %w;']
        outs.append((f'd{index}_{k}', [v[1][k] for v in vectors]))
    return code + [f'{skip}:'], ins, outs


def read_groups(path, most):
    groups = []
    with open(path, encoding='ascii') as f:
        for line in f:
            if line[0] == '@':
                groups.append((line[1:].strip(), []))
            elif line[0] != '#' and '=' in line:
                left, right = line.split('=')
                groups[-1][1].append(([int(x, 16) for x in left.split()],
                                      [int(x, 16) for x in right.split()]))
    for op, vectors in groups:
        if not vectors:
            continue
        step = max(1, -(-len(vectors) // most))
        sig = signature(op, len(vectors[0][0]))
        if sig:
            yield op, sig, vectors[::step]


def directive(first, values):
    lines, line = [], first
    for v in values:
        if len(line) > 100:
            lines.append(line)
            line = '// +'
        line += f' {v:#x}'
    return lines + [line]


def kernel(name, groups):
    head, body, params = [], [], []
    threads = max(len(g[2]) for g in groups)
    for i, (op, sig, vectors) in enumerate(groups):
        code, ins, outs = emit(i, op, sig, vectors)
        body += [f'   {c}' if not c.endswith(':') else c for c in code]
        for n, values in ins:
            head += directive(f'// IN {n} u64[{len(values)}]', values)
            params.append(n)
        for n, values in outs:
            head += [f'// IN {n} u64[{len(values)}]']
            params.append(n)
        for n, values in outs:
            head += [f'// {op}'] + directive(f'// OUT {n} u64[{len(values)}]', values)
    head.insert(0, f'// RUN {name} block={threads}')
    text = [f'.visible .entry {name}(' + ', '.join(f'.param .u64 {p}' for p in params) + ')',
            '{', '   .reg .pred %p<16>, %skip;', '   .reg .b16 %h<16>;',
            '   .reg .b32 %r<16>, %tid0;', '   .reg .b64 %d<16>, %w, %a, %at;',
            '   mov.u32 %tid0, %tid.x;', '   mul.wide.u32 %at, %tid0, 8;']
    return head, text + body + ['   ret;', '}', '']


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('folder')
    p.add_argument('--vectors', type=int, default=64, help='at most so many of an opcode')
    o = p.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    groups = list(read_groups(os.path.join(here, '../data/isa_vectors.txt'), o.vectors))
    os.makedirs(o.folder, exist_ok=True)
    kernels = [groups[i:i + PER_KERNEL] for i in range(0, len(groups), PER_KERNEL)]
    for n in range(0, len(kernels), KERNELS_PER_FILE):
        head, text = [], []
        for k, g in enumerate(kernels[n:n + KERNELS_PER_FILE]):
            h, t = kernel(f'k{k}', g)
            head += h
            text += t
        path = os.path.join(o.folder, f'instructions_{n // KERNELS_PER_FILE:02}.ptx')
        with open(path, 'w', encoding='ascii') as f:
            f.write(write.layout('Made by tests/gen/instructions.py.', head, HEADER, text))


if __name__ == '__main__':
    main()
