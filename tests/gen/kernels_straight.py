# SPDX-License-Identifier: Apache-2.0
"""Straight statements of random kernels: arithmetic, memory, sums, atomics on one's own
memory. What a thread may touch is said in kernels.py."""
from kernels_ops import OPS, SETPS

POOL = {'r': 8, 'd': 4, 'h': 4, 'f': 4, 'g': 3, 'p': 4}
REG = {'r': 'b32', 'd': 'b64', 'h': 'b16', 'f': 'f32', 'g': 'f64', 'p': 'pred'}
BYTES = {'r': 4, 'd': 8, 'h': 2, 'f': 4, 'g': 8}
IN_WORDS, OWN, ROWS, LOCAL = 256, 128, 6, 64  # OWN, LOCAL: bytes a thread
# Sums that everybody adds to: eight cells of 8 bytes for each operation.
SUMS = ('add.u32', 'add.u64', 'min.s32', 'max.u32', 'max.s64', 'and.b32', 'or.b64', 'xor.b32',
        'min.u64', 'xor.b64')


class Node:
    """A statement: lines and statements in it. The reducer takes whole ones away first."""

    def __init__(self):
        self.items = []

    def lines(self):
        for i in self.items:
            if isinstance(i, Node):
                yield from i.lines()
            else:
                yield i


class Context:
    """Where a statement stands. mask: the register with the lanes of the warp that come
    here, None: not known. whole: every thread of the block comes here. leave: the labels
    that `continue` and `break` go to. ends: threads may exit here."""

    def __init__(self, mask=None, whole=False, leave=None, ends=False, func=False, depth=0):
        self.mask, self.whole, self.leave, self.ends = mask, whole, leave, ends
        self.func, self.depth = func, depth

    def inner(self, **changes):
        c = Context(self.mask, self.whole, self.leave, self.ends, self.func, self.depth + 1)
        for k, v in changes.items():
            setattr(c, k, v)
        return c


class Straight:
    def __init__(self, rng, name, features, callees=(), func=False):
        self.r, self.name, self.has, self.callees = rng, name, features, callees
        self.func = func
        self.top = self.at = Node()
        self.temps = dict.fromkeys(REG, 0)
        self.labels = 0
        self.budget = rng.randint(10, 32)
        kinds = sorted({o[0] for o in OPS})
        chosen = set(rng.sample(kinds, rng.randint(3, len(kinds)))) | {'r'}
        self.ops = [o for o in OPS if o[0] in chosen]
        self.ops = rng.sample(self.ops, min(len(self.ops), rng.randint(8, 60)))

    # -- Output
    def p(self, line):
        self.at.items.append('   ' + line)

    def place(self, label):
        self.at.items.append(label + ':')

    def statement_in(self, make, *args):
        before, self.at = self.at, Node()
        before.items.append(self.at)
        make(*args)
        self.at = before

    def label(self, what):
        self.labels += 1
        return f'{self.name}_{what}{self.labels}'

    def temp(self, kind):
        self.temps[kind] += 1
        return f'%t{kind}{self.temps[kind]}'

    def reg(self, kind):
        return f'%{kind}{self.r.randrange(POOL[kind])}'

    def maybe(self, chance):
        return self.r.random() < chance

    # -- Values
    def constant(self, kind):
        r = self.r
        if kind == 'f':
            return '0f%08X' % r.choice([0, 0x3f800000, 0xbf000000, 0x7f800000, 0x00000001,
                                        0x42c80000, 0x7fc00000, r.getrandbits(32)])
        if kind == 'g':
            return '0d%016X' % r.choice([0, 0x3ff0000000000000, 0xc024000000000000,
                                         r.getrandbits(64)])
        n = 8 * BYTES[kind]
        v = r.choice([0, 1, 2, 3, 7, 31, 255, (1 << n) - 1, 1 << (n - 1), r.getrandbits(n)])
        return str(v)

    def source(self, kind):
        if kind == 'i':
            return str(self.r.randrange(256))
        if kind not in 'ph' and self.maybe(0.15):
            return self.constant(kind)
        return self.reg(kind)

    def condition(self, uniform=False):
        """A predicate; uniform: the same for all threads of the block."""
        q = self.temp('p')
        if uniform:
            t = self.temp('r')
            self.p(f'and.b32 {t}, {self.r.choice(["%n", "%cta"])}, 3;')
            self.p(f'setp.gt.u32 {q}, {t}, {self.r.randrange(4)};')
            return q
        kind = self.r.randrange(9)
        if kind == 0:
            t = self.temp('r')
            self.p(f'and.b32 {t}, {self.reg("r")}, {self.r.choice([1, 3, 7])};')
            self.p(f'setp.eq.u32 {q}, {t}, {self.r.randrange(2)};')
        elif kind == 1:
            compare = self.r.choice(['lt', 'lt', 'eq', 'ne', 'gt', 'ls'])
            self.p(f'setp.{compare}.u32 {q}, {self.r.choice(["%lane", "%lane", "%me"])}, '
                   f'{self.r.choice([self.r.randrange(1, 32), 0, 31])};')
        elif kind == 2:
            t = self.temp('r')
            self.p(f'and.b32 {t}, %lane, {self.r.choice([1, 2, 4, 8, 16, 24])};')
            self.p(f'setp.ne.u32 {q}, {t}, 0;')
        elif kind == 3:
            self.p(f'setp.ge.u32 {q}, %me, {self.r.choice([1, 16, 32, 40, 64])};')
        elif kind == 4:
            self.p(f'{self.r.choice(["mov", "not"])}.pred {q}, {self.reg("p")};')
        else:
            text, kinds = self.r.choice(SETPS)
            self.p(f'{text} {q}, {", ".join(self.source(k) for k in kinds)};')
        return q

    # -- Straight statements
    def op(self, guard=''):
        if self.maybe(0.25):
            text, kinds = self.r.choice(SETPS)
            combine = ''
            if self.maybe(0.3):
                word, types = text.split('.', 1)
                cmp, types = types.split('.', 1)
                text = f'{word}.{cmp}.{self.r.choice(["and", "or", "xor"])}.{types}'
                combine = ', ' + self.r.choice(['', '!']) + self.reg('p')
            two = ''
            a, b = self.r.sample(range(POOL['p']), 2)
            if self.maybe(0.2) and '16' not in text:
                two = f'|%p{b}'
            self.p(f'{guard}{text} %p{a}{two}, '
                   f'{", ".join(self.source(k) for k in kinds)}{combine};')
            return
        dst, kinds, text = self.r.choice(self.ops)
        self.p(f'{guard}{text} {self.reg(dst)}, {", ".join(self.source(k) for k in kinds)};')

    def guarded(self, ctx):
        q = self.condition() if self.maybe(0.5) else self.reg('p')
        for _ in range(self.r.randint(1, 3)):
            self.op(f'@{self.r.choice(["", "!"])}{q} ')

    def divide(self, ctx):
        kind = self.r.choice('rrd')
        t, bits = self.temp(kind), 8 * BYTES[kind]
        self.p(f'or.b{bits} {t}, {self.reg(kind)}, 1;')
        self.p(f'{self.r.choice(["div", "rem"])}.{self.r.choice("us")}{bits} '
               f'{self.reg(kind)}, {self.reg(kind)}, {t};')

    def carry(self, ctx):
        r = [self.reg('r') for _ in range(9)]
        how = self.r.choice([('add.cc.u32', 'addc.cc.u32', 'addc.u32'),
                             ('sub.cc.u32', 'subc.cc.u32', 'subc.u32')])
        t = [self.temp('r') for _ in range(3)]
        for i in range(3):
            self.p(f'{how[i]} {t[i]}, {r[2 * i]}, {r[2 * i + 1]};')
        self.p(f'xor.b32 {r[6]}, {t[0]}, {t[1]};')
        self.p(f'add.u32 {r[7]}, {r[6]}, {t[2]};')
        if self.maybe(0.4):
            self.p(f'mad.lo.cc.u32 {t[0]}, {r[0]}, {r[1]}, {r[2]};')
            self.p(f'madc.hi.u32 {r[8]}, {r[0]}, {r[1]}, {t[0]};')

    def pack(self, ctx):
        d, a, b = self.reg('d'), self.reg('r'), self.reg('r')
        h = self.r.sample(range(POOL['h']), 2)
        self.r.choice([lambda: self.p(f'mov.b64 {d}, {{{a}, {b}}};'),
                       lambda: self.p(f'mov.b64 {{%r0, %r1}}, {d};'),
                       lambda: self.p(f'mov.b32 {a}, {{%h{h[0]}, %h{h[1]}}};'),
                       lambda: self.p(f'mov.b32 {{%h{h[0]}, %h{h[1]}}}, {a};')])()

    def fence(self, ctx):
        if self.maybe(0.3):  # as an assertion that holds
            q = self.temp('p')
            self.p(f'setp.gt.u32 {q}, {self.r.choice(["%n", "%lane"])}, 40;')
            self.p(f'@{q} trap;')
            return
        self.p(self.r.choice(['membar.cta;', 'membar.gl;', 'fence.acq_rel.gpu;',
                              'fence.sc.sys;', 'nanosleep.u32 10;']))

    def parameter(self, ctx):
        self.p(f'ld.param.{self.r.choice(["u32", "b32"])} {self.reg("r")}, '
               f'[many+{4 * self.r.randrange(8)}];')
        if self.maybe(0.5):
            t = self.temp('r')
            self.p(f'and.b32 {t}, {self.reg("r")}, 15;')
            self.p(f'mov.u64 %b64, {self.name}_const;')
            self.p(f'mul.wide.u32 %a64, {t}, 4;')
            self.p('add.u64 %a64, %a64, %b64;')
            self.p(f'ld.const.u32 {self.reg("r")}, [%a64];')

    # -- Memory. A thread has OWN bytes of its own in `own`, cells of `rows` that lie beside
    # those of its neighbours, and as many in shared memory.
    def width(self, store):
        """(kind, type, bytes, vector) of an access."""
        kind = self.r.choice('rrrrdhfgr')
        vec = self.r.choice([1, 1, 1, 2, 4]) if kind != 'h' else self.r.choice([1, 1, 2, 4])
        if kind in 'dg' and vec == 4:
            vec = 2
        name = {'r': ['u32', 'b32', 's32'], 'd': ['u64', 'b64'], 'h': ['u16', 'b16'],
                'f': ['f32'], 'g': ['f64']}[kind]
        n = BYTES[kind]
        if kind == 'r' and self.maybe(0.3):
            t, n = self.r.choice([('u8', 1), ('s8', 1), ('u16', 2), ('s16', 2)])
            return kind, t, n, vec
        return kind, self.r.choice(name), n, vec

    def access(self, ctx, space, base, size):
        """A load or store somewhere in `size` bytes from base, a register or name."""
        store = self.maybe(0.5)
        kind, t, n, vec = self.width(store)
        total = n * vec
        if total > size:
            vec, total = 1, n
        slots = size // total
        q = f'@{self.reg("p")} ' if self.maybe(0.15) else ''
        sp = f'.{space}' if space else ''
        v = f'.v{vec}' if vec > 1 else ''
        if store:
            regs = [self.reg(kind) for _ in range(vec)]
        else:
            regs = [f'%{kind}{k}' for k in self.r.sample(range(POOL[kind]), min(vec, POOL[kind]))]
            if len(regs) < vec:
                return
        text = '{' + ', '.join(regs) + '}' if vec > 1 else regs[0]
        if self.maybe(0.4) and slots > 1:
            i, wide = self.temp('r'), space in ('shared', 'local')
            self.p(f'and.b32 {i}, {self.reg("r")}, {(1 << slots.bit_length() - 1) - 1};')
            if wide:
                self.p(f'mad.lo.u32 %a32, {i}, {total}, {base};')
                at = '%a32'
            else:
                self.p(f'mul.wide.u32 %a64, {i}, {total};')
                self.p(f'add.u64 %a64, %a64, {base};')
                at = '%a64'
            offset = 0
        else:
            at, offset = base, total * self.r.randrange(slots)
        at = f'[{at}+{offset}]' if offset or self.maybe(0.2) else f'[{at}]'
        if store:
            self.p(f'{q}st{sp}{v}.{t} {at}, {text};')
        else:
            sem = self.r.choice(['', '', '', '', '.volatile', '.relaxed.gpu']) if vec == 1 else ''
            self.p(f'{q}ld{sem}{sp}{v}.{t} {text}, {at};')

    def memory(self, ctx):
        kind = self.r.randrange(6)
        if kind == 0:
            self.access(ctx, self.r.choice(['global', 'global', '']), '%own', OWN)
        elif kind == 1 and not self.func:
            k = self.r.randrange(ROWS)
            # A row has one element size, or neighbours would meet.
            word = [('u32', 'r', 4), ('u32', 'r', 4), ('u64', 'd', 8), ('u16', 'h', 2),
                    ('u8', 'r', 1), ('f32', 'f', 4)][k]
            self.p(f'mul.lo.u32 %a32, %total, {8 * k};')
            self.p(f'mad.lo.u32 %a32, %gid, {word[2]}, %a32;')
            self.p('cvt.u64.u32 %a64, %a32;')
            self.p('add.u64 %a64, %a64, %rows;')
            q = f'@{self.reg("p")} ' if self.maybe(0.3) else ''
            if self.maybe(0.5):
                self.p(f'{q}st.global.{word[0]} [%a64], {self.reg(word[1])};')
            else:
                self.p(f'{q}ld.global.{word[0]} {self.reg(word[1])}, [%a64];')
        elif kind == 2 and 'gather' in self.has and not self.func:
            t = self.temp('r')
            step = self.r.choice([1, 2, 4])
            self.p(f'and.b32 {t}, {self.reg("r")}, {IN_WORDS // step - 1};')
            self.p(f'mul.wide.u32 %a64, {t}, {4 * step};')
            self.p('add.u64 %a64, %a64, %in;')
            nc = self.r.choice(['', '.nc'])
            if step == 1:
                self.p(f'ld.global{nc}.u32 {self.reg("r")}, [%a64];')
            elif step == 2:
                self.p(f'ld.global{nc}.u64 {self.reg("d")}, [%a64];')
            else:
                a = ', '.join(f'%r{k}' for k in self.r.sample(range(POOL['r']), 4))
                self.p(f'ld.global{nc}.v4.u32 {{{a}}}, [%a64];')
        elif kind == 3 and 'local' in self.has:
            self.p('mov.u32 %b32, array;')
            self.access(ctx, 'local', '%b32', LOCAL)
        elif kind == 4 and 'local' in self.has:
            self.p('mov.u64 %b64, array;')
            self.p('cvta.local.u64 %b64, %b64;')
            self.access(ctx, '', '%b64', LOCAL)
        elif not self.func and 'shared' in self.has:
            if self.maybe(0.3):
                self.p('cvt.u64.u32 %b64, %sown;')
                self.p('cvta.shared.u64 %b64, %b64;')
                self.access(ctx, '', '%b64', 16)
            else:
                self.access(ctx, 'shared', '%sown', 16)
        else:
            self.access(ctx, 'global', '%own', OWN)

    def sums(self, ctx):
        """Adds to what all share; only the order of the additions depends on the schedule."""
        k = self.r.randrange(len(SUMS))
        kind = 'd' if SUMS[k].endswith('64') else 'r'
        i, shared = self.temp('r'), 'shared' in self.has and self.maybe(0.4)
        if self.maybe(0.5):
            self.p(f'and.b32 {i}, {self.reg("r")}, 7;')
        else:
            self.p(f'mov.u32 {i}, {self.r.randrange(8)};')
        if shared:
            self.p(f'mov.u32 %a32, {self.name}_sums;')
            self.p(f'mad.lo.u32 %a32, {i}, 8, %a32;')
            at, space = f'[%a32+{64 * k}]', 'shared'
        else:
            self.p(f'mul.wide.u32 %a64, {i}, 8;')
            self.p('add.u64 %a64, %a64, %sums;')
            at, space = f'[%a64+{64 * k}]', self.r.choice(['global', 'global', ''])
        sp = f'.{space}' if space else ''
        q = f'@{self.reg("p")} ' if self.maybe(0.2) else ''
        sem = self.r.choice(['', '', '.relaxed.gpu', '.release.cta'])
        if self.maybe(0.7):
            self.p(f'{q}red{sem}{sp}.{SUMS[k]} {at}, {self.reg(kind)};')
        else:
            self.p(f'{q}atom{sem}{sp}.{SUMS[k]} {self.temp(kind)}, {at}, {self.reg(kind)};')

    def atomic(self, ctx):
        """On the thread's own memory: the result counts."""
        op, kind = self.r.choice([
            ('add.u32', 'r'), ('add.s32', 'r'), ('add.u64', 'd'), ('add.f32', 'f'),
            ('add.f64', 'g'), ('min.s32', 'r'), ('max.u32', 'r'), ('min.u64', 'd'),
            ('max.s64', 'd'), ('and.b32', 'r'), ('or.b64', 'd'), ('xor.b32', 'r'),
            ('inc.u32', 'r'), ('dec.u32', 'r'), ('exch.b32', 'r'), ('exch.b64', 'd'),
            ('cas.b32', 'r'), ('cas.b64', 'd'), ('cas.b16', 'h'), ('add.noftz.f16', 'h'),
            ('add.noftz.f16x2', 'r'), ('add.noftz.bf16x2', 'r'), ('add.noftz.bf16', 'h')])
        shared = 'shared' in self.has and not self.func and self.maybe(0.4)
        n = BYTES[kind]
        if shared:
            at, sp = f'[%sown+{n * self.r.randrange(16 // n)}]', '.shared'
        else:
            at, sp = f'[%own+{n * self.r.randrange(OWN // n)}]', self.r.choice(['.global', ''])
        sem = self.r.choice(['', '', '.relaxed.cta', '.acq_rel.gpu', '.acquire.sys'])
        q = f'@{self.reg("p")} ' if self.maybe(0.2) else ''
        b = f'{self.reg(kind)}, {self.reg(kind)}' if op.startswith('cas') else self.reg(kind)
        self.p(f'{q}atom{sem}{sp}.{op} {self.reg(kind)}, {at}, {b};')

    def lock(self, ctx):
        """Each lane takes it in turn; what it guards only adds up."""
        again, done = self.label('again'), self.label('locked')
        old, q, v = self.temp('r'), self.temp('p'), self.temp('r')
        self.place(again)
        self.p(f'atom.acquire.gpu.global.cas.b32 {old}, [%lock], 0, 1;')
        self.p(f'setp.ne.u32 {q}, {old}, 0;')
        self.p(f'@{q} bra {again};')
        self.place(done)
        self.p(f'ld.global.u32 {v}, [%lock+8];')
        self.p(f'add.u32 {v}, {v}, {self.reg("r")};')
        self.p(f'st.global.u32 [%lock+8], {v};')
        self.p(f'atom.release.gpu.global.exch.b32 {old}, [%lock], 0;')

    def registers(self):
        for k, n in POOL.items():
            yield f'.reg .{REG[k]} %{k}<{n}>;'
            yield f'.reg .{REG[k]} %t{k}<{self.temps[k] + 1}>;'
        yield '.reg .b32 %n, %cta, %lane, %me, %size, %gid, %total, %threads, %sown, %mask, ' \
            '%a32, %b32, %k<12>;'
        yield '.reg .b64 %own, %rows, %in, %sums, %lock, %out, %chain, %a64, %b64, %x<4>;'
