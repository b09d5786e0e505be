#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ptx tests of loads, stores and atomics in every state space, type and vector form,
at addresses that lanes share, follow, stride over, turn round or scatter, with all lanes and
with some; a byte array in Python gives the values.

usage: tests/gen/memory.py FOLDER [--seed N]"""
import write

BLOCK = (13, 3, 1)
THREADS = 39
CELL = 32           # bytes a thread owns
BYTES = CELL * 64
TYPES = ['u8', 's8', 'b8', 'u16', 's16', 'b16', 'u32', 's32', 'b32', 'f32', 'u64', 's64',
         'b64', 'f64']
MODES = {
    'global': ['', '.cg', '.cs', '.ca'],
    'shared': [''], 'local': [''], 'generic': [''], 'const': [''],
}
ORDERS = ['.relaxed.gpu', '.relaxed.cta', '.relaxed.sys', '.acquire.gpu', '.acquire.cta',
          '.volatile']


def bits(t):
    return int(t[1:])


def where(rng):
    """Which cell a thread uses: (PTX from %t to %c, the same in Python)."""
    return rng.choice([
        (['mov.u32 %c, %t;'], lambda t: t),
        (['sub.u32 %c, 38, %t;'], lambda t: 38 - t),
        (['mul.lo.u32 %c, %t, 7;', 'rem.u32 %c, %c, 64;'], lambda t: t * 7 % 64),
        (['xor.b32 %c, %t, 5;'], lambda t: t ^ 5),
        (['shr.u32 %c, %t, 2;'], lambda t: t >> 2),
        (['mov.u32 %c, 17;'], lambda t: 17),
        (['add.u32 %c, %t, 3;'], lambda t: t + 3),
    ])


def scattered(rng):
    """The same where no two threads may share a cell."""
    while True:
        w = where(rng)
        if len({w[1](t) for t in range(THREADS)}) == THREADS:
            return w


class Kernel:
    def __init__(self, rng, name):
        self.r, self.name = rng, name
        self.lines, self.outs = [], []
        self.data = [rng.getrandbits(8) for _ in range(BYTES)]
        self.shared = list(self.data)
        self.local = [list(self.data[:CELL]) for _ in range(THREADS)]
        self.glob = list(self.data)
        self.labels = 0

    def address(self, space, w, offset):
        """%a for this space; shared and generic have their own bases."""
        self.lines += w[0] + [f'mul.wide.u32 %a, %c, {CELL};']
        base = {'const': 'table', 'shared': 'cells'}
        if space == 'local':
            self.lines += ['mov.u64 %a, own;']
        elif space == 'generic':
            self.lines += ['add.u64 %a, %a, %gen;']
        elif space in ('global', 'nc'):
            self.lines += [f'add.u64 %a, %a, {"%buf" if space == "global" else "%ro"};']
        else:
            self.lines += [f'mov.u64 %b, {base[space]};', 'add.u64 %a, %a, %b;']
        return f'[%a+{offset}]'

    def some(self):
        """Perhaps under a mask: (lines before, after, who takes part)."""
        if self.r.random() < 0.6:
            return [], [], lambda t: True
        self.labels += 1
        k, label = self.r.randrange(1, 4), f'{self.name}_skip{self.labels}'
        return ([f'and.b32 %c, %t, {k};', 'setp.eq.u32 %p, %c, 0;', f'@%p bra {label};'],
                [f'{label}:'], lambda t: t & k)

    def form(self):
        t = self.r.choice(TYPES)
        n = self.r.choice([1, 1, 1, 2, 4])
        while n * bits(t) > 128:
            n = self.r.choice([1, 2])
        size = n * bits(t) // 8
        offset = self.r.randrange(CELL // size) * size
        regs = [f'%{"f" if t[0] == "f" else "x"}{max(bits(t), 16)}_{k}' for k in range(n)]
        group = regs[0] if n == 1 else '{' + ', '.join(regs) + '}'
        return t, n, size, offset, regs, group, '' if n == 1 else f'.v{n}'

    def memory(self, space, thread):
        return {'shared': self.shared, 'local': self.local[thread],
                'const': self.data}.get(space, self.glob)

    def load(self):
        space = self.r.choice(['global', 'shared', 'local', 'generic', 'const', 'nc'])
        t, n, size, offset, regs, group, vec = self.form()
        w = where(self.r)
        op, base = f'ld.{space}', space
        if space == 'nc':
            op, base = 'ld.global.nc', 'const'  # what nobody writes
        elif space == 'generic':
            op = 'ld'
        if space in ('global', 'shared', 'generic') and n == 1 and bits(t) >= 32 and \
                self.r.random() < 0.3:
            order = self.r.choice(ORDERS)
            op = 'ld' + order + ('' if space == 'generic' else '.' + space)
        elif space == 'global':
            op += self.r.choice(MODES['global'])
        before, after, takes = self.some()
        for r in regs:
            self.lines.append(f'mov.b{r.split("_")[0][2:]} {r}, '
                              f'{"0" if r[1] == "x" else "0f00000000" if "32" in r else "0d0000000000000000"};')
        self.lines += before
        place = self.address(space if space == 'nc' else base, w, offset)
        self.lines += [f'{op}{vec}.{t} {group}, {place};'] + after
        width = max(bits(t), 16)
        for k, r in enumerate(regs):
            out = len(self.outs)
            self.lines += [f'st.global.b{width} [%out+{out * 8 * THREADS}], {r};']
            want = []
            for th in range(THREADS):
                m = self.memory(base, th)
                at = offset + k * bits(t) // 8 + (0 if base == 'local' else w[1](th) * CELL)
                v = int.from_bytes(bytes(m[at:at + bits(t) // 8]), 'little')
                if t[0] == 's' and v >> (bits(t) - 1):
                    v |= (1 << width) - (1 << bits(t))
                want.append(v if takes(th) else 0)
            self.outs.append(want)

    def store(self):
        space = self.r.choice(['global', 'shared', 'local', 'generic'])
        t, n, size, offset, regs, group, vec = self.form()
        w = scattered(self.r)
        op = 'st' if space == 'generic' else f'st.{space}'
        if space in ('global', 'shared') and n == 1 and bits(t) >= 32 and self.r.random() < 0.3:
            op = self.r.choice(['st.relaxed.gpu', 'st.release.gpu', 'st.release.cta',
                                'st.volatile']) + '.' + space
        k = self.r.getrandbits(30) | 1
        width = max(bits(t), 16)
        values = []
        for n_, r in enumerate(regs):
            self.lines += [f'mad.lo.u32 %c, %t, {k}, {n_ * 77};', 'cvt.u64.u32 %b, %c;',
                           'shl.b64 %b2, %b, 29;', 'xor.b64 %b, %b, %b2;']
            self.lines += ['mov.b64 %s, %b;'.replace('%s', r)] if width == 64 else \
                [f'cvt.u{width}.u64 %x{width}_9, %b;', f'mov.b{width} {r}, %x{width}_9;']

            def value(th, n_=n_):
                c = (th * k + n_ * 77) & 0xFFFFFFFF
                return (c ^ c << 29) & (1 << bits(t)) - 1
            values.append(value)
        before, after, takes = self.some()
        self.lines += ['bar.sync 0;'] + before
        place = self.address(space, w, offset)
        self.lines += [f'{op}{vec}.{t} {place}, {group};'] + after
        if space != 'local':
            self.lines += ['bar.sync 0;']
        for th in range(THREADS):
            if not takes(th):
                continue
            m = self.memory(space, th)
            at = offset + (0 if space == 'local' else w[1](th) * CELL)
            for n_ in range(n):
                b = bits(t) // 8
                m[at + n_ * b:at + (n_ + 1) * b] = list(values[n_](th).to_bytes(b, 'little'))

    def atomic(self):
        op, t = self.r.choice([
            (o, t) for o, ts in (
                ('add', ('u32', 's32', 'u64')), ('min', ('u32', 's32', 'u64', 's64')),
                ('max', ('u32', 's32', 'u64', 's64')), ('and', ('b32', 'b64')),
                ('or', ('b32', 'b64')), ('xor', ('b32', 'b64')), ('inc', ('u32',)),
                ('dec', ('u32',)), ('exch', ('b32', 'b64'))) for t in ts])
        space = self.r.choice(['global', 'shared', 'generic'])
        sem = self.r.choice(['', '.relaxed', '.acq_rel', '.release', '.acquire'])
        scope = self.r.choice(['.gpu', '.cta', '.sys']) if sem else self.r.choice(
            ['', '', '.gpu', '.cta', '.sys'])
        w = where(self.r)
        kind = 'red' if op != 'exch' and sem != '.acquire' and sem != '.acq_rel' and \
            self.r.random() < 0.5 else 'atom'
        name = f'{kind}{sem}{scope}{"" if space == "generic" else "." + space}.{op}.{t}'
        offset = self.r.randrange(CELL // 8) * 8
        width = bits(t)
        # All lanes exchange the same word, so that the order does not matter.
        k = self.r.getrandbits(31)
        by_thread = op not in ('exch', 'inc', 'dec')
        self.lines += [f'mov.u64 %b2, {k};' if not by_thread else f'mul.wide.u32 %b2, %t, {k};']
        before, after, takes = self.some()
        self.lines += ['bar.sync 0;'] + before
        place = self.address(space, w, offset)
        value = '%b2' if width == 64 else '%x32_8'
        if width == 32:
            self.lines += ['cvt.u32.u64 %x32_8, %b2;']
        self.lines += [f'{name} {place}, {value};' if kind == 'red' else
                       f'{name} %x{width}_7, {place}, {value};'] + after + ['bar.sync 0;']
        m, full = self.memory(space, 0), (1 << width) - 1

        def number(x):
            return x - (x >> (width - 1) << width) if t[0] == 's' else x
        for th in range(THREADS):
            if not takes(th):
                continue
            at = w[1](th) * CELL + offset
            old = int.from_bytes(bytes(m[at:at + width // 8]), 'little')
            b = (th * k if by_thread else k) & full
            new = {'add': lambda: old + b, 'and': lambda: old & b, 'or': lambda: old | b,
                   'xor': lambda: old ^ b, 'exch': lambda: b,
                   'min': lambda: old if number(old) < number(b) else b,
                   'max': lambda: old if number(old) > number(b) else b,
                   'inc': lambda: 0 if old >= b else old + 1,
                   'dec': lambda: b if old == 0 or old > b else old - 1}[op]()
            m[at:at + width // 8] = list((new & full).to_bytes(width // 8, 'little'))

    def make(self):
        for _ in range(14):
            self.r.choice([self.load, self.load, self.load, self.store, self.store,
                           self.atomic])()
        words = [int.from_bytes(bytes(self.data[i:i + 8]), 'little') for i in range(0, BYTES, 8)]

        def listing(first, values):
            lines, line = [], first
            for v in values:
                if len(line) > 100:
                    lines.append(line)
                    line = '// +'
                line += f' {v:#x}'
            return lines + [line]

        # 16-bit and 32-bit results lie in 8-byte places.
        out = [v for want in self.outs for v in want]
        final = [int.from_bytes(bytes(self.glob[i:i + 8]), 'little') for i in range(0, BYTES, 8)]
        shared = [int.from_bytes(bytes(self.shared[i:i + 8]), 'little')
                  for i in range(0, BYTES, 8)]
        head = [f'// RUN {self.name} block={",".join(map(str, BLOCK))}']
        head += listing(f'// IN buf u64[{len(words)}]', words)
        head += listing(f'// IN ro u64[{len(words)}]', words)
        head += [f'// IN shout u64[{len(words)}]', f'// IN out u64[{max(1, len(out))}]']
        head += listing(f'// SET table u64[{len(words)}]', words)
        head += listing(f'// OUT buf u64[{len(final)}]', final)
        head += listing(f'// OUT shout u64[{len(shared)}]', shared)
        if out:
            head += listing(f'// OUT out u64[{len(out)}]', out)
        pre = ['.reg .pred %p;', '.reg .b32 %t, %c, %u<4>;', '.reg .b64 %a, %b, %b2, %gen;',
               '.reg .b64 %buf, %ro, %shout, %out, %i;']
        pre += [f'.reg .b{w} %x{w}_<10>;' for w in (16, 32, 64)]
        pre += ['.reg .f32 %f32_<4>;', '.reg .f64 %f64_<4>;',
                f'.shared .align 16 .b8 cells[{BYTES}];', f'.local .align 16 .b8 own[{CELL}];',
                'ld.param.u64 %buf, [buf];', 'ld.param.u64 %ro, [ro];',
                'ld.param.u64 %shout, [shout];',
                'ld.param.u64 %out, [out];', 'mov.u32 %u0, %tid.x;', 'mov.u32 %u1, %tid.y;',
                'mad.lo.u32 %t, %u1, 13, %u0;', 'mul.wide.u32 %a, %t, 8;',
                'add.u64 %out, %out, %a;', 'cvta.global.u64 %gen, %buf;']
        # Shared memory as the buffer; local memory as its first cell.
        copy = ['mov.u32 %c, %t;', f'{self.name}_fill:', 'mul.wide.u32 %a, %c, 8;',
                'add.u64 %b, %a, %buf;', 'ld.global.u64 %i, [%b];', 'mov.u64 %b, cells;',
                'add.u64 %b, %b, %a;', 'st.shared.u64 [%b], %i;', f'add.u32 %c, %c, {THREADS};',
                f'setp.lt.u32 %p, %c, {BYTES // 8};', f'@%p bra {self.name}_fill;']
        for i in range(0, CELL, 8):
            copy += [f'ld.global.u64 %i, [%buf+{i}];', f'st.local.u64 [own+{i}], %i;']
        copy += ['bar.sync 0;']
        dump = ['bar.sync 0;', 'mov.u32 %c, %t;', f'{self.name}_dump:',
                'mul.wide.u32 %a, %c, 8;', 'mov.u64 %b, cells;', 'add.u64 %b, %b, %a;',
                'ld.shared.u64 %i, [%b];', 'add.u64 %b, %a, %shout;', 'st.global.u64 [%b], %i;',
                f'add.u32 %c, %c, {THREADS};', f'setp.lt.u32 %p, %c, {BYTES // 8};',
                f'@%p bra {self.name}_dump;', 'ret;']
        text = [f'.visible .entry {self.name}(.param .u64 buf, .param .u64 ro, '
                '.param .u64 shout, .param .u64 out)', '{'] + [x if x.endswith(':') else '   ' + x
                        for x in pre + copy + self.lines + dump] + ['}', '']
        return head, text


HEADER = ['.version 7.8', '.target sm_90', '.address_size 64',
          f'.const .align 16 .b8 table[{BYTES}];']

if __name__ == '__main__':
    make_file = write.kernels_file(Kernel, 'Loads, stores, atomics, seed {seed}; made by tests/gen/memory.py.', HEADER)
    write.write_files(__doc__, 'memory', make_file, files=5, kernels=8)
