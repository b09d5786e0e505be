/* SPDX-License-Identifier: Apache-2.0
 * The few assertions unit tests use; every check counts, the last line says how many. */
#ifndef KASURI_CHECK_H
#define KASURI_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned check_passed, check_failed;

static inline bool
check_that(bool ok, const char *file, int line, const char *what)
{
   if (ok) {
      check_passed++;
   } else {
      check_failed++;
      fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
   }
   return ok;
}

static inline void
check_u64(uint64_t a, uint64_t b, const char *file, int line, const char *what)
{
   if (!check_that(a == b, file, line, what))
      fprintf(stderr,
              "   got %" PRIu64 " (0x%" PRIx64 "), want %" PRIu64 " (0x%" PRIx64 ")\n", a,
              a, b, b);
}

static inline void
check_str(const char *a, const char *b, const char *file, int line, const char *what)
{
   if (!check_that(a && b && !strcmp(a, b), file, line, what))
      fprintf(stderr, "   got  %s\n   want %s\n", a ? a : "(null)", b ? b : "(null)");
}

#define CHECK(cond) check_that((cond), __FILE__, __LINE__, #cond)
#define CHECK_EQ_U64(a, b) check_u64((a), (b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_STR(a, b) check_str((a), (b), __FILE__, __LINE__, #a " == " #b)

static inline int
check_done(void)
{
   printf("%u passed, %u failed\n", check_passed, check_failed);
   return check_failed != 0;
}

#endif
