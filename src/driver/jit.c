/* SPDX-License-Identifier: Apache-2.0
 * The options of loading and linking (CUjit_option): which values are taken, and the
 * logs, of which an error that the program asked for no log goes to stderr. Code is
 * compiled at its first launch, for the processor that is there: registers, debug
 * information and the level of optimisation are noted and change nothing. */
#include "driver_priv.h"

#include <stdio.h>
#include <string.h>

static bool
value_is_right(CUjit_option option, uintptr_t value)
{
   static const unsigned char targets[] = {75,  80,  86,  87,  89, 90,
                                           100, 103, 110, 120, 121};
   switch ((int)option) {
   case CU_JIT_OPTIMIZATION_LEVEL:
      return value <= 4;
   case CU_JIT_FALLBACK_STRATEGY:
      return value <= CU_PREFER_BINARY;
   case CU_JIT_CACHE_MODE:
      return value <= CU_JIT_CACHE_OPTION_CA;
   case CU_JIT_TARGET:
      return value && value < 256 && memchr(targets, (int)value, sizeof targets);
   }
   return (unsigned)option < CU_JIT_NUM_OPTIONS;
}

/* The slots of outputs are the values themselves. */
static void
take(struct jit *j, CUjit_option option, void **slot)
{
   uintptr_t value = (uintptr_t)*slot;
   switch ((int)option) {
   case CU_JIT_INFO_LOG_BUFFER:
      j->info.buffer = *slot;
      break;
   case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
      j->info.size = (unsigned)value;
      j->info.used = slot;
      break;
   case CU_JIT_ERROR_LOG_BUFFER:
      j->error.buffer = *slot;
      break;
   case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
      j->error.size = (unsigned)value;
      j->error.used = slot;
      break;
   case CU_JIT_WALL_TIME:
      j->wall_time = slot;
      break;
   case CU_JIT_LOG_VERBOSE:
      j->verbose = (unsigned)value != 0;
      break;
   case CU_JIT_TARGET:
      j->target = (unsigned)value;
      break;
   case CU_JIT_THREADS_PER_BLOCK:
      j->has_threads = true;
      break;
   case CU_JIT_GLOBAL_SYMBOL_NAMES:
      j->symbol_names = *slot;
      break;
   case CU_JIT_GLOBAL_SYMBOL_ADDRESSES:
      j->symbol_addresses = *slot;
      break;
   case CU_JIT_GLOBAL_SYMBOL_COUNT:
      j->symbol_count = (unsigned)value;
      break;
   }
}

CUresult
jit_init(struct jit *j, unsigned n, CUjit_option *options, void **values)
{
   *j = (struct jit){.start = base_now_ns()};
   REQUIRE(!n || (options && values));
   for (unsigned i = 0; i < n; i++) {
      REQUIRE(value_is_right(options[i], (uintptr_t)(unsigned)(uintptr_t)values[i]));
      take(j, options[i], &values[i]);
   }
   /* The number of threads is for the device of the context, says CUDA. */
   REQUIRE(!(j->target && j->has_threads));
   REQUIRE(!j->symbol_count || (j->symbol_names && j->symbol_addresses));
   return CUDA_SUCCESS;
}

uint32_t
jit_target(const struct jit *j, const struct drv_ctx *c)
{
   uint32_t sm = device_props(device_ctx_device(c->dev))->sm;
   return j->target ? MIN2(j->target, sm) : sm;
}

static void
write_log(const struct jit_log *l)
{
   size_t n = 0;
   if (l->buffer && l->size) {
      n = MIN2(l->text.len, l->size - 1);
      memcpy(l->buffer, str_get(&l->text), n);
      l->buffer[n] = 0;
   }
   if (l->used)
      *l->used = (void *)n;
}

void
jit_report(struct jit *j)
{
   write_log(&j->info);
   write_log(&j->error);
   if (!j->error.buffer && j->error.text.len) {
      const char *text = str_get(&j->error.text);
      fprintf(stderr, "kasuri: %s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
      str_finish(&j->error.text); /* said; a log keeps what came before */
   }
   if (j->wall_time) {
      float ms = (float)((double)(base_now_ns() - j->start) * 1e-6);
      memcpy(j->wall_time, &ms, sizeof ms);
   }
}

void
jit_finish(struct jit *j)
{
   str_finish(&j->info.text);
   str_finish(&j->error.text);
}
