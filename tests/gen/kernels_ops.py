# SPDX-License-Identifier: Apache-2.0
"""The instructions that random kernels are made of: kind of the result, kinds of the sources,
opcodes. Kinds: r 32 bits, d 64 bits, h 16 bits, f f32, g f64, p predicate, i a constant.
A form that is not here is met by tests/unit/back_forms.c alone."""

TABLE = '''
r rr add.u32 add.s32 sub.u32 mul.lo.u32 mul.lo.s32 mul.hi.u32 mul.hi.s32 and.b32 or.b32 xor.b32
r rr min.s32 min.u32 max.s32 max.u32 shl.b32 shr.u32 shr.s32 mul24.lo.u32 mul24.hi.s32 add.sat.s32
r rr sub.sat.s32 bmsk.clamp.b32 bmsk.wrap.b32 szext.clamp.s32 szext.wrap.u32 min.relu.s32
r rr add.u16x2 add.s16x2 min.u16x2 max.s16x2
r r not.b32 cnot.b32 neg.s32 abs.s32 popc.b32 clz.b32 brev.b32 bfind.u32 bfind.s32
r r bfind.shiftamt.u32 mov.b32 cvt.u32.u8 cvt.s32.s8 cvt.u32.u16 cvt.s32.s16 cvt.sat.s8.s32
r r cvt.sat.u8.s32 cvt.sat.u16.s32 cvt.s16.s32
r rrr mad.lo.u32 mad.lo.s32 mad.hi.u32 mad.hi.s32 sad.u32 sad.s32 bfe.u32 bfe.s32 prmt.b32
r rrr prmt.b32.f4e prmt.b32.rc16 shf.l.wrap.b32 shf.l.clamp.b32 shf.r.wrap.b32 shf.r.clamp.b32
r rrr dp4a.u32.u32 dp4a.s32.u32 dp4a.s32.s32 dp2a.lo.u32.s32 dp2a.hi.s32.s32 slct.b32.s32
r rrr mad24.lo.s32 fns.b32
r rrrr bfi.b32
r rrri lop3.b32
r rrp selp.b32 selp.u32
r rrf slct.u32.f32
r rr set.lt.u32.s32 set.ge.s32.u32
r ff set.ltu.u32.f32 set.neu.s32.f32 set.gt.ftz.u32.f32
r d cvt.u32.u64 popc.b64 clz.b64 bfind.u64 bfind.s64 cvt.sat.s32.s64
r hh mul.wide.u16 mul.wide.s16
r hhr mad.wide.s16 mad.wide.u16
r h cvt.u32.u16 cvt.s32.s16 cvt.rzi.s32.f16 cvt.rni.u32.f16
r f cvt.rzi.s32.f32 cvt.rni.u32.f32 cvt.rmi.s32.f32 cvt.rpi.ftz.u32.f32 mov.b32
r g cvt.rzi.s32.f64 cvt.rni.u32.f64
r ff cvt.rn.f16x2.f32 cvt.rn.bf16x2.f32 cvt.rn.relu.f16x2.f32 cvt.rz.bf16x2.f32
r rr add.f16x2 sub.f16x2 mul.f16x2 min.f16x2 max.NaN.f16x2 add.sat.f16x2 mul.ftz.f16x2
r rr add.bf16x2 mul.bf16x2 max.bf16x2 min.NaN.bf16x2
r rrr fma.rn.f16x2 fma.rn.relu.f16x2 fma.rn.bf16x2 fma.rn.sat.f16x2
r r neg.f16x2 abs.bf16x2 ex2.approx.f16x2 tanh.approx.bf16x2
r h cvt.rn.f16x2.e4m3x2 cvt.rn.f16x2.e5m2x2
d dd add.u64 add.s64 sub.u64 mul.lo.u64 mul.hi.u64 mul.hi.s64 and.b64 or.b64 xor.b64 min.s64
d dd max.u64 min.u64
d dr shl.b64 shr.u64 shr.s64
d d not.b64 cnot.b64 neg.s64 abs.s64 brev.b64 mov.b64
d r cvt.u64.u32 cvt.s64.s32
d rr mul.wide.u32 mul.wide.s32
d rrd mad.wide.u32 mad.wide.s32
d ddd mad.lo.u64 mad.hi.s64 sad.u64
d drr bfe.u64 bfe.s64
d ddrr bfi.b64
d ddp selp.b64
d f cvt.rzi.s64.f32 cvt.rni.u64.f32
d g cvt.rzi.s64.f64 cvt.rpi.u64.f64 mov.b64
h hh add.u16 add.s16 sub.u16 mul.lo.u16 mul.hi.s16 min.s16 max.u16 and.b16 or.b16 xor.b16
h h not.b16 neg.s16 abs.s16 mov.b16 cnot.b16
h hr shl.b16 shr.u16 shr.s16
h hhh mad.lo.u16 mad.hi.s16 sad.s16
h hhp selp.b16
h r cvt.u16.u32 cvt.s16.s32 cvt.sat.u16.u32 cvt.rn.f16.s32 cvt.rz.f16.u32 cvt.rn.bf16.s32
h f cvt.rn.f16.f32 cvt.rn.bf16.f32 cvt.rz.f16.f32 cvt.rz.bf16.f32 cvt.rn.relu.f16.f32
h g cvt.rn.f16.f64
h hh add.f16 sub.f16 mul.f16 min.f16 max.f16 max.NaN.f16 add.bf16 sub.bf16 mul.bf16 min.bf16
h hh add.sat.f16 mul.ftz.f16 set.lt.f16.f16
h hhh fma.rn.f16 fma.rn.relu.f16 fma.rn.bf16 fma.rn.sat.f16
h h neg.f16 abs.f16 neg.bf16 abs.bf16 ex2.approx.f16 tanh.approx.f16 ex2.approx.ftz.bf16
h h cvt.rni.f16.f16 cvt.u16.u8
h ff cvt.rn.satfinite.e4m3x2.f32 cvt.rn.satfinite.relu.e5m2x2.f32
f ff add.f32 sub.f32 mul.f32 add.rz.f32 sub.rm.f32 mul.rp.f32 add.ftz.f32 mul.sat.f32
f ff add.rn.ftz.sat.f32 min.f32 max.f32 min.NaN.f32 max.ftz.f32 max.NaN.xorsign.abs.f32
f ff div.rn.f32 div.rz.f32 div.approx.f32 div.full.f32 div.rn.ftz.f32 copysign.f32
f f neg.f32 abs.f32 abs.ftz.f32 sqrt.rn.f32 sqrt.rz.f32 rcp.rn.f32 rcp.approx.f32 sqrt.approx.f32
f f rsqrt.approx.f32 ex2.approx.f32 lg2.approx.f32 sin.approx.f32 cos.approx.f32 tanh.approx.f32
f f ex2.approx.ftz.f32 cvt.rni.f32.f32 cvt.rmi.f32.f32 cvt.sat.f32.f32 cvt.rzi.ftz.f32.f32
f f mov.f32 cvt.rna.tf32.f32
f fff fma.rn.f32 fma.rz.f32 fma.rp.f32 fma.rm.ftz.f32 fma.rn.sat.f32 mad.rn.f32
f ffp selp.f32
f fff slct.f32.f32
f r cvt.rn.f32.s32 cvt.rz.f32.u32 cvt.rp.f32.s32 mov.b32 cvt.rn.f32.u8
f d cvt.rn.f32.s64 cvt.rz.f32.u64
f h cvt.f32.f16 cvt.f32.bf16 cvt.ftz.f32.f16
f g cvt.rn.f32.f64 cvt.rz.f32.f64 cvt.rm.sat.f32.f64
f rr set.gt.f32.s32
g gg add.f64 sub.f64 mul.f64 min.f64 max.f64 add.rz.f64 mul.rm.f64 div.rn.f64 div.rp.f64
g gg copysign.f64
g g neg.f64 abs.f64 sqrt.rn.f64 rcp.rn.f64 cvt.rni.f64.f64 sqrt.rz.f64 mov.f64
g g rsqrt.approx.f64 rcp.approx.ftz.f64
g ggg fma.rn.f64 fma.rm.f64
g ggp selp.f64
g f cvt.f64.f32
g r cvt.rn.f64.s32 cvt.rn.f64.u32
g d cvt.rn.f64.s64 cvt.rz.f64.u64 mov.b64
g h cvt.f64.f16
p pp and.pred or.pred xor.pred
p p not.pred mov.pred
p f testp.finite.f32 testp.subnormal.f32 testp.notanumber.f32
p g testp.normal.f64 testp.infinite.f64
'''

COMPARES = '''
rr setp.eq.u32 setp.ne.s32 setp.lt.s32 setp.lo.u32 setp.ge.u32 setp.gt.s32 setp.hs.u32 setp.le.u32
dd setp.lt.s64 setp.ge.u64 setp.eq.b64 setp.gt.u64
hh setp.lt.s16 setp.ge.u16 setp.ne.b16 setp.lt.f16 setp.geu.f16 setp.gt.bf16
ff setp.lt.f32 setp.ge.f32 setp.equ.f32 setp.nan.f32 setp.num.f32 setp.gt.ftz.f32 setp.ne.f32
gg setp.lt.f64 setp.leu.f64 setp.eq.f64
'''


def rows(text):
    return [line.split() for line in text.strip().split('\n')]


OPS = [(r[0], r[1], op) for r in rows(TABLE) for op in r[2:]]
SETPS = [(op, r[0]) for r in rows(COMPARES) for op in r[1:]]
