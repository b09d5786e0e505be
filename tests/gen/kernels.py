#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes random kernels of all that warps and blocks can do, which every back end and mode
must run as the interpreter does.

usage: tests/gen/kernels.py FOLDER [--seed N] [--files N] [--kernels N]

What a kernel computes does not depend on the schedule, by construction: loops are bounded by
counters of their own; a thread writes only what belongs to it, or adds to what nobody reads
before a barrier; an operation of a warp names the lanes that will come to it, a set that the
kernel computes as it goes (`mask` below). tests/fuzz/kernels.py makes such kernels for as
long as one likes and reduces what differs."""
import random

import write
from kernels_flow import Program
from kernels_patterns import CHAIN, MOST_BLOCKS, OUT_WORDS, Patterns
from kernels_straight import BYTES, IN_WORDS, LOCAL, OWN, POOL, ROWS, SUMS, Context, Node
from kernels_tiles import TILE

BLOCKS = [(32, 1, 1), (64, 1, 1), (45, 1, 1), (7, 5, 3), (33, 1, 1), (96, 1, 1), (1, 1, 1),
          (16, 4, 1), (5, 3, 1), (8, 8, 2), (128, 1, 1), (100, 1, 1), (64, 1, 1), (8, 8, 1),
          (16, 2, 1), (5, 7, 1), (32, 2, 1), (4, 4, 4), (16, 1, 1), (32, 4, 1)]
LARGE_BLOCKS = [(16, 16, 1), (32, 8, 1), (256, 1, 1), (160, 1, 1)]
GRIDS = [(1, 1), (1, 1), (2, 1), (3, 1), (3, 2), (5, 1), (9, 1), (2, 8), (MOST_BLOCKS, 1)]
FEATURES = ('shuffle', 'barrier', 'shared', 'sums', 'atomics', 'local', 'calls', 'recursion',
            'indirect', 'switch', 'graph', 'exits', 'wild', 'lock', 'partial', 'split_barrier',
            'gather', 'carry', 'parameters', 'fence', 'rows', 'tile', 'chain', 'guard')
TOGETHER = {'barrier', 'partial', 'split_barrier', 'tile', 'exits', 'chain'}
COSTLY = ('lock', 'calls', 'split_barrier')  # a fiber a thread, or the interpreter alone

# Threads beyond %n - 1 leave before they have done anything; %k7: lanes that the warp has.
GUARD = '''setp.ge.u32 %p0, %gid, {bound};
@%p0 ret;
and.b32 %k8, %me, 31;
sub.u32 %k8, %gid, %k8;
sub.u32 %k8, {bound}, %k8;
min.u32 %k7, %k7, %k8;'''

SHARED = '''mov.u32 %sown, {name}_cells;
mad.lo.u32 %sown, %me, 16, %sown;
st.shared.v4.u32 [%sown], {{%k9, %k9, %k9, %k9}};
mov.u32 %k10, {name}_sums;
{tile}
setp.ne.u32 %p1, %me, 0;
@%p1 bra {name}_cleared;
{clear}
{name}_cleared:
bar.sync 0;'''

CLEAR_TILE = '''mov.u32 %k11, %me;
{name}_clear:
mov.u32 %k8, {name}_tile;
mad.lo.u32 %k8, %k11, 4, %k8;
st.shared.u32 [%k8], %k9;
add.u32 %k11, %k11, %size;
setp.lt.u32 %p1, %k11, {words};
@%p1 bra {name}_clear;'''

SEEDS = '''mul.lo.u32 %r1, %r0, 0x9E3779B9;
shr.u32 %r2, %r1, 7;
xor.b32 %r3, %r2, %r0;
and.b32 %r4, %r1, 31;
mov.u32 %r5, 5;
not.b32 %r6, %r4;
mov.u32 %r7, %n;
mul.wide.u32 %d0, %r1, %r2;
cvt.u64.u32 %d1, %r0;
mov.u64 %d2, 0x123456789ABCDEF0;
neg.s64 %d3, %d1;
cvt.u16.u32 %h0, %r1;
cvt.u16.u32 %h1, %r0;
mov.u16 %h2, 0x3C00;
mov.u16 %h3, 0xBF80;
cvt.rn.f32.s32 %f0, %r0;
cvt.rn.f32.u32 %f1, %r4;
mov.f32 %f2, 0f3FC00000;
mov.b32 %f3, %r3;
cvt.rn.f64.s32 %g0, %r1;
cvt.f64.f32 %g1, %f2;
mov.b64 %g2, %d0;
setp.lt.u32 %p0, %r4, 16;
setp.eq.u32 %p1, %r5, 5;
setp.gt.s32 %p2, %r1, %r0;
setp.ne.u32 %p3, %r7, 2;'''

HEAD = '''ld.param.u64 %in, [in];
ld.param.u64 %own, [own];
ld.param.u64 %rows, [rows];
ld.param.u64 %sums, [sums];
ld.param.u64 %lock, [lock];
ld.param.u64 %out, [out];
ld.param.u64 %chain, [chain];
ld.param.u32 %n, [n];
mov.u32 %k0, %tid.x;
mov.u32 %k1, %tid.y;
mov.u32 %k2, %tid.z;
mov.u32 %k3, %ntid.x;
mov.u32 %k4, %ntid.y;
mov.u32 %k5, %ntid.z;
mov.u32 %cta, %ctaid.x;
mov.u32 %k6, %nctaid.x;
mov.u32 %k7, %ctaid.y;
mad.lo.u32 %cta, %k7, %k6, %cta;
mov.u32 %k8, %nctaid.y;
mul.lo.u32 %k6, %k6, %k8;
mov.u32 %lane, %laneid;
mad.lo.u32 %me, %k2, %k4, %k1;
mad.lo.u32 %me, %me, %k3, %k0;
mul.lo.u32 %size, %k3, %k4;
mul.lo.u32 %size, %size, %k5;
mad.lo.u32 %gid, %cta, %size, %me;
mul.lo.u32 %total, %k6, %size;
add.u32 %threads, %size, 31;
and.b32 %threads, %threads, 0xFFFFFFE0;
and.b32 %k7, %me, 0xFFFFFFE0;
sub.u32 %k7, %size, %k7;
{guard}
mov.u32 %mask, 0xFFFFFFFF;
setp.lt.u32 %p0, %k7, 32;
mov.u32 %k8, 1;
shl.b32 %k8, %k8, %k7;
sub.u32 %k8, %k8, 1;
@%p0 mov.u32 %mask, %k8;
mul.wide.u32 %x0, %gid, {own};
add.u64 %own, %own, %x0;
mov.u32 %k9, 0;
{shared}
and.b32 %k11, %gid, {last};
mul.wide.u32 %x1, %k11, 4;
add.u64 %x1, %x1, %in;
ld.global.u32 %r0, [%x1];'''


def make_function(rng, name, features, callee=None):
    """A function of (u32, u64, the thread's own memory)."""
    g = Program(rng, name, features - {'calls', 'lock'}, func=True)
    g.budget = rng.randint(3, 9)
    ctx = Context(func=True)
    while g.budget > 0:
        g.statement_in(g.statement, ctx)
    head = f'.func (.param .b32 result) {name}(.param .b32 pa, .param .b64 pb, .param .b64 pc)'
    top = Node()
    top.items = [head, '{', '   .local .align 16 .b8 array[%d];' % LOCAL]
    top.items += ['   ' + x for x in g.registers()]
    top.items += ['   ' + x for x in (
        'ld.param.b32 %r0, [pa];', 'ld.param.b64 %own, [pc];', 'mov.u32 %n, 2;',
        'mov.u32 %cta, 1;', 'mov.u32 %lane, %laneid;', 'mov.u32 %me, %r0;', 'mov.u64 %in, 0;')]
    top.items += ['   ' + x for x in SEEDS.split('\n')]
    top.items += ['   ld.param.b64 %d1, [pb];', '   mov.u32 %k0, 0;']
    top.items += [f'   st.local.u32 [array+{4 * i}], %k0;' for i in range(LOCAL // 4)]
    top.items.append(g.top)
    top.items += ['   ' + x for x in (
        'xor.b32 %r0, %r0, %r1;', 'cvt.u32.u64 %r2, %d0;', 'add.u32 %r0, %r0, %r2;',
        'st.param.b32 [result], %r0;', 'ret;')] + ['}', '']
    return top


def make_deep(name):
    """Calls itself as often as its first argument says, on two paths."""
    top, text = Node(), '''{
.param .b32 qr; .param .b32 qa; .param .b64 qb; .param .b64 qc;
st.param.b32 [qa], %r1;
st.param.b64 [qb], %d0;
st.param.b64 [qc], %own;
call (qr), NAME_deep, (qa, qb, qc);
ld.param.b32 %r2, [qr];
}'''
    call = text.replace('NAME', name).split('\n')
    top.items = [f'.func (.param .b32 result) {name}_deep(.param .b32 pa, .param .b64 pb, '
                 '.param .b64 pc)', '{', '   .reg .b32 %r<5>;', '   .reg .b64 %d0, %own;',
                 '   .reg .pred %p<2>;']
    top.items += ['   ' + x for x in '''ld.param.b32 %r0, [pa];
ld.param.b64 %d0, [pb];
ld.param.b64 %own, [pc];
mov.u32 %r2, 7;
setp.eq.u32 %p0, %r0, 0;
@%p0 bra NAME_flat;
sub.u32 %r1, %r0, 1;
mul.lo.u64 %d0, %d0, 3;
and.b32 %r3, %r0, 1;
setp.ne.u32 %p1, %r3, 0;
@%p1 bra NAME_odd;'''.replace('NAME', name).split('\n')]
    top.items += ['   ' + x for x in call] + ['   mad.lo.u32 %r2, %r2, 5, %r0;',
                                              f'   bra {name}_flat;', f'{name}_odd:',
                                              '   add.u64 %d0, %d0, 11;']
    top.items += ['   ' + x for x in call] + ['   xor.b32 %r2, %r2, 0x55;', f'{name}_flat:',
                                              '   cvt.u32.u64 %r4, %d0;',
                                              '   add.u32 %r2, %r2, %r4;',
                                              '   st.param.b32 [result], %r2;', '   ret;',
                                              '}', '']
    return top


def neutral(k):
    return {'min.s32': '0x7FFFFFFF', 'and.b32': '0xFFFFFFFF', 'min.u64': '0xFFFFFFFFFFFFFFFF',
            'max.s64': '0x8000000000000000'}.get(SUMS[k], '0')


def choose_features(rng):
    features = {f for f in FEATURES if rng.random() < 0.45}
    if rng.random() < 0.7:
        features -= set(COSTLY)
        if rng.random() < 0.3:
            features.add(rng.choice(COSTLY))
    if rng.random() < 0.75:
        features.discard('guard')
    if 'guard' in features:
        features -= TOGETHER
    if rng.random() < 0.5:
        features.discard('wild')
    return features


def make_shape(rng):
    block = rng.choice(LARGE_BLOCKS) if rng.random() < 0.15 else rng.choice(BLOCKS)
    size = block[0] * block[1] * block[2]
    grid = rng.choice(GRIDS)
    return block, grid if size * grid[0] * grid[1] <= 1024 else (2, 1)


def mask_of(features, size):
    """The mask of the kernel's body: a constant where a compiler would know it."""
    if 'wild' in features:
        return None
    known = size % 32 == 0 and not features & {'exits', 'guard'}
    return '0xFFFFFFFF' if known else '%mask'


def shared_head(name, features):
    """Shared memory begins with known values; kernels that do not use it have no barrier."""
    if not features & {'shared', 'tile'}:
        return ''
    clear = []
    for k in range(len(SUMS)):
        clear.append(f'mov.u64 %x0, {neutral(k)};')
        clear += [f'st.shared.u64 [%k10+{64 * k + 8 * i}], %x0;' for i in range(8)]
    tile = CLEAR_TILE.format(name=name, words=TILE // 4) if 'tile' in features else ''
    return SHARED.format(name=name, tile=tile, clear='\n'.join(clear))


def directives_of(rng, name, block, grid):
    total = grid[0] * grid[1] * block[0] * block[1] * block[2]
    k = rng.getrandbits(30) | 1
    first = [neutral(i) for i in range(len(SUMS))]
    return [
        f'// RUN {name} grid={grid[0]},{grid[1]} block={block[0]},{block[1]},{block[2]}',
        '// AGREE',
        f'// IN in u32[{IN_WORDS}] {{urem((i + 7) * {k}, 4294967296) >> (i % 5 * 6)}}',
        f'// IN own u8[{total * OWN}]',
        f'// IN rows u8[{total * 8 * ROWS}]',
        f'// IN sums u64[{8 * len(SUMS)}] ' + ' '.join(f'{v}*8' for v in first),
        '// IN lock u32[4]',
        f'// IN out u32[{OUT_WORDS}] {{i * 3}}',
        f'// IN chain u64[{CHAIN * MOST_BLOCKS}]',
        f'// IN n u32 {rng.randrange(5)}',
        '// IN many u32<8> ' + ' '.join(str(rng.getrandbits(32)) for _ in range(8))]


def store_registers():
    at = 0
    for kind in 'dgrfhp':
        for i in range(POOL[kind]):
            if kind == 'p':
                yield f'   selp.u32 %k0, {1 + i}, 0, %p{i};'
                yield f'   st.global.u8 [%own+{OWN - 4 + i}], %k0;'
            else:
                t = {'d': 'u64', 'g': 'f64', 'r': 'u32', 'f': 'f32', 'h': 'u16'}[kind]
                yield f'   st.global.{t} [%own+{at}], %{kind}{i};'
                at += BYTES[kind]


def make_kernel(rng, name):
    """(directives, tree) of one kernel and its functions."""
    features, callees, tree = choose_features(rng), [], Node()
    block, grid = make_shape(rng)
    size = block[0] * block[1] * block[2]
    if 'calls' in features:
        callees = [f'{name}_fn{i}' for i in range(2)]
        for c in callees:
            tree.items.append(make_function(rng, c, features))
        if 'recursion' in features:
            tree.items.append(make_deep(callees[0]))
    g = Patterns(rng, name, features, callees)
    g.block = block
    g.budget *= rng.choices([1, 5], [95, 5])[0]
    ctx = Context(mask=mask_of(features, size), whole=True, ends='exits' in features)
    while g.budget > 0:
        g.statement_in(g.statement, ctx)
    tree.items.append('.const .align 4 .b32 %s_const[16] = {%s};' % (
        name, ', '.join(str(rng.getrandbits(31)) for _ in range(16))))
    tree.items.append(f'.visible .entry {name}(.param .u64 in, .param .u64 own, '
                      '.param .u64 rows, .param .u64 sums, .param .u64 lock, .param .u64 out, '
                      '.param .u64 chain, .param .u32 n, .param .align 16 .b8 many[32])')
    tree.items += ['{', f'   .shared .align 16 .b8 {name}_cells[4096];',
                   f'   .shared .align 16 .b8 {name}_tile[{TILE}];',
                   f'   .shared .align 8 .b64 {name}_sums[{8 * len(SUMS)}];',
                   f'   .local .align 16 .b8 array[{LOCAL}];']
    tree.items += ['   ' + x for x in g.registers()]
    bound = rng.randrange(1, size * grid[0] * grid[1] + 1)
    head = HEAD.format(own=OWN, last=IN_WORDS - 1, shared=shared_head(name, features),
                       guard=GUARD.format(bound=bound) if 'guard' in features else '')
    tree.items += ['   ' + x for x in head.split('\n') if x]
    tree.items += ['   ' + x for x in SEEDS.split('\n')]
    tree.items += [f'   st.local.u32 [array+{4 * i}], %k9;' for i in range(LOCAL // 4)]
    tree.items.append(g.top)
    tree.items += store_registers()
    tree.items += ['   ret;', '}', '']
    return directives_of(rng, name, block, grid), tree


HEADER = ['.version 8.3', '.target sm_90', '.address_size 64', '']


def make_file(seed, kernels):
    rng = random.Random(seed)
    head = ['// SPDX-License-Identifier: Apache-2.0',
            f'// Random kernels, seed {seed}; made by tests/gen/kernels.py.']
    body = list(HEADER)
    for k in range(kernels):
        directives, tree = make_kernel(rng, f'k{k}')
        head += directives
        body += tree.lines()
    return '\n'.join(head + body) + '\n'


if __name__ == '__main__':
    write.write_files(__doc__, 'kernels', make_file, files=4, kernels=8)
