# SPDX-License-Identifier: Apache-2.0
"""What people's kernels are made of besides tiles, as statements of random kernels: shuffle
trees, ranks, short rows, windows that are clamped at edges, grid-stride loops, arrays of a
thread, halves in pairs, look-backs over the blocks."""
from kernels_straight import IN_WORDS, LOCAL, OWN
from kernels_tiles import ORDERED, WORD, Tiles

OUT_WORDS = 640    # a grid-stride loop writes cell i by thread i modulo all threads
CHAIN = 3          # look-backs over the blocks that a kernel may have
MOST_BLOCKS = 32


class Patterns(Tiles):
    chains = 0

    # -- Whole warps
    def tree(self, x, kind, op, mode):
        """A shuffle tree over the register x of full warps; the width of its groups."""
        width = self.r.choice([32, 32, 32, 16, 8, 4])
        seg = 32 - width << 8 | (0 if mode == 'up' else 31)
        steps = [1 << k for k in range(width.bit_length() - 1)]
        for d in steps if mode == 'up' or self.maybe(0.3) else steps[::-1]:
            parts, got = [x], [self.temp('r')]
            if kind in 'dg':
                parts, got = [self.temp('r') for _ in '12'], [self.temp('r') for _ in '12']
                self.p(f'mov.b64 {{{parts[0]}, {parts[1]}}}, {x};')
            elif kind == 'f':
                parts = [self.temp('r')]
                self.p(f'mov.b32 {parts[0]}, {x};')
            q = self.temp('p')
            for a, b in zip(parts, got):
                self.p(f'shfl.sync.{mode}.b32 {b}|{q}, {a}, {d}, {seg}, 0xFFFFFFFF;')
            y = self.temp(kind)
            self.p(f'mov.b{8 * WORD[kind][1]} {y}, '
                   + (f'{{{got[0]}, {got[1]}}};' if kind in 'dg' else f'{got[0]};'))
            if mode == 'up':
                self.p(f'@{q} {op} {x}, {x}, {y};')
            else:
                self.p(f'{op} {x}, {x}, {y};')
        return width

    def warp_tree(self, ctx):
        kind, mode = self.r.choice('rrffdg'), self.r.choice(['down', 'bfly', 'up', 'down'])
        x = self.temp(kind)
        self.p(f'mov.b{8 * WORD[kind][1]} {x}, {self.reg(kind)};')
        width = self.tree(x, kind, self.r.choice(ORDERED[kind]), mode)
        d, how = self.reg(kind), self.r.randrange(4)
        if how == 0:  # the first lane's alone
            self.code('''and.b32 $r_t, %lane, $last;
                setp.ne.u32 $p_q, $r_t, 0;
                @$p_q bra $L_others;
                st.global.$t [%own+$at], $x;
                $L_others:''', last=width - 1, t=WORD[kind][0], at=8 * self.r.randrange(8), x=x)
        elif how == 1 and kind == 'r':
            self.p(f'shfl.sync.idx.b32 {d}, {x}, 0, 31, 0xFFFFFFFF;')
        elif how == 2:
            q = self.temp('p')
            self.p(f'setp.eq.u32 {q}, %lane, 0;')
            self.p(f'@{q} mov.b{8 * WORD[kind][1]} {d}, {x};')
        else:
            self.p(f'mov.b{8 * WORD[kind][1]} {d}, {x};')

    def few_lanes(self, ctx):
        """Steps of trees of two values, whose lanes differ less and less, or of which fewer
        and fewer are read; what some lanes have is kept on the way."""
        kind = self.r.choice('rrf')
        x, z = self.temp(kind), self.temp(kind)
        for v in (x, z):
            self.p(f'mov.b32 {v}, {self.reg(kind)};')
        op = [self.r.choice(ORDERED[kind]) for _ in '12']
        mode = self.r.choice(['down', 'bfly', 'bfly', 'up', 'idx'])
        for d in self.r.choice([[16, 8, 4, 2, 1], [1, 2, 4, 8, 16], [8, 4], [16, 8, 16], [3, 1]]):
            for v, o in zip((x, z), op):
                a = b = self.temp('r')
                y = self.temp(kind)
                self.p(f'mov.b32 {a}, {v};')
                self.p(f'shfl.sync.{mode}.b32 {b}, {a}, {d}, {0 if mode == "up" else 31}, '
                       '0xFFFFFFFF;')
                self.p(f'mov.b32 {y}, {b};')
                self.p(f'{o} {v}, {v}, {y};')
            if self.maybe(0.3):
                self.p(f'{self.r.choice(ORDERED[kind])} {x}, {x}, {self.r.choice([z, self.reg(kind)])};')
            if self.maybe(0.4):
                n, lane = self.r.choice([1, 2, 4, 8, d]), self.r.choice(['%lane', '%me'])
                self.code('''setp.$c.u32 $p_q, $lane, $n;
                    @$p_q bra $L_not;
                    $op $d, $x, $z;
                    $L_not:''', c=self.r.choice(['ge', 'lt', 'ne']), lane=lane, n=n,
                          op=self.r.choice(ORDERED[kind]), d=self.reg(kind), x=x, z=z)
        d, how = self.reg(kind), self.r.randrange(3)
        if how == 0:
            self.p(f'mov.b32 {d}, {x};')
        elif how == 1:
            q = self.condition()
            self.p(f'@{q} {op[1]} {d}, {x}, {z};')
        else:
            self.code('''mov.b32 $r_a, $x;
                shfl.sync.idx.b32 $r_a, $r_a, $from, 31, 0xFFFFFFFF;
                mov.b32 $d, $r_a;''', x=z, d=d, **{'from': self.r.randrange(32)})

    def tree_loop(self, ctx):
        """The same with the distance in a register."""
        x, d = self.reg('r'), self.temp('r')
        up = self.maybe(0.4)
        self.code('''mov.u32 $d, $first;
            $L_next:
            shfl.sync.$mode.b32 $r_y|$p_in, $x, $d, $clamp, 0xFFFFFFFF;
            $guard$op $x, $x, $r_y;
            $step.b32 $d, $d, 1;
            setp.ne.u32 $p_q, $d, $last;
            @$p_q bra $L_next;'''.replace('$guard', '@$p_in ' if up else ''), x=x, d=d,
                  first=1 if up else 16, mode='up' if up else self.r.choice(['down', 'bfly']),
                  clamp=0 if up else 31, op=self.r.choice(ORDERED['r']),
                  step='shl' if up else 'shr', last=32 if up else 0)

    def block_tree(self, ctx):
        """Trees in warps, then one over what they found."""
        kind, warps = self.r.choice('rrfg'), self.threads() // 32
        t, x, op = WORD[kind][0], self.temp(kind), self.r.choice(ORDERED[kind])
        self.p(f'mov.b{8 * WORD[kind][1]} {x}, {self.reg(kind)};')
        self.tree(x, kind, op, self.r.choice(['down', 'bfly']))
        r = self.code('shr.u32 $r_w, %me, 5;')
        self.meet()
        at, first = self.cell(kind, r['w']), self.label('leader')
        self.code('''setp.ne.u32 $p_q, %lane, 0;
            @$p_q bra $first;
            st.shared.$t [$at], $x;''', first=first, t=t, at=at, x=x)
        self.place(first)
        self.meet()
        done, mine = self.label('rest'), self.cell(kind, '%lane')
        self.code('''setp.ne.u32 $p_q, $w, 0;
            @$p_q bra $done;
            mov.b$bits $x, 0;
            setp.lt.u32 $p_in, %lane, $warps;
            @$p_in ld.shared.$t $x, [$mine];''', w=r['w'], done=done, x=x, warps=warps, t=t,
                  mine=mine, bits=8 * WORD[kind][1])
        self.tree(x, kind, op, 'down')
        self.code('''setp.ne.u32 $p_q, %lane, 0;
            @$p_q bra $done;
            st.shared.$t [$tile+4096], $x;''', done=done, t=t, tile=self.name + '_tile', x=x)
        self.place(done)
        self.meet()
        self.p(f'ld.shared.{t} {self.reg(kind)}, [{self.name}_tile+4096];')

    def rank(self, ctx):
        """Lanes before mine with the same digit, by one ballot a bit."""
        m, v = self.temp('r'), self.reg('r')
        self.p(f'mov.u32 {m}, {ctx.mask};')
        for k in range(self.r.randint(1, 4)):
            self.code('''and.b32 $r_bit, $v, $one;
                setp.ne.u32 $p_q, $r_bit, 0;
                vote.sync.ballot.b32 $r_b, $p_q, $mask;
                not.b32 $r_n, $r_b;
                selp.b32 $r_b, $r_b, $r_n, $p_q;
                and.b32 $m, $m, $r_b;''', v=v, one=1 << k, mask=ctx.mask, m=m)
        self.code('''mov.u32 $r_lt, %lanemask_lt;
            and.b32 $r_lt, $r_lt, $m;
            popc.b32 $d, $r_lt;''', m=m, d=self.reg('r'))

    # -- Rows, windows, strides
    def window(self, ctx):
        d = self.reg('r')
        for _ in range(self.r.randint(1, 5)):
            self.fold('r', d, self.clamped(ctx))

    def short_row(self, ctx):
        """Each lane walks a row of its own length, from a place of its own."""
        first, n = self.r.choice([self.reg('r'), '%gid', '%me']), self.r.choice([3, 7, 15, 31])
        kind = self.r.choice('rrf')
        d, w = self.reg(kind), self.temp(kind)
        r = self.code('''mul.lo.u32 $r_i, $first, $step;
            and.b32 $r_i, $r_i, 127;
            and.b32 $r_len, $length, $n;
            mul.wide.u32 $d_a, $r_i, 4;
            add.s64 $d_a, %in, $d_a;''', first=first, step=self.r.choice([1, 3, 4, n]),
                      length=self.r.choice([self.reg('r'), '%lane', str(n)]), n=n)
        names = dict(a=r['a'], len=r['len'], d=d, w=w, t=WORD[kind][0],
                     op=self.r.choice(ORDERED[kind]), nc=self.r.choice(['', '', '.nc']))
        if self.maybe(0.4):  # by four, as nvcc unrolls it
            self.code('''setp.lt.u32 $p_q, $len, 4;
                @$p_q bra $L_rest;
                $L_four:
                ld.global$nc.$t $w, [$a];
                $op $d, $d, $w;
                ld.global$nc.$t $w, [$a+4];
                $op $d, $d, $w;
                ld.global$nc.$t $w, [$a+8];
                $op $d, $d, $w;
                ld.global$nc.$t $w, [$a+12];
                $op $d, $d, $w;
                add.s64 $a, $a, 16;
                sub.u32 $len, $len, 4;
                setp.ge.u32 $p_q, $len, 4;
                @$p_q bra $L_four;
                $L_rest:''', **names)
        through = self.beside_row() if kind == 'r' else ''
        names.update(last=self.r.choice([3, 7, 31]), k=self.r.randrange(4))
        text = '''setp.eq.u32 $p_q, $len, 0;
            @$p_q bra $L_done;
            $L_next:
            ld.global$nc.$t $w, [$a];
            THROUGH
            $op $d, $d, $w;
            add.s64 $a, $a, 4;
            sub.u32 $len, $len, 1;
            setp.ne.u32 $p_q, $len, 0;
            @$p_q bra $L_next;
            $L_done:'''
        self.code(text.replace('THROUGH', through), **names)

    def beside_row(self):
        """What a loop over a row of words does with each besides."""
        lines = []
        if self.maybe(0.4):
            lines += ['''and.b32 $w, $w, 255;
                mul.wide.u32 $d_b, $w, 4;
                add.s64 $d_b, %in, $d_b;
                ld.global.u32 $w, [$d_b];''']
        if self.maybe(0.25):
            lines += ['''and.b32 $r_low, $w, $last;
                setp.eq.u32 $p_stop, $r_low, $k;
                @$p_stop bra $L_done;''']
        if self.maybe(0.25):
            lines += ['''and.b32 $r_low, $len, 7;
                mul.wide.u32 $d_c, $r_low, 4;
                add.s64 $d_c, %own, $d_c;
                st.global.u32 [$d_c], $d;''']
        if self.maybe(0.2):
            lines += ['''and.b32 $r_low, $w, 7;
                mul.wide.u32 $d_c, $r_low, 8;
                add.s64 $d_c, %sums, $d_c;
                red.global.add.u32 [$d_c], $len;''']
        if self.maybe(0.2):
            lines += ['''and.b32 $r_low, $w, $last;
                setp.ne.u32 $p_skip, $r_low, $k;
                @$p_skip bra $L_skip;
                ld.global.u32 $w, [$a+64];
                $L_skip:''']
        return '\n'.join(lines)

    def row_atomic(self, ctx):
        """Neighbours' atomics on neighbouring cells of their own."""
        kind, op = self.r.choice([('r', 'add.u32'), ('r', 'min.s32'), ('r', 'exch.b32'),
                                  ('r', 'xor.b32'), ('d', 'add.u64'), ('d', 'max.s64'),
                                  ('f', 'add.f32'), ('g', 'add.f64')])
        size, q = WORD[kind][1], f'@{self.reg("p")} ' if self.maybe(0.3) else ''
        if ctx.whole and 'tile' in self.has and self.maybe(0.5):
            self.meet()
            at, space = self.cell(kind, '%me'), 'shared'
        else:
            k = {4: self.r.choice([0, 1]), 8: 2}[size]
            if kind == 'f':
                k = 5
            r = self.code('''mul.lo.u32 $r_i, %total, $row;
                mad.lo.u32 $r_i, %gid, $size, $r_i;
                cvt.u64.u32 $d_a, $r_i;
                add.u64 $d_a, $d_a, %rows;''', row=8 * k, size=size)
            at, space = r['a'], 'global'
        v = self.reg(kind)
        for _ in range(self.r.choice([1, 1, 2, 3])):
            if self.maybe(0.5) and 'exch' not in op:
                self.p(f'{q}red.{space}.{op} [{at}], {v};')
            else:
                self.p(f'{q}atom.{space}.{op} {self.reg(kind)}, [{at}], {v};')

    def stride_loop(self, ctx):
        """out[i] for all i from the thread's number on, in steps of all threads."""
        n = self.r.choice([OUT_WORDS, 100, 64, 333])
        self.code('''mov.u32 $r_i, %gid;
            setp.ge.u32 $p_q, $r_i, $n;
            @$p_q bra $L_done;
            $L_next:
            mul.wide.u32 $d_a, $r_i, 4;
            add.s64 $d_a, %out, $d_a;
            and.b32 $r_k, $r_i, $last;
            mul.wide.u32 $d_b, $r_k, 4;
            add.s64 $d_b, %in, $d_b;
            ld.global.$t $k_x, [$d_b];
            ld.global.$t $k_y, [$d_a];
            $op $k_y, $k_x, $v, $k_y;
            st.global.$t [$d_a], $k_y;
            add.u32 $r_i, $r_i, %total;
            setp.lt.u32 $p_q, $r_i, $n;
            @$p_q bra $L_next;
            $L_done:'''.replace('$k_', '$r_' if (k := self.r.choice('rf')) == 'r' else '$f_'),
                  n=n, last=IN_WORDS - 1, t=WORD[k][0], v=self.reg(k),
                  op={'r': 'mad.lo.u32', 'f': 'fma.rn.f32'}[k])

    def records(self, ctx):
        """Pairs and fours of words side by side, halves in them."""
        a = [self.temp('r') for _ in range(4)]
        four = ', '.join(a)
        self.code('''and.b32 $r_i, $gid, $last;
            mul.wide.u32 $d_a, $r_i, 16;
            add.s64 $d_a, %in, $d_a;
            ld.global$nc.v4.u32 {$four}, [$d_a];''', gid=self.r.choice(['%gid', self.reg('r')]),
                      last=IN_WORDS // 4 - 1, four=four, nc=self.r.choice(['', '.nc']))
        h = self.r.choice(['f16', 'bf16'])
        for x in a:
            if self.maybe(0.5):
                self.p(f'fma.rn.{h}x2 {x}, {x}, {self.reg("r")}, {self.r.choice(a)};')
                continue
            self.code('''mov.b32 {$h_l, $h_h}, $x;
                cvt.f32.$h $f_l, $h_l;
                cvt.f32.$h $f_h, $h_h;
                fma.rn.f32 $f_l, $f_l, $f, $f_h;
                add.f32 $f_h, $f_h, $f;
                cvt.rn.${h}x2.f32 $x, $f_h, $f_l;'''.replace('${h}', h), x=x, h=h,
                      f=self.reg('f'))
        self.p(f'st.global.v4.u32 [%own+{16 * self.r.randrange(OWN // 16 - 1)}], {{{four}}};')

    def array(self, ctx):
        """An array of the thread: filled and sorted by a loop, read at one's own place."""
        n = LOCAL // 4
        v, d = self.reg('r'), self.reg('r')
        self.code('''mov.u32 $r_base, array;
            mov.u32 $r_c, 0;
            mov.u32 $r_x, $v;
            $L_fill:
            mad.lo.u32 $r_at, $r_c, 4, $r_base;
            mad.lo.u32 $r_x, $r_x, 0x5DEECE6D, %me;
            st.local.u32 [$r_at], $r_x;
            add.u32 $r_c, $r_c, 1;
            setp.lt.u32 $p_q, $r_c, $n;
            @$p_q bra $L_fill;
            mov.u32 $r_c, 0;
            $L_turn:
            mad.lo.u32 $r_at, $r_c, 4, $r_base;
            ld.local.u32 $r_a, [$r_at];
            ld.local.u32 $r_b, [$r_at+4];
            setp.le.s32 $p_q, $r_a, $r_b;
            @$p_q bra $L_order;
            st.local.u32 [$r_at], $r_b;
            st.local.u32 [$r_at+4], $r_a;
            $L_order:
            add.u32 $r_c, $r_c, 1;
            setp.lt.u32 $p_q, $r_c, $m;
            @$p_q bra $L_turn;
            and.b32 $r_i, $w, $last;
            mad.lo.u32 $r_at, $r_i, 4, $r_base;
            ld.local.u32 $d, [$r_at];''', v=v, d=d, n=n, m=n - 1, last=n - 1,
                  w=self.r.choice([self.reg('r'), '%n', '%lane']))

    def look_back(self, ctx):
        """What all blocks before have summed up, handed from one to the next."""
        at = 8 * MOST_BLOCKS * self.chains
        self.chains += 1
        self.meet()
        self.code('''mov.u32 $r_tile, $tile;
            setp.ne.u32 $p_q, %me, 0;
            @$p_q bra $L_others;
            mul.wide.u32 $d_a, %cta, 8;
            add.s64 $d_a, %chain, $d_a;
            mov.u32 $r_sum, 0;
            setp.eq.u32 $p_q, %cta, 0;
            @$p_q bra $L_first;
            $L_again:
            ld.acquire.gpu.global.u32 $r_f, [$d_a+$flag_before];
            setp.eq.u32 $p_q, $r_f, 0;
            @$p_q bra $L_again;
            ld.global.u32 $r_sum, [$d_a+$sum_before];
            $L_first:
            st.shared.u32 [$r_tile], $r_sum;
            mad.lo.u32 $r_sum, $r_sum, 3, $v;
            st.global.u32 [$d_a+$sum], $r_sum;
            st.release.gpu.global.u32 [$d_a+$flag], 1;
            $L_others:
            bar.sync 0;
            ld.shared.u32 $d, [$r_tile];''', tile=self.name + '_tile', flag_before=at - 8,
                  sum_before=at - 4, sum=at + 4, flag=at, v=self.reg('r'), d=self.reg('r'))

    def choices(self, ctx):
        c = super().choices(ctx)
        if self.func:
            return c
        if 'rows' in self.has:
            c += [(self.short_row, 6), (self.window, 4), (self.stride_loop, 4),
                  (self.records, 5), (self.row_atomic, 4)]
        if 'local' in self.has:
            c.append((self.array, 3))
        if ctx.mask and 'shuffle' in self.has:
            c.append((self.rank, 3))
        full = self.threads() % 32 == 0 and not self.has & {'exits', 'guard'} and ctx.whole
        if full and 'shuffle' in self.has:
            c += [(self.warp_tree, 8), (self.tree_loop, 3), (self.few_lanes, 6)]
        if ctx.whole and 'tile' in self.has:
            c += [(self.halo, 6), (self.strip, 4), (self.elsewhere, 8), (self.bitonic, 4), (self.swaps, 6),
                  (self.sweep, 5),
                  (self.block_scan, 2), (self.product, 4), (self.wavefront, 3),
                  (self.histogram, 3)]
            if full:
                c.append((self.block_tree, 4))
            if ctx.depth == 0 and 'chain' in self.has and self.chains < CHAIN \
                    and 'exits' not in self.has:
                c.append((self.look_back, 6))
        return c
