/* SPDX-License-Identifier: Apache-2.0
 * Copies and fills: as boxes of bytes, in parts that workers share when they are large,
 * at once when nothing is queued before them. */
#include "device_priv.h"

#include <string.h>

/* Part of a large copy that one worker takes: a core's bandwidth moves it in about
 * 100 us, so sharing costs nothing beside it. */
#define PART_BYTES ((size_t)1 << 20)
/* Pageable sources up to this size are taken along at the call, as CUDA does. */
#define STAGE_BYTES ((size_t)64 << 10)

static bool
is_flat(const struct device_copy *c)
{
   bool rows = c->height <= 1 || (c->dst_pitch == c->width && c->src_pitch == c->width);
   bool slices = c->depth <= 1 || (c->dst_slice == c->width * c->height &&
                                   c->src_slice == c->width * c->height);
   return rows && slices;
}

static size_t
total(const struct device_copy *c)
{
   return c->width * c->height * c->depth;
}

void
copy_run(const struct device_copy *c)
{
   if (!total(c))
      return;
   if (is_flat(c)) {
      memmove(c->dst, c->src, total(c));
      return;
   }
   for (size_t z = 0; z < c->depth; z++)
      for (size_t y = 0; y < c->height; y++)
         memmove((uint8_t *)c->dst + z * c->dst_slice + y * c->dst_pitch,
                 (const uint8_t *)c->src + z * c->src_slice + y * c->src_pitch, c->width);
}

/* Only copies between ranges that do not overlap are shared out. */
uint64_t
copy_units(const struct device_copy *c)
{
   size_t n = total(c);
   uintptr_t d = (uintptr_t)c->dst, s = (uintptr_t)c->src;
   if (!is_flat(c) || n < 2 * PART_BYTES || (d < s + n && s < d + n))
      return 1;
   return (n + PART_BYTES - 1) / PART_BYTES;
}

void
copy_run_part(const struct device_copy *c, uint64_t first, uint64_t n)
{
   if (copy_units(c) == 1) {
      copy_run(c);
      return;
   }
   size_t at = first * PART_BYTES, size = MIN2(n * PART_BYTES, total(c) - at);
   memcpy((uint8_t *)c->dst + at, (const uint8_t *)c->src + at, size);
}

void
fill_run(const struct device_fill *f)
{
   /* Nothing may be named by no pointer. */
   for (size_t y = 0; f->width && y < f->height; y++) {
      uint8_t *row = (uint8_t *)f->dst + y * f->pitch;
      bool bytes = f->elem == 1 || f->value == (f->value & 0xff) * 0x01010101u ||
                   (f->elem == 2 && (f->value & 0xffff) == (f->value & 0xff) * 0x0101u);
      if (bytes)
         memset(row, (int)(f->value & 0xff), f->width * f->elem);
      else if (f->elem == 2)
         for (size_t i = 0; i < f->width; i++)
            memcpy(row + 2 * i, &(uint16_t){(uint16_t)f->value}, 2);
      else
         for (size_t i = 0; i < f->width; i++)
            memcpy(row + 4 * i, &f->value, 4);
   }
}

/* Whether something that this stream's next command has to wait for is queued. Lock
 * held. */
static bool
must_queue(const struct device_stream *s)
{
   if (s->head)
      return true;
   if (s->kind == DEVICE_STREAM_FREE)
      return false;
   if (s->kind == DEVICE_STREAM_BLOCKING)
      return s->ctx->legacy->head != NULL;
   for (const struct device_stream *t = device.active; t; t = t->next_active)
      if (t->ctx == s->ctx && t->kind == DEVICE_STREAM_BLOCKING)
         return true;
   return false;
}

void
device_copy(struct device_stream *s, const struct device_copy *c, bool block)
{
   size_t n = total(c);
   if (!n && !block)
      return;
   bool from_host = device_mem_is_pageable(c->src),
        to_host = device_mem_is_pageable(c->dst);
   void *staging = NULL;
   if (from_host && !to_host && !block && n <= STAGE_BYTES && is_flat(c)) {
      staging = base_alloc(n);
      memcpy(staging, c->src, n);
   } else if (from_host || to_host) {
      block = true;
   }
   device_lock();
   bool large = copy_units(c) > 1 && device.count > 1;
   if (!must_queue(s) && (block || n <= STAGE_BYTES) && !large) {
      bool dead = atomic_load(&s->ctx->error) != 0;
      device_unlock();
      if (!dead)
         copy_run(c);
      base_free(staging);
      if (block)
         device_print_flush();
      return;
   }
   struct command *q = queue_command(CMD_COPY);
   q->copy.c = *c;
   q->copy.staging = staging;
   if (staging)
      q->copy.c.src = staging;
   q->job.units = copy_units(c);
   q->job.max_users = q->job.units > 1 ? device.count : 1;
   queue_push(s, q);
   device_unlock();
   pool_notify(large ? UINT64_MAX : 0, block);
   if (block)
      (void)!device_stream_sync(s);
}

void
device_fill(struct device_stream *s, const struct device_fill *f, bool block)
{
   device_lock();
   if (!must_queue(s) && (block || f->width * f->height * f->elem <= STAGE_BYTES)) {
      bool dead = atomic_load(&s->ctx->error) != 0;
      device_unlock();
      if (!dead)
         fill_run(f);
      return;
   }
   struct command *q = queue_command(CMD_FILL);
   q->fill = *f;
   queue_push(s, q);
   device_unlock();
   pool_notify(0, block);
   if (block)
      (void)!device_stream_sync(s);
}
