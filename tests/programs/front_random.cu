// SPDX-License-Identifier: Apache-2.0
// curand_kernel.h: Philox against the test vectors of its paper's library, XORWOW's jumps
// against single steps, and the moments of the distributions.
#include <cmath>
#include <cstdio>

#include <curand_kernel.h>

static int passed, failed;

static void
check(const char *what, bool ok)
{
   ok ? passed++ : failed++;
   if (!ok)
      printf("FAILED %s\n", what);
}

__global__ void
philox(uint4 *out)
{
   out[0] = kasuri_philox(make_uint4(0, 0, 0, 0), make_uint2(0, 0));
   out[1] = kasuri_philox(make_uint4(~0u, ~0u, ~0u, ~0u), make_uint2(~0u, ~0u));
   out[2] = kasuri_philox(make_uint4(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
                          make_uint2(0xA4093822, 0x299F31D0));
   curandStatePhilox4_32_10_t s;
   curand_init(0, 0, 0, &s);
   out[3] = make_uint4(curand(&s), curand(&s), curand(&s), curand(&s));
   curand_init(0, 0, 6, &s);
   unsigned sixth = curand(&s);
   curand_init(0, 0, 0, &s);
   for (int i = 0; i < 6; i++)
      curand(&s);
   out[4] = make_uint4(sixth, curand(&s), 0, 0);
}

/* A jump over n and n single steps end in the same place; so do two halves of 2^67. */
__global__ void
jumps(unsigned *out)
{
   curandState a, b;
   curand_init(42 + threadIdx.x, 0, 0, &a);
   curand_init(42 + threadIdx.x, 0, threadIdx.x * 37, &b);
   for (unsigned i = 0; i < threadIdx.x * 37; i++)
      curand(&a);
   out[threadIdx.x] = curand(&a) == curand(&b);
   curand_init(7, 1, 0, &a);
   curand_init(7, 0, 0, &b);
   for (int i = 0; i < 16; i++)
      skipahead(1ull << 63, &b);
   out[threadIdx.x] &= curand(&a) == curand(&b);
}

template <class State>
__global__ void
sample(double *sums, int n)
{
   State s;
   curand_init(2024, threadIdx.x, 0, &s);
   double u = 0, u2 = 0, g = 0, g2 = 0;
   bool inside = true;
   for (int i = 0; i < n; i++) {
      float x = curand_uniform(&s);
      double z = i & 1 ? curand_normal(&s) : curand_normal_double(&s);
      inside &= x > 0 && x <= 1;
      u += x, u2 += x * x, g += z, g2 += z * z;
   }
   atomicAdd(&sums[0], u);
   atomicAdd(&sums[1], u2);
   atomicAdd(&sums[2], g);
   atomicAdd(&sums[3], g2);
   if (!inside)
      atomicAdd(&sums[4], 1.0);
}

template <class State>
static void
check_moments(const char *name)
{
   double *sums;
   constexpr int n = 256, threads = 128;
   cudaMallocManaged(&sums, 5 * sizeof(double));
   for (int i = 0; i < 5; i++)
      sums[i] = 0;
   sample<State><<<1, threads>>>(sums, n);
   cudaDeviceSynchronize();
   const double count = n * threads, error = 5 / std::sqrt(count);
   char what[64];
   double expected[] = {0.5, 1.0 / 3, 0, 1}, deviation[] = {0.289, 0.298, 1, 1.42};
   for (int i = 0; i < 4; i++) {
      snprintf(what, sizeof what, "%s, moment %d: %f", name, i, sums[i] / count);
      check(what, std::fabs(sums[i] / count - expected[i]) < error * deviation[i]);
   }
   check("uniform in (0, 1]", sums[4] == 0);
}

int
main()
{
   uint4 *v;
   cudaMallocManaged(&v, 5 * sizeof *v);
   philox<<<1, 1>>>(v);
   cudaDeviceSynchronize();
   const unsigned known[4][4] = {{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8},
                                 {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD},
                                 {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1},
                                 {0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}};
   for (int i = 0; i < 4; i++)
      check("Philox vector", v[i].x == known[i][0] && v[i].y == known[i][1] &&
                                v[i].z == known[i][2] && v[i].w == known[i][3]);
   check("Philox offset", v[4].x == v[4].y);

   unsigned *equal;
   cudaMallocManaged(&equal, 32 * sizeof *equal);
   jumps<<<1, 32>>>(equal);
   cudaDeviceSynchronize();
   for (int i = 0; i < 32; i++)
      check("XORWOW jump", equal[i] == 1);
   check_moments<curandState>("XORWOW");
   check_moments<curandStatePhilox4_32_10_t>("Philox");
   check("errors", cudaGetLastError() == cudaSuccess);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
