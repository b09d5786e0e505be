/* SPDX-License-Identifier: Apache-2.0
 * Warp primitives against a model on the host that knows all lanes' values: shuffles with
 * every width, votes, matches, reductions, masks under divergence, partial warps. */
#include <vector>

#include "../../examples/check.h"

constexpr int lanes = 32, warps = 3;
constexpr unsigned everyone = 0xffffffffu;

enum { SHFL_IDX, SHFL_UP, SHFL_DOWN, SHFL_XOR, SHFL_KINDS };
constexpr int widths[] = {2, 4, 8, 16, 32}, deltas[] = {0, 1, 3, 7, 31};

template <int width>
__device__ void
shuffles(int value, int *out)
{
   for (int d : {0, 1, 3, 7, 31}) {
      *out++ = __shfl_sync(everyone, value, d, width);
      *out++ = __shfl_up_sync(everyone, value, d, width);
      *out++ = __shfl_down_sync(everyone, value, d, width);
      *out++ = __shfl_xor_sync(everyone, value, d, width);
   }
}

constexpr int per_width = 5 * SHFL_KINDS;

__global__ void
shuffle_kernel(const int *in, int *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x, v = in[i];
   int *mine = out + i * 5 * per_width;
   shuffles<2>(v, mine);
   shuffles<4>(v, mine + per_width);
   shuffles<8>(v, mine + 2 * per_width);
   shuffles<16>(v, mine + 3 * per_width);
   shuffles<32>(v, mine + 4 * per_width);
}

static int
shuffled(const int *warp, int lane, int kind, int delta, int width)
{
   int base = lane / width * width, from = lane;
   switch (kind) {
   case SHFL_IDX:
      from = base + delta % width;
      break;
   case SHFL_UP:
      from = lane - delta >= base ? lane - delta : lane;
      break;
   case SHFL_DOWN:
      from = lane + delta < base + width ? lane + delta : lane;
      break;
   case SHFL_XOR:
      /* Lanes of an earlier segment may be read, those of a later one not. */
      from = (lane ^ delta) < base + width ? lane ^ delta : lane;
   }
   return warp[from];
}

static int
test_shuffles(const std::vector<int> &in, const int *din)
{
   std::vector<int> out(in.size() * 5 * per_width);
   int *dout, wrong = 0;
   CHECK(cudaMalloc(&dout, out.size() * sizeof(int)));
   shuffle_kernel<<<warps, lanes>>>(din, dout);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, out.size() * sizeof(int), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(dout));
   size_t at = 0;
   for (size_t i = 0; i < in.size(); i++)
      for (int width : widths)
         for (int delta : deltas)
            for (int kind = 0; kind < SHFL_KINDS; kind++)
               wrong +=
                  out[at++] != shuffled(&in[i / 32 * 32], i % 32, kind, delta, width);
   return wrong;
}

constexpr int vote_results = 14;

__global__ void
vote_kernel(const int *in, unsigned *out, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   unsigned *mine = out + i * vote_results;
   unsigned present = __ballot_sync(everyone, i < n);
   if (i >= n)
      return;
   int v = in[i], pred;
   *mine++ = __ballot_sync(present, v & 1);
   *mine++ = __any_sync(present, v > 95);
   *mine++ = __all_sync(present, v >= 0);
   *mine++ = __match_any_sync(present, v % 5);
   *mine++ = __match_all_sync(present, v % 5, &pred);
   *mine++ = pred;
   *mine++ = __match_any_sync(present, (unsigned long long)(v % 3) << 40);
#if __CUDA_ARCH__ >= 800
   *mine++ = __reduce_add_sync(present, (unsigned)v);
   *mine++ = __reduce_min_sync(present, v - 50);
   *mine++ = __reduce_max_sync(present, (unsigned)v);
   *mine++ = __reduce_xor_sync(present, (unsigned)v);
#else
   unsigned sum = 0, most = 0, odd = 0;
   int least = 1000;
   for (int l = 0; l < 32; l++) {
      if (!(present >> l & 1))
         continue;
      unsigned o = __shfl_sync(present, (unsigned)v, l);
      sum += o;
      odd ^= o;
      most = o > most ? o : most;
      least = (int)o - 50 < least ? (int)o - 50 : least;
   }
   *mine++ = sum;
   *mine++ = least;
   *mine++ = most;
   *mine++ = odd;
#endif
   /* Two sides of a branch, each with its own mask. */
   if (v & 1) {
      *mine++ = 0;
      *mine++ = 7;
   } else {
      *mine++ = 0;
      *mine++ = 9;
   }
   __syncwarp(present);
   *mine = __popc(present);
}

/* __ballot_sync(present, …) inside one side of a branch would wait for lanes that never
 * come, so the masks of the sides are taken before it. */
__global__ void
side_kernel(const int *in, unsigned *out)
{
   int i = threadIdx.x, v = in[i];
   unsigned odd = __ballot_sync(everyone, v & 1), sum = 0;
   if (v & 1) {
      sum = __ballot_sync(odd, v > 40);
      int first = __ffs(odd) - 1;
      sum += __shfl_sync(odd, v, first);
   } else {
      sum = __ballot_sync(~odd, v > 60);
      for (int k = 0; k < v % 4; k++)
         sum += k;
      __syncwarp(~odd);
      sum += __popc(__activemask() & odd);
   }
   out[i] = sum;
}

static int
test_votes(const std::vector<int> &in, const int *din, int n)
{
   std::vector<unsigned> out(in.size() * vote_results);
   unsigned *dout;
   int wrong = 0;
   CHECK(cudaMalloc(&dout, out.size() * sizeof(unsigned)));
   CHECK(cudaMemset(dout, 0, out.size() * sizeof(unsigned)));
   std::vector<unsigned> sides(32);
   side_kernel<<<1, 32>>>(din, dout);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sides.data(), dout, 32 * sizeof(unsigned), cudaMemcpyDeviceToHost));
   for (int lane = 0; lane < 32; lane++) {
      unsigned odd = 0, over = 0, first = 32;
      for (int l = 31; l >= 0; l--) {
         if (in[l] & 1)
            odd |= 1u << l, first = l;
         if ((in[l] & 1) == (in[lane] & 1) && in[l] > (in[l] & 1 ? 40 : 60))
            over |= 1u << l;
      }
      unsigned extra = 0;
      for (int k = 0; k < in[lane] % 4; k++)
         extra += k;
      wrong += sides[lane] != over + (in[lane] & 1 ? (unsigned)in[first] : extra);
   }

   vote_kernel<<<warps, lanes>>>(din, dout, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, out.size() * sizeof(int), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(dout));
   for (int i = 0; i < n; i++) {
      const int first = i / 32 * 32, last = std::min(first + 32, n), v = in[i];
      unsigned odd = 0, any = 0, every = 1, same5 = 0, same3 = 0, present = 0;
      unsigned sum = 0, most = 0, x = 0;
      int least = 1000;
      for (int k = first; k < last; k++) {
         unsigned bit = 1u << (k - first), o = in[k];
         present |= bit;
         odd |= o & 1 ? bit : 0;
         any |= o > 95;
         every &= in[k] >= 0;
         same5 |= o % 5 == v % 5 ? bit : 0;
         same3 |= o % 3 == v % 3 ? bit : 0;
         sum += o;
         most = std::max(most, o);
         least = std::min(least, in[k] - 50);
         x ^= o;
      }
      unsigned match_all = same5 == present ? present : 0;
      const unsigned want[vote_results] = {odd,
                                           any,
                                           every,
                                           same5,
                                           match_all,
                                           match_all != 0,
                                           same3,
                                           sum,
                                           (unsigned)least,
                                           most,
                                           x,
                                           0,
                                           v & 1 ? 7u : 9u,
                                           (unsigned)__builtin_popcount(present)};
      for (int k = 0; k < vote_results; k++)
         wrong += k != 11 && out[i * vote_results + k] != want[k];
   }
   return wrong;
}

int
main()
{
   std::vector<int> in(lanes * warps);
   for (size_t i = 0; i < in.size(); i++)
      in[i] = (int)((i * 37 + i / 32 * 11) % 100);
   int *din;
   CHECK(cudaMalloc(&din, in.size() * sizeof(int)));
   CHECK(cudaMemcpy(din, in.data(), in.size() * sizeof(int), cudaMemcpyHostToDevice));
   int shuffle_errors = test_shuffles(in, din);
   int vote_errors = test_votes(in, din, lanes * warps - 13);
   CHECK(cudaFree(din));
   printf("shuffles: %d wrong, votes: %d wrong\n", shuffle_errors, vote_errors);
   return finish(shuffle_errors == 0 && vote_errors == 0);
}
