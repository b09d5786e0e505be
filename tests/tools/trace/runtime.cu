// SPDX-License-Identifier: Apache-2.0
// Calls of the runtime API whose trace is known by heart.
#include <cuda_runtime.h>

__global__ void scale(float *p, float by) { p[threadIdx.x] *= by; }

int
main()
{
   float *p, back[32];
   cudaStream_t s;
   cudaMalloc(&p, sizeof back);
   cudaStreamCreate(&s);
   scale<<<dim3(1, 2, 3), 32, 16, s>>>(p, 2.0f);
   cudaStreamSynchronize(s);
   cudaMemcpyAsync(back, p, sizeof back, cudaMemcpyDeviceToHost, cudaStreamPerThread);
   cudaMemset(p, 0, (size_t)1 << 40);
   cudaGetErrorString(cudaGetLastError());
   cudaStreamDestroy(s);
   return cudaFree(p);
}
