# SPDX-License-Identifier: Apache-2.0
"""Statements of random kernels in which the threads of a block exchange values through
shared memory: tiles with halos, strips, partners, transposed and strided cells, scans,
products, diagonals, histograms."""
import re

from kernels_flow import Program

TILE = 8192        # bytes of shared memory that these statements share

ORDERED = {'r': ['add.u32', 'add.s32', 'xor.b32', 'min.s32', 'max.u32', 'and.b32', 'or.b32',
                 'sub.u32'],
           'f': ['add.f32', 'max.f32', 'min.f32', 'mul.f32', 'sub.f32', 'add.ftz.f32'],
           'd': ['add.u64', 'xor.b64', 'max.s64', 'min.u64', 'sub.s64'],
           'g': ['add.f64', 'max.f64', 'mul.f64'],
           'h': ['add.u16', 'xor.b16', 'max.s16', 'add.f16', 'add.bf16']}
WORD = {'r': ('u32', 4), 'f': ('f32', 4), 'd': ('u64', 8), 'g': ('f64', 8), 'h': ('u16', 2)}


class Tiles(Program):
    block = (32, 1, 1)

    # -- Text
    def code(self, text, **names):
        """Lines of PTX. $k_NAME is a register of kind k, the same within one call, $L_NAME a
        label, $NAME what the call says."""
        known = {}

        def one(m):
            kind, name = m.group(1), m.group(2)
            if kind is None:
                return str(names[name])
            if (kind, name) not in known:
                known[kind, name] = self.label(name) if kind == 'L' else self.temp(kind)
            return known[kind, name]
        for line in text.strip().split('\n'):
            line = re.sub(r'\$(?:([drhfgpL])_)?(\w+)', one, line.strip())
            if line.endswith(':'):
                self.place(line[:-1])
            elif line:
                self.p(line)
        return {name: r for (_, name), r in known.items()}

    def threads(self):
        return self.block[0] * self.block[1] * self.block[2]

    def fold(self, kind, into, value):
        self.p(f'{self.r.choice(ORDERED[kind])} {into}, {into}, {value};')

    def meet(self):
        self.p(self.r.choice(['bar.sync 0;', 'barrier.sync.aligned 0;', 'bar.sync 0;']))

    def cell(self, kind, index):
        """The address of a cell of the tile."""
        at = self.temp('r')
        self.p(f'mov.u32 {at}, {self.name}_tile;')
        self.p(f'mad.lo.u32 {at}, {index}, {WORD[kind][1]}, {at};')
        return at

    def put_all(self, kind, index='%me'):
        """Everybody's value into the tile; returns its register."""
        v = self.reg(kind)
        self.meet()
        self.p(f'st.shared.{WORD[kind][0]} [{self.cell(kind, index)}], {v};')
        return v

    def kind(self):
        return self.r.choice('rrrffdgh')

    def clamped(self, ctx):
        """A word of `in` seen as 16 by 16, its edges repeated; the register with it."""
        d = self.temp('r')
        dx, dy = self.r.randint(-2, 2), self.r.randint(-2, 2)
        self.code('''mov.u32 $r_x, %tid.x;
            mov.u32 $r_c, %ctaid.x;
            mov.u32 $r_n, %ntid.x;
            mad.lo.s32 $r_x, $r_c, $r_n, $r_x;
            add.s32 $r_x, $r_x, $dx;
            max.s32 $r_x, $r_x, 0;
            min.s32 $r_x, $r_x, 15;
            mov.u32 $r_y, %tid.y;
            add.s32 $r_y, $r_y, $dy;
            max.s32 $r_y, $r_y, 0;
            min.s32 $r_y, $r_y, 15;
            shl.b32 $r_y, $r_y, 4;
            add.s32 $r_i, $r_y, $r_x;
            mul.wide.s32 $d_a, $r_i, 4;
            add.s64 $d_a, %in, $d_a;
            ld.global$nc.u32 $d, [$d_a];''', dx=dx, dy=dy, d=d,
                  nc=self.r.choice(['', '.nc']))
        return d

    # -- Tiles
    def halo(self, ctx):
        kind = self.r.choice('rrffgh')
        t, n = WORD[kind]
        nx, ny, _ = self.block
        v, d = self.reg(kind), self.reg(kind)
        self.meet()
        r = self.code('''mov.u32 $r_x, %tid.x;
            mov.u32 $r_y, %tid.y;
            mov.u32 $r_z, %tid.z;
            mad.lo.u32 $r_row, $r_z, $high, $r_y;
            add.u32 $r_row, $r_row, 1;
            mad.lo.u32 $r_i, $r_row, $wide, $r_x;
            add.u32 $r_i, $r_i, 1;''', high=ny + 2, wide=nx + 2)
        at, row = self.cell(kind, r['i']), n * (nx + 2)
        self.p(f'st.shared.{t} [{at}], {v};')
        for axis, edge, offset in (('x', 0, -n), ('x', nx - 1, n), ('y', 0, -row),
                                   ('y', ny - 1, row)):
            if self.maybe(0.15):
                continue
            q, w = self.temp('p'), self.clamped(ctx) if kind == 'r' and self.maybe(0.5) \
                else self.reg(kind)
            if self.maybe(0.5):
                self.p(f'setp.eq.u32 {q}, {r[axis]}, {edge};')
                self.p(f'@{q} st.shared.{t} [{at}+{offset}], {w};')
            else:
                self.code('''setp.ne.u32 $p_q, $a, $edge;
                    @$p_q bra $L_inside;
                    st.shared.$t [$at+$o], $w;
                    $L_inside:''', a=r[axis], edge=edge, t=t, at=at, o=offset, w=w)
        self.meet()
        near = [0, -n, n, -row, row]
        self.r.shuffle(near)
        for o in near[:self.r.randint(2, 5)]:
            w = self.temp(kind)
            self.p(f'ld.shared.{t} {w}, [{at}+{o}];')
            self.fold(kind, d, w)

    def strip(self, ctx):
        """A row of values with some more on either side, read through a window."""
        kind, n = self.r.choice('rfd'), self.threads()
        radius = min(self.r.randint(1, 4), n)
        t, size = WORD[kind]
        v, d = self.reg(kind), self.reg(kind)
        self.meet()
        r = self.code('add.u32 $r_i, %me, $radius;', radius=radius)
        at = self.cell(kind, r['i'])
        self.p(f'st.shared.{t} [{at}], {v};')
        self.code('''setp.ge.u32 $p_q, %me, $radius;
            @$p_q bra $L_inside;
            st.shared.$t [$at-$before], $v;
            st.shared.$t [$at+$behind], $d;
            $L_inside:''', radius=radius, t=t, at=at, before=size * radius, behind=size * n,
                  v=self.constant(kind), d=d)
        self.meet()
        for k in range(-radius, radius + 1):
            w = self.temp(kind)
            self.p(f'ld.shared.{t} {w}, [{at}+{k * size}];')
            self.fold(kind, d, w)

    def elsewhere(self, ctx):
        """Cells of others: reversed, strided, transposed, turned, of a partner."""
        kind, n = self.kind(), self.threads()
        nx, ny, _ = self.block
        t = WORD[kind][0]
        self.put_all(kind)
        self.meet()
        for _ in range(self.r.randint(1, 3)):
            i, how = self.temp('r'), self.r.randrange(6)
            if how == 0:
                self.p(f'sub.u32 {i}, {n - 1}, %me;')
            elif how == 1:
                self.p(f'mul.lo.u32 {i}, %me, {self.r.choice([2, 3, 4, 5, 8, 17])};')
                self.p(f'rem.u32 {i}, {i}, {n};')
            elif how == 2:
                self.code('''mov.u32 $r_x, %tid.x;
                    mov.u32 $r_y, %tid.y;
                    mad.lo.u32 $i, $r_x, $ny, $r_y;''', i=i, ny=ny)
            elif how == 3:
                self.p(f'xor.b32 {i}, %me, {self.r.choice([1, 2, 4, 8, 16, 32, 3, 5, 31])};')
                self.p(f'min.u32 {i}, {i}, {n - 1};')
            elif how == 4:
                self.p(f'add.u32 {i}, %me, {self.r.randrange(1, n + 1)};')
                self.p(f'rem.u32 {i}, {i}, {n};' if n & n - 1 else f'and.b32 {i}, {i}, {n - 1};')
            else:
                self.p(f'and.b32 {i}, {self.reg("r")}, {(1 << n.bit_length() - 1) - 1};')
            w = self.temp(kind)
            self.p(f'ld.shared.{t} {w}, [{self.cell(kind, i)}];')
            self.fold(kind, self.reg(kind), w)

    def bitonic(self, ctx):
        """Compare and exchange with thread me ^ j; the lower of the two writes."""
        kind, n = self.r.choice('rrfd'), self.threads()
        t, top = WORD[kind][0], 1 << (n - 1).bit_length()
        compare = {'r': 'setp.gt.s32', 'f': 'setp.gt.f32', 'd': 'setp.gt.u64'}[kind]
        self.put_all(kind)
        at = self.cell(kind, '%me')
        j = self.temp('r')
        self.p(f'mov.u32 {j}, {self.r.choice([top // 2, top // 4, 1, 16, 2]) or 1};')
        k = self.r.choice([1, 2, 4, 8, 32, 1 << 20])
        again, out = self.label('again'), self.label('out')
        self.place(again)
        self.meet()
        r = self.code('''xor.b32 $r_partner, %me, $j;
            setp.le.u32 $p_q, $r_partner, %me;
            @$p_q bra $out;
            setp.ge.u32 $p_q, $r_partner, $n;
            @$p_q bra $out;''', j=j, out=out, n=n)
        there = self.cell(kind, r['partner'])
        a, b = self.temp(kind), self.temp(kind)
        self.code('''ld.shared.$t $a, [$at];
            ld.shared.$t $b, [$there];
            $compare $p_up, $a, $b;
            and.b32 $r_way, %me, $k;
            setp.eq.u32 $p_way, $r_way, 0;
            xor.pred $p_up, $p_up, $p_way;
            @$p_up bra $out;
            st.shared.$t [$at], $b;
            st.shared.$t [$there], $a;''', t=t, a=a, b=b, at=at, there=there, out=out, k=k,
                  compare=compare)
        self.place(out)
        self.code('''shr.u32 $j, $j, 1;
            setp.ne.u32 $p_q, $j, 0;
            @$p_q bra $again;''', j=j, again=again)
        self.meet()
        self.p(f'ld.shared.{t} {self.reg(kind)}, [{at}];')

    def places(self):
        """Two cells of each thread's own, or one that its neighbours only look at: their
        indices and the predicate of who may write, or None."""
        n, how = self.threads(), self.r.randrange(5)
        if how == 0:
            return '%me', self.code(f'add.u32 $r_i, %me, {n};')['i'], None
        if how == 1:
            r = self.code('shl.b32 $r_i, %me, 1;\nor.b32 $r_j, $r_i, 1;')
            return r['i'], r['j'], None
        if how == 2:
            s = self.r.choice([1, 2, 4, 16, 32, 64])
            r = self.code('xor.b32 $r_i, %me, $s;\nsetp.gt.u32 $p_q, $r_i, %me;\n'
                          'setp.lt.and.u32 $p_q, $r_i, $n, $p_q;', s=s, n=n)
            return '%me', r['i'], r['q']
        if how == 3:
            k = self.r.choice([1, 2, 4])
            r = self.code('shr.u32 $r_i, %me, $k;\nand.b32 $r_c, %me, $last;\n'
                          'setp.eq.u32 $p_q, $r_c, 0;', k=k, last=(1 << k) - 1)
            return r['i'], None, r['q']
        m = self.r.choice([1, 8, 16, 32])
        r = self.code('and.b32 $r_i, %me, $last;\nsetp.lt.u32 $p_q, %me, $m;', last=m - 1, m=m)
        return r['i'], None, r['q']

    def swaps(self, ctx):
        """Threads read cells that are theirs to write, and write them or not."""
        kind, n = self.r.choice('rrffdh'), self.threads()
        t, bits = WORD[kind][0], 8 * WORD[kind][1]
        self.put_all(kind)
        self.p(f'st.shared.{t} [{self.cell(kind, "%me")}+{n * bits // 8}], {self.reg(kind)};')
        out, kept = self.reg(kind), self.temp(kind)
        for _ in range(self.r.randint(1, 3)):
            self.meet()
            i, j, may = self.places()
            a, x = self.cell(kind, i), self.temp(kind)
            b, y = (self.cell(kind, j), self.temp(kind)) if j else (a, x)
            self.p(f'mov.b{bits} {kept}, {out};')
            skip = self.label('skip')
            early = may and self.maybe(0.5)
            if early:
                self.p(f'@!{may} bra {skip};')
            self.p(f'ld.shared.{t} {x}, [{a}];')
            if j:
                self.p(f'ld.shared.{t} {y}, [{b}];')
            q = self.condition()
            if self.maybe(0.5):
                self.p(f'setp.gt.{dict(h="s16", d="s64", f="f32").get(kind, "s32")} {q}, {x}, {y};')
            if may and not early:
                self.p(f'and.pred {q}, {q}, {may};')
            self.p(f'@!{q} bra {skip};')
            z = self.temp(kind)
            self.p(f'{self.r.choice(ORDERED[kind])} {z}, {x}, {self.reg(kind)};')
            if kind == 'r' and self.maybe(0.3):
                self.p(f'or.b32 {z}, {z}, 1;')
                self.p(f'{self.r.choice(["div.u32", "rem.s32", "mul.hi.u32"])} {z}, {x}, {z};')
            for at in self.r.sample([a, b], self.r.randint(1, 2)) if j else [a]:
                self.p(f'st.shared.{t} [{at}], {self.r.choice([x, y, z, z])};')
            self.p(f'mov.b{bits} {kept}, {z};')
            self.place(skip)
            self.p(f'mov.b{bits} {out}, {kept};')
        self.meet()
        self.p(f'ld.shared.{t} {self.reg(kind)}, [{self.cell(kind, "%me")}];')

    def block_scan(self, ctx):
        kind, n = self.r.choice('rfd'), self.threads()
        t, size = WORD[kind]
        v = self.put_all(kind)
        at, x, w = self.cell(kind, '%me'), self.temp(kind), self.temp(kind)
        self.p(f'mov.{"b32" if size == 4 else "b64"} {x}, {v};')
        op, d = self.r.choice(ORDERED[kind]), 1
        while d < n:
            self.meet()
            self.code('''setp.lt.u32 $p_q, %me, $d;
                @$p_q bra $L_low;
                ld.shared.$t $w, [$at-$o];
                $op $x, $x, $w;
                $L_low:''', d=d, t=t, w=w, at=at, o=d * size, op=op, x=x)
            self.meet()
            self.p(f'st.shared.{t} [{at}], {x};')
            d *= 2
        self.p(f'mov.{"b32" if size == 4 else "b64"} {self.reg(kind)}, {x};')

    def sweep(self, ctx):
        """A tree over the tile whose distance doubles or halves from turn to turn."""
        kind, n = self.r.choice('rfd'), self.threads()
        t, size = WORD[kind]
        top, how = 1 << n.bit_length() - 1, self.r.randrange(4)
        self.put_all(kind)
        s, i = self.temp('r'), self.temp('r')
        up = how == 3 or self.maybe(0.5)
        self.p(f'mov.u32 {s}, {1 if up else top // 2};')
        again, rest = self.label('turn'), self.label('rest')
        if top < 2:
            return
        self.place(again)
        self.meet()
        if how == 0:  # the first s threads
            self.code('mov.u32 $i, %me;\nsetp.ge.u32 $p_q, %me, $s;\n@$p_q bra $rest;',
                      i=i, s=s, rest=rest)
        elif how == 1:  # those at multiples of 2 s
            self.code('''shl.b32 $r_m, $s, 1;
                sub.u32 $r_m, $r_m, 1;
                and.b32 $r_m, $r_m, %me;
                setp.ne.u32 $p_q, $r_m, 0;
                @$p_q bra $rest;
                mov.u32 $i, %me;''', i=i, s=s, rest=rest)
        elif how == 2:  # the first, at multiples of 2 s
            self.code('''shl.b32 $r_m, $s, 1;
                mul.lo.u32 $i, $r_m, %me;
                setp.ge.u32 $p_q, $i, $top;
                @$p_q bra $rest;''', i=i, s=s, rest=rest, top=top)
        else:  # into the ends of pieces of 2 s
            self.code('''shl.b32 $r_m, $s, 1;
                mad.lo.u32 $i, $r_m, %me, $s;
                sub.u32 $i, $i, 1;
                add.u32 $r_e, $i, $s;
                setp.ge.u32 $p_q, $r_e, $top;
                @$p_q bra $rest;''', i=i, s=s, rest=rest, top=top)
        a, b = self.cell(kind, i), self.temp('r')
        x, y = self.temp(kind), self.temp(kind)
        self.p(f'mad.lo.u32 {b}, {s}, {size}, {a};')
        q = self.temp('p')
        self.p(f'setp.gt.u32 {q}, {b}, {self.cell(kind, str(n - 1))};')
        self.p(f'@{q} bra {rest};')
        self.p(f'ld.shared.{t} {x}, [{a}];')
        self.p(f'ld.shared.{t} {y}, [{b}];')
        self.fold(kind, x, y)
        self.p(f'st.shared.{t} [{b if how == 3 else a}], {x};')
        self.place(rest)
        self.p(f'{"shl" if up else "shr"}.b32 {s}, {s}, 1;')
        self.code('setp.eq.u32 $p_q, $s, $end;\n@!$p_q bra $again;', s=s, again=again,
                  end=top if up else 0)
        self.meet()
        at = self.cell(kind, self.r.choice(['0', '%me']))
        self.p(f'ld.shared.{t} {self.reg(kind)}, [{at}];')

    def product(self, ctx):
        """A tile times itself, in a loop or straight."""
        nx, ny, nz = self.block
        deep = min(nx, ny, 8)
        kind = self.r.choice('rfg')
        t, size = WORD[kind]
        op = {'r': 'mad.lo.u32', 'f': 'fma.rn.f32', 'g': 'fma.rn.f64'}[kind]
        self.put_all(kind)
        self.meet()
        r = self.code('''mov.u32 $r_x, %tid.x;
            mov.u32 $r_y, %tid.y;
            mul.lo.u32 $r_row, $r_y, $nx;''', nx=nx)
        a, b, acc = self.cell(kind, r['row']), self.cell(kind, r['x']), self.reg(kind)
        x, y = self.temp(kind), self.temp(kind)
        if self.maybe(0.5):
            for k in range(deep):
                self.p(f'ld.shared.{t} {x}, [{a}+{k * size}];')
                self.p(f'ld.shared.{t} {y}, [{b}+{k * size * nx}];')
                self.p(f'{op} {acc}, {x}, {y}, {acc};')
            return
        self.code('''mov.u32 $r_k, 0;
            $L_next:
            ld.shared.$t $x, [$a];
            ld.shared.$t $y, [$b];
            $op $acc, $x, $y, $acc;
            add.u32 $a, $a, $size;
            add.u32 $b, $b, $row;
            add.u32 $r_k, $r_k, 1;
            setp.lt.u32 $p_q, $r_k, $deep;
            @$p_q bra $L_next;''', t=t, x=x, y=y, a=a, b=b, op=op, acc=acc, size=size,
                  row=size * nx, deep=deep)

    def wavefront(self, ctx):
        """Cells of a square by its diagonals, as in dynamic programming."""
        n = min(self.block[0], self.r.choice([4, 8, 16, 32]))
        self.meet()
        self.code('''mov.u32 $r_x, %tid.x;
            add.u32 $r_x1, $r_x, 1;
            mov.u32 $r_m, 0;
            mov.u32 $r_gap, $gap;
            $L_next:
            sub.u32 $r_y, $r_m, %me;
            setp.ge.u32 $p_q, $r_y, $n;
            setp.ge.or.u32 $p_q, %me, $n, $p_q;
            @$p_q bra $L_not;
            mad.lo.u32 $r_i, $r_y, $wide, %me;
            mov.u32 $r_at, $tile;
            mad.lo.u32 $r_at, $r_i, 4, $r_at;
            ld.shared.u32 $r_a, [$r_at];
            ld.shared.u32 $r_b, [$r_at+4];
            ld.shared.u32 $r_c, [$r_at+$down];
            add.s32 $r_a, $r_a, $v;
            sub.s32 $r_b, $r_b, $r_gap;
            sub.s32 $r_c, $r_c, $r_gap;
            max.s32 $r_a, $r_a, $r_b;
            max.s32 $r_a, $r_a, $r_c;
            st.shared.u32 [$r_at+$cross], $r_a;
            $L_not:
            bar.sync 0;
            add.u32 $r_m, $r_m, 1;
            setp.lt.u32 $p_q, $r_m, $steps;
            @$p_q bra $L_next;''', gap=self.r.randrange(5), n=n, wide=n + 1, v=self.reg('r'),
                  tile=self.name + '_tile', down=4 * (n + 1), cross=4 * (n + 2), steps=2 * n - 1)

    def histogram(self, ctx):
        bins = self.r.choice([4, 16, 32])
        self.meet()
        self.code('''mov.u32 $r_tile, $tile;
            setp.ge.u32 $p_q, %me, $bins;
            mad.lo.u32 $r_mine, %me, 4, $r_tile;
            @$p_q bra $L_clear;
            st.shared.u32 [$r_mine], 0;
            $L_clear:
            bar.sync 0;
            and.b32 $r_b, $v, $last;
            mad.lo.u32 $r_at, $r_b, 4, $r_tile;
            red.shared.add.u32 [$r_at], $w;
            bar.sync 0;
            @$p_q bra $L_done;
            ld.shared.u32 $d, [$r_mine];
            $L_done:''', tile=self.name + '_tile', bins=min(bins, self.threads()),
                  last=min(bins, 1 << self.threads().bit_length() - 1) - 1, v=self.reg('r'),
                  w=self.r.choice(['1', self.reg('r')]), d=self.reg('r'))
