/* SPDX-License-Identifier: Apache-2.0
 * What the files of ptxrun share: one test file as read from its comments. The format is
 * in tests/ptx/README.md. */
#ifndef KASURI_PTXRUN_H
#define KASURI_PTXRUN_H

#include "back/back.h"

struct elem_type {
   const char *name;
   uint8_t size;
   enum { KIND_UNSIGNED, KIND_SIGNED, KIND_FLOAT } kind;
};
const struct elem_type *elem_type_find(const char *name, size_t n);
/* An element's value, and a value rounded to the element. */
int64_t elem_int(const struct elem_type *t, const void *p);
double elem_float(const struct elem_type *t, const void *p);
void elem_print(const struct elem_type *t, const void *p, char *text, size_t n);

/* A list of values as written: elements, and what is free in an expectation. */
enum elem_match { MATCH_EXACT, MATCH_NAN, MATCH_ANY };
struct list {
   const struct elem_type *type;
   uint64_t n;
   uint8_t *bytes;
   uint8_t *match; /* enum elem_match */
};

enum item_kind { ITEM_SCALAR, ITEM_BUFFER, ITEM_AGGREGATE, ITEM_POINTER };
struct item {
   char *name;
   enum item_kind kind;
   struct list list;
   char *target;   /* ITEM_POINTER: buffer or variable; NULL for a null pointer */
   int64_t offset; /* into it, or OUT's start */
   uint8_t *memory;
   uint8_t *agreed; /* AGREE: what the interpreter left in it */
   double ulp, abs, rel; /* tolerances; negative: none */
   unsigned line;
};

/* Where a file or a case runs, and where it is known to fail. */
struct places {
   char *only;
   VEC(char *) xfails;
};

struct test_case {
   char *entry;
   struct places places;
   uint32_t grid[3], block[3], cluster[3], smem;
   bool coop;
   unsigned line;
   VEC(struct item) ins, sets, outs;
   struct str print;
   bool has_print, sorted;
   bool agree, has_agreed; /* AGREE; the interpreter has run */
   int simd_mode;          /* AGREE: what simd chose by itself, or -1 */
   char *err, *err_text;
   unsigned err_line;
};

struct expected_error {
   char *id, *text;
   unsigned line;
};

struct test_file {
   const char *path;
   char *text;
   size_t size;
   struct arena *arena;
   VEC(struct test_case) cases;
   VEC(struct expected_error) errors;
   struct places places;
   struct str problems; /* what is wrong with the directives */
};
void test_file_parse(struct test_file *f);
void test_file_finish(struct test_file *f);
void test_problem(struct test_file *f, unsigned line, const char *fmt, ...)
   KASURI_PRINTF(3, 4);

/* Parses values into l (type and n are set). False with a problem reported. */
bool parse_values(struct test_file *f, struct test_case *c, unsigned line, char *text,
                  struct list *l, bool expectation);

/* expr.c: integers are 64 bits signed until a float joins. */
struct value {
   bool is_float;
   int64_t i;
   double d;
};
struct expr_env {
   struct test_case *c;
   uint64_t i, n;
   const char *error; /* set at the first mistake */
   int64_t j;         /* sum's index */
   char jname[16];
};
struct value expr_eval(const char *text, struct expr_env *env);
void elem_store(const struct elem_type *t, void *p, struct value v);
bool elem_parse(const struct elem_type *t, const char *text, void *p);

struct counts {
   unsigned passed, failed;
   unsigned declined; /* by simd, whatever the mode: the interpreter runs those */
};
struct run_options {
   const char *back, *mode;
   unsigned workers, seconds; /* seconds: for a file */
   bool verbose;
};
/* compare.c: differences are appended to why. */
void compare_out(const struct item *it, const uint8_t *p, struct str *why);
/* AGREE: every buffer against what the interpreter left there. */
void compare_agreed(const struct test_case *c, struct str *why);
void compare_print(const struct test_case *c, struct str *got, struct str *why);
void compare_fault(const struct test_case *c, const struct exec_fault *f,
                   struct str *why);
void check_errors(const struct test_file *f, const struct diag *d, struct counts *n);

/* guarded.c */
#define BUFFER_ALIGN 256u
void *guarded_alloc(size_t size);
void guarded_free(void *memory, size_t size);

/* run.c */
void run_file(struct test_file *f, const struct run_options *o, struct counts *n);

#endif
