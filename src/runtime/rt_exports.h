/* SPDX-License-Identifier: Apache-2.0
 * Exports of libcudart that no public header declares: what compilers call, graphics
 * interop (its types named generically, as nothing of OpenGL or EGL is needed to decline
 * it). Read by scripts/gen_api.py like cuda_runtime_api.h. */
#ifndef KASURI_RT_EXPORTS_H
#define KASURI_RT_EXPORTS_H

#include "cuda_runtime_api.h"

/* -- Compilers -------------------------------------------------------------------------
 */
void **__cudaRegisterFatBinary(void *fatbin);
void __cudaRegisterFatBinaryEnd(void **handle);
void __cudaUnregisterFatBinary(void **handle);
void __cudaRegisterFunction(void **handle, const char *host, char *device,
                            const char *name, int thread_limit, uint3 *tid, uint3 *bid,
                            dim3 *block, dim3 *grid, int *warp_size);
void __cudaRegisterVar(void **handle, char *host, char *device, const char *name, int ext,
                       size_t size, int constant, int global);
void __cudaRegisterManagedVar(void **handle, void **host, char *device, const char *name,
                              int ext, size_t size, int constant, int global);
void __kasuriRegisterManagedRange(void *start, void *stop);
char __cudaInitModule(void **handle);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                                     struct CUstream_st *stream);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared,
                                       void *stream);
cudaError_t __cudaGetKernel(cudaKernel_t *kernel, const void *host);
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 gridDim, dim3 blockDim,
                               void **args, size_t sharedMem, cudaStream_t stream);
cudaError_t __cudaRegisterHostVar(void);
cudaError_t __cudaRegisterUnifiedTable(void);
cudaError_t __cudaGetProcAddress(void);

/* -- Graphics --------------------------------------------------------------------------
 */
cudaError_t cudaGLGetDevices(unsigned int *count, int *devices, unsigned int max,
                             int list);
cudaError_t cudaGLMapBufferObject(void **devPtr, unsigned int buffer);
cudaError_t cudaGLMapBufferObjectAsync(void **devPtr, unsigned int buffer,
                                       cudaStream_t stream);
cudaError_t cudaGLRegisterBufferObject(unsigned int buffer);
cudaError_t cudaGLSetBufferObjectMapFlags(unsigned int buffer, unsigned int flags);
cudaError_t cudaGLSetGLDevice(int device);
cudaError_t cudaGLUnmapBufferObject(unsigned int buffer);
cudaError_t cudaGLUnmapBufferObjectAsync(unsigned int buffer, cudaStream_t stream);
cudaError_t cudaGLUnregisterBufferObject(unsigned int buffer);
cudaError_t cudaGraphicsGLRegisterBuffer(cudaGraphicsResource_t *resource,
                                         unsigned int buffer, unsigned int flags);
cudaError_t cudaGraphicsGLRegisterImage(cudaGraphicsResource_t *resource,
                                        unsigned int image, unsigned int target,
                                        unsigned int flags);
cudaError_t cudaGraphicsEGLRegisterImage(cudaGraphicsResource_t *resource, void *image,
                                         unsigned int flags);
cudaError_t cudaGraphicsResourceGetMappedEglFrame(void *frame,
                                                  cudaGraphicsResource_t resource,
                                                  unsigned int index,
                                                  unsigned int mipLevel);
cudaError_t cudaGraphicsVDPAURegisterOutputSurface(cudaGraphicsResource_t *resource,
                                                   unsigned int surface,
                                                   unsigned int flags);
cudaError_t cudaGraphicsVDPAURegisterVideoSurface(cudaGraphicsResource_t *resource,
                                                  unsigned int surface,
                                                  unsigned int flags);
cudaError_t cudaVDPAUGetDevice(int *device, unsigned int vdpDevice, void *getProcAddress);
cudaError_t cudaVDPAUSetVDPAUDevice(int device, unsigned int vdpDevice,
                                    void *getProcAddress);
cudaError_t cudaEventCreateFromEGLSync(cudaEvent_t *event, void *sync,
                                       unsigned int flags);
cudaError_t cudaEGLStreamConsumerConnect(void **conn, void *stream);
cudaError_t cudaEGLStreamConsumerConnectWithFlags(void **conn, void *stream,
                                                  unsigned int flags);
cudaError_t cudaEGLStreamConsumerDisconnect(void **conn);
cudaError_t cudaEGLStreamConsumerAcquireFrame(void **conn,
                                              cudaGraphicsResource_t *resource,
                                              cudaStream_t *stream, unsigned int timeout);
cudaError_t cudaEGLStreamConsumerReleaseFrame(void **conn,
                                              cudaGraphicsResource_t resource,
                                              cudaStream_t *stream);
cudaError_t cudaEGLStreamProducerConnect(void **conn, void *stream, int width,
                                         int height);
cudaError_t cudaEGLStreamProducerDisconnect(void **conn);
cudaError_t cudaEGLStreamProducerPresentFrame(void **conn, void *frame,
                                              cudaStream_t *stream);
cudaError_t cudaEGLStreamProducerReturnFrame(void **conn, void *frame,
                                             cudaStream_t *stream);

#endif
