/* SPDX-License-Identifier: Apache-2.0
 * The device math library's integer intrinsics, conversions and rounded arithmetic,
 * compiled for the host, against values worked out by hand. */
#include "check.h"

#include "libs/libdevice/all.c"

#define INT(call, want) CHECK_EQ_U64((u32)(call), (u32)(want))
#define LONG(call, want) CHECK_EQ_U64((u64)(call), (u64)(want))
#define FLOAT(call, want) CHECK_EQ_U64(f_bits(call), want)
#define DOUBLE(call, want) CHECK_EQ_U64(d_bits(call), want)

static void
test_bits(void)
{
   INT(__nv_abs(-5), 5);
   INT(__nv_abs((int)0x80000000u), 0x80000000u);
   LONG(__nv_llabs(-5), 5);
   INT(__nv_brev(1), 0x80000000u);
   INT(__nv_brev(0x0000f00d), 0xb00f0000u);
   LONG(__nv_brevll(3), 0xc000000000000000ull);
   INT(__nv_byte_perm(0x33221100, 0x77665544, 0x7531), 0x77553311);
   INT(__nv_byte_perm(0x33221100, 0x77665544, 0x0246), 0x00224466);
   INT(__nv_clz(0), 32);
   INT(__nv_clz(1), 31);
   INT(__nv_clz(-1), 0);
   INT(__nv_clzll(0), 64);
   INT(__nv_clzll(0x100000000), 31);
   INT(__nv_ffs(0), 0);
   INT(__nv_ffs(8), 4);
   INT(__nv_ffsll(0x100000000), 33);
   INT(__nv_popc(0xf0f0f0f1), 17);
   INT(__nv_popcll(0xf0f0f0f1f0f0f0f1ull), 34);
}

static void
test_arithmetic(void)
{
   INT(__nv_hadd(0x7fffffff, 0x7ffffffd), 0x7ffffffe);
   INT(__nv_hadd(-3, -4), -4); /* towards minus infinity */
   INT(__nv_rhadd(-3, -4), -3);
   INT(__nv_rhadd(3, 4), 4);
   INT(__nv_uhadd(0xffffffffu, 0xfffffffdu), 0xfffffffeu);
   INT(__nv_urhadd(0xffffffffu, 0xfffffffeu), 0xffffffffu);
   INT(__nv_mul24(0x01000003, 5), 15);
   INT(__nv_mul24(0x00ffffff, 5), -5);
   INT(__nv_umul24(0xff000003u, 5), 15);
   INT(__nv_mulhi(-1, 1), -1);
   INT(__nv_mulhi((int)0x80000000u, (int)0x80000000u), 0x40000000);
   INT(__nv_umulhi(0xffffffffu, 0xffffffffu), 0xfffffffeu);
   LONG(__nv_mul64hi(-1, 1), -1);
   LONG(__nv_umul64hi(~0ull, ~0ull), ~0ull - 1);
   INT(__nv_sad(-2, 5, 10), 17);
   INT(__nv_sad((int)0x80000000u, 0x7fffffff, 1), 0);
   INT(__nv_usad(2, 5, 10), 13);
   INT(__nv_max(-1, 1), 1);
   INT(__nv_umax(0xffffffffu, 1), 0xffffffffu);
   INT(__nv_min(-1, 1), -1);
   INT(__nv_umin(0xffffffffu, 1), 1);
   LONG(__nv_llmax(-1, 1), 1);
   LONG(__nv_ullmax(~0ull, 1), ~0ull);
   LONG(__nv_llmin(-1, 1), -1);
   LONG(__nv_ullmin(~0ull, 1), 1);
}

static void
test_conversions(void)
{
   INT(__nv_float2int_rn(2.5f), 2);
   INT(__nv_float2int_rz(-2.9f), -2);
   INT(__nv_float2int_ru(2.1f), 3);
   INT(__nv_float2int_rd(-2.1f), -3);
   INT(__nv_float2int_rz(1e20f), 0x7fffffff);
   INT(__nv_float2int_rz(-1e20f), 0x80000000u);
   INT(__nv_float2int_rz(NAN_F), 0);
   INT(__nv_float2uint_rz(-1.0f), 0);
   INT(__nv_float2uint_rn(4294967040.0f), 4294967040u);
   LONG(__nv_float2ll_rz(1e30f), 0x7fffffffffffffffll);
   LONG(__nv_double2ull_rz(1e30), ~0ull);
   LONG(__nv_double2ll_rn(-2.5), -2);
   INT(__nv_double2int_ru(-2.5), -2);
   INT(__nv_double2uint_rd(2.9), 2);
   FLOAT(__nv_int2float_rn(0x7fffffff), 0x4f000000);
   FLOAT(__nv_int2float_rz(0x7fffffff), 0x4effffff);
   FLOAT(__nv_int2float_ru(-0x7fffffff), 0xceffffff);
   FLOAT(__nv_int2float_rd(-0x7fffffff), 0xcf000000);
   FLOAT(__nv_ull2float_ru(~0ull), 0x5f800000);
   DOUBLE(__nv_ull2double_rd(~0ull), 0x43efffffffffffffull);
   DOUBLE(__nv_ll2double_rz(-0x7fffffffffffffffll), 0xc3dfffffffffffffull);
   FLOAT(__nv_double2float_rz(1.0000001), 0x3f800000);
   FLOAT(__nv_double2float_ru(1.0000000001), 0x3f800001);
   FLOAT(__nv_double2float_rd(-1.0000000001), 0xbf800001);
   INT(__nv_double2hiint(1.0), 0x3ff00000);
   INT(__nv_double2loint(0x1.0000000000001p+0), 1);
   DOUBLE(__nv_hiloint2double(0x3ff00000, 1), 0x3ff0000000000001ull);
   FLOAT(__nv_half2float(0x3c01), 0x3f802000);
   INT(__nv_float2half_rn(65520.0f), 0x7c00);
   INT(__nv_float2half_rn(0x1p-25f), 0);
   INT(__nv_float2half_rn(0x1.8p-25f), 1);
   LONG(__nv_llroundf(2.5f), 3);
   LONG(__nv_llround(-2.5), -3);
   LONG(__nv_llrintf(2.5f), 2);
   LONG(__nv_llrint(-3.5), -4);
}

static void
test_rounded(void)
{
   FLOAT(__nv_fadd_rz(1.0f, 0x1p-30f), 0x3f800000);
   FLOAT(__nv_fadd_ru(1.0f, 0x1p-30f), 0x3f800001);
   FLOAT(__nv_fsub_rd(1.0f, 0x1p-30f), 0x3f7fffff);
   FLOAT(__nv_fmul_ru(0x1.000002p+0f, 0x1.000002p+0f), 0x3f800003);
   FLOAT(__nv_fdiv_rd(1.0f, 3.0f), 0x3eaaaaaa);
   FLOAT(__nv_fdiv_ru(1.0f, 3.0f), 0x3eaaaaab);
   FLOAT(__nv_frcp_rz(3.0f), 0x3eaaaaaa);
   FLOAT(__nv_fsqrt_ru(2.0f), 0x3fb504f4);
   FLOAT(__nv_fsqrt_rd(2.0f), 0x3fb504f3);
   FLOAT(__nv_fmaf_ru(1.0f, 1.0f, 0x1p-40f), 0x3f800001);
   FLOAT(__nv_fmaf_ieee_rz(1.0f, 1.0f, 0x1p-40f), 0x3f800000);
   DOUBLE(__nv_dadd_ru(1.0, 0x1p-80), 0x3ff0000000000001ull);
   DOUBLE(__nv_dsub_rz(1.0, 0x1p-80), 0x3fefffffffffffffull);
   DOUBLE(__nv_dmul_rd(-1.0, 1.0), 0xbff0000000000000ull);
   DOUBLE(__nv_ddiv_rd(1.0, 3.0), 0x3fd5555555555555ull);
   DOUBLE(__nv_ddiv_ru(1.0, 3.0), 0x3fd5555555555556ull);
   DOUBLE(__nv_drcp_rn(3.0), 0x3fd5555555555555ull);
   DOUBLE(__nv_dsqrt_ru(2.0), 0x3ff6a09e667f3bcdull);
   DOUBLE(__nv_dsqrt_rd(2.0), 0x3ff6a09e667f3bccull);
   DOUBLE(__nv_fma_rd(1.0, 1.0, -0x1p-80), 0x3fefffffffffffffull);
   FLOAT(__nv_saturatef(NAN_F), 0);
   FLOAT(__nv_saturatef(-1.0f), 0);
   FLOAT(__nv_saturatef(1.5f), 0x3f800000);
   FLOAT(__nv_nanf((const signed char *)"0x123"), 0x7fc00123);
   DOUBLE(__nv_nan((const signed char *)""), 0x7ff8000000000000ull);
}

static void
test_packed(void)
{
   INT(__nv_vabs2((int)0x8000fffe), 0x80000002);
   INT(__nv_vabsss2((int)0x8000fffe), 0x7fff0002);
   INT(__nv_vneg4(0x01ff8000), 0xff018000);
   INT(__nv_vnegss4(0x01ff8000), 0xff017f00);
   INT(__nv_vadd4((int)0xff7f0102, 0x01010101), 0x00800203);
   INT(__nv_vaddss4((int)0xff7f0180, 0x010101ff), 0x007f0280);
   INT(__nv_vaddus2((int)0xffff0001, 0x00010001), 0xffff0002);
   INT(__nv_vsub2(0x00000005, 0x00010003), 0xffff0002);
   INT(__nv_vsubus4(0x05000100, 0x03010000), 0x02000100);
   INT(__nv_vsubss2((int)0x80000001, 0x00010002), 0x8000ffff);
   INT(__nv_vavgu4(0x01020304, 0x02020205), 0x02020305);
   INT(__nv_vhaddu4(0x01020304, 0x02020205), 0x01020204);
   INT(__nv_vabsdiffs2((int)0x80000001, 0x7fff0003), 0xffff0002);
   INT(__nv_vabsdiffu4(0x05010009, 0x01050900), 0x04040909);
   INT(__nv_vcmpgts4(0x01ff0000, 0x00000001), 0xff000000);
   INT(__nv_vcmpgtu4(0x01ff0000, 0x00000001), 0xffff0000);
   INT(__nv_vseteq2(0x00010002, 0x00010003), 0x00010000);
   INT(__nv_vsetltu4(0x00010203, 0x01010101), 0x01000000);
   INT(__nv_vmaxs2((int)0xffff0001, 0x00000002), 0x00000002);
   INT(__nv_vmaxu2((int)0xffff0001, 0x00000002), 0xffff0002);
   INT(__nv_vmins4(0x01ff0203, 0x00000000), 0x00ff0000);
   INT(__nv_vminu4(0x01ff0203, 0x02020202), 0x01020202);
   INT(__nv_vsads4((int)0xff000000, 0x01000000), 2);
   INT(__nv_vsadu2((int)0xffff0001, 0x00000003), 0x10001);
}

int
main(void)
{
   test_bits();
   test_arithmetic();
   test_conversions();
   test_rounded();
   test_packed();
   return check_done();
}
