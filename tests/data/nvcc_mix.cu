// SPDX-License-Identifier: Apache-2.0
// Kernels as people write them; tests/ptx/nvcc_mix.ptx is this, compiled by nvcc 13 for sm_80.
#include <cooperative_groups.h>
#include <cuda_fp16.h>
namespace cg = cooperative_groups;
extern "C" {
__global__ void scan(int *out, const int *in, int n) {
  __shared__ int warp_sums[32];
  int t = threadIdx.x, lane = t & 31, w = t >> 5;
  int v = t < n ? in[t] : 0;
  for (int d = 1; d < 32; d *= 2) { int u = __shfl_up_sync(~0u, v, d); if (lane >= d) v += u; }
  if (lane == 31) warp_sums[w] = v;
  __syncthreads();
  if (w == 0) { int s = lane < blockDim.x / 32 ? warp_sums[lane] : 0;
    for (int d = 1; d < 32; d *= 2) { int u = __shfl_up_sync(~0u, s, d); if (lane >= d) s += u; }
    warp_sums[lane] = s; }
  __syncthreads();
  if (w) v += warp_sums[w - 1];
  if (t < n) out[t] = v;
}
__global__ void hist(unsigned *h, const unsigned char *in, int n) {
  __shared__ unsigned s[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) s[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) atomicAdd(&s[in[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x) if (s[i]) atomicAdd(&h[i], s[i]);
}
__global__ void tiles(int *out) {
  auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  int v = tile.thread_rank() + 1;
  for (int d = tile.size() / 2; d; d /= 2) v += tile.shfl_xor(v, d);
  auto act = cg::coalesced_threads();
  out[threadIdx.x] = v * 100 + act.size();
}
__device__ int fact(int n) { return n < 2 ? 1 : n * fact(n - 1); }
__global__ void misc(double *out, const float *in, int k) {
  int i = threadIdx.x;
  double d = 0; long long q = 1;
  switch (k + i % 7) { case 0: d = 1; break; case 1: d = 3.5; break; case 2: q = 77; break; case 3: d = -2; break; case 4: d = in[i]; break; case 5: q = (long long)i * 1000000007; break; default: d = 9; }
  out[i] = d + (double)(q / 3) + fact(i % 9) + (double)in[i] / 3.0f;
}
__global__ void halves(float *out, const float *in) {
  int i = threadIdx.x; __half h = __float2half(in[i]); __half2 p = __half2half2(h);
  p = __hfma2(p, p, __float2half2_rn(0.5f)); out[i] = __low2float(p) + __half2float(__hadd(h, h));
}
struct big { int a[10]; float f; };
__global__ void agg(float *out, big b, const int *idx) { int t = threadIdx.x; out[t] = b.a[idx[t]] * b.f; }
__global__ void coop(int *count, int *out) {
  auto g = cg::this_grid(); atomicAdd(count, 1); g.sync(); if (threadIdx.x == 0) out[blockIdx.x] = *count; g.sync(); 
  if (g.thread_rank() == 0) out[gridDim.x] = 5;
}
__global__ void lockk(int *lock, int *v) {
  for (bool done = false; !done;) { if (atomicCAS(lock, 0, 1) == 0) { __threadfence(); *(volatile int *)v += 1; __threadfence(); atomicExch(lock, 0); done = true; } }
}
__global__ void vote(unsigned *out) { int t = threadIdx.x; unsigned r = 0;
  if (t % 3 == 0) r = __ballot_sync(__activemask(), t % 2); else r = __reduce_max_sync(__activemask(), t);
  out[t] = r + __popc(__match_any_sync(~0u, t / 5)) * 0; }
}
