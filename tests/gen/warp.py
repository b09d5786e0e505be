#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ptx tests of what the lanes of a warp do together, with values from a model that
sees all lanes at once (PTX manual, sections on shfl.sync, vote.sync, match.sync, redux.sync).

usage: tests/gen/warp.py FOLDER [--seed N]

Lanes are given a side each; on each side of a branch the lanes of that side execute the
instruction with their own mask, so that masks, clamps and divergence meet."""
import write

ALL = 0xFFFFFFFF


def lanes(mask):
    return [l for l in range(32) if mask >> l & 1]


def shuffle(mode, lane, b, c, mask):
    """(source lane or None when it is not to be compared, predicate)"""
    segmask, clamp = c >> 8 & 31, c & 31
    max_lane = (lane & segmask) | (clamp & ~segmask & 31)
    min_lane = lane & segmask
    b &= 31
    if mode == 'up':
        j = lane - b
        ok = j >= max_lane
    elif mode == 'down':
        j = lane + b
        ok = j <= max_lane
    elif mode == 'bfly':
        j = lane ^ b
        ok = j <= max_lane
    else:
        j = min_lane | (b & ~segmask & 31)
        ok = j <= max_lane
    if not ok:
        j = lane
    return (j if mask >> j & 1 else None), int(ok)


def signed(x):
    return x - (x >> 31 << 32)


class Kernel:
    """A kernel whose lanes take one of two sides; each instruction stores one word."""

    def __init__(self, rng, name):
        self.r, self.name = rng, name
        self.lines, self.want = [], []
        self.values = [rng.choice([rng.getrandbits(32), rng.randrange(6)]) for _ in range(32)]
        kind = rng.randrange(3)
        self.side = ALL if kind == 0 else rng.getrandbits(32) | 1 if kind == 1 else 0x55555555

    def store(self, register, want):
        at = 128 * len(self.want)
        self.lines.append(f'st.global.u32 [%out+{at}], {register};')
        self.want.append(want)

    def shfl(self, mask):
        mode = self.r.choice(['up', 'down', 'bfly', 'idx'])
        width = self.r.choice([1, 2, 4, 8, 16, 32])
        c = (32 - width) << 8 | (0 if mode == 'up' else 31)
        if self.r.random() < 0.25:
            c = self.r.getrandbits(5) << 8 | self.r.getrandbits(5)
        by_lane = mode == 'idx' and self.r.random() < 0.5
        b = self.r.randrange(32)
        self.lines += [f'mov.u32 %b, {b};']
        if by_lane:
            self.lines += [f'add.u32 %b, %lane, {b};', 'and.b32 %b, %b, 31;']
        self.lines += [f'shfl.sync.{mode}.b32 %d|%p, %v, %b, {c}, {mask};',
                       'selp.u32 %e, 1, 0, %p;']
        d, p = {}, {}
        for l in lanes(mask):
            j, ok = shuffle(mode, l, (l + b) & 31 if by_lane else b, c, mask)
            p[l] = ok
            d[l] = None if j is None else self.values[j]
        self.store('%d', d)
        self.store('%e', p)

    def vote(self, mask):
        k = self.r.randrange(1, 5)
        self.lines += [f'rem.u32 %b, %v, {k};', 'setp.eq.u32 %p, %b, 0;']
        yes = [l for l in lanes(mask) if self.values[l] % k == 0]
        mode = self.r.choice(['all', 'any', 'uni', 'ballot'])
        if mode == 'ballot':
            self.lines += [f'vote.sync.ballot.b32 %d, %p, {mask};']
            result = sum(1 << l for l in yes)
        else:
            self.lines += [f'vote.sync.{mode}.pred %q, %p, {mask};', 'selp.u32 %d, 1, 0, %q;']
            every, none = len(yes) == len(lanes(mask)), not yes
            result = int({'all': every, 'any': not none, 'uni': every or none}[mode])
        self.store('%d', {l: result for l in lanes(mask)})

    def match(self, mask):
        if self.r.random() < 0.6:
            self.lines += [f'match.any.sync.b32 %d, %v, {mask};']
            self.store('%d', {l: sum(1 << k for k in lanes(mask)
                                     if self.values[k] == self.values[l]) for l in lanes(mask)})
            return
        shift = self.r.choice([0, 31])
        self.lines += [f'shr.u32 %b, %v, {shift};',
                       f'match.all.sync.b32 %d|%p, %b, {mask};', 'selp.u32 %e, 1, 0, %p;']
        same = len({self.values[l] >> shift for l in lanes(mask)}) == 1
        self.store('%d', {l: mask if same else 0 for l in lanes(mask)})
        self.store('%e', {l: int(same) for l in lanes(mask)})

    def redux(self, mask):
        op = self.r.choice(['add.u32', 'min.u32', 'max.u32', 'min.s32', 'max.s32', 'and.b32',
                            'or.b32', 'xor.b32', 'add.s32'])
        self.lines += [f'redux.sync.{op} %d, %v, {mask};']
        v = [self.values[l] for l in lanes(mask)]
        name, t = op.split('.')
        if t == 's32':
            v = [signed(x) for x in v]
        if name == 'add':
            result = sum(v)
        elif name in ('min', 'max'):
            result = {'min': min, 'max': max}[name](v)
        else:
            result = v[0]
            for x in v[1:]:
                result = {'and': result & x, 'or': result | x, 'xor': result ^ x}[name]
        self.store('%d', {l: result & ALL for l in lanes(mask)})

    def make(self):
        head = ['setp.ne.u32 %side, %n, 0;', '@!%side bra other;']
        for _ in range(4):
            self.r.choice([self.shfl, self.shfl, self.vote, self.match, self.redux])(self.side)
        one = self.lines
        self.lines = []
        rest = ~self.side & ALL
        for _ in range(4 if rest else 0):
            self.r.choice([self.shfl, self.shfl, self.vote, self.match, self.redux])(rest)
        two = self.lines
        self.lines = []
        both = [f'bar.warp.sync {ALL};']
        for _ in range(3):
            self.r.choice([self.shfl, self.vote, self.match, self.redux])(ALL)
        body = head + one + ['bra join;', 'other:'] + two + ['join:'] + both + self.lines
        words = 32 * len(self.want)
        out = []
        for w in self.want:
            for l in range(32):
                x = w.get(l, 0)
                out.append('_' if x is None else str(x))
        sides = [self.side >> l & 1 for l in range(32)]
        directives = [f'// RUN {self.name} block=32',
                      '// IN in u32[32] ' + ' '.join(map(str, self.values)),
                      '// IN side u32[32] ' + ' '.join(map(str, sides)),
                      f'// IN out u32[{words}]']
        line = f'// OUT out u32[{words}]'
        for x in out:
            if len(line) > 100:
                directives.append(line)
                line = '// +'
            line += ' ' + x
        directives.append(line)
        text = [f'.visible .entry {self.name}(.param .u64 in, .param .u64 side, .param .u64 out)',
                '{']
        text += ['   ' + x for x in (
            '.reg .pred %p, %q, %side;', '.reg .b32 %lane, %v, %b, %d, %e, %n;',
            '.reg .b64 %in, %s, %out, %at;', 'ld.param.u64 %in, [in];',
            'ld.param.u64 %s, [side];', 'ld.param.u64 %out, [out];', 'mov.u32 %lane, %tid.x;',
            'mul.wide.u32 %at, %lane, 4;', 'add.u64 %in, %in, %at;', 'add.u64 %s, %s, %at;',
            'add.u64 %out, %out, %at;', 'ld.global.u32 %v, [%in];', 'ld.global.u32 %n, [%s];')]
        text += [x if x.endswith(':') else '   ' + x for x in body] + ['   ret;', '}', '']
        return directives, text


HEADER = ['.version 7.8', '.target sm_90', '.address_size 64']

if __name__ == '__main__':
    make_file = write.kernels_file(Kernel, 'Warp operations, seed {seed}; made by tests/gen/warp.py.', HEADER)
    write.write_files(__doc__, 'warp', make_file, files=3, kernels=12)
