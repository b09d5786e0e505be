/* SPDX-License-Identifier: Apache-2.0
 * Gravity between all pairs of bodies. A block keeps a tile of positions in shared
 * memory, so that each is read from global memory once per block. Momentum must not
 * change.
 *
 *    kasuri run examples/nbody.cu [BODIES] */
// TEST small 200
#include <random>
#include <vector>

#include "check.h"

constexpr int threads = 128;
constexpr float softening = 0.01f, step = 0.001f;
constexpr int steps = 4;

/* What the body at `other` does to the one at `self`; w is the mass. */
__host__ __device__ inline void
pull(float4 self, float4 other, float3 &force)
{
   float dx = other.x - self.x, dy = other.y - self.y, dz = other.z - self.z;
   float r2 = dx * dx + dy * dy + dz * dz + softening;
#ifdef __CUDA_ARCH__
   float inverse = rsqrtf(r2);
#else
   float inverse = 1.0f / sqrtf(r2);
#endif
   float s = other.w * inverse * inverse * inverse;
   force.x += dx * s;
   force.y += dy * s;
   force.z += dz * s;
}

__global__ void
move(const float4 *in, float4 *out, float4 *velocity, int n)
{
   __shared__ float4 near[threads];
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   float4 self = i < n ? in[i] : make_float4(0, 0, 0, 0);
   float3 force = make_float3(0, 0, 0);
   for (int start = 0; start < n; start += threads) {
      int j = start + threadIdx.x;
      near[threadIdx.x] = j < n ? in[j] : make_float4(0, 0, 0, 0); /* no mass, no pull */
      __syncthreads();
#pragma unroll 8
      for (int k = 0; k < threads; k++)
         pull(self, near[k], force);
      __syncthreads();
   }
   if (i >= n)
      return;
   float4 v = velocity[i];
   v.x += step * force.x;
   v.y += step * force.y;
   v.z += step * force.z;
   velocity[i] = v;
   out[i] =
      make_float4(self.x + step * v.x, self.y + step * v.y, self.z + step * v.z, self.w);
}

static void
move_on_host(std::vector<float4> &at, std::vector<float4> &velocity)
{
   std::vector<float4> before = at;
   for (size_t i = 0; i < at.size(); i++) {
      float3 force = make_float3(0, 0, 0);
      for (const float4 &other : before)
         pull(before[i], other, force);
      velocity[i].x += step * force.x;
      velocity[i].y += step * force.y;
      velocity[i].z += step * force.z;
      at[i].x += step * velocity[i].x;
      at[i].y += step * velocity[i].y;
      at[i].z += step * velocity[i].z;
   }
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 2000, 1, 1 << 18);
   std::mt19937 random(7);
   std::uniform_real_distribution<float> uniform(-1, 1);
   std::vector<float4> at(n), velocity(n, make_float4(0, 0, 0, 0)), result(n), speed(n);
   for (float4 &p : at)
      p = make_float4(uniform(random), uniform(random), uniform(random), 1.0f / n);

   size_t bytes = n * sizeof(float4);
   float4 *now, *next, *dv;
   CHECK(cudaMalloc(&now, bytes));
   CHECK(cudaMalloc(&next, bytes));
   CHECK(cudaMalloc(&dv, bytes));
   CHECK(cudaMemcpy(now, at.data(), bytes, cudaMemcpyHostToDevice));
   CHECK(cudaMemset(dv, 0, bytes));
   for (int s = 0; s < steps; s++) {
      move<<<(n + threads - 1) / threads, threads>>>(now, next, dv, n);
      std::swap(now, next);
   }
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(result.data(), now, bytes, cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(speed.data(), dv, bytes, cudaMemcpyDeviceToHost));
   printf("moved %d bodies %d times\n", n, steps);

   double momentum = 0, worst = 0;
   for (const float4 &v : speed)
      momentum += v.x;
   for (int s = 0; s < steps && n <= 4000; s++)
      move_on_host(at, velocity);
   for (int i = 0; i < n && n <= 4000; i++) {
      worst = std::fmax(worst, std::fabs(result[i].x - at[i].x));
      worst = std::fmax(worst, std::fabs(result[i].y - at[i].y));
      worst = std::fmax(worst, std::fabs(result[i].z - at[i].z));
   }
   bool ok = worst < 1e-5 && std::fabs(momentum / n) < 1e-5;
   printf("places and momentum are %s\n", ok ? "right" : "wrong");
   CHECK(cudaFree(now));
   CHECK(cudaFree(next));
   CHECK(cudaFree(dv));
   return finish(ok);
}
