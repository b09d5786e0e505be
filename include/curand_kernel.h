/* SPDX-License-Identifier: Apache-2.0
 * Random numbers inside kernels: the XORWOW and Philox4x32-10 generators, uniform, normal
 * and log-normal, with cuRAND's sequences. Sources: Marsaglia, "Xorshift RNGs" (2003);
 * Salmon and others, "Parallel random numbers: as easy as 1, 2, 3" (2011). */
#ifndef CURAND_KERNEL_H_
#define CURAND_KERNEL_H_

#if !defined(__CUDACC__)
#error "curand_kernel.h is for CUDA C++"
#endif

#include "kasuri/xorwow_jump.h"

#define KASURI_RAND static __device__ __inline__

struct curandStateXORWOW {
   unsigned d, v[5];
   /* The second of a pair of normals, kept for the next call. */
   int boxmuller_flag, boxmuller_flag_double;
   float boxmuller_extra;
   double boxmuller_extra_double;
};
typedef struct curandStateXORWOW curandStateXORWOW_t;
typedef struct curandStateXORWOW curandState_t;
typedef struct curandStateXORWOW curandState;

struct curandStatePhilox4_32_10 {
   uint4 ctr, output;
   uint2 key;
   unsigned STATE; /* how many of output's words are used */
   int boxmuller_flag, boxmuller_flag_double;
   float boxmuller_extra;
   double boxmuller_extra_double;
};
typedef struct curandStatePhilox4_32_10 curandStatePhilox4_32_10_t;

/* -- XORWOW. */
KASURI_RAND void kasuri_xorwow_step(unsigned v[5])
{
   unsigned t = v[0] ^ (v[0] >> 2);
   v[0] = v[1];
   v[1] = v[2];
   v[2] = v[3];
   v[3] = v[4];
   v[4] = (v[4] ^ (v[4] << 4)) ^ (t ^ (t << 1));
}
/* n * 2^first steps: one multiplication by a power of x for each bit of n. */
KASURI_RAND void kasuri_xorwow_jump_by(unsigned v[5], unsigned long long n, int first)
{
   for (int bit = first; n; bit++, n >>= 1) {
      if (!(n & 1))
         continue;
      unsigned sum[5] = {0, 0, 0, 0, 0};
      for (int i = 0; i < 160; i++) {
         unsigned on = 0u - (kasuri_xorwow_jump[bit][i / 32] >> (i % 32) & 1);
         for (int k = 0; k < 5; k++)
            sum[k] ^= v[k] & on;
         kasuri_xorwow_step(v);
      }
      for (int k = 0; k < 5; k++)
         v[k] = sum[k];
   }
}
KASURI_RAND unsigned curand(curandStateXORWOW_t *s)
{
   kasuri_xorwow_step(s->v);
   s->d += 362437;
   return s->v[4] + s->d;
}
KASURI_RAND void skipahead(unsigned long long n, curandStateXORWOW_t *s)
{
   kasuri_xorwow_jump_by(s->v, n, 0);
   s->d += 362437u * (unsigned)n;
}
/* A sequence is 2^67 steps long, of which d sees nothing: it counts modulo 2^32. */
KASURI_RAND void skipahead_sequence(unsigned long long n, curandStateXORWOW_t *s)
{
   kasuri_xorwow_jump_by(s->v, n, 67);
}
KASURI_RAND void curand_init(unsigned long long seed, unsigned long long sequence,
                             unsigned long long offset, curandStateXORWOW_t *s)
{
   unsigned t0 = 1099087573u * ((unsigned)seed ^ 0xAAD26B49u);
   unsigned t1 = 2591861531u * ((unsigned)(seed >> 32) ^ 0xF7DCEFDDu);
   s->d = 6615241u + t1 + t0;
   s->v[0] = 123456789u + t0;
   s->v[1] = 362436069u ^ t0;
   s->v[2] = 521288629u + t1;
   s->v[3] = 88675123u ^ t1;
   s->v[4] = 5783321u + t0;
   skipahead_sequence(sequence, s);
   skipahead(offset, s);
   s->boxmuller_flag = s->boxmuller_flag_double = 0;
   s->boxmuller_extra = 0;
   s->boxmuller_extra_double = 0;
}

/* -- Philox. */
KASURI_RAND uint4 kasuri_philox(uint4 c, uint2 key)
{
   for (int round = 0; round < 10; round++) {
      unsigned long long a = 0xD2511F53ull * c.x, b = 0xCD9E8D57ull * c.z;
      c = make_uint4((unsigned)(b >> 32) ^ c.y ^ key.x, (unsigned)b,
                     (unsigned)(a >> 32) ^ c.w ^ key.y, (unsigned)a);
      key.x += 0x9E3779B9u;
      key.y += 0xBB67AE85u;
   }
   return c;
}
KASURI_RAND void kasuri_philox_advance(curandStatePhilox4_32_10_t *s, unsigned long long n)
{
   unsigned long long low = (unsigned long long)s->ctr.y << 32 | s->ctr.x, sum = low + n;
   s->ctr.x = (unsigned)sum;
   s->ctr.y = (unsigned)(sum >> 32);
   if (sum < low && ++s->ctr.z == 0)
      s->ctr.w++;
}
KASURI_RAND unsigned kasuri_word(uint4 v, unsigned i)
{
   return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}
KASURI_RAND unsigned curand(curandStatePhilox4_32_10_t *s)
{
   unsigned r = kasuri_word(s->output, s->STATE++);
   if (s->STATE == 4) {
      kasuri_philox_advance(s, 1);
      s->output = kasuri_philox(s->ctr, s->key);
      s->STATE = 0;
   }
   return r;
}
KASURI_RAND uint4 curand4(curandStatePhilox4_32_10_t *s)
{
   uint4 a = s->output;
   unsigned used = s->STATE;
   kasuri_philox_advance(s, 1);
   s->output = kasuri_philox(s->ctr, s->key);
   uint4 b = s->output;
   switch (used) {
   case 1:
      return make_uint4(a.y, a.z, a.w, b.x);
   case 2:
      return make_uint4(a.z, a.w, b.x, b.y);
   case 3:
      return make_uint4(a.w, b.x, b.y, b.z);
   }
   return a;
}
KASURI_RAND void skipahead(unsigned long long n, curandStatePhilox4_32_10_t *s)
{
   s->STATE += (unsigned)(n & 3);
   n /= 4;
   if (s->STATE > 3) {
      n++;
      s->STATE -= 4;
   }
   kasuri_philox_advance(s, n);
   s->output = kasuri_philox(s->ctr, s->key);
}
KASURI_RAND void skipahead_sequence(unsigned long long n, curandStatePhilox4_32_10_t *s)
{
   unsigned long long high = ((unsigned long long)s->ctr.w << 32 | s->ctr.z) + n;
   s->ctr.z = (unsigned)high;
   s->ctr.w = (unsigned)(high >> 32);
   s->output = kasuri_philox(s->ctr, s->key);
}
KASURI_RAND void curand_init(unsigned long long seed, unsigned long long sequence,
                             unsigned long long offset, curandStatePhilox4_32_10_t *s)
{
   s->ctr = make_uint4(0, 0, 0, 0);
   s->key = make_uint2((unsigned)seed, (unsigned)(seed >> 32));
   s->STATE = 0;
   s->boxmuller_flag = s->boxmuller_flag_double = 0;
   s->boxmuller_extra = 0;
   s->boxmuller_extra_double = 0;
   skipahead_sequence(sequence, s);
   skipahead(offset, s);
}

/* -- Distributions. Uniform numbers are in (0, 1]. */
KASURI_RAND float _curand_uniform(unsigned x)
{
   return x * 0x1p-32f + 0x1p-33f;
}
KASURI_RAND double kasuri_uniform_double(unsigned x, unsigned y)
{
   unsigned long long z = (unsigned long long)x ^ (unsigned long long)y << 21;
   return z * 0x1p-53 + 0x1p-54;
}
KASURI_RAND float2 kasuri_box_muller(unsigned x, unsigned y)
{
   float u = _curand_uniform(x), v = y * (0x1p-32f * 6.2831855f) + 0x1p-32f * 3.1415927f;
   float s = sqrtf(-2.0f * logf(u));
   float2 r;
   sincosf(v, &r.x, &r.y);
   r.x *= s;
   r.y *= s;
   return r;
}
KASURI_RAND double2 kasuri_box_muller_double(uint4 x)
{
   double u = kasuri_uniform_double(x.x, x.y);
   unsigned long long z = (unsigned long long)x.z ^ (unsigned long long)x.w << 21;
   double v = z * 0x1p-52 + 0x1p-53, s = sqrt(-2.0 * log(u));
   double2 r;
   sincospi(v, &r.x, &r.y);
   r.x *= s;
   r.y *= s;
   return r;
}

#define KASURI_DISTRIBUTIONS(state)                                                      \
   KASURI_RAND float curand_uniform(state *s)                                            \
   {                                                                                     \
      return _curand_uniform(curand(s));                                                 \
   }                                                                                     \
   KASURI_RAND float2 curand_normal2(state *s)                                           \
   {                                                                                     \
      unsigned x = curand(s), y = curand(s);                                             \
      return kasuri_box_muller(x, y);                                                    \
   }                                                                                     \
   KASURI_RAND float curand_normal(state *s)                                             \
   {                                                                                     \
      if (s->boxmuller_flag) {                                                           \
         s->boxmuller_flag = 0;                                                          \
         return s->boxmuller_extra;                                                      \
      }                                                                                  \
      float2 r = curand_normal2(s);                                                      \
      s->boxmuller_extra = r.y;                                                          \
      s->boxmuller_flag = 1;                                                             \
      return r.x;                                                                        \
   }                                                                                     \
   KASURI_RAND double2 curand_normal2_double(state *s)                                   \
   {                                                                                     \
      uint4 x;                                                                           \
      x.x = curand(s);                                                                   \
      x.y = curand(s);                                                                   \
      x.z = curand(s);                                                                   \
      x.w = curand(s);                                                                   \
      return kasuri_box_muller_double(x);                                                \
   }                                                                                     \
   KASURI_RAND double curand_normal_double(state *s)                                     \
   {                                                                                     \
      if (s->boxmuller_flag_double) {                                                    \
         s->boxmuller_flag_double = 0;                                                   \
         return s->boxmuller_extra_double;                                               \
      }                                                                                  \
      double2 r = curand_normal2_double(s);                                              \
      s->boxmuller_extra_double = r.y;                                                   \
      s->boxmuller_flag_double = 1;                                                      \
      return r.x;                                                                        \
   }                                                                                     \
   KASURI_RAND float curand_log_normal(state *s, float mean, float deviation)            \
   {                                                                                     \
      return expf(mean + deviation * curand_normal(s));                                  \
   }                                                                                     \
   KASURI_RAND double curand_log_normal_double(state *s, double mean, double deviation)  \
   {                                                                                     \
      return exp(mean + deviation * curand_normal_double(s));                            \
   }
KASURI_DISTRIBUTIONS(curandStateXORWOW_t)
KASURI_DISTRIBUTIONS(curandStatePhilox4_32_10_t)
#undef KASURI_DISTRIBUTIONS

KASURI_RAND double curand_uniform_double(curandStateXORWOW_t *s)
{
   unsigned x = curand(s), y = curand(s);
   return kasuri_uniform_double(x, y);
}
/* One word only, as cuRAND has it for this generator. */
KASURI_RAND double curand_uniform_double(curandStatePhilox4_32_10_t *s)
{
   return curand(s) * 0x1p-32 + 0x1p-32;
}

KASURI_RAND float4 curand_uniform4(curandStatePhilox4_32_10_t *s)
{
   uint4 x = curand4(s);
   return make_float4(_curand_uniform(x.x), _curand_uniform(x.y), _curand_uniform(x.z),
                      _curand_uniform(x.w));
}
KASURI_RAND double2 curand_uniform2_double(curandStatePhilox4_32_10_t *s)
{
   uint4 x = curand4(s);
   return make_double2(kasuri_uniform_double(x.x, x.y), kasuri_uniform_double(x.z, x.w));
}
KASURI_RAND float4 curand_normal4(curandStatePhilox4_32_10_t *s)
{
   uint4 x = curand4(s);
   float2 a = kasuri_box_muller(x.x, x.y), b = kasuri_box_muller(x.z, x.w);
   return make_float4(a.x, a.y, b.x, b.y);
}

#undef KASURI_RAND
#endif
