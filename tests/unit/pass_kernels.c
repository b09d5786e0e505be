/* SPDX-License-Identifier: Apache-2.0
 * All passes and analyses on every kernel of the test data, verified after each pass, for
 * block shapes known and unknown. */
#include <glob.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "check.h"
#include "pass/pass.h"
#include "ptx/ptx.h"

static char *
read_file(const char *path, size_t *n)
{
   struct str s = {0};
   FILE *f = fopen(path, "rb");
   char buf[4096];
   size_t k;
   while (f && (k = fread(buf, 1, sizeof buf, f)) > 0)
      str_append_n(&s, buf, k);
   if (f)
      fclose(f);
   *n = s.len;
   return str_take(&s);
}

static void
analyse(struct ir_func *f)
{
   static const uint32_t blocks[][3] = {{0, 0, 0}, {256, 1, 1}, {16, 16, 1}, {7, 5, 3}};
   struct arena *a = arena_create();
   struct cfg *g = cfg_compute(f, a);
   for (size_t k = 0; k < ARRAY_LEN(blocks); k++) {
      struct lanes_config c = {.width = EXEC_WARP};
      memcpy(c.block, blocks[k], sizeof c.block);
      struct lanes *l = lanes_compute(f, g, &c, a);
      struct mode_choice m = mode_choose(f, g, l);
      CHECK(m.mode <= EXEC_THREAD_FIBER && m.why);
   }
   struct lanes_config one = {.width = 1};
   lanes_compute(f, g, &one, a);
   for (size_t k = 0; k < g->loops.len; k++)
      CHECK(!g->loops.data[k]->divergent); /* one lane is never split */
   vec_finish(&g->loops);
   arena_destroy(a);
}

static unsigned
run_file(const char *path)
{
   size_t n;
   unsigned kernels = 0;
   char *text = read_file(path, &n);
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, n, path, &d);
   for (size_t k = 0; m && !d.errors && k < m->funcs.len; k++) {
      if (!m->funcs.data[k]->first_block)
         continue;
      struct ir_func *f = ir_func_clone(m->funcs.data[k], "clone");
      struct diag why;
      diag_init(&why);
      if (CHECK(pass_run_all(f, &why))) {
         analyse(f);
         kernels++;
      } else {
         struct str s = {0};
         diag_print(&why, &s);
         fprintf(stderr, "%s: %s\n%s", path, m->funcs.data[k]->name, str_get(&s));
         str_finish(&s);
      }
      diag_finish(&why);
      ir_func_destroy(f);
   }
   ir_module_destroy(m);
   diag_finish(&d);
   base_free(text);
   return kernels;
}

int
main(int argc, char **argv)
{
   static const char *const places[] = {TEST_DIR "/data/nvcc/*.ptx",
                                        TEST_DIR "/ptx/*.ptx"};
   unsigned kernels = 0;
   setenv("KASURI_VERIFY_IR", "1", 1);
   for (int k = 1; k < argc; k++)
      kernels += run_file(argv[k]);
   for (size_t k = 0; argc < 2 && k < ARRAY_LEN(places); k++) {
      glob_t g = {0};
      CHECK(!glob(places[k], 0, NULL, &g));
      for (size_t i = 0; i < g.gl_pathc; i++)
         kernels += run_file(g.gl_pathv[i]);
      globfree(&g);
   }
   CHECK(kernels > (argc > 1 ? 0 : 30));
   return check_done();
}
