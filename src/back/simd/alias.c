/* SPDX-License-Identifier: Apache-2.0
 * What LLVM is told of memory where warps stop at barriers: the frames that they keep are
 * nothing a program can address, and what is accessed as shared memory is not what is
 * accessed as global memory. So what all warps read alike, such as a tile in shared
 * memory, is read ahead of the loop over them, though each writes its frame or its
 * result.
 */
#include <stddef.h>
#include <string.h>

#include "back/simd/rounds.h"

enum memory { UNKNOWN, FRAME, SHARED, GLOBAL, GENERIC };

static bool
is_context_field(struct emit *e, val p, size_t *offset)
{
   if (!LLVMIsALoadInst(p))
      return false;
   p = LLVMGetOperand(p, 0);
   *offset = 0;
   if (LLVMIsAGetElementPtrInst(p)) {
      if (LLVMGetNumOperands(p) != 2 || !LLVMIsAConstantInt(LLVMGetOperand(p, 1)))
         return false;
      *offset = LLVMConstIntGetZExtValue(LLVMGetOperand(p, 1));
      p = LLVMGetOperand(p, 0);
   }
   return p == e->ctx;
}

static enum memory
memory_of(struct emit *e, val p)
{
   size_t offset;
   while (LLVMIsAGetElementPtrInst(p))
      p = LLVMGetOperand(p, 0);
   if (e->rounds && p == e->rounds->frame)
      return FRAME;
   if (LLVMIsAIntToPtrInst(p))
      return map_find_n(e->global, &p, sizeof p) ? GLOBAL : GENERIC;
   if (!is_context_field(e, p, &offset))
      return UNKNOWN;
   return offset == offsetof(struct exec_ctx, frame)    ? FRAME
          : offset == offsetof(struct exec_ctx, shared) ? SHARED
          : offset == offsetof(struct exec_ctx, local)  ? GENERIC
                                                        : UNKNOWN;
}

void
alias_note(struct emit *e, val pointer, unsigned space)
{
   if (LLVMIsAInstruction(pointer) && (space == ISA_GLOBAL || space == ISA_CONST))
      map_set_n(e->global, &pointer, sizeof pointer, e);
}

/* The operand of i that is an address, or NULL. */
static val
address_of(val i)
{
   static const struct {
      const char *name;
      unsigned operand;
   } calls[] = {{"llvm.masked.load.", 0},
                {"llvm.masked.store.", 1},
                {"llvm.masked.gather.", 0},
                {"llvm.masked.scatter.", 1}};
   if (LLVMIsALoadInst(i))
      return LLVMGetOperand(i, 0);
   if (LLVMIsAStoreInst(i))
      return LLVMGetOperand(i, 1);
   if (!LLVMIsACallInst(i))
      return NULL;
   size_t n;
   const char *name = LLVMGetValueName2(LLVMGetCalledValue(i), &n);
   for (size_t k = 0; k < ARRAY_LEN(calls); k++)
      if (n > strlen(calls[k].name) &&
          !memcmp(name, calls[k].name, strlen(calls[k].name)))
         return LLVMGetOperand(i, calls[k].operand);
   return NULL;
}

/* -- One scope for each kind of memory that is known. */
#define SCOPES 3 /* FRAME, SHARED, GLOBAL */

struct scopes {
   LLVMMetadataRef of[SCOPES + 1];
};

static struct scopes
make_scopes(struct emit *e)
{
   static const char *const names[] = {"frames", "shared", "global"};
   struct scopes s;
   LLVMMetadataRef domain = LLVMMDStringInContext2(e->cx, "kasuri", 6);
   domain = LLVMMDNodeInContext2(e->cx, &domain, 1);
   for (unsigned k = 0; k < SCOPES; k++) {
      LLVMMetadataRef scope[2] = {LLVMMDStringInContext2(e->cx, names[k], 6), domain};
      s.of[FRAME + k] = LLVMMDNodeInContext2(e->cx, scope, 2);
   }
   return s;
}

static void
set(struct emit *e, val i, const char *kind, LLVMMetadataRef *scopes, unsigned n)
{
   unsigned id = LLVMGetMDKindIDInContext(e->cx, kind, (unsigned)strlen(kind));
   LLVMSetMetadata(i, id,
                   LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, scopes, n)));
}

static void
tell(struct emit *e, struct scopes *s, val i, enum memory m)
{
   LLVMMetadataRef others[SCOPES];
   unsigned n = 0;
   if (m != GENERIC)
      set(e, i, "alias.scope", &s->of[m], 1);
   for (unsigned k = FRAME; k <= GLOBAL; k++)
      if (k != m && (m != GENERIC || k == FRAME))
         others[n++] = s->of[k];
   set(e, i, "noalias", others, n);
}

void
alias_tell(struct emit *e)
{
   if (!e->rounds)
      return;
   struct scopes s = make_scopes(e);
   for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(e->fn); b;
        b = LLVMGetNextBasicBlock(b))
      for (val i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
         val p = address_of(i);
         enum memory m = p ? memory_of(e, p) : UNKNOWN;
         if (m != UNKNOWN)
            tell(e, &s, i, m);
      }
}
