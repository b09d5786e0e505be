#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ptx tests of divergent control flow, with what each thread must compute.

usage: tests/gen/divergence.py FOLDER [--seed N] [--files N] [--kernels N]

Every kernel is a random program: nested ifs, loops whose trip counts differ by lane, breaks,
continues, switches through brx.idx, early exits, calls, stores under masks, values that live
on after loops, arrays with dynamic index, barriers where the block is whole; some are random
graphs of blocks, which are irreducible. It is written twice, as PTX and as Python, and the
Python, run for one thread after the other, gives the expected values: it knows no warps."""
import random
import struct

import write

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
BLOCKS = [(32, 1, 1), (64, 1, 1), (45, 1, 1), (7, 5, 3), (33, 1, 1), (96, 1, 1), (1, 1, 1),
          (16, 4, 1), (5, 3, 1)]
SLOTS = 4      # u32 results a thread stores on its way, besides its final values
OUTS = 12      # u32 words a thread: slots, v0-v3, w0 low and high, f0, b0 | b1 << 1


def f32(x):
    return struct.unpack('<f', struct.pack('<f', x))[0]


def bits(x):
    return struct.unpack('<I', struct.pack('<f', x))[0]


class Program:
    """Emits one kernel (or function) as PTX and as the Python generator of one thread."""

    def __init__(self, rng, name, is_func=False, callee=None):
        self.r, self.name, self.is_func, self.callee = rng, name, is_func, callee
        self.ptx, self.py = [], []
        self.depth, self.indent = 0, 1
        self.counters = self.labels = self.preds = self.temps = 0
        self.budget = rng.randint(14, 34)

    # -- Output
    def p(self, line):
        self.ptx.append('   ' + line)

    def y(self, line):
        self.py.append('   ' * self.indent + line)

    def label(self, what='L'):
        self.labels += 1
        return f'{self.name}_{what}{self.labels}'

    def place(self, label):
        self.ptx.append(label + ':')

    def pred(self):
        self.preds += 1
        return f'%q{self.preds}'

    def temp(self):
        self.temps += 1
        return f'%t{self.temps}'

    def v(self):
        return f'v{self.r.randrange(6)}'

    # -- Conditions: a predicate register, and the same as Python
    def condition(self, uniform=False):
        q = self.pred()
        if uniform:
            a = self.r.choice(['v_n', 'v_cta'])
            k = self.r.randrange(4)
            t = self.temp()
            self.p(f'and.b32 {t}, %{a}, 3;')
            self.p(f'setp.gt.u32 {q}, {t}, {k};')
            return q, f'({a} & 3) > {k}'
        kind = self.r.randrange(7)
        a, b = self.v(), self.v()
        if kind == 0:
            self.p(f'setp.lt.s32 {q}, %{a}, %{b};')
            return q, f's({a}) < s({b})'
        if kind == 1:
            self.p(f'setp.ge.u32 {q}, %{a}, %{b};')
            return q, f'{a} >= {b}'
        if kind == 2:
            t, k, m = self.temp(), self.r.randrange(8), self.r.choice([1, 3, 7, 15])
            self.p(f'and.b32 {t}, %{a}, {m};')
            self.p(f'setp.eq.u32 {q}, {t}, {k & m};')
            return q, f'({a} & {m}) == {k & m}'
        if kind == 3:
            t, k = self.temp(), self.r.randrange(1, 15)
            self.p(f'and.b32 {t}, %{a}, 15;')
            self.p(f'setp.lt.u32.and {q}, {t}, {k}, %b0;')
            return q, f'({a} & 15) < {k} and b0'
        if kind == 4:
            self.p(f'setp.lt.f32 {q}, %f0, %f1;')
            return q, 'f0 < f1'
        if kind == 5:
            self.p(f'setp.gt.u64 {q}, %w0, %w1;')
            return q, 'w0 > w1'
        self.p(f'xor.pred {q}, %b0, %b1;')
        return q, 'b0 != b1'

    # -- Statements that flow straight on
    def assign(self, guard=''):
        kind = self.r.randrange(12)
        d, a, b = self.v(), self.v(), self.v()
        k = self.r.randrange(1, 1000)
        g = guard
        if kind < 5:
            op, e = self.r.choice([
                ('add.u32', f'{a} + {b}'), ('sub.u32', f'{a} - {b}'),
                ('xor.b32', f'{a} ^ {b}'), ('mul.lo.u32', f'{a} * {b}'),
                ('min.u32', f'min({a}, {b})'), ('or.b32', f'{a} | {b}')])
            self.p(f'{g}{op} %{d}, %{a}, %{b};')
            self.y(f'{d} = ({e}) & {M32}')
        elif kind == 5:
            self.p(f'{g}mad.lo.u32 %{d}, %{a}, {k}, %{b};')
            self.y(f'{d} = ({a} * {k} + {b}) & {M32}')
        elif kind == 6:
            self.p(f'{g}shr.u32 %{d}, %{a}, {k % 13};')
            self.y(f'{d} = {a} >> {k % 13}')
        elif kind == 7:
            w, x = self.r.choice([('w0', 'w1'), ('w1', 'w0')])
            self.p(f'{g}mad.lo.u64 %{w}, %{w}, {k}, %{x};')
            self.y(f'{w} = ({w} * {k} + {x}) & {M64}')
        elif kind == 8:
            f, h = self.r.choice([('f0', 'f1'), ('f1', 'f0')])
            self.p(f'{g}mul.rn.f32 %{f}, %{f}, 0f3F000000;')
            self.p(f'{g}add.rn.f32 %{f}, %{f}, %{h};')
            self.y(f'{f} = f32({f} * 0.5)')
            self.y(f'{f} = f32({f} + {h})')
        elif kind == 9:
            c = self.r.choice(['b0', 'b1'])
            self.p(f'{g}setp.ne.u32 %{c}, %{a}, {k % 4};')
            self.y(f'{c} = {a} != {k % 4}')
        elif kind == 10:
            self.p(f'{g}selp.b32 %{d}, %{a}, %{b}, %b1;')
            self.y(f'{d} = {a} if b1 else {b}')
        else:
            self.p(f'{g}not.b32 %{d}, %{a};')
            self.y(f'{d} = {a} ^ {M32}')

    def store(self):
        slot, a = self.r.randrange(SLOTS), self.v()
        self.p(f'st.global.u32 [%out+{4 * slot}], %{a};')
        self.y(f'out[{slot}] = {a}')

    def array(self):
        """A local array: the index differs by lane."""
        a, b, d = self.v(), self.v(), self.v()
        t = self.temp()
        self.p(f'and.b32 {t}, %{a}, 7;')
        self.p(f'mul.wide.u32 %x1, {t}, 4;')
        self.p('mov.u64 %x2, array;')
        self.p('add.u64 %x2, %x2, %x1;')
        if self.r.random() < 0.5:
            self.p(f'st.local.u32 [%x2], %{b};')
            self.y(f'arr[{a} & 7] = {b}')
        else:
            self.p(f'ld.local.u32 %{d}, [%x2];')
            self.y(f'{d} = arr[{a} & 7]')

    def call(self):
        d, a, b = self.v(), self.v(), self.v()
        self.p('{ .param .b32 pr; .param .b32 pa; .param .b32 pb;')
        self.p(f'st.param.b32 [pa], %{a};')
        self.p(f'st.param.b32 [pb], %{b};')
        self.p(f'call (pr), {self.callee}, (pa, pb);')
        self.p(f'ld.param.b32 %{d}, [pr];')
        self.p('}')
        self.y(f'{d} = {self.callee}({a}, {b})')

    def exchange(self):
        """What the next thread of the block holds, through shared memory and barriers."""
        a, d = self.v(), self.v()
        self.p(f'st.shared.u32 [%sh], %{a};')
        self.p('bar.sync 0;')
        self.p(f'ld.shared.u32 %{d}, [%shn];')
        self.p('bar.sync 0;')
        self.y(f'shared[me] = {a}')
        self.y('yield')
        self.y(f'{d} = shared[(me + 1) % size]')
        self.y('yield')

    # -- Control
    def body(self, n, **context):
        first = len(self.py)
        self.depth += 1
        self.indent += 1
        for _ in range(n):
            self.statement(**context)
        if len(self.py) == first:
            self.y('pass')
        self.indent -= 1
        self.depth -= 1

    def branch_if(self, q, negated, target):
        """Goes to target when q (or not q), written one way or the other."""
        if self.r.random() < 0.3:
            n = self.pred()
            self.p(f'not.pred {n}, {q};')
            self.p(f'@{"" if negated else "!"}{n} bra {target};')
        else:
            self.p(f'@{"!" if negated else ""}{q} bra {target};')

    def if_else(self, **context):
        uniform = self.r.random() < 0.3
        q, e = self.condition(uniform)
        context['whole'] = context.get('whole', False) and uniform
        no, end = self.label('else'), self.label('end')
        self.branch_if(q, True, no)
        self.y(f'if {e}:')
        self.body(self.r.randint(1, 3), **context)
        if self.r.random() < 0.6:
            self.p(f'bra{self.r.choice(["", ".uni"])} {end};')
            self.place(no)
            self.y('else:')
            self.body(self.r.randint(1, 3), **context)
        else:
            self.place(no)
        self.place(end)

    def guarded(self):
        q, e = self.condition()
        self.y(f'if {e}:')
        self.indent += 1
        self.assign(f'@{q} ')
        self.indent -= 1

    def loop(self, **context):
        """while (c < bound and more) { c++; … } or the same tested at its end."""
        self.counters += 1
        c, head, end = f'c{self.counters}', self.label('loop'), self.label('done')
        uniform = self.r.random() < 0.35
        at_end = self.r.random() < 0.4
        whole = context.get('whole', False) and uniform
        t, bound = self.temp(), self.v()
        if uniform:
            self.p(f'mov.u32 {t}, {self.r.randint(1, 4)};')
            py_bound = self.ptx[-1].split(', ')[1][:-1]
        else:
            m = self.r.choice([3, 7])
            self.p(f'and.b32 {t}, %{bound}, {m};')
            py_bound = f'{c}_bound'
            self.y(f'{py_bound} = {bound} & {m}')
        self.p(f'mov.u32 %{c}, 0;')
        self.y(f'{c} = 0')
        self.place(head)
        inner = dict(context, whole=whole, loop=None if whole else (head, end, at_end))
        q = self.pred()
        if at_end:
            self.y('while True:')
        else:
            more = None
            self.p(f'setp.ge.u32 {q}, %{c}, {t};')
            if not uniform and self.r.random() < 0.3:
                x, k = self.v(), self.r.randrange(8)
                u, q2 = self.temp(), self.pred()
                self.p(f'and.b32 {u}, %{x}, 7;')
                self.p(f'setp.eq.u32.or {q2}, {u}, {k}, {q};')
                q, more = q2, f' and ({x} & 7) != {k}'
            self.p(f'@{q} bra {end};')
            self.y(f'while {c} < {py_bound}{more or ""}:')
        self.p(f'add.u32 %{c}, %{c}, 1;')
        self.indent += 1
        self.y(f'{c} += 1')
        self.indent -= 1
        self.body(self.r.randint(1, 4), **inner)
        if at_end:
            self.p(f'setp.lt.u32 {q}, %{c}, {t};')
            self.p(f'@{q} bra {head};')
            self.indent += 1
            self.y(f'if not {c} < {py_bound}: break')
            self.indent -= 1
        else:
            self.p(f'bra{self.r.choice(["", ".uni"])} {head};')
        self.place(end)
        if self.r.random() < 0.6:  # the counter lives on
            d = self.v()
            self.p(f'mad.lo.u32 %{d}, %{c}, 77, %{d};')
            self.y(f'{d} = ({c} * 77 + {d}) & {M32}')

    def leave(self, **context):
        """break, continue, or the thread's end, under a condition."""
        q, e = self.condition(self.r.random() < 0.15)
        loop = context.get('loop')
        kind = self.r.random()
        if loop and kind < 0.85:
            head, end, at_end = loop
            if at_end or kind < 0.5:
                self.p(f'@{q} bra {end};')
                self.y(f'if {e}: break')
            else:
                self.p(f'@{q} bra {head};')
                self.y(f'if {e}: continue')
            return
        if self.is_func:
            self.p(f'@!{q} bra {(go := self.label("go"))};')
            self.p('st.param.b32 [result], %v1;')
            self.p('ret;')
            self.place(go)
            self.y(f'if {e}: return v1')
            return
        if self.r.random() < 0.3:  # the values so far are its results
            go = self.label('go')
            self.p(f'@!{q} bra {go};')
            self.p(f'st.global.u32 [%out+{4 * self.r.randrange(SLOTS)}], %v0;')
            slot = int(self.ptx[-1].split('+')[1].split(']')[0]) // 4
            self.p(self.r.choice(['exit;', 'ret;']))
            self.place(go)
            self.y(f'if {e}:')
            self.y(f'   out[{slot}] = v0')
            self.y('   return')

    def switch(self, **context):
        n = self.r.randint(3, 5)
        t, a = self.temp(), self.v()
        names, end = [self.label('case') for _ in range(n)], self.label('end')
        context['whole'] = False
        self.p(f'rem.u32 {t}, %{a}, {n};')
        table = self.label('table')
        self.p(f'{table}: .branchtargets {", ".join(names)};')
        self.p(f'brx.idx {t}, {table};')
        self.y(f's{self.depth} = {a} % {n}')
        falls = False
        for i, name in enumerate(names):
            self.place(name)
            x = f'x{self.depth}'
            self.y(f'{x} = s{self.depth} == {i}' + (f' or {x}' if falls else ''))
            self.y(f'if {x}:')
            self.body(self.r.randint(1, 2), **context)
            falls = self.r.random() < 0.35
            if not falls:
                self.p(f'bra {end};')
        self.place(end)

    def statement(self, **context):
        self.budget -= 1
        c = self.r.random()
        if self.depth > 4 or self.budget < 0:
            c = c * 0.35
        if c < 0.22:
            self.assign()
        elif c < 0.28:
            self.guarded()
        elif c < 0.35:
            if self.is_func:
                self.assign()
            else:
                self.r.choice([self.store, self.array])()
        elif c < 0.58:
            self.if_else(**context)
        elif c < 0.78:
            self.loop(**context)
        elif c < 0.84:
            self.switch(**context)
        elif c < 0.93:
            self.leave(**context)
        elif self.callee:
            self.call()
        elif context.get('whole') and not self.is_func:
            self.exchange()
        else:
            self.assign()

    def graph(self):
        """Blocks that branch to any other: irreducible as a rule; a counter ends it."""
        n = self.r.randint(4, 8)
        names, end = [self.label('block') for _ in range(n)], self.label('end')
        self.p('and.b32 %c1, %v1, 15;')
        self.p('add.u32 %c1, %c1, 6;')
        self.y('c1, pc = (v1 & 15) + 6, 0')
        q, e = self.condition()
        other = self.r.randrange(n)
        self.p(f'@{q} bra {names[other]};')  # two ways into the graph
        self.y(f'if {e}: pc = {other}')
        self.y('while True:')
        self.indent += 1
        for i, name in enumerate(names):
            self.y(f'{"if" if i == 0 else "elif"} pc == {i}:')
            self.place(name)
            self.indent += 1
            for _ in range(self.r.randint(1, 3)):
                self.r.choice([self.assign, self.assign, self.assign, self.store, self.array])()
            q = self.pred()
            self.p('sub.u32 %c1, %c1, 1;')
            self.p(f'setp.eq.u32 {q}, %c1, 0;')
            self.p(f'@{q} bra {end};')
            self.y('c1 -= 1')
            self.y('if c1 == 0: break')
            q, e = self.condition(self.r.random() < 0.2)
            a, b = self.r.randrange(n), self.r.randrange(n)
            self.p(f'@{q} bra {names[a]};')
            self.p(f'bra {names[b]};')
            self.y(f'pc = {a} if {e} else {b}')
            self.indent -= 1
        self.indent -= 1
        self.place(end)

    def registers(self):
        yield '.reg .b32 %v<6>, %v_n, %v_cta, %n<12>;'
        yield '.reg .b64 %w<2>, %x<8>, %out;'
        yield '.reg .f32 %f<2>;'
        yield '.reg .pred %b<2>;'
        yield '.reg .b32 %sh, %shn;'
        yield f'.reg .b32 %c<{self.counters + 2}>;'
        yield f'.reg .pred %q<{self.preds + 1}>;'
        yield f'.reg .b32 %t<{self.temps + 1}>;'


def make_function(rng, name):
    g = Program(rng, name, is_func=True)
    g.budget = 8
    g.y('v0, v1, v2, v3, v4, v5 = a, b, a ^ b, 5, 0, 9')
    g.y('w0, w1, f0, f1, b0, b1, v_n, v_cta = a, b, 1.0, 2.0, False, True, 2, 1')
    for _ in range(4):
        g.statement(whole=False)
    g.y('return (v0 + v2 + v4) & %d' % M32)
    ptx = [f'.func (.param .b32 result) {name}(.param .b32 pa, .param .b32 pb)', '{']
    ptx += ['   ' + x for x in g.registers()]
    ptx += ['   ' + x for x in (
        'ld.param.b32 %v0, [pa];', 'ld.param.b32 %v1, [pb];', 'xor.b32 %v2, %v0, %v1;',
        'mov.u32 %v3, 5;', 'mov.u32 %v4, 0;', 'mov.u32 %v5, 9;', 'cvt.u64.u32 %w0, %v0;',
        'cvt.u64.u32 %w1, %v1;', 'mov.f32 %f0, 0f3F800000;', 'mov.f32 %f1, 0f40000000;',
        'setp.ne.u32 %b0, %v4, 0;', 'setp.eq.u32 %b1, %v4, 0;', 'mov.u32 %v_n, 2;',
        'mov.u32 %v_cta, 1;')]
    ptx += g.ptx
    ptx += ['   ' + x for x in (
        'add.u32 %v0, %v0, %v2;', 'add.u32 %v0, %v0, %v4;', 'st.param.b32 [result], %v0;',
        'ret;')] + ['}', '']
    return ptx, [f'def {name}(a, b):'] + g.py


KERNEL_HEAD = '''ld.param.u64 %x1, [in];
ld.param.u64 %out, [out];
ld.param.u32 %v_n, [n];
mov.u32 %n0, %tid.x;
mov.u32 %n1, %tid.y;
mov.u32 %n2, %tid.z;
mov.u32 %n3, %ntid.x;
mov.u32 %n4, %ntid.y;
mov.u32 %n5, %ntid.z;
mov.u32 %v_cta, %ctaid.x;
mad.lo.u32 %n6, %n2, %n4, %n1;
mad.lo.u32 %n6, %n6, %n3, %n0;
mul.lo.u32 %n7, %n3, %n4;
mul.lo.u32 %n7, %n7, %n5;
mad.lo.u32 %v0, %v_cta, %n7, %n6;
mul.wide.u32 %x2, %v0, 4;
add.u64 %x1, %x1, %x2;
ld.global.u32 %v1, [%x1];
mul.wide.u32 %x2, %v0, {stride};
add.u64 %out, %out, %x2;
mov.u32 %sh, cells;
mad.lo.u32 %sh, %n6, 4, %sh;
add.u32 %n8, %n6, 1;
rem.u32 %n8, %n8, %n7;
mov.u32 %shn, cells;
mad.lo.u32 %shn, %n8, 4, %shn;
mov.u32 %n9, 0;
st.shared.u32 [%sh], %n9;
bar.sync 0;
mov.u32 %v2, %v_n;
mov.u32 %v3, %v_cta;
mov.u32 %v4, 0;
mov.u32 %v5, 12345;
mul.wide.u32 %w0, %v1, 65537;
mov.u64 %w1, 1;
and.b32 %n10, %v1, 255;
cvt.rn.f32.u32 %f0, %n10;
mov.f32 %f1, 0f42C80000;
and.b32 %n10, %v1, 1;
setp.ne.u32 %b0, %n10, 0;
setp.ne.u32 %b1, %n9, 0;'''
CLEAR = '\n'.join(f'st.local.u32 [array+{4 * i}], %n9;' for i in range(8))
KERNEL_TAIL = '''st.global.u32 [%out+16], %v0;
st.global.v2.u32 [%out+24], {%v2, %v3};
st.global.u32 [%out+20], %v1;
st.global.u64 [%out+32], %w0;
st.global.f32 [%out+40], %f0;
selp.u32 %n10, 1, 0, %b0;
selp.u32 %n11, 2, 0, %b1;
add.u32 %n10, %n10, %n11;
st.global.u32 [%out+44], %n10;
ret;'''


def make_kernel(rng, name, callee):
    g = Program(rng, name, callee=callee)
    g.y('v0, v1, v2, v3, v4, v5 = gid, data[gid], v_n, v_cta, 0, 12345')
    g.y('w0, w1, f0, f1, b0, b1 = v1 * 65537, 1, float(v1 & 255), 100.0, bool(v1 & 1), False')
    g.y('arr = [0] * 8')
    g.y('shared[me] = 0')
    g.y('yield')
    if rng.random() < 0.3:
        g.graph()
    else:
        while g.budget > 0:
            g.statement(whole=True)
    g.y(f'out[{SLOTS}:] = [v0, v1, v2, v3, w0 & {M32}, w0 >> 32, bits(f0), b0 + 2 * b1]')
    lines = [f'.visible .entry {name}(.param .u64 in, .param .u64 out, .param .u32 n)', '{']
    lines += ['   .shared .align 4 .b32 cells[128];', '   .local .align 4 .b32 array[8];']
    lines += ['   ' + x for x in g.registers()]
    lines += ['   ' + x for x in KERNEL_HEAD.replace('{stride}', str(4 * OUTS)).split('\n')]
    lines += ['   ' + x for x in CLEAR.split('\n')]
    lines += g.ptx + ['   ' + x for x in KERNEL_TAIL.split('\n')] + ['}', '']
    return lines, [f'def {name}(gid, me, size, data, v_n, v_cta, shared, out):'] + g.py


def run_model(source, name, grid, block, data, n):
    """All threads of a block go from barrier to barrier, one after the other."""
    names = {'f32': f32, 'bits': bits, 's': lambda x: x - (x >> 31 << 32)}
    exec('\n'.join(source), names)
    size = block[0] * block[1] * block[2]
    result = []
    for cta in range(grid):
        shared, outs = [0] * size, [[0] * OUTS for _ in range(size)]
        threads = [names[name](cta * size + t, t, size, data, n, cta, shared, outs[t])
                   for t in range(size)]
        while threads:
            threads = [t for t in threads if next(t, 'end') != 'end']
        result += [x for o in outs for x in o]
    return result


def wrap(first, words, width=110):
    """A directive that goes on over lines."""
    lines, line = [], first
    for w in words:
        if len(line) + 1 + len(w) > width:
            lines.append(line)
            line = '// +'
        line += ' ' + w
    return lines + [line]


def make_file(seed, kernels):
    rng = random.Random(seed)
    head = ['// SPDX-License-Identifier: Apache-2.0',
            f'// Random divergent control flow, seed {seed}; made by tests/gen/divergence.py.']
    body = ['.version 7.0', '.target sm_70', '.address_size 64', '']
    for k in range(kernels):
        callee, source = None, []
        if rng.random() < 0.3:
            callee = f'fn{k}'
            ptx, source = make_function(rng, callee)
            body += ptx
        ptx, py = make_kernel(rng, f'k{k}', callee)
        body += ptx
        source += py
        block, grid, n = rng.choice(BLOCKS), rng.randint(1, 2), rng.randrange(4)
        threads = grid * block[0] * block[1] * block[2]
        data = [rng.getrandbits(32) >> rng.choice([0, 0, 16, 28]) for _ in range(threads)]
        want = run_model(source, f'k{k}', grid, block, data, n)
        head += [f'// RUN k{k} grid={grid} block={block[0]},{block[1]},{block[2]}']
        head += wrap(f'// IN in u32[{threads}]', map(str, data))
        head += [f'// IN out u32[{threads * OUTS}]', f'// IN n u32 {n}']
        head += wrap(f'// OUT out u32[{threads * OUTS}]', map(str, want))
    return '\n'.join(head + body)


if __name__ == '__main__':
    write.write_files(__doc__, 'divergence', make_file, files=12, kernels=6)
