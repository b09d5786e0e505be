/* SPDX-License-Identifier: Apache-2.0
 * LLVM's part of a compilation: the meanings linked in, a short pass pipeline, and
 * machine code for this processor. The only file that depends on LLVM's version. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "back/simd/jam.h"
#include "back/simd/target.h"
#include "isa/isa_bitcode.h"

#if !defined(KASURI_LLVM_MAJOR) || KASURI_LLVM_MAJOR < 19
#error "the simd back end needs LLVM 19 or later"
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_target(void)
{
   LLVMInitializeNativeTarget();
   LLVMInitializeNativeAsmPrinter();
}

/* In stack_sizes.cpp: objects will say how large frames are (stack.c). */
void target_want_stack_sizes(LLVMTargetMachineRef tm);

static void
link_family(struct emit *e, const char *key)
{
   char *family;
   unsigned lanes = (unsigned)strtoul(key, &family, 10);
   const struct isa_bitcode *bc = isa_bitcode_find(family, lanes);
   const unsigned char *data = bc ? bc->data : NULL;
   LLVMModuleRef m;
   if (data) {
      LLVMMemoryBufferRef buf = LLVMCreateMemoryBufferWithMemoryRange(
         (const char *)data, bc->size, family, false);
      if (LLVMGetBitcodeModuleInContext2(e->cx, buf, &m))
         data = NULL;
   }
   if (!data) {
      diag_error(e->d, e->f->loc, "simd-internal", "no bitcode for the family %s",
                 family);
      return;
   }
   LLVMSetDataLayout(m, LLVMGetDataLayoutStr(e->mod));
   LLVMSetTarget(m, LLVMGetTarget(e->mod));
   if (target_link_needed(e->mod, m))
      diag_error(e->d, e->f->loc, "simd-internal", "linking the family %s failed",
                 family);
}

void
target_link_families(struct emit *e)
{
   for (size_t i = 0; i < map_slots(e->families); i++) {
      const char *key;
      if (map_at(e->families, i, &key))
         link_family(e, key);
   }
   emit_native_parts(e);
   for (val f = LLVMGetFirstFunction(e->mod); f; f = LLVMGetNextFunction(f))
      if (f != e->kernel_fn && f != e->takes_fn && !LLVMIsDeclaration(f))
         LLVMSetLinkage(f, LLVMInternalLinkage);
}

/* Of a processor that is named, what it has by its name, and compare-and-swap of 16 bytes
 * where this one has it: not all names of x86 imply it, and without it LLVM calls a
 * library.
 */
static char *
named_features(void)
{
   char *host = LLVMGetHostCPUFeatures();
   char *features = LLVMCreateMessage(strstr(host, "+cx16") ? "+cx16" : "");
   LLVMDisposeMessage(host);
   return features;
}

LLVMTargetMachineRef
target_machine(const struct emit *e, char **error)
{
   pthread_once(&once, init_target);
   const char *cpu = base_getenv("KASURI_CPU");
   bool native = !cpu || !strcmp(cpu, "native");
   char *triple = LLVMGetDefaultTargetTriple();
   char *name = native ? LLVMGetHostCPUName() : LLVMCreateMessage(cpu);
   char *features = native ? LLVMGetHostCPUFeatures() : named_features();
   LLVMTargetRef target;
   LLVMTargetMachineRef tm = NULL;
   if (!LLVMGetTargetFromTriple(triple, &target, error)) {
      LLVMCodeGenOptLevel level =
         e->opt->opt_level ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelNone;
      tm = LLVMCreateTargetMachine(target, triple, name, features, level, LLVMRelocPIC,
                                   LLVMCodeModelSmall);
      target_want_stack_sizes(tm);
   }
   LLVMDisposeMessage(triple);
   LLVMDisposeMessage(name);
   LLVMDisposeMessage(features);
   return tm;
}

static LLVMTargetMachineRef
machine(struct emit *e)
{
   char *error = NULL;
   if (!e->target)
      e->target = target_machine(e, &error);
   if (error) {
      diag_error(e->d, e->f->loc, "simd-target", "LLVM has no code for this machine: %s",
                 error);
      LLVMDisposeMessage(error);
   }
   return e->target;
}

/* In has_feature.cpp: "+name". */
int target_machine_has(LLVMTargetMachineRef tm, const char *feature);

bool
target_has(struct emit *e, const char *feature)
{
   return machine(e) && target_machine_has(e->target, feature);
}

static void
set_attribute(struct emit *e, const char *name, const char *value)
{
   LLVMAttributeRef a = LLVMCreateStringAttribute(e->cx, name, (unsigned)strlen(name),
                                                  value, (unsigned)strlen(value));
   for (val f = LLVMGetFirstFunction(e->mod); f; f = LLVMGetNextFunction(f))
      if (!LLVMIsDeclaration(f))
         LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

bool
target_stopped(const struct emit *e)
{
   return e->opt->stop && __atomic_load_n(e->opt->stop, __ATOMIC_RELAXED);
}

static bool
run_pipeline(struct emit *e, LLVMTargetMachineRef tm, const char *pipeline)
{
   LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
   LLVMErrorRef err = LLVMRunPasses(e->mod, pipeline, tm, o);
   LLVMDisposePassBuilderOptions(o);
   if (!err)
      return true;
   char *text = LLVMGetErrorMessage(err);
   diag_error(e->d, e->f->loc, "simd-internal", "LLVM passes: %s", text);
   LLVMDisposeErrorMessage(text);
   return false;
}

static bool
run_passes(struct emit *e, LLVMTargetMachineRef tm)
{
   if (!e->opt->opt_level)
      return run_pipeline(e, tm,
                          "always-inline,globaldce,function(sroa,early-cse,simplifycfg,"
                          "instsimplify)");
   if (!run_pipeline(e, tm,
                     "always-inline,globaldce,function(sroa,early-cse,"
                     "instcombine<no-verify-fixpoint>,simplifycfg)"))
      return false;
   emit_hoist_constants(e);
   return run_pipeline(e, tm,
                       "function(loop-mssa(licm),gvn,instcombine<no-verify-fixpoint>,"
                       "simplifycfg)");
}

static void
dump(struct emit *e, const char *when)
{
   const char *want = base_getenv("KASURI_PRINT_LLVM");
   if (!want || strcmp(want, when))
      return;
   char *s = LLVMPrintModuleToString(e->mod);
   fprintf(stderr, "; %s passes\n%s\n", when, s);
   LLVMDisposeMessage(s);
}

static void
dump_assembly(LLVMTargetMachineRef tm, LLVMModuleRef m)
{
   if (!base_getenv("KASURI_PRINT_ASM"))
      return;
   LLVMMemoryBufferRef buf;
   char *error = NULL;
   LLVMModuleRef copy = LLVMCloneModule(m);
   if (!LLVMTargetMachineEmitToMemoryBuffer(tm, copy, LLVMAssemblyFile, &error, &buf)) {
      fprintf(stderr, "%.*s\n", (int)LLVMGetBufferSize(buf), LLVMGetBufferStart(buf));
      LLVMDisposeMemoryBuffer(buf);
   }
   LLVMDisposeModule(copy);
}

LLVMMemoryBufferRef
target_object(LLVMTargetMachineRef tm, LLVMModuleRef m, char **error)
{
   LLVMMemoryBufferRef buf;
   dump_assembly(tm, m);
   return LLVMTargetMachineEmitToMemoryBuffer(tm, m, LLVMObjectFile, error, &buf) ? NULL
                                                                                  : buf;
}

static bool
verify(struct emit *e)
{
   char *error = NULL;
   bool bad = LLVMVerifyModule(e->mod, LLVMReturnStatusAction, &error);
   if (bad)
      diag_error(e->d, e->f->loc, "simd-internal", "malformed LLVM IR: %s", error);
   LLVMDisposeMessage(error);
   return !bad;
}

void
target_finish(struct emit *e)
{
   if (e->target)
      LLVMDisposeTargetMachine(e->target);
}

struct registers {
   unsigned bytes, n;
};

static struct registers
vector_registers(struct emit *e)
{
   bool wide = target_has(e, "+avx512f");
   return (struct registers){wide ? 64 : 32, wide ? 32 : 16};
}

/* More than loads would take: so say measurements, whatever features code may use. */
static bool
gathers_slowly(struct emit *e)
{
   char *host = LLVMGetHostCPUName();
   bool slow = !strncmp(host, "znver", 5) && target_has(e, "+avx2");
   LLVMDisposeMessage(host);
   return slow;
}

bool
target_compile(struct emit *e, uint8_t **elf, size_t *size)
{
   LLVMTargetMachineRef tm = machine(e);
   if (!tm)
      return false;
   char *triple = LLVMGetTargetMachineTriple(tm);
   LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(tm);
   LLVMSetTarget(e->mod, triple);
   LLVMSetModuleDataLayout(e->mod, layout);
   LLVMDisposeMessage(triple);
   LLVMDisposeTargetData(layout);
   /* Or it is too late to align the stack once there is something to spill. */
   set_attribute(e, "stackrealign", "");
   set_attribute(e, "prefer-vector-width", "512");
   set_attribute(e, "min-legal-vector-width", "512");
   set_attribute(e, "no-builtins", "");
   if (e->called.len) /* so deep that the stack ends: not past its guard page */
      set_attribute(e, "probe-stack", "inline-asm");
   dump(e, "before");
   bool ok = verify(e);
   if (ok)
      target_link_families(e);
   ok = ok && e->d->errors == 0 && !target_stopped(e) && run_passes(e, tm) &&
        !target_stopped(e);
   if (ok) {
      struct registers r = vector_registers(e);
      if (e->opt->opt_level && jam_is_possible(e))
         target_jam(e->mod, r.bytes, r.n, e->opt->warps);
      emit_prepare_codegen(e);
      if (e->opt->opt_level && gathers_slowly(e))
         target_load_gathers(e->mod, target_has(e, "+avx512bw"));
      if (e->opt->opt_level) {
         target_repeat_constants(e->mod, r.bytes, r.n * 5 / 8);
         target_settle(e->mod, r.n * r.bytes / 2);
      }
      dump(e, "after");
      ok = parts_compile(e, elf, size);
   }
   return ok;
}
