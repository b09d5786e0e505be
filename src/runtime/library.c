/* SPDX-License-Identifier: Apache-2.0
 * Versions, the way down to the driver, code loaded by name at run time, profiling marks.
 */
#include "rt_priv.h"

#include <stdlib.h>

cudaError_t
cudaRuntimeGetVersion(int *runtimeVersion)
{
   RT_NOT_NULL(runtimeVersion);
   *runtimeVersion = RT_ABI == 12 ? 12090 : CUDART_VERSION;
   return cudaSuccess;
}

cudaError_t
cudaDriverGetVersion(int *driverVersion)
{
   RT_NOT_NULL(driverVersion);
   return rt_ret(cuDriverGetVersion(driverVersion));
}

cudaError_t
cudaGetDriverEntryPointByVersion(const char *symbol, void **funcPtr,
                                 unsigned int cudaVersion, unsigned long long flags,
                                 enum cudaDriverEntryPointQueryResult *driverStatus)
{
   CUdriverProcAddressQueryResult status = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
   RT_NOT_NULL(symbol);
   RT_NOT_NULL(funcPtr);
   *funcPtr = NULL;
   CUresult r = cuGetProcAddress(symbol, funcPtr, (int)cudaVersion, flags, &status);
   if (driverStatus != NULL)
      *driverStatus = (enum cudaDriverEntryPointQueryResult)status;
   /* A caller that looks at the status learns it there. */
   if (r == CUDA_ERROR_NOT_FOUND && driverStatus != NULL)
      return cudaSuccess;
   return rt_ret(r);
}

cudaError_t
cudaGetDriverEntryPoint(const char *symbol, void **funcPtr, unsigned long long flags,
                        enum cudaDriverEntryPointQueryResult *driverStatus)
{
   return cudaGetDriverEntryPointByVersion(
      symbol, funcPtr, RT_ABI == 12 ? 12090 : CUDART_VERSION, flags, driverStatus);
}

cudaError_t
cudaProfilerStart(void)
{
   RT_ENTER();
   return rt_ret(cuProfilerStart());
}

cudaError_t
cudaProfilerStop(void)
{
   RT_ENTER();
   return rt_ret(cuProfilerStop());
}

#if RT_ABI == 13
/* JIT and library options have the driver's numbers. */
cudaError_t
cudaLibraryLoadData(cudaLibrary_t *library, const void *code,
                    enum cudaJitOption *jitOptions, void **jitOptionsValues,
                    unsigned int numJitOptions, enum cudaLibraryOption *libraryOptions,
                    void **libraryOptionValues, unsigned int numLibraryOptions)
{
   RT_NOT_NULL(library);
   RT_NOT_NULL(code);
   RT_ENTER();
   return rt_ret(cuLibraryLoadData((CUlibrary *)library, code, (CUjit_option *)jitOptions,
                                   jitOptionsValues, numJitOptions,
                                   (CUlibraryOption *)libraryOptions, libraryOptionValues,
                                   numLibraryOptions));
}

cudaError_t
cudaLibraryLoadFromFile(cudaLibrary_t *library, const char *fileName,
                        enum cudaJitOption *jitOptions, void **jitOptionsValues,
                        unsigned int numJitOptions,
                        enum cudaLibraryOption *libraryOptions,
                        void **libraryOptionValues, unsigned int numLibraryOptions)
{
   RT_NOT_NULL(library);
   RT_NOT_NULL(fileName);
   RT_ENTER();
   return rt_ret(cuLibraryLoadFromFile((CUlibrary *)library, fileName,
                                       (CUjit_option *)jitOptions, jitOptionsValues,
                                       numJitOptions, (CUlibraryOption *)libraryOptions,
                                       libraryOptionValues, numLibraryOptions));
}

cudaError_t
cudaLibraryUnload(cudaLibrary_t library)
{
   RT_ENTER();
   return rt_ret(cuLibraryUnload((CUlibrary)library));
}

cudaError_t
cudaLibraryGetKernel(cudaKernel_t *pKernel, cudaLibrary_t library, const char *name)
{
   RT_NOT_NULL(pKernel);
   RT_NOT_NULL(name);
   RT_ENTER();
   return rt_ret(cuLibraryGetKernel((CUkernel *)pKernel, (CUlibrary)library, name));
}

cudaError_t
cudaLibraryGetKernelCount(unsigned int *count, cudaLibrary_t lib)
{
   RT_NOT_NULL(count);
   RT_ENTER();
   return rt_ret(cuLibraryGetKernelCount(count, (CUlibrary)lib));
}

cudaError_t
cudaLibraryEnumerateKernels(cudaKernel_t *kernels, unsigned int numKernels,
                            cudaLibrary_t lib)
{
   RT_NOT_NULL(kernels);
   RT_ENTER();
   return rt_ret(
      cuLibraryEnumerateKernels((CUkernel *)kernels, numKernels, (CUlibrary)lib));
}

cudaError_t
cudaLibraryGetGlobal(void **dptr, size_t *bytes, cudaLibrary_t library, const char *name)
{
   CUdeviceptr p = 0;
   RT_NOT_NULL(name);
   RT_ENTER();
   RT_TRY(cuLibraryGetGlobal(&p, bytes, (CUlibrary)library, name));
   if (dptr != NULL)
      *dptr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaLibraryGetManaged(void **dptr, size_t *bytes, cudaLibrary_t library, const char *name)
{
   CUdeviceptr p = 0;
   RT_NOT_NULL(name);
   RT_ENTER();
   RT_TRY(cuLibraryGetManaged(&p, bytes, (CUlibrary)library, name));
   if (dptr != NULL)
      *dptr = (void *)(uintptr_t)p;
   return cudaSuccess;
}
#endif
