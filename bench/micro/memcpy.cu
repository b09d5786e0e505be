// SPDX-License-Identifier: Apache-2.0
// Copies and fills: a small one for its latency, a large one for its seconds a byte.
#include <string.h>

#include "micro.h"

int
main(void)
{
   const size_t large = 64 << 20;
   char *host = (char *)malloc(large), *a, *b;
   cudaMalloc(&a, large);
   cudaMalloc(&b, large);
   memset(host, 1, large);
   MICRO("memcpy_16_bytes_to_device", 20000, cudaMemcpy(a, host, 16, cudaMemcpyHostToDevice));
   MICRO("memcpy_16_bytes_on_device", 20000, {
      cudaMemcpy(b, a, 16, cudaMemcpyDeviceToDevice);
      cudaDeviceSynchronize();
   });
   MICRO("memcpy_to_device_a_byte", large, {
      cudaMemcpy(a, host, large, cudaMemcpyHostToDevice);
      micro_done += large - 1;
   });
   MICRO("memcpy_on_device_a_byte", large, {
      cudaMemcpy(b, a, large, cudaMemcpyDeviceToDevice);
      cudaDeviceSynchronize();
      micro_done += large - 1;
   });
   MICRO("memcpy_to_host_a_byte", large, {
      cudaMemcpy(host, b, large, cudaMemcpyDeviceToHost);
      micro_done += large - 1;
   });
   MICRO("host_memcpy_a_byte", large, {
      memcpy(host, b, large);
      micro_done += large - 1;
   });
   MICRO("memset_a_byte", large, {
      cudaMemset(b, 3, large);
      cudaDeviceSynchronize();
      micro_done += large - 1;
   });
   cudaMemcpy(host, b, large, cudaMemcpyDeviceToHost);
   for (size_t i = 0; i < large; i += 4093)
      if (host[i] != 3)
         micro_fail("a copy or a fill missed a byte");
}
