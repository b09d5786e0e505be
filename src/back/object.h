/* SPDX-License-Identifier: Apache-2.0
 * What a compiling back end hands over: position-independent machine code in an ELF
 * object with what must be known to run it. Kept on disk as it is; loading needs no LLVM.
 */
#ifndef KASURI_OBJECT_H
#define KASURI_OBJECT_H

#include "back/back.h"

struct back_object {
   enum exec_mode mode;
   bool whole_block; /* exec_kernel.whole_block */
   uint8_t width;    /* exec_kernel.width */
   uint8_t together; /* exec_kernel.together */
   uint32_t local_bytes, stack_bytes, frame_bytes, num_regs;
   uint32_t nsyms;
   char **syms;  /* names of module symbols, in the order of exec_kernel.symtab */
   uint8_t *elf; /* one or several ELF objects, each padded to 8 bytes */
   size_t elf_size;
};
void back_object_finish(struct back_object *o);

/* Maps the object's code executable. entry is its function `kasuri_kernel`, takes
 * `kasuri_takes` or NULL. NULL with the reason in d. */
struct loaded_code;
struct loaded_code *code_load(const uint8_t *elf, size_t n, struct diag *d);
exec_entry_fn *code_entry(const struct loaded_code *c);
exec_takes_fn *code_takes(const struct loaded_code *c);
void code_unload(struct loaded_code *c);

/* The disk cache: KASURI_CACHE_DIR, else $XDG_CACHE_HOME/kasuri, else ~/.cache/kasuri;
 * KASURI_CACHE=0 turns it off. Failures to read or write are as if nothing was there. */
bool cache_read(uint64_t key_hi, uint64_t key_lo, struct back_object *out);
void cache_write(uint64_t key_hi, uint64_t key_lo, const struct back_object *o);
struct cache_key {
   uint64_t hi, lo;
};
/* compiler_tag: changes when the compiler does. */
struct cache_key cache_key_of(const struct ir_func *f, const struct back_options *opt,
                              const char *compiler_tag);
/* Processor and version, as text that any change of generated code would change. */
const char *cache_host_tag(void);

/* The simd module's one export, "kasuri_simd_compile". */
typedef bool back_compile_fn(struct ir_func *kernel, const struct back_options *opt,
                             struct back_object *out, struct diag *d);

#endif
