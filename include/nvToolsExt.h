/* SPDX-License-Identifier: Apache-2.0
 * NVTX annotations for tools that watch a program. There is no such tool here, so that
 * each call does nothing, which NVTX promises in that case. */
#ifndef NVTOOLSEXT_H_
#define NVTOOLSEXT_H_

#include <stddef.h>
#include <stdint.h>

#define NVTX_VERSION 3
#define NVTX_EVENT_ATTRIB_STRUCT_SIZE ((uint16_t)sizeof(nvtxEventAttributes_t))

typedef uint64_t nvtxRangeId_t;
typedef struct nvtxDomainRegistration_st *nvtxDomainHandle_t;
typedef struct nvtxStringRegistration_st *nvtxStringHandle_t;
typedef enum nvtxColorType_t { NVTX_COLOR_UNKNOWN = 0, NVTX_COLOR_ARGB = 1 } nvtxColorType_t;
typedef enum nvtxMessageType_t {
   NVTX_MESSAGE_UNKNOWN = 0,
   NVTX_MESSAGE_TYPE_ASCII = 1,
   NVTX_MESSAGE_TYPE_UNICODE = 2,
   NVTX_MESSAGE_TYPE_REGISTERED = 3
} nvtxMessageType_t;
typedef enum nvtxPayloadType_t {
   NVTX_PAYLOAD_UNKNOWN = 0,
   NVTX_PAYLOAD_TYPE_UNSIGNED_INT64 = 1,
   NVTX_PAYLOAD_TYPE_INT64 = 2,
   NVTX_PAYLOAD_TYPE_DOUBLE = 3,
   NVTX_PAYLOAD_TYPE_UNSIGNED_INT32 = 4,
   NVTX_PAYLOAD_TYPE_INT32 = 5,
   NVTX_PAYLOAD_TYPE_FLOAT = 6
} nvtxPayloadType_t;
typedef union nvtxMessageValue_t {
   const char *ascii;
   const wchar_t *unicode;
   nvtxStringHandle_t registered;
} nvtxMessageValue_t;
typedef struct nvtxEventAttributes_v2 {
   uint16_t version, size;
   uint32_t category;
   int32_t colorType;
   uint32_t color;
   int32_t payloadType, reserved0;
   union payload_t {
      uint64_t ullValue;
      int64_t llValue;
      double dValue;
      uint32_t uiValue;
      int32_t iValue;
      float fValue;
   } payload;
   int32_t messageType;
   nvtxMessageValue_t message;
} nvtxEventAttributes_t;

/* The results are those of NVTX with no tool attached: -2 for a range's depth. */
#define KASURI_NVTX static __inline__
KASURI_NVTX void nvtxInitialize(const void *p)
{
   (void)p;
}
KASURI_NVTX void nvtxMarkA(const char *m)
{
   (void)m;
}
KASURI_NVTX void nvtxMarkEx(const nvtxEventAttributes_t *a)
{
   (void)a;
}
KASURI_NVTX int nvtxRangePushA(const char *m)
{
   (void)m;
   return -2;
}
KASURI_NVTX int nvtxRangePushEx(const nvtxEventAttributes_t *a)
{
   (void)a;
   return -2;
}
KASURI_NVTX int nvtxRangePop(void)
{
   return -2;
}
KASURI_NVTX nvtxRangeId_t nvtxRangeStartA(const char *m)
{
   (void)m;
   return 0;
}
KASURI_NVTX nvtxRangeId_t nvtxRangeStartEx(const nvtxEventAttributes_t *a)
{
   (void)a;
   return 0;
}
KASURI_NVTX void nvtxRangeEnd(nvtxRangeId_t id)
{
   (void)id;
}
KASURI_NVTX void nvtxNameOsThreadA(uint32_t id, const char *name)
{
   (void)id, (void)name;
}
KASURI_NVTX void nvtxNameCategoryA(uint32_t id, const char *name)
{
   (void)id, (void)name;
}
KASURI_NVTX nvtxDomainHandle_t nvtxDomainCreateA(const char *name)
{
   (void)name;
   return NULL;
}
KASURI_NVTX void nvtxDomainDestroy(nvtxDomainHandle_t d)
{
   (void)d;
}
KASURI_NVTX int nvtxDomainRangePushEx(nvtxDomainHandle_t d, const nvtxEventAttributes_t *a)
{
   (void)d, (void)a;
   return -2;
}
KASURI_NVTX int nvtxDomainRangePop(nvtxDomainHandle_t d)
{
   (void)d;
   return -2;
}
#define nvtxMark nvtxMarkA
#define nvtxRangePush nvtxRangePushA
#define nvtxRangeStart nvtxRangeStartA
#define nvtxNameOsThread nvtxNameOsThreadA
#define nvtxNameCategory nvtxNameCategoryA
#define nvtxDomainCreate nvtxDomainCreateA

#undef KASURI_NVTX
#endif
