/* SPDX-License-Identifier: Apache-2.0
 * Types of the runtime API. Names, values and layouts are CUDA 13.0's, because programs
 * and libraries compiled against them meet ours at run time. One file, as users include
 * it by this name. */
#ifndef __DRIVER_TYPES_H__
#define __DRIVER_TYPES_H__

#include "crt/host_defines.h"
#include "vector_types.h"

#include <limits.h>
#include <stddef.h>

#define CUDART_CB

/* -- Flags -----------------------------------------------------------------------------
 */
#define cudaHostAllocDefault 0x00
#define cudaHostAllocPortable 0x01
#define cudaHostAllocMapped 0x02
#define cudaHostAllocWriteCombined 0x04

#define cudaHostRegisterDefault 0x00
#define cudaHostRegisterPortable 0x01
#define cudaHostRegisterMapped 0x02
#define cudaHostRegisterIoMemory 0x04
#define cudaHostRegisterReadOnly 0x08

#define cudaPeerAccessDefault 0x00

#define cudaStreamDefault 0x00
#define cudaStreamNonBlocking 0x01
#define cudaStreamLegacy ((cudaStream_t)0x1)
#define cudaStreamPerThread ((cudaStream_t)0x2)

#define cudaEventDefault 0x00
#define cudaEventBlockingSync 0x01
#define cudaEventDisableTiming 0x02
#define cudaEventInterprocess 0x04
#define cudaEventRecordDefault 0x00
#define cudaEventRecordExternal 0x01
#define cudaEventWaitDefault 0x00
#define cudaEventWaitExternal 0x01

#define cudaDeviceScheduleAuto 0x00
#define cudaDeviceScheduleSpin 0x01
#define cudaDeviceScheduleYield 0x02
#define cudaDeviceScheduleBlockingSync 0x04
#define cudaDeviceBlockingSync 0x04
#define cudaDeviceScheduleMask 0x07
#define cudaDeviceMapHost 0x08
#define cudaDeviceLmemResizeToMax 0x10
#define cudaDeviceSyncMemops 0x80
#define cudaDeviceMask 0xff
#define cudaInitDeviceFlagsAreValid 0x01

#define cudaArrayDefault 0x00
#define cudaArrayLayered 0x01
#define cudaArraySurfaceLoadStore 0x02
#define cudaArrayCubemap 0x04
#define cudaArrayTextureGather 0x08
#define cudaArrayColorAttachment 0x20
#define cudaArraySparse 0x40
#define cudaArrayDeferredMapping 0x80
#define cudaArraySparsePropertiesSingleMipTail 0x1

#define cudaIpcMemLazyEnablePeerAccess 0x01
#define CUDA_IPC_HANDLE_SIZE 64

#define cudaMemAttachGlobal 0x01
#define cudaMemAttachHost 0x02
#define cudaMemAttachSingle 0x04

#define cudaOccupancyDefault 0x00
#define cudaOccupancyDisableCachingOverride 0x01

#define cudaCpuDeviceId ((int)-1)
#define cudaInvalidDeviceId ((int)-2)

#define cudaMemPoolCreateUsageHwDecompress 0x2

#define cudaExternalMemoryDedicated 0x1
#define cudaExternalSemaphoreSignalSkipNvSciBufMemSync 0x01
#define cudaExternalSemaphoreWaitSkipNvSciBufMemSync 0x02
#define cudaNvSciSyncAttrSignal 0x1
#define cudaNvSciSyncAttrWait 0x2

#define cudaGraphKernelNodePortDefault 0
#define cudaGraphKernelNodePortProgrammatic 1
#define cudaGraphKernelNodePortLaunchCompletion 2

/* -- Errors ----------------------------------------------------------------------------
 */
enum cudaError {
   cudaSuccess = 0,
   cudaErrorInvalidValue = 1,
   cudaErrorMemoryAllocation = 2,
   cudaErrorInitializationError = 3,
   cudaErrorCudartUnloading = 4,
   cudaErrorProfilerDisabled = 5,
   cudaErrorProfilerNotInitialized = 6,
   cudaErrorProfilerAlreadyStarted = 7,
   cudaErrorProfilerAlreadyStopped = 8,
   cudaErrorInvalidConfiguration = 9,
   cudaErrorInvalidPitchValue = 12,
   cudaErrorInvalidSymbol = 13,
   cudaErrorInvalidHostPointer = 16,
   cudaErrorInvalidDevicePointer = 17,
   cudaErrorInvalidTexture = 18,
   cudaErrorInvalidTextureBinding = 19,
   cudaErrorInvalidChannelDescriptor = 20,
   cudaErrorInvalidMemcpyDirection = 21,
   cudaErrorAddressOfConstant = 22,
   cudaErrorTextureFetchFailed = 23,
   cudaErrorTextureNotBound = 24,
   cudaErrorSynchronizationError = 25,
   cudaErrorInvalidFilterSetting = 26,
   cudaErrorInvalidNormSetting = 27,
   cudaErrorMixedDeviceExecution = 28,
   cudaErrorNotYetImplemented = 31,
   cudaErrorMemoryValueTooLarge = 32,
   cudaErrorStubLibrary = 34,
   cudaErrorInsufficientDriver = 35,
   cudaErrorCallRequiresNewerDriver = 36,
   cudaErrorInvalidSurface = 37,
   cudaErrorDuplicateVariableName = 43,
   cudaErrorDuplicateTextureName = 44,
   cudaErrorDuplicateSurfaceName = 45,
   cudaErrorDevicesUnavailable = 46,
   cudaErrorIncompatibleDriverContext = 49,
   cudaErrorMissingConfiguration = 52,
   cudaErrorPriorLaunchFailure = 53,
   cudaErrorLaunchMaxDepthExceeded = 65,
   cudaErrorLaunchFileScopedTex = 66,
   cudaErrorLaunchFileScopedSurf = 67,
   cudaErrorSyncDepthExceeded = 68,
   cudaErrorLaunchPendingCountExceeded = 69,
   cudaErrorInvalidDeviceFunction = 98,
   cudaErrorNoDevice = 100,
   cudaErrorInvalidDevice = 101,
   cudaErrorDeviceNotLicensed = 102,
   cudaErrorSoftwareValidityNotEstablished = 103,
   cudaErrorStartupFailure = 127,
   cudaErrorInvalidKernelImage = 200,
   cudaErrorDeviceUninitialized = 201,
   cudaErrorMapBufferObjectFailed = 205,
   cudaErrorUnmapBufferObjectFailed = 206,
   cudaErrorArrayIsMapped = 207,
   cudaErrorAlreadyMapped = 208,
   cudaErrorNoKernelImageForDevice = 209,
   cudaErrorAlreadyAcquired = 210,
   cudaErrorNotMapped = 211,
   cudaErrorNotMappedAsArray = 212,
   cudaErrorNotMappedAsPointer = 213,
   cudaErrorECCUncorrectable = 214,
   cudaErrorUnsupportedLimit = 215,
   cudaErrorDeviceAlreadyInUse = 216,
   cudaErrorPeerAccessUnsupported = 217,
   cudaErrorInvalidPtx = 218,
   cudaErrorInvalidGraphicsContext = 219,
   cudaErrorNvlinkUncorrectable = 220,
   cudaErrorJitCompilerNotFound = 221,
   cudaErrorUnsupportedPtxVersion = 222,
   cudaErrorJitCompilationDisabled = 223,
   cudaErrorUnsupportedExecAffinity = 224,
   cudaErrorUnsupportedDevSideSync = 225,
   cudaErrorContained = 226,
   cudaErrorInvalidSource = 300,
   cudaErrorFileNotFound = 301,
   cudaErrorSharedObjectSymbolNotFound = 302,
   cudaErrorSharedObjectInitFailed = 303,
   cudaErrorOperatingSystem = 304,
   cudaErrorInvalidResourceHandle = 400,
   cudaErrorIllegalState = 401,
   cudaErrorLossyQuery = 402,
   cudaErrorSymbolNotFound = 500,
   cudaErrorNotReady = 600,
   cudaErrorIllegalAddress = 700,
   cudaErrorLaunchOutOfResources = 701,
   cudaErrorLaunchTimeout = 702,
   cudaErrorLaunchIncompatibleTexturing = 703,
   cudaErrorPeerAccessAlreadyEnabled = 704,
   cudaErrorPeerAccessNotEnabled = 705,
   cudaErrorSetOnActiveProcess = 708,
   cudaErrorContextIsDestroyed = 709,
   cudaErrorAssert = 710,
   cudaErrorTooManyPeers = 711,
   cudaErrorHostMemoryAlreadyRegistered = 712,
   cudaErrorHostMemoryNotRegistered = 713,
   cudaErrorHardwareStackError = 714,
   cudaErrorIllegalInstruction = 715,
   cudaErrorMisalignedAddress = 716,
   cudaErrorInvalidAddressSpace = 717,
   cudaErrorInvalidPc = 718,
   cudaErrorLaunchFailure = 719,
   cudaErrorCooperativeLaunchTooLarge = 720,
   cudaErrorTensorMemoryLeak = 721,
   cudaErrorNotPermitted = 800,
   cudaErrorNotSupported = 801,
   cudaErrorSystemNotReady = 802,
   cudaErrorSystemDriverMismatch = 803,
   cudaErrorCompatNotSupportedOnDevice = 804,
   cudaErrorMpsConnectionFailed = 805,
   cudaErrorMpsRpcFailure = 806,
   cudaErrorMpsServerNotReady = 807,
   cudaErrorMpsMaxClientsReached = 808,
   cudaErrorMpsMaxConnectionsReached = 809,
   cudaErrorMpsClientTerminated = 810,
   cudaErrorCdpNotSupported = 811,
   cudaErrorCdpVersionMismatch = 812,
   cudaErrorStreamCaptureUnsupported = 900,
   cudaErrorStreamCaptureInvalidated = 901,
   cudaErrorStreamCaptureMerge = 902,
   cudaErrorStreamCaptureUnmatched = 903,
   cudaErrorStreamCaptureUnjoined = 904,
   cudaErrorStreamCaptureIsolation = 905,
   cudaErrorStreamCaptureImplicit = 906,
   cudaErrorCapturedEvent = 907,
   cudaErrorStreamCaptureWrongThread = 908,
   cudaErrorTimeout = 909,
   cudaErrorGraphExecUpdateFailure = 910,
   cudaErrorExternalDevice = 911,
   cudaErrorInvalidClusterSize = 912,
   cudaErrorFunctionNotLoaded = 913,
   cudaErrorInvalidResourceType = 914,
   cudaErrorInvalidResourceConfiguration = 915,
   cudaErrorUnknown = 999,
   cudaErrorApiFailureBase = 10000
};
typedef enum cudaError cudaError_t;

/* -- Handles ---------------------------------------------------------------------------
 */
typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
typedef struct cudaGraphicsResource *cudaGraphicsResource_t;
typedef struct CUexternalMemory_st *cudaExternalMemory_t;
typedef struct CUexternalSemaphore_st *cudaExternalSemaphore_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphNode_st *cudaGraphNode_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;
typedef struct CUgraphDeviceUpdatableNode_st *cudaGraphDeviceNode_t;
typedef struct CUuserObject_st *cudaUserObject_t;
typedef struct CUfunc_st *cudaFunction_t;
typedef struct CUkern_st *cudaKernel_t;
typedef struct CUlib_st *cudaLibrary_t;
typedef struct CUmemPoolHandle_st *cudaMemPool_t;
typedef struct CUlogsCallbackEntry_st *cudaLogsCallbackHandle;
typedef struct cudaAsyncCallbackEntry *cudaAsyncCallbackHandle_t;
typedef struct cudaArray *cudaArray_t;
typedef const struct cudaArray *cudaArray_const_t;
typedef struct cudaMipmappedArray *cudaMipmappedArray_t;
typedef const struct cudaMipmappedArray *cudaMipmappedArray_const_t;
typedef unsigned long long cudaGraphConditionalHandle;
typedef unsigned int cudaLogIterator;
typedef void(CUDART_CB *cudaHostFn_t)(void *userData);

/* -- Enumerations ----------------------------------------------------------------------
 */
enum cudaChannelFormatKind {
   cudaChannelFormatKindSigned = 0,
   cudaChannelFormatKindUnsigned = 1,
   cudaChannelFormatKindFloat = 2,
   cudaChannelFormatKindNone = 3,
   cudaChannelFormatKindNV12 = 4,
   cudaChannelFormatKindUnsignedNormalized8X1 = 5,
   cudaChannelFormatKindUnsignedNormalized8X2 = 6,
   cudaChannelFormatKindUnsignedNormalized8X4 = 7,
   cudaChannelFormatKindUnsignedNormalized16X1 = 8,
   cudaChannelFormatKindUnsignedNormalized16X2 = 9,
   cudaChannelFormatKindUnsignedNormalized16X4 = 10,
   cudaChannelFormatKindSignedNormalized8X1 = 11,
   cudaChannelFormatKindSignedNormalized8X2 = 12,
   cudaChannelFormatKindSignedNormalized8X4 = 13,
   cudaChannelFormatKindSignedNormalized16X1 = 14,
   cudaChannelFormatKindSignedNormalized16X2 = 15,
   cudaChannelFormatKindSignedNormalized16X4 = 16,
   cudaChannelFormatKindUnsignedBlockCompressed1 = 17,
   cudaChannelFormatKindUnsignedBlockCompressed1SRGB = 18,
   cudaChannelFormatKindUnsignedBlockCompressed2 = 19,
   cudaChannelFormatKindUnsignedBlockCompressed2SRGB = 20,
   cudaChannelFormatKindUnsignedBlockCompressed3 = 21,
   cudaChannelFormatKindUnsignedBlockCompressed3SRGB = 22,
   cudaChannelFormatKindUnsignedBlockCompressed4 = 23,
   cudaChannelFormatKindSignedBlockCompressed4 = 24,
   cudaChannelFormatKindUnsignedBlockCompressed5 = 25,
   cudaChannelFormatKindSignedBlockCompressed5 = 26,
   cudaChannelFormatKindUnsignedBlockCompressed6H = 27,
   cudaChannelFormatKindSignedBlockCompressed6H = 28,
   cudaChannelFormatKindUnsignedBlockCompressed7 = 29,
   cudaChannelFormatKindUnsignedBlockCompressed7SRGB = 30,
   cudaChannelFormatKindUnsignedNormalized1010102 = 31
};

enum cudaMemoryType {
   cudaMemoryTypeUnregistered = 0,
   cudaMemoryTypeHost = 1,
   cudaMemoryTypeDevice = 2,
   cudaMemoryTypeManaged = 3
};

enum cudaMemcpyKind {
   cudaMemcpyHostToHost = 0,
   cudaMemcpyHostToDevice = 1,
   cudaMemcpyDeviceToHost = 2,
   cudaMemcpyDeviceToDevice = 3,
   cudaMemcpyDefault = 4
};

enum cudaAccessProperty {
   cudaAccessPropertyNormal = 0,
   cudaAccessPropertyStreaming = 1,
   cudaAccessPropertyPersisting = 2
};

enum cudaStreamCaptureStatus {
   cudaStreamCaptureStatusNone = 0,
   cudaStreamCaptureStatusActive = 1,
   cudaStreamCaptureStatusInvalidated = 2
};

enum cudaStreamCaptureMode {
   cudaStreamCaptureModeGlobal = 0,
   cudaStreamCaptureModeThreadLocal = 1,
   cudaStreamCaptureModeRelaxed = 2
};

enum cudaSynchronizationPolicy {
   cudaSyncPolicyAuto = 1,
   cudaSyncPolicySpin = 2,
   cudaSyncPolicyYield = 3,
   cudaSyncPolicyBlockingSync = 4
};

enum cudaClusterSchedulingPolicy {
   cudaClusterSchedulingPolicyDefault = 0,
   cudaClusterSchedulingPolicySpread = 1,
   cudaClusterSchedulingPolicyLoadBalancing = 2
};

enum cudaStreamUpdateCaptureDependenciesFlags {
   cudaStreamAddCaptureDependencies = 0,
   cudaStreamSetCaptureDependencies = 1
};

enum cudaUserObjectFlags { cudaUserObjectNoDestructorSync = 1 };
enum cudaUserObjectRetainFlags { cudaGraphUserObjectMove = 1 };

enum cudaGraphicsRegisterFlags {
   cudaGraphicsRegisterFlagsNone = 0,
   cudaGraphicsRegisterFlagsReadOnly = 1,
   cudaGraphicsRegisterFlagsWriteDiscard = 2,
   cudaGraphicsRegisterFlagsSurfaceLoadStore = 4,
   cudaGraphicsRegisterFlagsTextureGather = 8
};

enum cudaGraphicsMapFlags {
   cudaGraphicsMapFlagsNone = 0,
   cudaGraphicsMapFlagsReadOnly = 1,
   cudaGraphicsMapFlagsWriteDiscard = 2
};

enum cudaGraphicsCubeFace {
   cudaGraphicsCubeFacePositiveX = 0,
   cudaGraphicsCubeFaceNegativeX = 1,
   cudaGraphicsCubeFacePositiveY = 2,
   cudaGraphicsCubeFaceNegativeY = 3,
   cudaGraphicsCubeFacePositiveZ = 4,
   cudaGraphicsCubeFaceNegativeZ = 5
};

enum cudaResourceType {
   cudaResourceTypeArray = 0,
   cudaResourceTypeMipmappedArray = 1,
   cudaResourceTypeLinear = 2,
   cudaResourceTypePitch2D = 3
};

enum cudaResourceViewFormat {
   cudaResViewFormatNone = 0,
   cudaResViewFormatUnsignedChar1 = 1,
   cudaResViewFormatUnsignedChar2 = 2,
   cudaResViewFormatUnsignedChar4 = 3,
   cudaResViewFormatSignedChar1 = 4,
   cudaResViewFormatSignedChar2 = 5,
   cudaResViewFormatSignedChar4 = 6,
   cudaResViewFormatUnsignedShort1 = 7,
   cudaResViewFormatUnsignedShort2 = 8,
   cudaResViewFormatUnsignedShort4 = 9,
   cudaResViewFormatSignedShort1 = 10,
   cudaResViewFormatSignedShort2 = 11,
   cudaResViewFormatSignedShort4 = 12,
   cudaResViewFormatUnsignedInt1 = 13,
   cudaResViewFormatUnsignedInt2 = 14,
   cudaResViewFormatUnsignedInt4 = 15,
   cudaResViewFormatSignedInt1 = 16,
   cudaResViewFormatSignedInt2 = 17,
   cudaResViewFormatSignedInt4 = 18,
   cudaResViewFormatHalf1 = 19,
   cudaResViewFormatHalf2 = 20,
   cudaResViewFormatHalf4 = 21,
   cudaResViewFormatFloat1 = 22,
   cudaResViewFormatFloat2 = 23,
   cudaResViewFormatFloat4 = 24,
   cudaResViewFormatUnsignedBlockCompressed1 = 25,
   cudaResViewFormatUnsignedBlockCompressed2 = 26,
   cudaResViewFormatUnsignedBlockCompressed3 = 27,
   cudaResViewFormatUnsignedBlockCompressed4 = 28,
   cudaResViewFormatSignedBlockCompressed4 = 29,
   cudaResViewFormatUnsignedBlockCompressed5 = 30,
   cudaResViewFormatSignedBlockCompressed5 = 31,
   cudaResViewFormatUnsignedBlockCompressed6H = 32,
   cudaResViewFormatSignedBlockCompressed6H = 33,
   cudaResViewFormatUnsignedBlockCompressed7 = 34
};

enum cudaFuncAttribute {
   cudaFuncAttributeMaxDynamicSharedMemorySize = 8,
   cudaFuncAttributePreferredSharedMemoryCarveout = 9,
   cudaFuncAttributeClusterDimMustBeSet = 10,
   cudaFuncAttributeRequiredClusterWidth = 11,
   cudaFuncAttributeRequiredClusterHeight = 12,
   cudaFuncAttributeRequiredClusterDepth = 13,
   cudaFuncAttributeNonPortableClusterSizeAllowed = 14,
   cudaFuncAttributeClusterSchedulingPolicyPreference = 15,
   cudaFuncAttributeMax = 16
};

enum cudaFuncCache {
   cudaFuncCachePreferNone = 0,
   cudaFuncCachePreferShared = 1,
   cudaFuncCachePreferL1 = 2,
   cudaFuncCachePreferEqual = 3
};

enum cudaSharedMemConfig {
   cudaSharedMemBankSizeDefault = 0,
   cudaSharedMemBankSizeFourByte = 1,
   cudaSharedMemBankSizeEightByte = 2
};

enum cudaSharedCarveout {
   cudaSharedmemCarveoutDefault = -1,
   cudaSharedmemCarveoutMaxL1 = 0,
   cudaSharedmemCarveoutMaxShared = 100
};

enum cudaComputeMode {
   cudaComputeModeDefault = 0,
   cudaComputeModeExclusive = 1,
   cudaComputeModeProhibited = 2,
   cudaComputeModeExclusiveProcess = 3
};

enum cudaLimit {
   cudaLimitStackSize = 0,
   cudaLimitPrintfFifoSize = 1,
   cudaLimitMallocHeapSize = 2,
   cudaLimitDevRuntimeSyncDepth = 3,
   cudaLimitDevRuntimePendingLaunchCount = 4,
   cudaLimitMaxL2FetchGranularity = 5,
   cudaLimitPersistingL2CacheSize = 6
};

enum cudaMemoryAdvise {
   cudaMemAdviseSetReadMostly = 1,
   cudaMemAdviseUnsetReadMostly = 2,
   cudaMemAdviseSetPreferredLocation = 3,
   cudaMemAdviseUnsetPreferredLocation = 4,
   cudaMemAdviseSetAccessedBy = 5,
   cudaMemAdviseUnsetAccessedBy = 6
};

enum cudaMemRangeAttribute {
   cudaMemRangeAttributeReadMostly = 1,
   cudaMemRangeAttributePreferredLocation = 2,
   cudaMemRangeAttributeAccessedBy = 3,
   cudaMemRangeAttributeLastPrefetchLocation = 4,
   cudaMemRangeAttributePreferredLocationType = 5,
   cudaMemRangeAttributePreferredLocationId = 6,
   cudaMemRangeAttributeLastPrefetchLocationType = 7,
   cudaMemRangeAttributeLastPrefetchLocationId = 8
};

enum cudaFlushGPUDirectRDMAWritesOptions {
   cudaFlushGPUDirectRDMAWritesOptionHost = 1,
   cudaFlushGPUDirectRDMAWritesOptionMemOps = 2
};

enum cudaGPUDirectRDMAWritesOrdering {
   cudaGPUDirectRDMAWritesOrderingNone = 0,
   cudaGPUDirectRDMAWritesOrderingOwner = 100,
   cudaGPUDirectRDMAWritesOrderingAllDevices = 200
};

enum cudaFlushGPUDirectRDMAWritesScope {
   cudaFlushGPUDirectRDMAWritesToOwner = 100,
   cudaFlushGPUDirectRDMAWritesToAllDevices = 200
};

enum cudaFlushGPUDirectRDMAWritesTarget {
   cudaFlushGPUDirectRDMAWritesTargetCurrentDevice
};

enum cudaDeviceAttr {
   cudaDevAttrMaxThreadsPerBlock = 1,
   cudaDevAttrMaxBlockDimX = 2,
   cudaDevAttrMaxBlockDimY = 3,
   cudaDevAttrMaxBlockDimZ = 4,
   cudaDevAttrMaxGridDimX = 5,
   cudaDevAttrMaxGridDimY = 6,
   cudaDevAttrMaxGridDimZ = 7,
   cudaDevAttrMaxSharedMemoryPerBlock = 8,
   cudaDevAttrTotalConstantMemory = 9,
   cudaDevAttrWarpSize = 10,
   cudaDevAttrMaxPitch = 11,
   cudaDevAttrMaxRegistersPerBlock = 12,
   cudaDevAttrClockRate = 13,
   cudaDevAttrTextureAlignment = 14,
   cudaDevAttrGpuOverlap = 15,
   cudaDevAttrMultiProcessorCount = 16,
   cudaDevAttrKernelExecTimeout = 17,
   cudaDevAttrIntegrated = 18,
   cudaDevAttrCanMapHostMemory = 19,
   cudaDevAttrComputeMode = 20,
   cudaDevAttrMaxTexture1DWidth = 21,
   cudaDevAttrMaxTexture2DWidth = 22,
   cudaDevAttrMaxTexture2DHeight = 23,
   cudaDevAttrMaxTexture3DWidth = 24,
   cudaDevAttrMaxTexture3DHeight = 25,
   cudaDevAttrMaxTexture3DDepth = 26,
   cudaDevAttrMaxTexture2DLayeredWidth = 27,
   cudaDevAttrMaxTexture2DLayeredHeight = 28,
   cudaDevAttrMaxTexture2DLayeredLayers = 29,
   cudaDevAttrSurfaceAlignment = 30,
   cudaDevAttrConcurrentKernels = 31,
   cudaDevAttrEccEnabled = 32,
   cudaDevAttrPciBusId = 33,
   cudaDevAttrPciDeviceId = 34,
   cudaDevAttrTccDriver = 35,
   cudaDevAttrMemoryClockRate = 36,
   cudaDevAttrGlobalMemoryBusWidth = 37,
   cudaDevAttrL2CacheSize = 38,
   cudaDevAttrMaxThreadsPerMultiProcessor = 39,
   cudaDevAttrAsyncEngineCount = 40,
   cudaDevAttrUnifiedAddressing = 41,
   cudaDevAttrMaxTexture1DLayeredWidth = 42,
   cudaDevAttrMaxTexture1DLayeredLayers = 43,
   cudaDevAttrMaxTexture2DGatherWidth = 45,
   cudaDevAttrMaxTexture2DGatherHeight = 46,
   cudaDevAttrMaxTexture3DWidthAlt = 47,
   cudaDevAttrMaxTexture3DHeightAlt = 48,
   cudaDevAttrMaxTexture3DDepthAlt = 49,
   cudaDevAttrPciDomainId = 50,
   cudaDevAttrTexturePitchAlignment = 51,
   cudaDevAttrMaxTextureCubemapWidth = 52,
   cudaDevAttrMaxTextureCubemapLayeredWidth = 53,
   cudaDevAttrMaxTextureCubemapLayeredLayers = 54,
   cudaDevAttrMaxSurface1DWidth = 55,
   cudaDevAttrMaxSurface2DWidth = 56,
   cudaDevAttrMaxSurface2DHeight = 57,
   cudaDevAttrMaxSurface3DWidth = 58,
   cudaDevAttrMaxSurface3DHeight = 59,
   cudaDevAttrMaxSurface3DDepth = 60,
   cudaDevAttrMaxSurface1DLayeredWidth = 61,
   cudaDevAttrMaxSurface1DLayeredLayers = 62,
   cudaDevAttrMaxSurface2DLayeredWidth = 63,
   cudaDevAttrMaxSurface2DLayeredHeight = 64,
   cudaDevAttrMaxSurface2DLayeredLayers = 65,
   cudaDevAttrMaxSurfaceCubemapWidth = 66,
   cudaDevAttrMaxSurfaceCubemapLayeredWidth = 67,
   cudaDevAttrMaxSurfaceCubemapLayeredLayers = 68,
   cudaDevAttrMaxTexture1DLinearWidth = 69,
   cudaDevAttrMaxTexture2DLinearWidth = 70,
   cudaDevAttrMaxTexture2DLinearHeight = 71,
   cudaDevAttrMaxTexture2DLinearPitch = 72,
   cudaDevAttrMaxTexture2DMipmappedWidth = 73,
   cudaDevAttrMaxTexture2DMipmappedHeight = 74,
   cudaDevAttrComputeCapabilityMajor = 75,
   cudaDevAttrComputeCapabilityMinor = 76,
   cudaDevAttrMaxTexture1DMipmappedWidth = 77,
   cudaDevAttrStreamPrioritiesSupported = 78,
   cudaDevAttrGlobalL1CacheSupported = 79,
   cudaDevAttrLocalL1CacheSupported = 80,
   cudaDevAttrMaxSharedMemoryPerMultiprocessor = 81,
   cudaDevAttrMaxRegistersPerMultiprocessor = 82,
   cudaDevAttrManagedMemory = 83,
   cudaDevAttrIsMultiGpuBoard = 84,
   cudaDevAttrMultiGpuBoardGroupID = 85,
   cudaDevAttrHostNativeAtomicSupported = 86,
   cudaDevAttrSingleToDoublePrecisionPerfRatio = 87,
   cudaDevAttrPageableMemoryAccess = 88,
   cudaDevAttrConcurrentManagedAccess = 89,
   cudaDevAttrComputePreemptionSupported = 90,
   cudaDevAttrCanUseHostPointerForRegisteredMem = 91,
   cudaDevAttrReserved92 = 92,
   cudaDevAttrReserved93 = 93,
   cudaDevAttrReserved94 = 94,
   cudaDevAttrCooperativeLaunch = 95,
   cudaDevAttrReserved96 = 96,
   cudaDevAttrMaxSharedMemoryPerBlockOptin = 97,
   cudaDevAttrCanFlushRemoteWrites = 98,
   cudaDevAttrHostRegisterSupported = 99,
   cudaDevAttrPageableMemoryAccessUsesHostPageTables = 100,
   cudaDevAttrDirectManagedMemAccessFromHost = 101,
   cudaDevAttrMaxBlocksPerMultiprocessor = 106,
   cudaDevAttrMaxPersistingL2CacheSize = 108,
   cudaDevAttrMaxAccessPolicyWindowSize = 109,
   cudaDevAttrReservedSharedMemoryPerBlock = 111,
   cudaDevAttrSparseCudaArraySupported = 112,
   cudaDevAttrHostRegisterReadOnlySupported = 113,
   cudaDevAttrTimelineSemaphoreInteropSupported = 114,
   cudaDevAttrMemoryPoolsSupported = 115,
   cudaDevAttrGPUDirectRDMASupported = 116,
   cudaDevAttrGPUDirectRDMAFlushWritesOptions = 117,
   cudaDevAttrGPUDirectRDMAWritesOrdering = 118,
   cudaDevAttrMemoryPoolSupportedHandleTypes = 119,
   cudaDevAttrClusterLaunch = 120,
   cudaDevAttrDeferredMappingCudaArraySupported = 121,
   cudaDevAttrReserved122 = 122,
   cudaDevAttrReserved123 = 123,
   cudaDevAttrReserved124 = 124,
   cudaDevAttrIpcEventSupport = 125,
   cudaDevAttrMemSyncDomainCount = 126,
   cudaDevAttrReserved127 = 127,
   cudaDevAttrReserved128 = 128,
   cudaDevAttrReserved129 = 129,
   cudaDevAttrNumaConfig = 130,
   cudaDevAttrNumaId = 131,
   cudaDevAttrReserved132 = 132,
   cudaDevAttrMpsEnabled = 133,
   cudaDevAttrHostNumaId = 134,
   cudaDevAttrD3D12CigSupported = 135,
   cudaDevAttrVulkanCigSupported = 138,
   cudaDevAttrGpuPciDeviceId = 139,
   cudaDevAttrGpuPciSubsystemId = 140,
   cudaDevAttrReserved141 = 141,
   cudaDevAttrHostNumaMemoryPoolsSupported = 142,
   cudaDevAttrHostNumaMultinodeIpcSupported = 143,
   cudaDevAttrHostMemoryPoolsSupported = 144,
   cudaDevAttrReserved145 = 145,
   cudaDevAttrOnlyPartialHostNativeAtomicSupported = 147,
   cudaDevAttrMax
};

enum cudaMemPoolAttr {
   cudaMemPoolReuseFollowEventDependencies = 1,
   cudaMemPoolReuseAllowOpportunistic = 2,
   cudaMemPoolReuseAllowInternalDependencies = 3,
   cudaMemPoolAttrReleaseThreshold = 4,
   cudaMemPoolAttrReservedMemCurrent = 5,
   cudaMemPoolAttrReservedMemHigh = 6,
   cudaMemPoolAttrUsedMemCurrent = 7,
   cudaMemPoolAttrUsedMemHigh = 8
};

enum cudaMemLocationType {
   cudaMemLocationTypeInvalid = 0,
   cudaMemLocationTypeNone = 0,
   cudaMemLocationTypeDevice = 1,
   cudaMemLocationTypeHost = 2,
   cudaMemLocationTypeHostNuma = 3,
   cudaMemLocationTypeHostNumaCurrent = 4
};

enum cudaMemAccessFlags {
   cudaMemAccessFlagsProtNone = 0,
   cudaMemAccessFlagsProtRead = 1,
   cudaMemAccessFlagsProtReadWrite = 3
};

enum cudaMemAllocationType {
   cudaMemAllocationTypeInvalid = 0,
   cudaMemAllocationTypePinned = 1,
   cudaMemAllocationTypeManaged = 2,
   cudaMemAllocationTypeMax = 0x7FFFFFFF
};

enum cudaMemAllocationHandleType {
   cudaMemHandleTypeNone = 0,
   cudaMemHandleTypePosixFileDescriptor = 1,
   cudaMemHandleTypeWin32 = 2,
   cudaMemHandleTypeWin32Kmt = 4,
   cudaMemHandleTypeFabric = 8
};

enum cudaGraphMemAttributeType {
   cudaGraphMemAttrUsedMemCurrent = 0,
   cudaGraphMemAttrUsedMemHigh = 1,
   cudaGraphMemAttrReservedMemCurrent = 2,
   cudaGraphMemAttrReservedMemHigh = 3
};

enum cudaMemcpyFlags {
   cudaMemcpyFlagDefault = 0,
   cudaMemcpyFlagPreferOverlapWithCompute = 1
};

enum cudaMemcpySrcAccessOrder {
   cudaMemcpySrcAccessOrderInvalid = 0,
   cudaMemcpySrcAccessOrderStream = 1,
   cudaMemcpySrcAccessOrderDuringApiCall = 2,
   cudaMemcpySrcAccessOrderAny = 3,
   cudaMemcpySrcAccessOrderMax = 0x7FFFFFFF
};

enum cudaMemcpy3DOperandType {
   cudaMemcpyOperandTypePointer = 1,
   cudaMemcpyOperandTypeArray = 2,
   cudaMemcpyOperandTypeMax = 0x7FFFFFFF
};

enum cudaDeviceP2PAttr {
   cudaDevP2PAttrPerformanceRank = 1,
   cudaDevP2PAttrAccessSupported = 2,
   cudaDevP2PAttrNativeAtomicSupported = 3,
   cudaDevP2PAttrCudaArrayAccessSupported = 4,
   cudaDevP2PAttrOnlyPartialNativeAtomicSupported = 5
};

enum cudaAtomicOperation {
   cudaAtomicOperationIntegerAdd = 0,
   cudaAtomicOperationIntegerMin = 1,
   cudaAtomicOperationIntegerMax = 2,
   cudaAtomicOperationIntegerIncrement = 3,
   cudaAtomicOperationIntegerDecrement = 4,
   cudaAtomicOperationAnd = 5,
   cudaAtomicOperationOr = 6,
   cudaAtomicOperationXOR = 7,
   cudaAtomicOperationExchange = 8,
   cudaAtomicOperationCAS = 9,
   cudaAtomicOperationFloatAdd = 10,
   cudaAtomicOperationFloatMin = 11,
   cudaAtomicOperationFloatMax = 12
};

enum cudaAtomicOperationCapability {
   cudaAtomicCapabilitySigned = 1 << 0,
   cudaAtomicCapabilityUnsigned = 1 << 1,
   cudaAtomicCapabilityReduction = 1 << 2,
   cudaAtomicCapabilityScalar32 = 1 << 3,
   cudaAtomicCapabilityScalar64 = 1 << 4,
   cudaAtomicCapabilityScalar128 = 1 << 5,
   cudaAtomicCapabilityVector32x4 = 1 << 6
};

enum cudaExternalMemoryHandleType {
   cudaExternalMemoryHandleTypeOpaqueFd = 1,
   cudaExternalMemoryHandleTypeOpaqueWin32 = 2,
   cudaExternalMemoryHandleTypeOpaqueWin32Kmt = 3,
   cudaExternalMemoryHandleTypeD3D12Heap = 4,
   cudaExternalMemoryHandleTypeD3D12Resource = 5,
   cudaExternalMemoryHandleTypeD3D11Resource = 6,
   cudaExternalMemoryHandleTypeD3D11ResourceKmt = 7,
   cudaExternalMemoryHandleTypeNvSciBuf = 8
};

enum cudaExternalSemaphoreHandleType {
   cudaExternalSemaphoreHandleTypeOpaqueFd = 1,
   cudaExternalSemaphoreHandleTypeOpaqueWin32 = 2,
   cudaExternalSemaphoreHandleTypeOpaqueWin32Kmt = 3,
   cudaExternalSemaphoreHandleTypeD3D12Fence = 4,
   cudaExternalSemaphoreHandleTypeD3D11Fence = 5,
   cudaExternalSemaphoreHandleTypeNvSciSync = 6,
   cudaExternalSemaphoreHandleTypeKeyedMutex = 7,
   cudaExternalSemaphoreHandleTypeKeyedMutexKmt = 8,
   cudaExternalSemaphoreHandleTypeTimelineSemaphoreFd = 9,
   cudaExternalSemaphoreHandleTypeTimelineSemaphoreWin32 = 10
};

enum cudaJitOption {
   cudaJitMaxRegisters = 0,
   cudaJitThreadsPerBlock = 1,
   cudaJitWallTime = 2,
   cudaJitInfoLogBuffer = 3,
   cudaJitInfoLogBufferSizeBytes = 4,
   cudaJitErrorLogBuffer = 5,
   cudaJitErrorLogBufferSizeBytes = 6,
   cudaJitOptimizationLevel = 7,
   cudaJitFallbackStrategy = 10,
   cudaJitGenerateDebugInfo = 11,
   cudaJitLogVerbose = 12,
   cudaJitGenerateLineInfo = 13,
   cudaJitCacheMode = 14,
   cudaJitPositionIndependentCode = 30,
   cudaJitMinCtaPerSm = 31,
   cudaJitMaxThreadsPerBlock = 32,
   cudaJitOverrideDirectiveValues = 33
};

enum cudaLibraryOption {
   cudaLibraryHostUniversalFunctionAndDataTable = 0,
   cudaLibraryBinaryIsPreserved = 1
};

enum cudaJit_CacheMode {
   cudaJitCacheOptionNone = 0,
   cudaJitCacheOptionCG = 1,
   cudaJitCacheOptionCA = 2
};

enum cudaJit_Fallback { cudaPreferPtx = 0, cudaPreferBinary = 1 };

enum cudaCGScope { cudaCGScopeInvalid = 0, cudaCGScopeGrid = 1, cudaCGScopeReserved = 2 };

enum cudaGraphConditionalHandleFlags { cudaGraphCondAssignDefault = 1 };

enum cudaGraphConditionalNodeType {
   cudaGraphCondTypeIf = 0,
   cudaGraphCondTypeWhile = 1,
   cudaGraphCondTypeSwitch = 2
};

enum cudaGraphNodeType {
   cudaGraphNodeTypeKernel = 0,
   cudaGraphNodeTypeMemcpy = 1,
   cudaGraphNodeTypeMemset = 2,
   cudaGraphNodeTypeHost = 3,
   cudaGraphNodeTypeGraph = 4,
   cudaGraphNodeTypeEmpty = 5,
   cudaGraphNodeTypeWaitEvent = 6,
   cudaGraphNodeTypeEventRecord = 7,
   cudaGraphNodeTypeExtSemaphoreSignal = 8,
   cudaGraphNodeTypeExtSemaphoreWait = 9,
   cudaGraphNodeTypeMemAlloc = 10,
   cudaGraphNodeTypeMemFree = 11,
   cudaGraphNodeTypeConditional = 13,
   cudaGraphNodeTypeCount
};

enum cudaGraphChildGraphNodeOwnership {
   cudaGraphChildGraphOwnershipClone = 0,
   cudaGraphChildGraphOwnershipMove = 1
};

typedef enum cudaGraphDependencyType_enum {
   cudaGraphDependencyTypeDefault = 0,
   cudaGraphDependencyTypeProgrammatic = 1
} cudaGraphDependencyType;

enum cudaGraphExecUpdateResult {
   cudaGraphExecUpdateSuccess = 0,
   cudaGraphExecUpdateError = 1,
   cudaGraphExecUpdateErrorTopologyChanged = 2,
   cudaGraphExecUpdateErrorNodeTypeChanged = 3,
   cudaGraphExecUpdateErrorFunctionChanged = 4,
   cudaGraphExecUpdateErrorParametersChanged = 5,
   cudaGraphExecUpdateErrorNotSupported = 6,
   cudaGraphExecUpdateErrorUnsupportedFunctionChange = 7,
   cudaGraphExecUpdateErrorAttributesChanged = 8
};

typedef enum cudaGraphInstantiateResult {
   cudaGraphInstantiateSuccess = 0,
   cudaGraphInstantiateError = 1,
   cudaGraphInstantiateInvalidStructure = 2,
   cudaGraphInstantiateNodeOperationNotSupported = 3,
   cudaGraphInstantiateMultipleDevicesNotSupported = 4,
   cudaGraphInstantiateConditionalHandleUnused = 5
} cudaGraphInstantiateResult;

enum cudaGraphKernelNodeField {
   cudaGraphKernelNodeFieldInvalid = 0,
   cudaGraphKernelNodeFieldGridDim = 1,
   cudaGraphKernelNodeFieldParam = 2,
   cudaGraphKernelNodeFieldEnabled = 3
};

enum cudaGetDriverEntryPointFlags {
   cudaEnableDefault = 0,
   cudaEnableLegacyStream = 1,
   cudaEnablePerThreadDefaultStream = 2
};

/* The last name is spelt so in CUDA. */
enum cudaDriverEntryPointQueryResult {
   cudaDriverEntryPointSuccess = 0,
   cudaDriverEntryPointSymbolNotFound = 1,
   cudaDriverEntryPointVersionNotSufficent = 2
};

enum cudaGraphDebugDotFlags {
   cudaGraphDebugDotFlagsVerbose = 1 << 0,
   cudaGraphDebugDotFlagsKernelNodeParams = 1 << 2,
   cudaGraphDebugDotFlagsMemcpyNodeParams = 1 << 3,
   cudaGraphDebugDotFlagsMemsetNodeParams = 1 << 4,
   cudaGraphDebugDotFlagsHostNodeParams = 1 << 5,
   cudaGraphDebugDotFlagsEventNodeParams = 1 << 6,
   cudaGraphDebugDotFlagsExtSemasSignalNodeParams = 1 << 7,
   cudaGraphDebugDotFlagsExtSemasWaitNodeParams = 1 << 8,
   cudaGraphDebugDotFlagsKernelNodeAttributes = 1 << 9,
   cudaGraphDebugDotFlagsHandles = 1 << 10,
   cudaGraphDebugDotFlagsConditionalNodeParams = 1 << 15
};

enum cudaGraphInstantiateFlags {
   cudaGraphInstantiateFlagAutoFreeOnLaunch = 1,
   cudaGraphInstantiateFlagUpload = 2,
   cudaGraphInstantiateFlagDeviceLaunch = 4,
   cudaGraphInstantiateFlagUseNodePriority = 8
};

typedef enum cudaLaunchMemSyncDomain {
   cudaLaunchMemSyncDomainDefault = 0,
   cudaLaunchMemSyncDomainRemote = 1
} cudaLaunchMemSyncDomain;

typedef enum cudaLaunchAttributeID {
   cudaLaunchAttributeIgnore = 0,
   cudaLaunchAttributeAccessPolicyWindow = 1,
   cudaLaunchAttributeCooperative = 2,
   cudaLaunchAttributeSynchronizationPolicy = 3,
   cudaLaunchAttributeClusterDimension = 4,
   cudaLaunchAttributeClusterSchedulingPolicyPreference = 5,
   cudaLaunchAttributeProgrammaticStreamSerialization = 6,
   cudaLaunchAttributeProgrammaticEvent = 7,
   cudaLaunchAttributePriority = 8,
   cudaLaunchAttributeMemSyncDomainMap = 9,
   cudaLaunchAttributeMemSyncDomain = 10,
   cudaLaunchAttributePreferredClusterDimension = 11,
   cudaLaunchAttributeLaunchCompletionEvent = 12,
   cudaLaunchAttributeDeviceUpdatableKernelNode = 13,
   cudaLaunchAttributePreferredSharedMemoryCarveout = 14,
   cudaLaunchAttributeNvlinkUtilCentricScheduling = 16
} cudaLaunchAttributeID;

enum cudaDeviceNumaConfig {
   cudaDeviceNumaConfigNone = 0,
   cudaDeviceNumaConfigNumaNode = 1
};

typedef enum cudaAsyncNotificationType_enum {
   cudaAsyncNotificationTypeOverBudget = 1
} cudaAsyncNotificationType;

typedef enum CUDAlogLevel_enum {
   cudaLogLevelError = 0,
   cudaLogLevelWarning = 1
} cudaLogLevel;

/* -- Memory ----------------------------------------------------------------------------
 */
struct cudaChannelFormatDesc {
   int x, y, z, w; /* bits of each component */
   enum cudaChannelFormatKind f;
};

struct cudaArraySparseProperties {
   struct {
      unsigned int width, height, depth;
   } tileExtent;
   unsigned int miptailFirstLevel;
   unsigned long long miptailSize;
   unsigned int flags;
   unsigned int reserved[4];
};

struct cudaArrayMemoryRequirements {
   size_t size, alignment;
   unsigned int reserved[4];
};

struct cudaPitchedPtr {
   void *ptr;
   size_t pitch;        /* bytes from row to row */
   size_t xsize, ysize; /* the allocation's logical width and height */
};

/* Width in elements where an array takes part, in bytes otherwise. */
struct cudaExtent {
   size_t width, height, depth;
};

struct cudaPos {
   size_t x, y, z;
};

struct cudaMemcpy3DParms {
   cudaArray_t srcArray;
   struct cudaPos srcPos;
   struct cudaPitchedPtr srcPtr;
   cudaArray_t dstArray;
   struct cudaPos dstPos;
   struct cudaPitchedPtr dstPtr;
   struct cudaExtent extent;
   enum cudaMemcpyKind kind;
};

struct cudaMemcpyNodeParams {
   int flags;
   int reserved[3];
   struct cudaMemcpy3DParms copyParams;
};

struct cudaMemcpy3DPeerParms {
   cudaArray_t srcArray;
   struct cudaPos srcPos;
   struct cudaPitchedPtr srcPtr;
   int srcDevice;
   cudaArray_t dstArray;
   struct cudaPos dstPos;
   struct cudaPitchedPtr dstPtr;
   int dstDevice;
   struct cudaExtent extent;
};

struct cudaMemsetParams {
   void *dst;
   size_t pitch;
   unsigned int value;
   unsigned int elementSize; /* 1, 2 or 4 bytes */
   size_t width, height;
};

struct cudaMemsetParamsV2 {
   void *dst;
   size_t pitch;
   unsigned int value;
   unsigned int elementSize;
   size_t width, height;
};

struct cudaAccessPolicyWindow {
   void *base_ptr;
   size_t num_bytes;
   float hitRatio;
   enum cudaAccessProperty hitProp, missProp;
};

struct cudaHostNodeParams {
   cudaHostFn_t fn;
   void *userData;
};

struct cudaHostNodeParamsV2 {
   cudaHostFn_t fn;
   void *userData;
};

struct cudaResourceDesc {
   enum cudaResourceType resType;
   union {
      struct {
         cudaArray_t array;
      } array;
      struct {
         cudaMipmappedArray_t mipmap;
      } mipmap;
      struct {
         void *devPtr;
         struct cudaChannelFormatDesc desc;
         size_t sizeInBytes;
      } linear;
      struct {
         void *devPtr;
         struct cudaChannelFormatDesc desc;
         size_t width, height, pitchInBytes;
      } pitch2D;
      struct {
         int reserved[32];
      } reserved;
   } res;
   unsigned int flags;
};

struct cudaResourceViewDesc {
   enum cudaResourceViewFormat format;
   size_t width, height, depth;
   unsigned int firstMipmapLevel, lastMipmapLevel;
   unsigned int firstLayer, lastLayer;
   unsigned int reserved[16];
};

struct cudaPointerAttributes {
   enum cudaMemoryType type;
   int device;
   void *devicePointer; /* NULL where the device cannot reach it */
   void *hostPointer;   /* NULL where the host cannot */
   long reserved[8];
};

struct cudaFuncAttributes {
   size_t sharedSizeBytes; /* static */
   size_t constSizeBytes;
   size_t localSizeBytes;
   int maxThreadsPerBlock;
   int numRegs;
   int ptxVersion, binaryVersion; /* 10 × major + minor */
   int cacheModeCA;
   int maxDynamicSharedSizeBytes;
   int preferredShmemCarveout;
   int clusterDimMustBeSet;
   int requiredClusterWidth, requiredClusterHeight, requiredClusterDepth;
   int clusterSchedulingPolicyPreference;
   int nonPortableClusterSizeAllowed;
   int reserved[16];
};

struct cudaMemLocation {
   enum cudaMemLocationType type;
   int id;
};

struct cudaMemAccessDesc {
   struct cudaMemLocation location;
   enum cudaMemAccessFlags flags;
};

struct cudaMemPoolProps {
   enum cudaMemAllocationType allocType;
   enum cudaMemAllocationHandleType handleTypes;
   struct cudaMemLocation location;
   void *win32SecurityAttributes;
   size_t maxSize; /* 0: the system's choice */
   unsigned short usage;
   unsigned char reserved[54];
};

struct cudaMemPoolPtrExportData {
   unsigned char reserved[64];
};

struct cudaMemAllocNodeParams {
   struct cudaMemPoolProps poolProps;
   const struct cudaMemAccessDesc *accessDescs;
   size_t accessDescCount;
   size_t bytesize;
   void *dptr; /* out */
};

struct cudaMemAllocNodeParamsV2 {
   struct cudaMemPoolProps poolProps;
   const struct cudaMemAccessDesc *accessDescs;
   size_t accessDescCount;
   size_t bytesize;
   void *dptr;
};

struct cudaMemFreeNodeParams {
   void *dptr;
};

struct cudaMemcpyAttributes {
   enum cudaMemcpySrcAccessOrder srcAccessOrder;
   struct cudaMemLocation srcLocHint, dstLocHint;
   unsigned int flags;
};

struct cudaOffset3D {
   size_t x, y, z;
};

struct cudaMemcpy3DOperand {
   enum cudaMemcpy3DOperandType type;
   union {
      struct {
         void *ptr;
         size_t rowLength, layerHeight; /* elements; 0: packed */
         struct cudaMemLocation locHint;
      } ptr;
      struct {
         cudaArray_t array;
         struct cudaOffset3D offset;
      } array;
   } op;
};

struct cudaMemcpy3DBatchOp {
   struct cudaMemcpy3DOperand src, dst;
   struct cudaExtent extent;
   enum cudaMemcpySrcAccessOrder srcAccessOrder;
   unsigned int flags;
};

/* -- Device ----------------------------------------------------------------------------
 */
#ifndef CU_UUID_HAS_BEEN_DEFINED
#define CU_UUID_HAS_BEEN_DEFINED
struct CUuuid_st {
   char bytes[16];
};
typedef struct CUuuid_st CUuuid;
#endif
typedef struct CUuuid_st cudaUUID_t;

/* Sizes in bytes, memPitch included; widths of textures in elements. */
struct cudaDeviceProp {
   char name[256];
   cudaUUID_t uuid;
   char luid[8];
   unsigned int luidDeviceNodeMask;
   size_t totalGlobalMem;
   size_t sharedMemPerBlock;
   int regsPerBlock;
   int warpSize;
   size_t memPitch;
   int maxThreadsPerBlock;
   int maxThreadsDim[3];
   int maxGridSize[3];
   size_t totalConstMem;
   int major, minor;
   size_t textureAlignment;
   size_t texturePitchAlignment;
   int multiProcessorCount;
   int integrated;
   int canMapHostMemory;
   int maxTexture1D;
   int maxTexture1DMipmap;
   int maxTexture2D[2];
   int maxTexture2DMipmap[2];
   int maxTexture2DLinear[3];
   int maxTexture2DGather[2];
   int maxTexture3D[3];
   int maxTexture3DAlt[3];
   int maxTextureCubemap;
   int maxTexture1DLayered[2];
   int maxTexture2DLayered[3];
   int maxTextureCubemapLayered[2];
   int maxSurface1D;
   int maxSurface2D[2];
   int maxSurface3D[3];
   int maxSurface1DLayered[2];
   int maxSurface2DLayered[3];
   int maxSurfaceCubemap;
   int maxSurfaceCubemapLayered[2];
   size_t surfaceAlignment;
   int concurrentKernels;
   int ECCEnabled;
   int pciBusID, pciDeviceID, pciDomainID;
   int tccDriver;
   int asyncEngineCount;
   int unifiedAddressing;
   int memoryBusWidth; /* bits */
   int l2CacheSize;
   int persistingL2CacheMaxSize;
   int maxThreadsPerMultiProcessor;
   int streamPrioritiesSupported;
   int globalL1CacheSupported;
   int localL1CacheSupported;
   size_t sharedMemPerMultiprocessor;
   int regsPerMultiprocessor;
   int managedMemory;
   int isMultiGpuBoard;
   int multiGpuBoardGroupID;
   int hostNativeAtomicSupported;
   int pageableMemoryAccess;
   int concurrentManagedAccess;
   int computePreemptionSupported;
   int canUseHostPointerForRegisteredMem;
   int cooperativeLaunch;
   size_t sharedMemPerBlockOptin;
   int pageableMemoryAccessUsesHostPageTables;
   int directManagedMemAccessFromHost;
   int maxBlocksPerMultiProcessor;
   int accessPolicyMaxWindowSize;
   size_t reservedSharedMemPerBlock;
   int hostRegisterSupported;
   int sparseCudaArraySupported;
   int hostRegisterReadOnlySupported;
   int timelineSemaphoreInteropSupported;
   int memoryPoolsSupported;
   int gpuDirectRDMASupported;
   unsigned int gpuDirectRDMAFlushWritesOptions;
   int gpuDirectRDMAWritesOrdering;
   unsigned int memoryPoolSupportedHandleTypes;
   int deferredMappingCudaArraySupported;
   int ipcEventSupported;
   int clusterLaunch;
   int unifiedFunctionPointers;
   int deviceNumaConfig;
   int deviceNumaId;
   int mpsEnabled;
   int hostNumaId;
   unsigned int gpuPciDeviceID;
   unsigned int gpuPciSubsystemID;
   int hostNumaMultinodeIpcSupported;
   int reserved[56];
};

/* -- Sharing with others ---------------------------------------------------------------
 */
typedef struct cudaIpcEventHandle_st {
   char reserved[CUDA_IPC_HANDLE_SIZE];
} cudaIpcEventHandle_t;

typedef struct cudaIpcMemHandle_st {
   char reserved[CUDA_IPC_HANDLE_SIZE];
} cudaIpcMemHandle_t;

typedef struct cudaMemFabricHandle_st {
   char reserved[CUDA_IPC_HANDLE_SIZE];
} cudaMemFabricHandle_t;

struct cudaExternalMemoryHandleDesc {
   enum cudaExternalMemoryHandleType type;
   union {
      int fd;
      struct {
         void *handle;
         const void *name;
      } win32;
      const void *nvSciBufObject;
   } handle;
   unsigned long long size;
   unsigned int flags;
   unsigned int reserved[16];
};

struct cudaExternalMemoryBufferDesc {
   unsigned long long offset, size;
   unsigned int flags;
   unsigned int reserved[16];
};

struct cudaExternalMemoryMipmappedArrayDesc {
   unsigned long long offset;
   struct cudaChannelFormatDesc formatDesc;
   struct cudaExtent extent;
   unsigned int flags;
   unsigned int numLevels;
   unsigned int reserved[16];
};

struct cudaExternalSemaphoreHandleDesc {
   enum cudaExternalSemaphoreHandleType type;
   union {
      int fd;
      struct {
         void *handle;
         const void *name;
      } win32;
      const void *nvSciSyncObj;
   } handle;
   unsigned int flags;
   unsigned int reserved[16];
};

struct cudaExternalSemaphoreSignalParams {
   struct {
      struct {
         unsigned long long value;
      } fence;
      union {
         void *fence;
         unsigned long long reserved;
      } nvSciSync;
      struct {
         unsigned long long key;
      } keyedMutex;
      unsigned int reserved[12];
   } params;
   unsigned int flags;
   unsigned int reserved[16];
};

struct cudaExternalSemaphoreWaitParams {
   struct {
      struct {
         unsigned long long value;
      } fence;
      union {
         void *fence;
         unsigned long long reserved;
      } nvSciSync;
      struct {
         unsigned long long key;
         unsigned int timeoutMs;
      } keyedMutex;
      unsigned int reserved[10];
   } params;
   unsigned int flags;
   unsigned int reserved[16];
};

typedef struct cudalibraryHostUniversalFunctionAndDataTable {
   void *functionTable;
   size_t functionWindowSize;
   void *dataTable;
   size_t dataWindowSize;
} cudalibraryHostUniversalFunctionAndDataTable;

/* -- Graphs ----------------------------------------------------------------------------
 */
struct cudaKernelNodeParams {
   void *func; /* as cudaLaunchKernel's */
   dim3 gridDim, blockDim;
   unsigned int sharedMemBytes;
   void **kernelParams;
   void **extra;
};

struct cudaKernelNodeParamsV2 {
   void *func;
#if !defined(__cplusplus) || __cplusplus >= 201103L
   dim3 gridDim, blockDim;
#else
   uint3 gridDim, blockDim; /* before C++11 a union takes no member with constructors */
#endif
   unsigned int sharedMemBytes;
   void **kernelParams;
   void **extra;
};

struct cudaExternalSemaphoreSignalNodeParams {
   cudaExternalSemaphore_t *extSemArray;
   const struct cudaExternalSemaphoreSignalParams *paramsArray;
   unsigned int numExtSems;
};

struct cudaExternalSemaphoreSignalNodeParamsV2 {
   cudaExternalSemaphore_t *extSemArray;
   const struct cudaExternalSemaphoreSignalParams *paramsArray;
   unsigned int numExtSems;
};

struct cudaExternalSemaphoreWaitNodeParams {
   cudaExternalSemaphore_t *extSemArray;
   const struct cudaExternalSemaphoreWaitParams *paramsArray;
   unsigned int numExtSems;
};

struct cudaExternalSemaphoreWaitNodeParamsV2 {
   cudaExternalSemaphore_t *extSemArray;
   const struct cudaExternalSemaphoreWaitParams *paramsArray;
   unsigned int numExtSems;
};

struct cudaConditionalNodeParams {
   cudaGraphConditionalHandle handle;
   enum cudaGraphConditionalNodeType type;
   unsigned int size;
   cudaGraph_t *phGraph_out;
};

struct cudaChildGraphNodeParams {
   cudaGraph_t graph;
   enum cudaGraphChildGraphNodeOwnership ownership;
};

struct cudaEventRecordNodeParams {
   cudaEvent_t event;
};

struct cudaEventWaitNodeParams {
   cudaEvent_t event;
};

struct cudaGraphNodeParams {
   enum cudaGraphNodeType type;
   int reserved0[3];
   union {
      long long reserved1[29];
      struct cudaKernelNodeParamsV2 kernel;
      struct cudaMemcpyNodeParams memcpy;
      struct cudaMemsetParamsV2 memset;
      struct cudaHostNodeParamsV2 host;
      struct cudaChildGraphNodeParams graph;
      struct cudaEventWaitNodeParams eventWait;
      struct cudaEventRecordNodeParams eventRecord;
      struct cudaExternalSemaphoreSignalNodeParamsV2 extSemSignal;
      struct cudaExternalSemaphoreWaitNodeParamsV2 extSemWait;
      struct cudaMemAllocNodeParamsV2 alloc;
      struct cudaMemFreeNodeParams free;
      struct cudaConditionalNodeParams conditional;
   };
   long long reserved2;
};

typedef struct cudaGraphEdgeData_st {
   unsigned char from_port, to_port;
   unsigned char type;
   unsigned char reserved[5];
} cudaGraphEdgeData;

typedef struct cudaGraphInstantiateParams_st {
   unsigned long long flags;
   cudaStream_t uploadStream;
   cudaGraphNode_t errNode_out;
   cudaGraphInstantiateResult result_out;
} cudaGraphInstantiateParams;

typedef struct cudaGraphExecUpdateResultInfo_st {
   enum cudaGraphExecUpdateResult result;
   cudaGraphNode_t errorNode, errorFromNode;
} cudaGraphExecUpdateResultInfo;

struct cudaGraphKernelNodeUpdate {
   cudaGraphDeviceNode_t node;
   enum cudaGraphKernelNodeField field;
   union {
#if !defined(__cplusplus) || __cplusplus >= 201103L
      dim3 gridDim;
#else
      uint3 gridDim;
#endif
      struct {
         const void *pValue;
         size_t offset, size;
      } param;
      unsigned int isEnabled;
   } updateData;
};

/* -- Launches --------------------------------------------------------------------------
 */
typedef struct cudaLaunchMemSyncDomainMap_st {
   unsigned char default_, remote;
} cudaLaunchMemSyncDomainMap;

typedef union cudaLaunchAttributeValue {
   char pad[64];
   struct cudaAccessPolicyWindow accessPolicyWindow;
   int cooperative;
   enum cudaSynchronizationPolicy syncPolicy;
   struct {
      unsigned int x, y, z;
   } clusterDim;
   enum cudaClusterSchedulingPolicy clusterSchedulingPolicyPreference;
   int programmaticStreamSerializationAllowed;
   struct {
      cudaEvent_t event;
      int flags;
      int triggerAtBlockStart;
   } programmaticEvent;
   int priority;
   cudaLaunchMemSyncDomainMap memSyncDomainMap;
   cudaLaunchMemSyncDomain memSyncDomain;
   struct {
      unsigned int x, y, z;
   } preferredClusterDim;
   struct {
      cudaEvent_t event;
      int flags;
   } launchCompletionEvent;
   struct {
      int deviceUpdatable;
      cudaGraphDeviceNode_t devNode;
   } deviceUpdatableKernelNode;
   unsigned int sharedMemCarveout;
   unsigned int nvlinkUtilCentricScheduling;
} cudaLaunchAttributeValue;

typedef struct cudaLaunchAttribute_st {
   cudaLaunchAttributeID id;
   char pad[8 - sizeof(cudaLaunchAttributeID)];
   cudaLaunchAttributeValue val;
} cudaLaunchAttribute;

typedef struct cudaLaunchConfig_st {
   dim3 gridDim, blockDim;
   size_t dynamicSmemBytes;
   cudaStream_t stream;
   cudaLaunchAttribute *attrs;
   unsigned int numAttrs;
} cudaLaunchConfig_t;

/* Attributes of streams and of kernel nodes are launch attributes under older names. */
#define cudaStreamAttrID cudaLaunchAttributeID
#define cudaStreamAttrValue cudaLaunchAttributeValue
#define cudaStreamAttributeAccessPolicyWindow cudaLaunchAttributeAccessPolicyWindow
#define cudaStreamAttributeSynchronizationPolicy cudaLaunchAttributeSynchronizationPolicy
#define cudaStreamAttributeMemSyncDomainMap cudaLaunchAttributeMemSyncDomainMap
#define cudaStreamAttributeMemSyncDomain cudaLaunchAttributeMemSyncDomain
#define cudaStreamAttributePriority cudaLaunchAttributePriority
#define cudaKernelNodeAttrID cudaLaunchAttributeID
#define cudaKernelNodeAttrValue cudaLaunchAttributeValue
#define cudaKernelNodeAttributeAccessPolicyWindow cudaLaunchAttributeAccessPolicyWindow
#define cudaKernelNodeAttributeCooperative cudaLaunchAttributeCooperative
#define cudaKernelNodeAttributePriority cudaLaunchAttributePriority
#define cudaKernelNodeAttributeClusterDimension cudaLaunchAttributeClusterDimension
#define cudaKernelNodeAttributeClusterSchedulingPolicyPreference                         \
   cudaLaunchAttributeClusterSchedulingPolicyPreference
#define cudaKernelNodeAttributeMemSyncDomainMap cudaLaunchAttributeMemSyncDomainMap
#define cudaKernelNodeAttributeMemSyncDomain cudaLaunchAttributeMemSyncDomain
#define cudaKernelNodeAttributePreferredSharedMemoryCarveout                             \
   cudaLaunchAttributePreferredSharedMemoryCarveout
#define cudaKernelNodeAttributeDeviceUpdatableKernelNode                                 \
   cudaLaunchAttributeDeviceUpdatableKernelNode
#define cudaKernelNodeAttributeNvlinkUtilCentricScheduling                               \
   cudaLaunchAttributeNvlinkUtilCentricScheduling

/* -- Notifications ---------------------------------------------------------------------
 */
typedef struct cudaAsyncNotificationInfo {
   cudaAsyncNotificationType type;
   union {
      struct {
         unsigned long long bytesOverBudget;
      } overBudget;
   } info;
} cudaAsyncNotificationInfo_t;

typedef void (*cudaAsyncCallback)(cudaAsyncNotificationInfo_t *, void *,
                                  cudaAsyncCallbackHandle_t);

#include "surface_types.h"
#include "texture_types.h"

#endif
