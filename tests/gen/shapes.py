#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ptx tests of addresses that a compiler takes for runs of memory: indices made of
thread numbers, sizes known only at run time, masks, remainders, clamps and wraps, read and
written by whole and by partly active warps of many block shapes. Python evaluates the index
of one thread after the other; it knows neither lanes nor shapes.

usage: tests/gen/shapes.py FOLDER [--seed N] [--files N] [--kernels N]"""
import write

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
BLOCKS = [(32, 1, 1), (64, 1, 1), (16, 4, 1), (8, 8, 1), (45, 1, 1), (4, 4, 4), (16, 3, 1),
          (33, 2, 1)]
CELLS = 1024          # u32 elements of the table
LOOP = 3              # rounds of a kernel's loop


def signed(x, bits=32):
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def cell(i):
    """The table's element i: no two neighbours alike."""
    return (i * 2654435761 + 12345) & M32


class Kernel:
    def __init__(self, rng, name):
        self.r, self.name = rng, name
        self.ptx, self.steps = [], []      # steps: functions of a thread's registers
        self.made = 0
        self.uniform = ['n', 'm', 's', 'cx']

    def new(self, line, value):
        """A 32-bit register set by `line`, {} being itself."""
        d = f'v{self.made}'
        self.made += 1
        self.ptx.append(line.format(f'%{d}'))
        self.steps.append(lambda e, d=d: e.__setitem__(d, value(e) & M32))
        return d

    def lane(self):
        return self.r.choice(['tx', 'tx', 'ty', 'lin', 'lane'])

    def operand(self, uniform=False):
        if uniform or not self.made or self.r.random() < 0.3:
            return self.r.choice(self.uniform)
        return f'v{self.r.randrange(self.made)}' if self.r.random() < 0.6 else self.lane()

    def index(self):
        """One more value, mostly of a shape."""
        a, u, r = self.operand(), self.operand(True), self.r
        c = r.choice([1, 2, 3, 4, 8, 16, 31, 32, 33, 64, 255, 0x7ffffff0, 0xfffffff0, 0xffffffff])
        low = r.choice([7, 15, 31, 63, 127, 255, 1023, 0xffffffe0, 0xf0, 0x7fffffff])
        n = r.randrange(14)
        if n == 0:
            b = self.operand()
            return self.new(f'mad.lo.s32 {{}}, %{a}, %{u}, %{b};', lambda e: e[a] * e[u] + e[b])
        if n == 1:
            return self.new(f'add.u32 {{}}, %{a}, %{u};', lambda e: e[a] + e[u])
        if n == 2:
            return self.new(f'sub.u32 {{}}, %{u}, %{a};', lambda e: e[u] - e[a])
        if n == 3:
            return self.new(f'add.u32 {{}}, %{a}, {c};', lambda e: e[a] + c)
        if n == 4:
            return self.new(f'and.b32 {{}}, %{a}, {low};', lambda e: e[a] & low)
        if n == 5:
            return self.new(f'and.b32 {{}}, %{a}, %{u};', lambda e: e[a] & e[u])
        if n == 6:
            return self.new(f'xor.b32 {{}}, %{a}, %{u};', lambda e: e[a] ^ e[u])
        if n == 7:
            return self.new(f'or.b32 {{}}, %{a}, %{u};', lambda e: e[a] | e[u])
        if n == 8:
            return self.new(f'rem.u32 {{}}, %{a}, %{u};',
                            lambda e: e[a] % e[u] if e[u] else e[a])
        if n == 9:
            return self.new(f'div.u32 {{}}, %{a}, %{u};',
                            lambda e: e[a] // e[u] if e[u] else M32)
        if n == 10:
            t = r.choice('su')
            f = signed if t == 's' else int
            return self.new(f'min.{t}32 {{}}, %{a}, %{u};', lambda e: min(f(e[a]), f(e[u])))
        if n == 11:
            t = r.choice('su')
            f = signed if t == 's' else int
            return self.new(f'max.{t}32 {{}}, %{a}, %{u};', lambda e: max(f(e[a]), f(e[u])))
        if n == 12:
            k = r.randrange(1, 6)
            return self.new(f'shl.b32 {{}}, %{a}, {k};', lambda e: e[a] << k)
        k = r.randrange(1, 6)
        return self.new(f'shr.u32 {{}}, %{a}, {k};', lambda e: e[a] >> k)

    def place(self, d, wide, out):
        """Register %a: the address of a cell of the table, out: a register with its number."""
        mul = f'mul.wide.{wide}32 %w, %{d}, 4;'
        widen = signed if wide == 's' else int
        if self.r.random() < 0.5:
            # A wrap on the way to 64 bits gives another remainder.
            by = self.r.choice(['%bytes', str(4 * CELLS), '388'])
            self.ptx += [mul, f'rem.u64 %w, %w, {by};']

            def value(e):
                size = {'%bytes': 4 * e['cells']}.get(by) or int(by)
                return (widen(e[d]) * 4 & M64) % size // 4
        else:
            by = self.r.choice(['%cells', str(CELLS), '97'])
            self.ptx += [f'rem.u32 %c, %{d}, {by};', f'mul.wide.{wide}32 %w, %c, 4;']

            def value(e):
                return e[d] % (e['cells'] if by == '%cells' else int(by))
        self.steps.append(lambda e: e.__setitem__(out, value(e)))

    def some(self):
        """Perhaps a mask: PTX before and after, and who takes part."""
        label = f'{self.name}_s{len(self.ptx)}'
        kind = self.r.randrange(4)
        k = self.r.randrange(1, 30)
        if kind == 0:
            return [f'setp.lt.u32 %p, %tx, {k};', f'@%p bra {label};'], [f'{label}:'], \
                lambda e: e['tx'] >= k
        if kind == 1:
            return [f'and.b32 %c, %lin, 3;', 'setp.eq.u32 %p, %c, 1;', f'@%p bra {label};'], \
                [f'{label}:'], lambda e: e['lin'] & 3 != 1
        return [], [], lambda e: True

    def load(self, d):
        before, after, takes = self.some()
        offset = self.r.choice([0, 0, 4, 8, 60])
        space = self.r.choice(['global', 'global', 'shared'])
        self.ptx += before
        start = len(self.steps)
        self.place(d, self.r.choice('su'), 'at')
        at = self.steps.pop(start)
        base = '%table' if space == 'global' else '%copy'
        self.ptx += [f'add.u64 %a, %w, {base};', f'ld.{space}.u32 %x, [%a+{offset}];',
                     'mad.lo.u32 %sum, %sum, 31, %x;', *after]

        def step(e):
            if takes(e):
                at(e)
                e['sum'] = (e['sum'] * 31 + cell(e['at'] + offset // 4)) & M32
        self.steps.append(step)

    def store(self, d):
        """Every thread that writes a cell writes the same."""
        before, after, takes = self.some()
        self.ptx += before
        start = len(self.steps)
        self.place(d, self.r.choice('su'), 'at')
        at = self.steps.pop(start)
        self.ptx += ['add.u64 %a, %w, %marks;', 'cvt.u32.u64 %x, %w;', 'add.u32 %x, %x, 7;',
                     'st.global.u32 [%a], %x;', *after]

        def step(e):
            if takes(e):
                at(e)
                e['marks'][e['at']] = e['at'] * 4 + 7
        self.steps.append(step)

    def body(self):
        for _ in range(self.r.randrange(4, 8)):
            self.index()
        values = [f'v{self.r.randrange(self.made)}' for _ in range(4)]
        for d in values[:2]:
            self.load(d)
        # A loop in which indices advance by what only the launch knows.
        d = values[2]
        u = self.r.choice(['n', 's', 'm'])
        top = f'{self.name}_top'
        self.ptx += [f'mov.u32 %i, %{d};', 'mov.u32 %k, 0;', f'{top}:']
        outer, self.steps = self.steps, []
        line, value = self.r.choice([
            ('mov.u32 %j, %i;', lambda e: e['i']), ('mov.u32 %j, %i;', lambda e: e['i']),
            ('add.u32 %j, %i, %tx;', lambda e: e['i'] + e['tx']),
            ('and.b32 %j, %i, 1023;', lambda e: e['i'] & 1023)])
        self.ptx.append(line)
        self.steps.append(lambda e: e.__setitem__('j', value(e) & M32))
        self.load('j')
        if self.r.random() < 0.5:
            self.store('j')
        self.ptx += [f'add.u32 %i, %i, %{u};', 'add.u32 %k, %k, 1;',
                     f'setp.lt.u32 %p, %k, {LOOP};', f'@%p bra {top};']
        inner, self.steps = self.steps, outer

        def loop(e):
            e['i'] = e[d]
            for _ in range(LOOP):
                for s in inner:
                    s(e)
                e['i'] = (e['i'] + e[u]) & M32
        self.steps.append(loop)
        self.store(values[3])

    def run(self, block, sizes, grid):
        """One launch: what the sums and the marks must be."""
        marks, sums = [0] * CELLS, []
        bx, by, bz = block
        for cx in range(grid):
            for lin in range(bx * by * bz):
                e = dict(sizes, tx=lin % bx, ty=lin // bx % by, lin=lin, lane=lin % 32, cx=cx,
                         sum=0, marks=marks, cells=97)
                for s in self.steps:
                    s(e)
                sums.append(e['sum'])
        return sums, marks

    def make(self):
        self.body()
        head = []
        for block in self.r.sample(BLOCKS, 4):
            sizes = {'n': self.r.choice([1, 5, 16, 33, 64, 100]),
                     'm': self.r.choice([0, 3, 15, 31, 63, 255, 0x7fffffff]),
                     's': self.r.choice([1, 2, 16, 32, 64, 96, 0x7fffffe0])}
            grid = self.r.choice([1, 2])
            sums, marks = self.run(block, sizes, grid)
            dims = ','.join(map(str, block))
            head += [f'// RUN {self.name} grid={grid} block={dims}',
                     f'// IN table u32[{CELLS + 16}] {{u32(i * 2654435761 + 12345)}}',
                     f'// IN marks u32[{CELLS}]', f'// IN sums u32[{len(sums)}]']
            head += [f'// IN {k} u32 {v}' for k, v in sizes.items()]
            head += ['// IN cells u32 97']
            for name, values in (('sums', sums), ('marks', marks)):
                line = f'// OUT {name} u32[{len(values)}]'
                for v in values:
                    if len(line) > 100:
                        head.append(line)
                        line = '// +'
                    line += f' {v}'
                head.append(line)
        pre = ['.reg .pred %p;', '.reg .b32 %v<99>;',
               '.reg .b32 %tx, %ty, %tz, %lin, %lane, %cx, %n, %m, %s, %cells, %c, %x, %sum, %i, %j, %k;',
               '.reg .b64 %a, %w, %table, %copy, %marks, %sums, %bytes;',
               f'.shared .align 4 .b8 copy[{4 * CELLS + 64}];',
               *[f'ld.param.u64 %{k}, [{k}];' for k in ('table', 'marks', 'sums')],
               *[f'ld.param.u32 %{k}, [{k}];' for k in ('n', 'm', 's', 'cells')],
               'mov.u32 %tx, %tid.x;', 'mov.u32 %ty, %tid.y;', 'mov.u32 %tz, %tid.z;',
               'mov.u32 %lane, %laneid;', 'mov.u32 %cx, %ctaid.x;', 'mov.u32 %c, %ntid.x;',
               'mov.u32 %x, %ntid.y;', 'mad.lo.u32 %lin, %tz, %x, %ty;',
               'mad.lo.u32 %lin, %lin, %c, %tx;', 'mul.wide.u32 %bytes, %cells, 4;',
               'mov.u64 %copy, copy;', 'mov.u32 %sum, 0;',
               # The shared table, by all threads.
               'mov.u32 %x, %ntid.z;', 'mov.u32 %i, %ntid.y;', 'mul.lo.u32 %x, %x, %i;',
               'mul.lo.u32 %c, %c, %x;', 'mov.u32 %i, %lin;', f'{self.name}_fill:',
               'mul.wide.u32 %w, %i, 4;', 'add.u64 %a, %w, %table;', 'ld.global.u32 %x, [%a];',
               'add.u64 %a, %w, %copy;', 'st.shared.u32 [%a], %x;', 'add.u32 %i, %i, %c;',
               f'setp.lt.u32 %p, %i, {CELLS + 16};', f'@%p bra {self.name}_fill;',
               'bar.sync 0;', 'mad.lo.u32 %c, %cx, %c, %lin;', 'mul.wide.u32 %w, %c, 4;',
               'add.u64 %sums, %sums, %w;']
        post = ['st.global.u32 [%sums], %sum;', 'ret;']
        params = ', '.join([f'.param .u64 {k}' for k in ('table', 'marks', 'sums')] +
                           [f'.param .u32 {k}' for k in ('n', 'm', 's', 'cells')])
        if self.r.random() < 0.5:       # without a copy, addresses come before any effect
            self.ptx = [x.replace('ld.shared', 'ld.global').replace('%copy', '%table')
                        for x in self.ptx]
            start = pre.index('mov.u32 %i, %lin;')
            del pre[start:pre.index('bar.sync 0;') + 1]
        text = [f'.visible .entry {self.name}({params})', '{'] + \
            [x if x.endswith(':') else '   ' + x for x in pre + self.ptx + post] + ['}', '']
        return head, text


HEADER = ['.version 7.8', '.target sm_80', '.address_size 64']

if __name__ == '__main__':
    make_file = write.kernels_file(Kernel, 'Shapes of addresses, seed {seed}; made by tests/gen/shapes.py.', HEADER)
    write.write_files(__doc__, 'shapes', make_file, files=4, kernels=6)
