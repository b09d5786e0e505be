/* SPDX-License-Identifier: Apache-2.0
 * The loader's companion: an audit library (rtld-audit(7)) that makes programs find
 * Kasuri's libraries, and that turns the calls of a runtime linked into them to Kasuri's.
 * It lives in a namespace of its own, so it leans on libc alone. */
#ifndef KASURI_REDIRECT_H
#define KASURI_REDIRECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -- ELF files, read with every offset checked: a damaged file has no symbols. */
struct elf {
   const uint8_t *data;
   size_t size;
   const Elf64_Ehdr *head;
   const Elf64_Shdr *sections;
   unsigned count;
   const char *names; /* of sections; ends in NUL */
   size_t names_size;
};
bool elf_open(struct elf *e, const char *path);
void elf_close(struct elf *e);
const Elf64_Shdr *elf_section(const struct elf *e, const char *name);

struct elf_symbols {
   const Elf64_Sym *syms;
   size_t count;
   const char *names;
   size_t names_size;
};
/* The table of kind SHT_SYMTAB or SHT_DYNSYM; empty where there is none. */
struct elf_symbols elf_symbols(const struct elf *e, unsigned kind);
const char *elf_name(const struct elf_symbols *t, size_t i);
/* Whether the file's loaded image has code at [at, at + size). */
bool elf_is_code(const struct elf *e, uint64_t at, uint64_t size);

/* -- Code. */
#if defined(__x86_64__)
#define REDIRECT_MACHINE EM_X86_64
#define REDIRECT_JUMP_SIZE 5
#elif defined(__aarch64__)
#define REDIRECT_MACHINE EM_AARCH64
#define REDIRECT_JUMP_SIZE 4
#else
#error "no jumps are known for this processor"
#endif

/* One redirected function: code at `from` is to go on at function `name` of the library
 * for runtime version `abi`. */
struct redirect {
   uintptr_t from;
   const char *name; /* lives as long as the process */
   int abi;
};
/* Writes the jumps of one object that is mapped and not yet run. The functions are looked
 * up at their first call, as nothing can be loaded now. False: *why says what failed. */
bool redirect_write(const struct redirect *r, size_t n, const char **why);

/* Where function `name` of Kasuri's runtime is; does not return where it is not. */
void *redirect_target(const char *name, int abi);

#endif
