/* SPDX-License-Identifier: Apache-2.0
 * A library that stands where a program would find NVIDIA's: it must never be used. */
#ifdef RUNTIME
int
cudaRuntimeGetVersion(int *v)
{
   *v = -1;
   return 999;
}
int
cudaGetDeviceCount(int *n)
{
   *n = -1;
   return 999;
}
#else
int
cuInit(unsigned flags)
{
   return 999 + (int)flags;
}
#endif
