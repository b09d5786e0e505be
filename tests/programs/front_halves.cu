// SPDX-License-Identifier: Apache-2.0
// half and bfloat16 on the device against the same header on the host, which
// tests/host/halves.cpp checks against the compiler's own type.
#include <cstdio>
#include <cstring>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

static int passed, failed;
constexpr int results = 16;

template <class T, class T2>
__host__ __device__ void
compute(T a, T b, T2 *pairs, unsigned short *r, int *conversions)
{
   T sum = a + b, difference = a - b, product = a * b, ratio = a / b;
   T fused = __hfma(a, b, sum), top = __hmax(a, b), low = __hmin(a, b);
   T2 p(a, b), q(b, a), ps = __hadd2(p, q), pp = __hmul2(p, p), pf = __hfma2(p, q, ps);
   T all[results] = {
      sum,  difference, product, ratio, fused, top,  low,       __hneg(a),
      ps.x, ps.y,       pp.x,    pp.y,  pf.x,  pf.y, __habs(b), __hadd_sat(a, b)};
   memcpy(r, all, sizeof all);
   *pairs = pf;
   *conversions = (a < b) | (a <= b) << 1 | (a == b) << 2 | (a != b) << 3 |
                  __hgtu(a, b) << 4 | __hisnan(ratio) << 5 | __hbeq2(p, q) << 6;
}

template <class T, class T2>
__global__ void
kernel(const T *a, const T *b, T2 *pairs, unsigned short *r, int *conversions, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      compute(a[i], b[i], pairs + i, r + i * results, conversions + i);
}

__global__ void
conversions(const float *f, unsigned short *h, int *v, float *back, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   h[4 * i] = __half_as_ushort(__float2half(f[i]));
   h[4 * i + 1] = __half_as_ushort(__float2half_rz(f[i]));
   h[4 * i + 2] = __bfloat16_as_ushort(__float2bfloat16(f[i]));
   h[4 * i + 3] =
      (unsigned short)(__nv_fp8_e4m3(f[i]).__x | __nv_fp8_e5m2(f[i]).__x << 8);
   v[i] = __half2int_rn(__float2half(f[i]));
   back[i] = __half2float(__int2half_rn(v[i])) + (float)__double2half((double)f[i] * 0.5);
}

__global__ void
atomics(half *h, half2 *h2, __nv_bfloat16 *b, half *shuffled)
{
   atomicAdd(h, __float2half(1.0f));
   atomicAdd(h2, __floats2half2_rn(1.0f, 2.0f));
   atomicAdd(b, __float2bfloat16(1.0f));
   shuffled[threadIdx.x] =
      __shfl_xor_sync(~0u, __int2half_rn((int)threadIdx.x), 5) + __ldg(shuffled + 32);
}

static unsigned state = 12345;
static unsigned
next_random()
{
   return state = state * 1664525u + 1013904223u;
}

static void
count(const char *what, bool ok, int at)
{
   ok ? passed++ : failed++;
   if (!ok && failed < 20)
      printf("%s differs at %d\n", what, at);
}

/* Two NaNs are equal whatever their bits. */
static bool
same(unsigned short a, unsigned short b, unsigned infinity)
{
   return a == b || ((a & 0x7FFFu) > infinity && (b & 0x7FFFu) > infinity);
}

template <class T, class T2>
static void
arithmetic(const char *name, unsigned infinity, int n)
{
   std::vector<T> a(n), b(n);
   for (int i = 0; i < n; i++) {
      unsigned short x = (unsigned short)(next_random() >> 16),
                     y = (unsigned short)(next_random() >> 16);
      if (i & 1) /* ordinary sizes every other time */
         x = (unsigned short)((x & 0x8FFF) | 0x3000),
         y = (unsigned short)((y & 0x8FFF) | 0x3000);
      memcpy(&a[i], &x, 2);
      memcpy(&b[i], &y, 2);
   }
   T *da, *db;
   T2 *pairs;
   unsigned short *r;
   int *c;
   cudaMallocManaged(&da, n * sizeof(T));
   cudaMallocManaged(&db, n * sizeof(T));
   cudaMallocManaged(&pairs, n * sizeof(T2));
   cudaMallocManaged(&r, n * results * 2);
   cudaMallocManaged(&c, n * sizeof(int));
   cudaMemcpy(da, a.data(), n * sizeof(T), cudaMemcpyDefault);
   cudaMemcpy(db, b.data(), n * sizeof(T), cudaMemcpyDefault);
   kernel<<<(n + 127) / 128, 128>>>(da, db, pairs, r, c, n);
   cudaDeviceSynchronize();
   for (int i = 0; i < n; i++) {
      unsigned short expected[results];
      int flags;
      T2 pair;
      compute(a[i], b[i], &pair, expected, &flags);
      bool ok = flags == c[i];
      for (int k = 0; k < results; k++)
         ok &= same(r[i * results + k], expected[k], infinity);
      count(name, ok, i);
   }
}

int
main()
{
   constexpr int n = 4000;
   arithmetic<__half, __half2>("half", 0x7C00, n);
   arithmetic<__nv_bfloat16, __nv_bfloat162>("bfloat16", 0x7F80, n);

   float *f, *back;
   unsigned short *h;
   int *v;
   cudaMallocManaged(&f, n * sizeof(float));
   cudaMallocManaged(&back, n * sizeof(float));
   cudaMallocManaged(&h, n * 8);
   cudaMallocManaged(&v, n * sizeof(int));
   for (int i = 0; i < n; i++) {
      unsigned bits = (next_random() & 0x807FFFFF) | (95 + (next_random() >> 16) % 50)
                                                        << 23;
      memcpy(&f[i], &bits, 4);
   }
   conversions<<<(n + 255) / 256, 256>>>(f, h, v, back, n);
   cudaDeviceSynchronize();
   for (int i = 0; i < n; i++) {
      count("float to half", h[4 * i] == __half_as_ushort(__float2half(f[i])), i);
      count("toward zero", h[4 * i + 1] == __half_as_ushort(__float2half_rz(f[i])), i);
      count("float to bfloat16",
            h[4 * i + 2] == __bfloat16_as_ushort(__float2bfloat16(f[i])), i);
      count("fp8",
            h[4 * i + 3] == (__nv_fp8_e4m3(f[i]).__x | __nv_fp8_e5m2(f[i]).__x << 8), i);
      count("half to int", v[i] == __half2int_rn(__float2half(f[i])), i);
      float expected =
         __half2float(__int2half_rn(v[i])) + (float)__double2half((double)f[i] * 0.5);
      count("int to half", memcmp(&back[i], &expected, 4) == 0, i);
   }

   half *one, *lanes;
   half2 *two;
   __nv_bfloat16 *b;
   cudaMallocManaged(&one, 64);
   cudaMallocManaged(&two, 64);
   cudaMallocManaged(&b, 64);
   cudaMallocManaged(&lanes, 128);
   memset(one, 0, 64), memset(two, 0, 64), memset(b, 0, 64), memset(lanes, 0, 128);
   lanes[32] = __float2half(100.0f);
   atomics<<<1, 32>>>(one, two, b, lanes);
   cudaDeviceSynchronize();
   count("atomicAdd of half", (float)*one == 32, 0);
   count("atomicAdd of half2", (float)two->x == 32 && (float)two->y == 64, 0);
   count("atomicAdd of bfloat16", (float)*b == 32, 0);
   for (int i = 0; i < 32; i++)
      count("shuffled half", (float)lanes[i] == (float)((i ^ 5) + 100), i);
   count("errors", cudaGetLastError() == cudaSuccess, 0);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
