/* SPDX-License-Identifier: Apache-2.0
 * Integer intrinsics: each is one PTX instruction or a few. */
#include "libdevice.h"

NV int
__nv_abs(int a)
{
   return a < 0 ? (int)(0u - (u32)a) : a;
}

NV long long
__nv_llabs(long long a)
{
   return a < 0 ? (i64)(0ull - (u64)a) : a;
}

NV int
__nv_brev(int a)
{
   return (int)__builtin_bitreverse32((u32)a);
}

NV long long
__nv_brevll(long long a)
{
   return (i64)__builtin_bitreverse64((u64)a);
}

NV int
__nv_byte_perm(int a, int b, int sel)
{
   /* Bit 3 of a selector is not part of CUDA's byte_perm. */
   return (int)__nvvm_prmt((u32)a, (u32)b, (u32)sel & 0x7777u);
}

NV int
__nv_clz(int a)
{
   return a ? __builtin_clz((u32)a) : 32;
}

NV int
__nv_clzll(long long a)
{
   return a ? __builtin_clzll((u64)a) : 64;
}

NV int
__nv_ffs(int a)
{
   return a ? __builtin_ctz((u32)a) + 1 : 0;
}

NV int
__nv_ffsll(long long a)
{
   return a ? __builtin_ctzll((u64)a) + 1 : 0;
}

NV int
__nv_popc(unsigned a)
{
   return __builtin_popcount(a);
}

NV int
__nv_popcll(unsigned long long a)
{
   return __builtin_popcountll(a);
}

/* Averages without overflow: the common bits plus half of the others. */
NV int
__nv_hadd(int a, int b)
{
   return (a & b) + ((a ^ b) >> 1);
}

NV int
__nv_rhadd(int a, int b)
{
   return (a | b) - ((a ^ b) >> 1);
}

NV int
__nv_uhadd(unsigned a, unsigned b)
{
   return (int)((a & b) + ((a ^ b) >> 1));
}

NV unsigned
__nv_urhadd(unsigned a, unsigned b)
{
   return (a | b) - ((a ^ b) >> 1);
}

NV int
__nv_max(int a, int b)
{
   return a > b ? a : b;
}

NV int
__nv_min(int a, int b)
{
   return a < b ? a : b;
}

NV unsigned
__nv_umax(unsigned a, unsigned b)
{
   return a > b ? a : b;
}

NV unsigned
__nv_umin(unsigned a, unsigned b)
{
   return a < b ? a : b;
}

NV long long
__nv_llmax(long long a, long long b)
{
   return a > b ? a : b;
}

NV long long
__nv_llmin(long long a, long long b)
{
   return a < b ? a : b;
}

NV unsigned long long
__nv_ullmax(unsigned long long a, unsigned long long b)
{
   return a > b ? a : b;
}

NV unsigned long long
__nv_ullmin(unsigned long long a, unsigned long long b)
{
   return a < b ? a : b;
}

NV int
__nv_mul24(int a, int b)
{
   i32 x = (i32)((u32)a << 8) >> 8, y = (i32)((u32)b << 8) >> 8;
   return (int)((u32)x * (u32)y);
}

NV unsigned
__nv_umul24(unsigned a, unsigned b)
{
   return (a & 0xffffffu) * (b & 0xffffffu);
}

NV int
__nv_mulhi(int a, int b)
{
   return (int)(((i64)a * b) >> 32);
}

NV unsigned
__nv_umulhi(unsigned a, unsigned b)
{
   return (u32)(((u64)a * b) >> 32);
}

NV long long
__nv_mul64hi(long long a, long long b)
{
   return (i64)(((__int128)a * b) >> 64);
}

NV unsigned long long
__nv_umul64hi(unsigned long long a, unsigned long long b)
{
   return (u64)(((unsigned __int128)a * b) >> 64);
}

NV int
__nv_sad(int a, int b, int c)
{
   return (int)((a > b ? (u32)a - (u32)b : (u32)b - (u32)a) + (u32)c);
}

NV unsigned
__nv_usad(unsigned a, unsigned b, unsigned c)
{
   return (a > b ? a - b : b - a) + c;
}
