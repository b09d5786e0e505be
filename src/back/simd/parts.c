/* SPDX-License-Identifier: Apache-2.0
 * Machine code of a module: of a large one in parts, each of some functions, made side by
 * side by several threads. Each reads what it needs out of the module's bitcode into a
 * context of its own. What the parts are depends on the module alone. */
#include <pthread.h>
#include <string.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>

#include "back/simd/target.h"
#include "base/thread.h"

/* In instructions of LLVM, by level. A cut costs a store and a load of what lives across
 * it; optimised code should meet one seldom. */
static const unsigned piece_size[] = {2000, 4000}, whole_size[] = {6000, 15000};
#define PART 6000u
#define STACK_BYTES (64u << 20) /* LLVM recurses */

struct part {
   VEC(const char *) functions; /* names, of the module's */
   LLVMMemoryBufferRef object;  /* NULL: failed, */
   char *error;                 /* for this reason */
};

struct work {
   struct emit *e;
   LLVMMemoryBufferRef bitcode;
   VEC(struct part) parts;
   pthread_mutex_t lock;
   pthread_cond_t done;
   size_t next;
   unsigned helpers;
};

static bool
is_of_part(const struct part *p, const char *name)
{
   for (size_t k = 0; k < p->functions.len; k++)
      if (!strcmp(p->functions.data[k], name))
         return true;
   return false;
}

static LLVMModuleRef
module_of_part(struct work *w, const struct part *p, LLVMContextRef cx)
{
   LLVMModuleRef from, m;
   LLVMMemoryBufferRef buf = LLVMCreateMemoryBufferWithMemoryRange(
      LLVMGetBufferStart(w->bitcode), LLVMGetBufferSize(w->bitcode), "kernel", false);
   if (LLVMGetBitcodeModuleInContext2(cx, buf, &from))
      return NULL;
   m = LLVMModuleCreateWithNameInContext("part", cx);
   LLVMSetDataLayout(m, LLVMGetDataLayoutStr(from));
   LLVMSetTarget(m, LLVMGetTarget(from));
   for (val f = LLVMGetFirstFunction(from); f; f = LLVMGetNextFunction(f)) {
      size_t length;
      const char *name = LLVMGetValueName2(f, &length);
      if (is_of_part(p, name))
         LLVMAddFunction(m, name, LLVMGlobalGetValueType(f));
      else if (LLVMGetLinkage(f) == LLVMExternalLinkage)
         target_forget_body(f);
   }
   if (!target_link_needed(m, from))
      return m;
   LLVMDisposeModule(m);
   return NULL;
}

static void
make_part(struct work *w, struct part *p)
{
   LLVMContextRef cx = LLVMContextCreate();
   LLVMModuleRef m = module_of_part(w, p, cx);
   LLVMTargetMachineRef tm = target_machine(w->e, &p->error);
   if (m && tm)
      p->object = target_object(tm, m, &p->error);
   if (tm)
      LLVMDisposeTargetMachine(tm);
   if (m)
      LLVMDisposeModule(m);
   LLVMContextDispose(cx);
}

static void
make_parts(struct work *w)
{
   for (;;) {
      size_t k = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED);
      if (k >= w->parts.len || target_stopped(w->e))
         return;
      make_part(w, &w->parts.data[k]);
   }
}

static void *
help(void *arg)
{
   struct work *w = arg;
   make_parts(w);
   pthread_mutex_lock(&w->lock);
   w->helpers--;
   pthread_cond_signal(&w->done);
   pthread_mutex_unlock(&w->lock);
   return NULL;
}

static unsigned
instructions(val f)
{
   unsigned n = 0;
   for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
      for (val i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
         n++;
   return n;
}

/* Functions that others may call by name go to one part each, in the module's order; what
 * is internal goes with those that call it. */
static void
divide(struct work *w)
{
   uint64_t n = PART;
   for (val f = LLVMGetFirstFunction(w->e->mod); f; f = LLVMGetNextFunction(f)) {
      if (LLVMIsDeclaration(f) || LLVMGetLinkage(f) != LLVMExternalLinkage)
         continue;
      if (n >= PART) {
         vec_push(&w->parts, (struct part){.object = NULL});
         n = 0;
      }
      size_t length;
      vec_push(&w->parts.data[w->parts.len - 1].functions, LLVMGetValueName2(f, &length));
      n += instructions(f);
   }
}

/* Quick code is waited for, so all processors make it. */
static void
run(struct work *w)
{
   unsigned n = w->e->opt->opt_level ? 1 : MIN2(base_processors(), w->parts.len);
   for (unsigned k = 1; k < n; k++) {
      pthread_mutex_lock(&w->lock);
      w->helpers++;
      pthread_mutex_unlock(&w->lock);
      if (!base_thread_start(help, w, STACK_BYTES)) {
         w->helpers--;
         break;
      }
   }
   make_parts(w);
   pthread_mutex_lock(&w->lock);
   while (w->helpers)
      pthread_cond_wait(&w->done, &w->lock);
   pthread_mutex_unlock(&w->lock);
}

/* One object after the other, each padded to 8 bytes. */
static bool
join(struct work *w, uint8_t **elf, size_t *size)
{
   size_t n = 0;
   for (size_t k = 0; k < w->parts.len; k++) {
      const struct part *p = &w->parts.data[k];
      if (!p->object && target_stopped(w->e))
         return false;
      if (!p->object) {
         diag_error(w->e->d, w->e->f->loc, "simd-internal", "code generation: %s",
                    p->error ? p->error : "its parts cannot be read");
         return false;
      }
      n += ALIGN_UP(LLVMGetBufferSize(p->object), (size_t)8);
   }
   *size = n;
   *elf = base_calloc(n, 1);
   n = 0;
   for (size_t k = 0; k < w->parts.len; k++) {
      LLVMMemoryBufferRef o = w->parts.data[k].object;
      memcpy(*elf + n, LLVMGetBufferStart(o), LLVMGetBufferSize(o));
      w->e->frames += stack_frames(*elf + n);
      n += ALIGN_UP(LLVMGetBufferSize(o), (size_t)8);
   }
   return true;
}

static void
finish(struct work *w)
{
   for (size_t k = 0; k < w->parts.len; k++) {
      struct part *p = &w->parts.data[k];
      vec_finish(&p->functions);
      if (p->object)
         LLVMDisposeMemoryBuffer(p->object);
      if (p->error)
         LLVMDisposeMessage(p->error);
   }
   vec_finish(&w->parts);
   if (w->bitcode)
      LLVMDisposeMemoryBuffer(w->bitcode);
}

bool
parts_compile(struct emit *e, uint8_t **elf, size_t *size)
{
   struct work w = {
      .e = e, .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
   if (target_cut(e->mod, piece_size[e->opt->opt_level], whole_size[e->opt->opt_level]))
      divide(&w);
   if (w.parts.len > 1) {
      w.bitcode = LLVMWriteBitcodeToMemoryBuffer(e->mod);
      run(&w);
   } else {
      vec_finish(&w.parts);
      vec_push(&w.parts, (struct part){.object = NULL});
      w.parts.data[0].object = target_object(e->target, e->mod, &w.parts.data[0].error);
   }
   bool ok = join(&w, elf, size);
   finish(&w);
   return ok;
}
