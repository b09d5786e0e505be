/* SPDX-License-Identifier: Apache-2.0
 * Integer and floating point arithmetic that must be exact: 64-bit division, products'
 * high halves, bit counting, funnel shifts, saturation, conversions, rounding modes; the
 * host computes each in its own way. */
#include <cfenv>
#include <climits>
#include <cstdint>
#include <vector>

#include "../../examples/check.h"

struct results {
   long long quotient, remainder, high, sad;
   unsigned long long uquotient, uremainder, uhigh, reversed, rotated;
   int clz, clzll, popc, ffs, brev, dot, average;
   unsigned funnel, permuted, bitfield, mul24, absdiff;
   double up, down, zero, near, fused, root, reciprocal;
   float fup, fdown, fdiv, froot, fma_zero;
   long long to_ll, to_ll_up;
   unsigned to_u;
   int saturated, to_i;
};

__global__ void
compute(const long long *x, const double *y, results *out, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   long long a = x[i], b = x[(i + 7) % n];
   unsigned long long ua = a, ub = b;
   double p = y[i], q = y[(i + 3) % n];
   results r;
   r.quotient = b && !(b == -1 && a == LLONG_MIN) ? a / b : 0;
   r.remainder = b && !(b == -1 && a == LLONG_MIN) ? a % b : 0;
   r.uquotient = ub ? ua / ub : 0;
   r.uremainder = ub ? ua % ub : 0;
   r.high = __mul64hi(a, b);
   r.uhigh = __umul64hi(ua, ub);
   r.sad = __sad((int)a, (int)b, 5u);
   r.reversed = __brevll(ua);
   r.rotated = ua << (i % 63 + 1) | ua >> (63 - i % 63);
   r.clz = __clz((int)a);
   r.clzll = __clzll(a);
   r.popc = __popcll(ua) * 100 + __popc((unsigned)a);
   r.ffs = __ffsll(a) * 100 + __ffs((int)a);
   r.brev = (int)__brev((unsigned)a);
   r.average = __hadd((int)a, (int)b);
   r.funnel = __funnelshift_l((unsigned)a, (unsigned)b, i);
   r.permuted =
      __byte_perm((unsigned)a, (unsigned)b, 0x7 << 12 | 0x0 << 8 | 0x5 << 4 | 0x2);
   r.bitfield = (unsigned)(ua >> 13 & 0x3ff);
   r.mul24 = (unsigned)__mul24((int)a, (int)b);
   r.absdiff = (unsigned)abs((int)(a % 1000));
   r.dot = (int)((short)a * (short)b + (signed char)a * (unsigned char)b);
   r.up = __dadd_ru(p, q);
   r.down = __dmul_rd(p, q);
   r.zero = __ddiv_rz(p, q);
   r.near = p / q;
   r.fused = fma(p, q, -p * q);
   r.root = sqrt(fabs(p));
   r.reciprocal = __drcp_ru(q);
   r.fup = __fadd_ru((float)p, (float)q);
   r.fdown = __fmul_rd((float)p, (float)q);
   r.fdiv = __fdiv_rn((float)p, (float)q);
   r.froot = __fsqrt_rn(fabsf((float)p));
   r.fma_zero = __fmaf_rz((float)p, (float)q, 1.0f);
   r.to_ll = __double2ll_rn(p);
   r.to_ll_up = __double2ll_ru(p);
   r.to_u = __float2uint_rd((float)fabs(q));
   r.saturated = (int)(float)(p * 1e6 * (i % 2 ? 1e6 : 1));
   r.to_i = __double2int_rz(q);
   out[i] = r;
}

/* One operation in another rounding mode; volatile keeps the compiler from folding it. */
template <typename T, typename F>
static T
rounded(int mode, F f)
{
   fesetround(mode);
   volatile T v = f();
   fesetround(FE_TONEAREST);
   return v;
}

static int wrong;
template <typename T>
static void
same(const char *what, int i, T got, T want)
{
   if (got != want && wrong++ < 12)
      printf("%s of %d: %.17g, not %.17g\n", what, i, (double)got, (double)want);
}

static unsigned
permute(unsigned a, unsigned b, unsigned selector)
{
   unsigned long long bytes = (unsigned long long)b << 32 | a;
   unsigned r = 0;
   for (int k = 0; k < 4; k++)
      r |= (unsigned)(bytes >> 8 * (selector >> 4 * k & 7) & 0xff) << 8 * k;
   return r;
}

static unsigned long long
reverse(unsigned long long v, int bits)
{
   unsigned long long r = 0;
   for (int k = 0; k < bits; k++)
      r |= (v >> k & 1) << (bits - 1 - k);
   return r;
}

static void
check_integers(const results &r, long long a, long long b, int i)
{
   unsigned long long ua = a, ub = b;
   unsigned la = (unsigned)a, lb = (unsigned)b;
   bool divides = b && !(b == -1 && a == LLONG_MIN);
   same("quotient", i, r.quotient, divides ? a / b : 0);
   same("remainder", i, r.remainder, divides ? a % b : 0);
   same("unsigned quotient", i, r.uquotient, ub ? ua / ub : 0);
   same("unsigned remainder", i, r.uremainder, ub ? ua % ub : 0);
   same("high half", i, r.high, (long long)((__int128)a * b >> 64));
   same("unsigned high half", i, r.uhigh,
        (unsigned long long)((unsigned __int128)ua * ub >> 64));
   same("sad", i, r.sad,
        (long long)(unsigned)(std::llabs((long long)(int)a - (int)b) + 5));
   same("reversed", i, r.reversed, reverse(ua, 64));
   int s = i % 63 + 1;
   same("rotated", i, r.rotated, ua << s | ua >> (64 - s));
   same("clz", i, r.clz, la ? __builtin_clz(la) : 32);
   same("clzll", i, r.clzll, ua ? __builtin_clzll(ua) : 64);
   same("popc", i, r.popc, __builtin_popcountll(ua) * 100 + __builtin_popcount(la));
   same("ffs", i, r.ffs, __builtin_ffsll(a) * 100 + __builtin_ffs((int)a));
   same("brev", i, (unsigned)r.brev, (unsigned)reverse(la, 32));
   same("average", i, r.average, (int)(((long long)(int)a + (int)b) >> 1));
   same("funnel shift", i, r.funnel,
        (unsigned)(((unsigned long long)lb << 32 | la) << (i & 31) >> 32));
   same("byte_perm", i, r.permuted, permute(la, lb, 0x7052));
   same("bit field", i, r.bitfield, (unsigned)(ua / 8192 % 1024));
   auto sign24 = [](unsigned v) { return (int)((v & 0xffffff) ^ 0x800000) - 0x800000; };
   same("mul24", i, r.mul24, (unsigned)((long long)sign24(la) * sign24(lb)));
   same("abs", i, r.absdiff, (unsigned)std::abs((int)(a % 1000)));
   same("narrow products", i, r.dot,
        (int)(short)a * (short)b + (int)(signed char)a * (unsigned char)b);
}

static void
check_floats(const results &r, double p, double q, int i)
{
   volatile double vp = p, vq = q;
   volatile float fp = (float)p, fq = (float)q;
   same("add up", i, r.up, rounded<double>(FE_UPWARD, [&] { return vp + vq; }));
   same("mul down", i, r.down, rounded<double>(FE_DOWNWARD, [&] { return vp * vq; }));
   same("div to zero", i, r.zero,
        rounded<double>(FE_TOWARDZERO, [&] { return vp / vq; }));
   same("div", i, r.near, p / q);
   double product = vp * vq;
   same("fma", i, r.fused, std::fma(p, q, -product));
   same("sqrt", i, r.root, std::sqrt(std::fabs(p)));
   same("rcp up", i, r.reciprocal, rounded<double>(FE_UPWARD, [&] { return 1.0 / vq; }));
   same("float add up", i, r.fup, rounded<float>(FE_UPWARD, [&] { return fp + fq; }));
   same("float mul down", i, r.fdown,
        rounded<float>(FE_DOWNWARD, [&] { return fp * fq; }));
   same("float div", i, r.fdiv, fp / fq);
   same("float sqrt", i, r.froot, std::sqrt(std::fabs(fp)));
   same("float fma to zero", i, r.fma_zero,
        rounded<float>(FE_TOWARDZERO, [&] { return std::fma(fp, fq, 1.0f); }));
   same("to nearest integer", i, r.to_ll, (long long)std::nearbyint(p));
   same("to integer above", i, r.to_ll_up, (long long)std::ceil(p));
   same("to unsigned", i, r.to_u, (unsigned)(float)std::fabs(q));
   double big = (double)(float)(p * 1e6 * (i % 2 ? 1e6 : 1));
   same("saturating conversion", i, r.saturated,
        big >= INT_MAX   ? INT_MAX
        : big <= INT_MIN ? INT_MIN
                         : (int)big);
   same("to integer", i, r.to_i, (int)q);
}

int
main()
{
   const int n = 500;
   std::vector<long long> x(n);
   std::vector<double> y(n);
   std::vector<results> out(n);
   unsigned long long s = 88172645463325252ull;
   for (int i = 0; i < n; i++) {
      s ^= s << 13, s ^= s >> 7, s ^= s << 17;
      x[i] = (long long)s >> (i * 5 % 64);
      y[i] = (double)(long long)s * (i % 3 ? 1e-15 : 3e-18);
   }
   x[3] = 0, x[5] = -1, x[6] = LLONG_MIN, x[9] = LLONG_MAX, x[20] = 1;
   long long *dx;
   double *dy;
   results *dout;
   CHECK(cudaMalloc(&dx, n * sizeof *dx));
   CHECK(cudaMalloc(&dy, n * sizeof *dy));
   CHECK(cudaMalloc(&dout, n * sizeof *dout));
   CHECK(cudaMemcpy(dx, x.data(), n * sizeof *dx, cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(dy, y.data(), n * sizeof *dy, cudaMemcpyHostToDevice));
   compute<<<(n + 127) / 128, 128>>>(dx, dy, dout, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, n * sizeof *dout, cudaMemcpyDeviceToHost));
   for (int i = 0; i < n; i++) {
      check_integers(out[i], x[i], x[(i + 7) % n], i);
      check_floats(out[i], y[i], y[(i + 3) % n], i);
   }
   printf("%d numbers, %d wrong\n", n, wrong);
   CHECK(cudaFree(dx));
   CHECK(cudaFree(dy));
   CHECK(cudaFree(dout));
   return finish(wrong == 0);
}
