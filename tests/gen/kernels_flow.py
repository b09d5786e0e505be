# SPDX-License-Identifier: Apache-2.0
"""Statements of random kernels that lanes, warps or blocks make together, and those that
decide where control goes."""
from kernels_straight import BYTES, POOL, SUMS, Node, Straight


class Program(Straight):
    # -- Operations of the lanes in mask
    def shuffle(self, ctx):
        mode = self.r.choice(['up', 'down', 'bfly', 'idx'])
        width = self.r.choice([32, 32, 32, 16, 8, 4, 2, 1])
        seg, clamp = 32 - width, 0 if mode == 'up' else 31
        b, got, frm, there = (self.temp('r') for _ in range(4))
        ok, q = self.temp('p'), self.temp('p')
        a, d = self.reg('r'), self.reg('r')
        if self.maybe(0.5):
            self.p(f'mov.u32 {b}, {self.r.randrange(32)};')
        else:
            self.p(f'and.b32 {b}, {self.reg("r")}, 31;')
        self.p(f'shfl.sync.{mode}.b32 {got}|{ok}, {a}, {b}, {seg << 8 | clamp}, {ctx.mask};')
        # Whom it asked, by the manual's formulas; a lane outside the mask has no value.
        if mode == 'up':
            self.p(f'sub.u32 {frm}, %lane, {b};')
        elif mode == 'down':
            self.p(f'add.u32 {frm}, %lane, {b};')
        elif mode == 'bfly':
            self.p(f'xor.b32 {frm}, %lane, {b};')
        else:
            self.p(f'and.b32 {frm}, %lane, {seg};')
            self.p(f'and.b32 {there}, {b}, {~seg & 31};')
            self.p(f'or.b32 {frm}, {frm}, {there};')
        self.p(f'and.b32 {frm}, {frm}, 31;')
        self.p(f'shr.u32 {there}, {ctx.mask}, {frm};')
        self.p(f'and.b32 {there}, {there}, 1;')
        self.p(f'setp.ne.u32 {q}, {there}, 0;')
        if self.maybe(0.3):
            self.p(f'mov.pred {self.reg("p")}, {ok};')
        self.p(f'not.pred {ok}, {ok};')
        self.p(f'or.pred {q}, {q}, {ok};')
        self.p(f'selp.b32 {d}, {got}, {a}, {q};')

    def vote(self, ctx):
        q = f'{self.r.choice(["", "!"])}{self.reg("p")}'
        if self.maybe(0.4):
            self.p(f'vote.sync.ballot.b32 {self.reg("r")}, {q}, {ctx.mask};')
        else:
            self.p(f'vote.sync.{self.r.choice(["all", "any", "uni"])}.pred {self.reg("p")}, '
                   f'{q}, {ctx.mask};')

    def match(self, ctx):
        kind = self.r.choice('rrd')
        v, t = self.temp(kind), f'b{8 * BYTES[kind]}'
        self.p(f'and.{t} {v}, {self.reg(kind)}, {self.r.choice([0, 1, 3, 6])};')
        if self.maybe(0.5):
            self.p(f'match.any.sync.{t} {self.reg("r")}, {v}, {ctx.mask};')
        else:
            self.p(f'match.all.sync.{t} {self.reg("r")}|{self.reg("p")}, {v}, {ctx.mask};')

    def redux(self, ctx):
        op = self.r.choice(['add.u32', 'add.s32', 'min.u32', 'min.s32', 'max.u32', 'max.s32',
                            'and.b32', 'or.b32', 'xor.b32'])
        self.p(f'redux.sync.{op} {self.reg("r")}, {self.reg("r")}, {ctx.mask};')

    def elect(self, ctx):
        self.p(f'elect.sync {self.reg("r")}|{self.reg("p")}, {ctx.mask};')

    def active(self, ctx):
        """Says only what must hold: I am active, and nobody outside the mask is."""
        t, u, v = (self.temp('r') for _ in range(3))
        self.p(f'activemask.b32 {t};')
        self.p(f'not.b32 {u}, {ctx.mask};')
        self.p(f'and.b32 {u}, {t}, {u};')
        self.p(f'shr.u32 {v}, {t}, %lane;')
        self.p(f'and.b32 {v}, {v}, 1;')
        self.p(f'add.u32 {u}, {u}, {v};')
        self.p(f'add.u32 {self.reg("r")}, {self.reg("r")}, {u};')

    def warp(self, ctx):
        self.r.choice([self.shuffle, self.shuffle, self.vote, self.vote, self.match,
                       self.redux, self.elect, self.active,
                       lambda c: self.p(f'bar.warp.sync {c.mask};')])(ctx)

    # -- Operations of the whole block
    def barrier(self, ctx):
        kind = self.r.randrange(6)
        name = self.r.choice(['bar.sync', 'barrier.sync.aligned', 'barrier.sync'])
        if kind == 0:
            self.p(f'{name} {self.r.randrange(4)};')
        elif kind == 1 and 'exits' not in self.has:
            self.p(f'{name} {self.r.randrange(16)}, %threads;')
        elif kind == 2:
            self.p(f'bar.red.popc.u32 {self.reg("r")}, {self.r.randrange(3)}, {self.reg("p")};')
        elif kind == 3:
            self.p(f'bar.red.{self.r.choice(["and", "or"])}.pred {self.reg("p")}, 0, '
                   f'{self.reg("p")};')
        elif kind == 4:
            self.read_sums(ctx)
        else:
            self.exchange(ctx)

    def read_sums(self, ctx):
        if 'shared' not in self.has:
            return
        i = self.temp('r')
        self.p('bar.sync 0;')
        self.p(f'and.b32 {i}, {self.reg("r")}, {8 * len(SUMS) - 1 & ~15};')
        self.p(f'mov.u32 %a32, {self.name}_sums;')
        self.p(f'mad.lo.u32 %a32, {i}, 8, %a32;')
        self.p(f'ld.shared.u64 {self.reg("d")}, [%a32];')
        self.p('bar.sync 0;')

    def exchange(self, ctx):
        """What another thread of the block holds."""
        if 'shared' not in self.has:
            return
        t = self.temp('r')
        self.p(f'st.shared.u32 [%sown], {self.reg("r")};')
        self.p('bar.sync 1;')
        self.p(f'add.u32 {t}, %me, {self.r.choice([1, 2, 31, 32])};')
        self.p(f'rem.u32 {t}, {t}, %size;')
        self.p(f'mov.u32 %a32, {self.name}_cells;')
        self.p(f'mad.lo.u32 %a32, {t}, 16, %a32;')
        self.p(f'ld.shared.u32 {self.reg("r")}, [%a32];')
        self.p('bar.sync 1;')

    def partial(self, ctx):
        """Some warps only arrive, the others wait and read what those have left."""
        if 'shared' not in self.has:
            return
        q, t, n = self.temp('p'), self.temp('r'), self.temp('r')
        wait, done = self.label('wait'), self.label('met')
        self.p(f'shr.u32 {t}, %me, 5;')
        self.p(f'and.b32 {n}, {t}, 1;')
        self.p(f'setp.ne.u32 {q}, {n}, 0;')
        self.p(f'@{q} bra {wait};')
        self.p(f'st.shared.u32 [%sown], {self.reg("r")};')
        self.p('bar.arrive 5, %threads;')
        self.p(f'bra {done};')
        self.place(wait)
        self.p('bar.sync 5, %threads;')
        self.p(f'sub.u32 {t}, %me, 32;')
        self.p(f'mov.u32 %a32, {self.name}_cells;')
        self.p(f'mad.lo.u32 %a32, {t}, 16, %a32;')
        self.p(f'ld.shared.u32 {self.reg("r")}, [%a32];')
        self.place(done)
        self.p('bar.sync 0;')

    def split_barrier(self, ctx):
        """Lanes of a warp come to one barrier on different paths."""
        q = self.condition()
        other, end = self.label('other'), self.label('joined')
        self.p(f'@{q} bra {other};')
        self.body(1, ctx.inner(mask=None, whole=False))
        self.p('barrier.sync 2;')
        self.p(f'bra {end};')
        self.place(other)
        self.body(1, ctx.inner(mask=None, whole=False))
        self.p('barrier.sync 2;')
        self.place(end)

    # -- Control
    def body(self, n, ctx):
        for _ in range(n):
            self.statement_in(self.statement, ctx)

    def split(self, q, ctx):
        """The lanes of the context that have q, and those that have not."""
        a, b = self.temp('r'), self.temp('r')
        self.p(f'vote.sync.ballot.b32 {a}, {q}, {ctx.mask};')
        self.p(f'not.b32 {b}, {a};')
        self.p(f'and.b32 {b}, {b}, {ctx.mask};')
        return a, b

    def goto_unless(self, q, target):
        if self.maybe(0.3):
            n = self.temp('p')
            self.p(f'not.pred {n}, {q};')
            self.p(f'@{n} bra {target};')
        else:
            self.p(f'@!{q} bra {target};')

    def if_else(self, ctx):
        uniform = self.maybe(0.3)
        q = self.condition(uniform)
        no, end = self.label('else'), self.label('end')
        yes_ctx = no_ctx = ctx.inner(whole=ctx.whole and uniform)
        if ctx.mask and not uniform:
            if self.maybe(0.7):
                a, b = self.split(q, ctx)
                # Lanes that leave from here would be missing in the mask behind it.
                yes_ctx = ctx.inner(mask=a, whole=False, leave=None, ends=False)
                no_ctx = ctx.inner(mask=b, whole=False, leave=None, ends=False)
            else:
                yes_ctx = no_ctx = ctx.inner(mask=None, whole=False, leave=None, ends=False)
        self.goto_unless(q, no)
        self.body(self.r.randint(1, 3), yes_ctx)
        if self.maybe(0.6):
            self.p(f'bra {end};')
            self.place(no)
            self.body(self.r.randint(1, 3), no_ctx)
        else:
            self.place(no)
        self.place(end)

    def loop(self, ctx):
        """Counted up to a bound that may differ by lane; tracked: the lanes left in it are
        known, and lanes leave it only at its head or end."""
        head, end, latch = self.label('loop'), self.label('done'), self.label('next')
        c, bound, q = self.temp('r'), self.temp('r'), self.temp('p')
        uniform = self.maybe(0.35)
        tracked = bool(ctx.mask) and self.maybe(0.7)
        at_end = self.maybe(0.4)
        if uniform:
            self.p(f'mov.u32 {bound}, {self.r.randint(1, 4)};')
        else:
            self.p(f'and.b32 {bound}, {self.reg("r")}, {self.r.choice([3, 3, 7])};')
        self.p(f'mov.u32 {c}, 0;')
        inner = ctx.inner(whole=ctx.whole and uniform, leave=(latch, end), mask=None,
                          ends=ctx.ends and not ctx.mask)
        live = None
        if tracked:
            live = self.temp('r')
            self.p(f'mov.u32 {live}, {ctx.mask};')
            inner.mask, inner.leave = live, None
        elif uniform and ctx.whole:
            inner.leave = None
        self.place(head)
        if not at_end:
            self.p(f'setp.ge.u32 {q}, {c}, {bound};')
            if not uniform and self.maybe(0.3):
                self.p(f'or.pred {q}, {q}, {self.reg("p")};')
            if tracked:
                _, stay = self.split(q, inner)
                self.p(f'mov.u32 {live}, {stay};')
            self.p(f'@{q} bra {end};')
        self.p(f'add.u32 {c}, {c}, 1;')
        self.body(self.r.randint(1, 4), inner)
        if tracked and not uniform and self.maybe(0.4):
            out = self.condition()
            _, stay = self.split(out, inner)
            self.p(f'mov.u32 {live}, {stay};')
            self.p(f'@{out} bra {end};')
            self.body(self.r.randint(1, 2), inner)
        self.place(latch)
        if at_end:
            self.p(f'setp.lt.u32 {q}, {c}, {bound};')
            if tracked:
                stay, _ = self.split(q, inner)
                self.p(f'mov.u32 {live}, {stay};')
            self.p(f'@{q} bra {head};')
        else:
            self.p(f'bra {head};')
        self.place(end)

    def leave(self, ctx):
        """Out of the loop, on to its next turn, or out of the kernel."""
        q = self.condition()
        if ctx.ends and (self.maybe(0.3) or not ctx.leave):
            if ctx.mask:
                _, stay = self.split(q, ctx)
                self.p(f'mov.u32 {ctx.mask}, {stay};')
            self.p(f'@{q} {self.r.choice(["ret", "exit"]) if not self.func else "exit"};')
        elif ctx.leave and not ctx.mask:
            self.p(f'@{q} bra {self.r.choice(ctx.leave)};')

    def switch(self, ctx):
        n = self.r.randint(2, 5)
        cases = [self.label('case') for _ in range(n)]
        end, table = self.label('end'), self.label('table')
        i, same = self.temp('r'), None
        self.p(f'rem.u32 {i}, {self.reg("r")}, {n};')
        tracked = ctx.mask and self.maybe(0.6)
        if tracked:
            same = self.temp('r')
            self.p(f'match.any.sync.b32 {same}, {i}, {ctx.mask};')
        inner = ctx.inner(mask=same, whole=False)
        if ctx.mask:
            inner.leave, inner.ends = None, False
        targets = cases + ([self.r.choice(cases)] if not tracked and self.maybe(0.2) else [])
        self.p(f'{table}: .branchtargets {", ".join(targets)};')
        self.p(f'brx.idx {i}, {table};')
        for label in cases:
            self.place(label)
            self.body(self.r.randint(1, 2), inner)
            if tracked or self.maybe(0.65):
                self.p(f'bra {end};')
        self.place(end)

    def graph(self, ctx):
        """Blocks that branch to any other, irreducible as a rule; a counter ends it."""
        n = self.r.randint(3, 8)
        names, end = [self.label('block') for _ in range(n)], self.label('end')
        fuel, q = self.temp('r'), self.temp('p')
        inner = ctx.inner(mask=None, whole=False, leave=None, ends=ctx.ends and not ctx.mask)
        self.p(f'and.b32 {fuel}, {self.reg("r")}, 15;')
        self.p(f'add.u32 {fuel}, {fuel}, 6;')
        if self.maybe(0.7):
            self.p(f'@{self.condition()} bra {self.r.choice(names)};')
        for name in names:
            self.place(name)
            self.body(self.r.randint(1, 2), inner)
            self.p(f'sub.u32 {fuel}, {fuel}, 1;')
            self.p(f'setp.eq.u32 {q}, {fuel}, 0;')
            self.p(f'@{q} bra {end};')
            self.p(f'@{self.condition(self.maybe(0.15))} bra {self.r.choice(names)};')
            if self.maybe(0.7):
                self.p(f'bra {self.r.choice(names)};')
        self.p(f'bra {end};')
        self.place(end)

    def call(self, ctx):
        d, a, b = self.reg('r'), self.reg('r'), self.reg('d')
        if 'recursion' in self.has and self.maybe(0.4):
            t = self.temp('r')
            self.p(f'and.b32 {t}, {a}, 3;')
            target, a, tail = f'{self.callees[0]}_deep', t, ''
        elif 'indirect' in self.has and self.maybe(0.5):
            q = self.condition()
            f = [self.temp('d') for _ in range(2)]
            self.p(f'mov.u64 {f[0]}, {self.callees[0]};')
            self.p(f'mov.u64 {f[1]}, {self.callees[1]};')
            self.p(f'selp.b64 {f[0]}, {f[0]}, {f[1]}, {q};')
            proto = self.label('proto')
            self.p(f'{proto}: .callprototype (.param .b32 _) _ (.param .b32 _, .param .b64 _, '
                   '.param .b64 _);')
            target, tail = f[0], f', {proto}'
        else:
            target, tail = self.r.choice(self.callees), ''
        self.p('{')
        self.p('.param .b32 pr; .param .b32 pa; .param .b64 pb; .param .b64 pc;')
        self.p(f'st.param.b32 [pa], {a};')
        self.p(f'st.param.b64 [pb], {b};')
        self.p('st.param.b64 [pc], %own;')
        self.p(f'call (pr), {target}, (pa, pb, pc){tail};')
        self.p(f'ld.param.b32 {d}, [pr];')
        self.p('}')

    def choices(self, ctx):
        """(statement, weight) of all that may stand here."""
        has, c = self.has, []
        if ctx.depth < 5 and self.budget > 0:
            c += [(self.if_else, 22), (self.loop, 16), (self.leave, 8)]
            if 'switch' in has:
                c.append((self.switch, 6))
            if 'graph' in has and ctx.depth < 3:
                c.append((self.graph, 4))
            if 'split_barrier' in has and ctx.whole:
                c.append((self.split_barrier, 5))
        c += [(lambda x: self.op(), 20), (self.guarded, 8), (self.memory, 16), (self.pack, 3),
              (self.divide, 2)]
        if ctx.mask and 'shuffle' in has:
            c.append((self.warp, 18))
        if ctx.whole and 'barrier' in has:
            c.append((self.barrier, 12))
        if ctx.whole and 'partial' in has and 'exits' not in has:
            c.append((self.partial, 4))
        if 'sums' in has and not self.func:
            c.append((self.sums, 8))
        if 'atomics' in has:
            c.append((self.atomic, 6))
        if 'lock' in has and not self.func:
            c.append((self.lock, 2))
        if 'carry' in has:
            c.append((self.carry, 3))
        if 'fence' in has:
            c.append((self.fence, 3))
        if 'parameters' in has and not self.func:
            c.append((self.parameter, 4))
        if self.callees and 'calls' in has:
            c.append((self.call, 6))
        return c

    def statement(self, ctx):
        self.budget -= 1
        c = self.choices(ctx)
        self.r.choices([x[0] for x in c], [x[1] for x in c])[0](ctx)
