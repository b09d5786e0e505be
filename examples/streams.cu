/* SPDX-License-Identifier: Apache-2.0
 * Copies and kernels of several streams overlap: the data go through in pieces, each
 * piece in its stream in, worked on, and out; an event makes one stream wait for another,
 * and a host function runs in stream order.
 *
 *    kasuri run examples/streams.cu [ELEMENTS] */
// TEST small 4000
#include <atomic>

#include "check.h"

__global__ void
work(float *data, int n, float scale)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      float v = data[i];
      for (int k = 0; k < 16; k++)
         v = v * 0.5f + scale;
      data[i] = v;
   }
}

__global__ void
add_up(const float *data, int n, double *sum)
{
   __shared__ double part[128];
   double mine = 0;
   for (int i = threadIdx.x; i < n; i += blockDim.x)
      mine += data[i];
   part[threadIdx.x] = mine;
   __syncthreads();
   for (int d = blockDim.x / 2; d > 0; d /= 2) {
      if (threadIdx.x < d)
         part[threadIdx.x] += part[threadIdx.x + d];
      __syncthreads();
   }
   if (threadIdx.x == 0)
      *sum = part[0];
}

static std::atomic<int> pieces_done;

static void
count_piece(void *)
{
   pieces_done++;
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 20);
   const int streams = 4;
   int piece = (n + streams - 1) / streams;
   float *host, *back, *device;
   double *sum, expected_sum = 0, got_sum;
   /* Page-locked memory: copies from and to it need not wait. */
   CHECK(cudaMallocHost(&host, n * sizeof(float)));
   CHECK(cudaMallocHost(&back, n * sizeof(float)));
   CHECK(cudaMalloc(&device, n * sizeof(float)));
   CHECK(cudaMalloc(&sum, sizeof *sum));
   for (int i = 0; i < n; i++)
      host[i] = (float)(i % 1024);

   cudaStream_t stream[streams], last;
   cudaEvent_t worked[streams];
   CHECK(cudaStreamCreateWithFlags(&last, cudaStreamNonBlocking));
   for (int s = 0; s < streams; s++) {
      CHECK(cudaStreamCreateWithFlags(&stream[s], cudaStreamNonBlocking));
      CHECK(cudaEventCreateWithFlags(&worked[s], cudaEventDisableTiming));
      int first = s * piece, count = first + piece <= n ? piece : n - first;
      if (count > 0) {
         CHECK(cudaMemcpyAsync(device + first, host + first, count * sizeof(float),
                               cudaMemcpyHostToDevice, stream[s]));
         work<<<(count + 255) / 256, 256, 0, stream[s]>>>(device + first, count,
                                                          1.0f + s);
         CHECK(cudaGetLastError());
         CHECK(cudaEventRecord(worked[s], stream[s]));
         CHECK(cudaMemcpyAsync(back + first, device + first, count * sizeof(float),
                               cudaMemcpyDeviceToHost, stream[s]));
         CHECK(cudaStreamWaitEvent(last, worked[s], 0));
      }
      CHECK(cudaLaunchHostFunc(stream[s], count_piece, nullptr));
   }
   /* The last stream adds all pieces up; the host waits for nothing until here. */
   add_up<<<1, 128, 0, last>>>(device, n, sum);
   CHECK(cudaGetLastError());
   CHECK(cudaMemcpyAsync(&got_sum, sum, sizeof got_sum, cudaMemcpyDeviceToHost, last));
   CHECK(cudaDeviceSynchronize());
   printf("%d elements in %d streams, %d pieces done\n", n, streams, pieces_done.load());

   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float v = (float)(i % 1024);
      for (int k = 0; k < 16; k++)
         v = v * 0.5f + (1.0f + (float)(i / piece));
      wrong += !close_to(v, back[i], 1e-6);
      expected_sum += v;
   }
   bool ok =
      wrong == 0 && pieces_done == streams && close_to(got_sum, expected_sum, 1e-6);
   printf("%d wrong, the sum is %s\n", wrong, ok ? "right" : "wrong");
   for (int s = 0; s < streams; s++) {
      CHECK(cudaEventDestroy(worked[s]));
      CHECK(cudaStreamDestroy(stream[s]));
   }
   CHECK(cudaStreamDestroy(last));
   CHECK(cudaFree(device));
   CHECK(cudaFree(sum));
   CHECK(cudaFreeHost(host));
   CHECK(cudaFreeHost(back));
   return finish(ok);
}
