/* SPDX-License-Identifier: Apache-2.0
 * Base room: memory, containers, strings and diagnostics that every other room uses, and
 * that know nothing of PTX, LLVM or CUDA. */
#ifndef KASURI_BASE_H
#define KASURI_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

/* -- Memory: base_alloc* never return NULL; running out of host memory ends the process
 * with a message, as no caller could go on. Device memory does not come from here. */
void *base_alloc(size_t size) KASURI_MALLOC;
void *base_calloc(size_t count, size_t size) KASURI_MALLOC;
void *base_realloc(void *p, size_t size);
char *base_strdup(const char *s) KASURI_MALLOC;
char *base_strndup(const char *s, size_t n) KASURI_MALLOC;

/* Arena: everything allocated from it is freed together. Memory is zeroed, 16-aligned.
 * Not thread-safe: one owner at a time. */
struct arena;
struct arena *arena_create(void);
void arena_destroy(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) KASURI_PRINTF(2, 3);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* Growable vector of any type: struct { VEC(int) v; }; zero-initialised is empty.
 * vec_finish frees the storage. Elements may move on push. */
#define VEC(type)                                                                        \
   struct {                                                                              \
      type *data;                                                                        \
      size_t len, cap;                                                                   \
   }
#define vec_push(v, ...)                                                                 \
   do {                                                                                  \
      if ((v)->len == (v)->cap)                                                          \
         (v)->data = base_vec_grow((v)->data, &(v)->cap, sizeof *(v)->data);             \
      (v)->data[(v)->len++] = (__VA_ARGS__);                                             \
   } while (0)
#define vec_pop(v) ((v)->data[--(v)->len])
#define vec_last(v) ((v)->data[(v)->len - 1])
#define vec_clear(v) ((void)((v)->len = 0))
#define vec_finish(v) (base_free((v)->data), (v)->data = NULL, (v)->len = (v)->cap = 0)
void *base_vec_grow(void *data, size_t *cap, size_t elem_size);
void base_free(void *p);

/* Hash map from byte-string keys (copied into the map) to pointers; iteration is in
 * insertion order, so same input gives same output. */
struct map;
struct map *map_create(void);
void map_destroy(struct map *m);
void *map_find(const struct map *m, const char *key); /* NULL if absent */
void *map_find_n(const struct map *m, const void *key, size_t n);
void map_set(struct map *m, const char *key, void *value); /* NULL value removes */
void map_set_n(struct map *m, const void *key, size_t n, void *value);
size_t map_len(const struct map *m);
/* Entry i in insertion order (0 <= i < map_slots), *key NULL for a removed one. */
size_t map_slots(const struct map *m);
void *map_at(const struct map *m, size_t i, const char **key);

/* Growable string. Zero-initialised is empty; text is NUL-terminated once non-NULL. */
struct str {
   char *data;
   size_t len, cap;
};
void str_append(struct str *s, const char *text);
void str_append_n(struct str *s, const char *text, size_t n);
void str_printf(struct str *s, const char *fmt, ...) KASURI_PRINTF(2, 3);
void str_vprintf(struct str *s, const char *fmt, va_list ap);
const char *str_get(const struct str *s); /* "" when empty, never NULL */
char *str_take(struct str *s);            /* caller base_free()s; s becomes empty */
void str_finish(struct str *s);

/* -- Diagnostics: `file:line:col: error: text [id]`. A diag collects what one operation
 * (parsing a module, loading a kernel) has to say. */
struct src_loc {
   const char *file; /* borrowed; NULL when unknown */
   uint32_t line, col;
};
enum diag_level { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };
struct diag_msg {
   enum diag_level level;
   struct src_loc loc; /* its file is the message's own copy */
   const char *id;     /* stable, e.g. "ptx-unknown-instruction"; a string literal */
   char *text;
};
struct diag {
   VEC(struct diag_msg) msgs;
   size_t errors, warnings;
   size_t limit; /* messages kept after which only counts go on; 0 means 200 */
};
void diag_init(struct diag *d);
void diag_finish(struct diag *d);
void diag_report(struct diag *d, enum diag_level level, struct src_loc loc,
                 const char *id, const char *fmt, ...) KASURI_PRINTF(5, 6);
#define diag_error(d, loc, id, ...) diag_report((d), DIAG_ERROR, (loc), (id), __VA_ARGS__)
#define diag_warning(d, loc, id, ...)                                                    \
   diag_report((d), DIAG_WARNING, (loc), (id), __VA_ARGS__)
void diag_print(const struct diag *d, struct str *out); /* one line each */

/* -- Environment settings: every KASURI_* variable is read through here, so that
 * `kasuri env --list` and docs/settings.md can name them all. */
const char *base_getenv(const char *name); /* NULL when unset or empty */
/* Value of a number setting such as "4G" (suffixes k, M, G, T of 1024); dflt when unset;
 * a malformed one is reported on stderr once and dflt used. */
uint64_t base_getenv_size(const char *name, uint64_t dflt);
bool base_parse_size(const char *text, uint64_t *v); /* the same of a text; v if true */

/* FNV-1a, for tables and cache keys. */
uint64_t base_hash(const void *data, size_t n, uint64_t seed);
#define BASE_HASH_SEED 0xcbf29ce484222325ull

uint64_t base_now_ns(void); /* monotonic */

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))
#define MIN2(a, b) ((a) < (b) ? (a) : (b))
#define MAX2(a, b) ((a) > (b) ? (a) : (b))
#define ALIGN_UP(x, a) (((x) + ((a) - 1)) & ~((a) - 1))

#endif
