/* SPDX-License-Identifier: Apache-2.0
 * Memory and events between two processes: both see one memory, a stream of one waits for
 * what a stream of the other reached, and handles that are none are refused. */
#include "check.h"

#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)
#define IS(call, code) CHECK_EQ_U64((call), (code))
#define SIZE ((size_t)3 << 20)

struct handles {
   cudaIpcMemHandle_t memory;
   cudaIpcEventHandle_t filled, answered;
};

static void CUDART_CB
take_time(void *arg)
{
   usleep(100000);
}

static bool
all_are(const unsigned char *p, size_t n, unsigned char want)
{
   for (size_t i = 0; i < n; i++)
      if (p[i] != want)
         return false;
   return true;
}

static int
child(int in, int out)
{
   struct handles h;
   unsigned char *p, *back = malloc(SIZE);
   cudaEvent_t filled, answered;
   cudaStream_t s;
   CHECK(read(in, &h, sizeof h) == sizeof h);
   OK(cudaStreamCreate(&s));
   IS(cudaIpcOpenMemHandle((void **)&p, h.memory, 0), cudaErrorInvalidValue);
   OK(cudaIpcOpenMemHandle((void **)&p, h.memory, cudaIpcMemLazyEnablePeerAccess));
   OK(cudaIpcOpenEventHandle(&filled, h.filled));
   OK(cudaIpcOpenEventHandle(&answered, h.answered));
   /* The parent's stream is still busy: this one waits for it. */
   OK(cudaStreamWaitEvent(s, filled, 0));
   OK(cudaMemcpyAsync(back, p, SIZE, cudaMemcpyDeviceToHost, s));
   OK(cudaStreamSynchronize(s));
   CHECK(all_are(back, SIZE, 0x11));
   OK(cudaEventQuery(filled));
   OK(cudaLaunchHostFunc(s, take_time, NULL));
   OK(cudaMemsetAsync(p, 0x22, SIZE, s));
   OK(cudaEventRecord(answered, s));
   CHECK(write(out, "", 1) == 1);
   OK(cudaEventSynchronize(answered));
   OK(cudaEventDestroy(filled));
   OK(cudaEventDestroy(answered));
   OK(cudaIpcCloseMemHandle(p));
   IS(cudaIpcCloseMemHandle(p), cudaErrorInvalidValue);
   return check_failed != 0;
}

static void
refusals(const struct handles *h, cudaEvent_t filled)
{
   void *p;
   cudaEvent_t e;
   cudaIpcMemHandle_t memory = h->memory, none = {{0}};
   cudaIpcEventHandle_t event;
   IS(cudaIpcOpenMemHandle(&p, memory, cudaIpcMemLazyEnablePeerAccess),
      cudaErrorDeviceUninitialized); /* one's own */
   IS(cudaIpcOpenMemHandle(&p, none, cudaIpcMemLazyEnablePeerAccess),
      cudaErrorInvalidValue);
   OK(cudaMalloc(&p, 100));
   IS(cudaIpcGetMemHandle(&memory, p), cudaErrorNotSupported);
   OK(cudaFree(p));
   int local;
   IS(cudaIpcGetMemHandle(&memory, &local), cudaErrorInvalidValue);
   OK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
   IS(cudaIpcGetEventHandle(&event, e), cudaErrorInvalidValue);
   OK(cudaEventDestroy(e));
   IS(cudaEventCreateWithFlags(&e, cudaEventInterprocess), cudaErrorInvalidValue);
   (void)cudaGetLastError();
}

int
main(void)
{
   int to[2], from[2];
   CHECK(pipe(to) == 0 && pipe(from) == 0);
   pid_t pid = fork(); /* before either calls CUDA */
   if (pid == 0)
      _exit(child(to[0], from[1]));
   struct handles h;
   unsigned char *p, *back = malloc(SIZE);
   cudaEvent_t filled, answered;
   cudaStream_t s;
   unsigned flags = cudaEventInterprocess | cudaEventDisableTiming;
   OK(cudaStreamCreate(&s));
   OK(cudaMalloc((void **)&p, SIZE));
   OK(cudaMemset(p, 0x33, SIZE));
   OK(cudaEventCreateWithFlags(&filled, flags));
   OK(cudaEventCreateWithFlags(&answered, flags));
   OK(cudaEventQuery(filled));
   OK(cudaIpcGetMemHandle(&h.memory, p));
   OK(cudaIpcGetEventHandle(&h.filled, filled));
   OK(cudaIpcGetEventHandle(&h.answered, answered));
   OK(cudaMemcpy(back, p, SIZE, cudaMemcpyDeviceToHost));
   CHECK(all_are(back, SIZE, 0x33)); /* sharing it changed nothing */
   OK(cudaLaunchHostFunc(s, take_time, NULL));
   OK(cudaMemsetAsync(p, 0x11, SIZE, s));
   OK(cudaEventRecord(filled, s));
   CHECK(write(to[1], &h, sizeof h) == sizeof h);
   char byte;
   CHECK(read(from[0], &byte, 1) == 1);
   OK(cudaStreamWaitEvent(s, answered, 0));
   OK(cudaMemcpyAsync(back, p, SIZE, cudaMemcpyDeviceToHost, s));
   OK(cudaStreamSynchronize(s));
   CHECK(all_are(back, SIZE, 0x22));
   int status = -1;
   CHECK(waitpid(pid, &status, 0) == pid && status == 0);
   refusals(&h, filled);
   /* What was shared is not handed out again. */
   OK(cudaFree(p));
   OK(cudaMalloc((void **)&p, SIZE));
   OK(cudaMemset(p, 0, SIZE));
   OK(cudaFree(p));
   return check_done();
}
