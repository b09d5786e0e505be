/* SPDX-License-Identifier: Apache-2.0
 * Compiles: both generators and their distributions. */
#include <curand_kernel.h>

template <class State>
__global__ void
numbers(State *states, float *f, double *d, unsigned long long seed)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   State s;
   curand_init(seed, i, 0, &s);
   f[i] = curand_uniform(&s) + curand_normal(&s) + curand_log_normal(&s, 0.0f, 1.0f) +
          curand(&s) % 10;
   d[i] = curand_uniform_double(&s) + curand_normal_double(&s) + curand_normal2(&s).x;
   skipahead(7, &s);
   states[i] = s;
}
__global__ void
four(curandStatePhilox4_32_10_t *s, float4 *out)
{
   out[0] = curand_uniform4(s);
   out[1] = curand_normal4(s);
}

int
main()
{
   curandState *a = nullptr;
   curandStatePhilox4_32_10_t *b = nullptr;
   float *f = nullptr;
   double *d = nullptr;
   numbers<<<1, 32>>>(a, f, d, 1);
   numbers<<<1, 32>>>(b, f, d, 1);
   return 0;
}
