/* SPDX-License-Identifier: Apache-2.0
 * Lane-wise instructions against expected values from tests/gen/isa_vectors.py, which is
 * exact arithmetic written independently. Opcodes go through isa_match, so the way from
 * the written form to the meaning is part of what is tested. */
#include "isa/isa_eval.h"
#include "check.h"

#include <stdlib.h>

struct group {
   char text[80];
   struct isa_eval eval;
   bool known;
};

static const uint8_t slot_bytes[] = {0, 1, 1, 2, 4, 8};

static struct group
open_group(const char *text)
{
   struct group g = {.known = false};
   struct isa_mods mods;
   const char *error = NULL;
   size_t at = 0;
   snprintf(g.text, sizeof g.text, "%.79s", text);
   enum isa_op op = isa_match(text, strlen(text), &mods, &error, &at);
   if (op == ISA_OP_NONE)
      fprintf(stderr, "%s: %s\n", text, error ? error : "no such instruction");
   else
      g.known = isa_eval_get(op, &mods, &g.eval);
   check_that(g.known, __FILE__, __LINE__, g.text);
   return g;
}

/* Reads up to n hex numbers; *end is what follows. */
static unsigned
numbers(char *p, char **end, uint64_t *v, unsigned n)
{
   unsigned count = 0;
   for (; count < n; count++) {
      char *next;
      uint64_t x = strtoull(p, &next, 16);
      if (next == p)
         break;
      v[count] = x;
      p = next;
   }
   while (*p == ' ')
      p++;
   *end = p;
   return count;
}

/* Bits of a float of that size as an integer in the same order. */
static int64_t
rank(uint64_t u, unsigned bytes)
{
   uint64_t sign = 1ull << (8 * bytes - 1);
   return u & sign ? -(int64_t)(u & ~sign) : (int64_t)u;
}

static void
run_line(const struct group *g, char *line, unsigned number)
{
   uint64_t src[5] = {0}, want[2] = {0}, got[2] = {0};
   char *p, what[320];
   unsigned nsrc = numbers(line, &p, src, 4), nwant;
   bool interval = *p == '~';
   nwant = numbers(p + 1, &p, want, 2);
   (void)nsrc;
   g->eval.fn(&got[0], &got[1], &src[0], &src[1], &src[2], &src[3], g->eval.mods_word);
   unsigned bytes = slot_bytes[g->eval.dst[0]];
   bool ok;
   if (interval) {
      ok = rank(want[0], bytes) <= rank(got[0], bytes) &&
           rank(got[0], bytes) <= rank(want[1], bytes);
   } else {
      ok = got[0] == want[0] && (nwant < 2 || got[1] == want[1]);
   }
   snprintf(what, sizeof what,
            "vector %u: %s %" PRIx64 " %" PRIx64 " %" PRIx64 ": got %" PRIx64 " %" PRIx64
            ", want %s%" PRIx64 " %" PRIx64,
            number, g->text, src[0], src[1], src[2], got[0], got[1],
            interval ? "in " : "", want[0], want[1]);
   check_that(ok, __FILE__, __LINE__, what);
}

int
main(void)
{
   static const char here[] = __FILE__;
   const char *slash = strrchr(here, '/');
   char path[512], line[256];
   snprintf(path, sizeof path, "%.*s/../data/isa_vectors.txt",
            slash ? (int)(slash - here) : 1, slash ? here : ".");
   FILE *f = fopen(path, "r");
   if (!CHECK(f != NULL))
      return check_done();
   struct group g = {.known = false};
   for (unsigned number = 1; fgets(line, sizeof line, f); number++) {
      line[strcspn(line, "\n")] = 0;
      if (line[0] == '#')
         continue;
      if (line[0] == '@')
         g = open_group(line + 1);
      else if (g.known)
         run_line(&g, line, number);
   }
   fclose(f);
   return check_done();
}
