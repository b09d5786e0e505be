/* SPDX-License-Identifier: Apache-2.0
 * Runs passes and analyses on the .ir files of tests/ir and compares with what these say:
 *
 *    // PASS guard ssa …            passes, in order; verified after each
 *    // FACTS cfg lanes mode        what to print instead of the IR
 *    // BLOCK 64 1 1                the launch's block shape, for lanes
 *    (a module, as IR text or as PTX)
 *    // OUT
 *    (the functions, or the facts of each)
 *
 * `unit_pass_text -u` writes the OUT parts anew: read the difference before you commit.
 */
#include <glob.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "check.h"
#include "pass/pass.h"
#include "ptx/ptx.h"

struct test {
   const char *path;
   char *text, *out; /* out: in text, behind the OUT line */
   char passes[200], facts[100];
   struct lanes_config lanes;
};

static char *
read_file(const char *path)
{
   FILE *f = fopen(path, "rb");
   if (!f)
      return NULL;
   struct str s = {0};
   char buf[4096];
   size_t n;
   while ((n = fread(buf, 1, sizeof buf, f)) > 0)
      str_append_n(&s, buf, n);
   fclose(f);
   return str_take(&s);
}

static void
read_directives(struct test *t)
{
   t->lanes.width = EXEC_WARP;
   for (char *p = t->text; p && p < t->out; p = strchr(p, '\n')) {
      p += *p == '\n';
      uint32_t *b = t->lanes.block;
      if (sscanf(p, "// PASS %199[^\n]", t->passes) == 1 ||
          sscanf(p, "// FACTS %99[^\n]", t->facts) == 1 ||
          sscanf(p, "// BLOCK %u %u %u", &b[0], &b[1], &b[2]) == 3 ||
          sscanf(p, "// WIDTH %u", &t->lanes.width) == 1)
         continue;
   }
}

/* -- Facts */
static const char *
block_name(const struct ir_block *b)
{
   static char names[8][32];
   static unsigned at;
   char *n = names[at++ % 8];
   if (!b)
      return "-";
   if (b->label)
      snprintf(n, sizeof names[0], "%s", b->label);
   else
      snprintf(n, sizeof names[0], "b%u", b->id);
   return n;
}

static void
print_cfg(struct str *s, const struct cfg *g)
{
   str_printf(s, "%s\n", g->irreducible ? "irreducible" : "reducible");
   for (uint32_t o = 0; o < g->nrpo; o++) {
      const struct ir_block *b = g->rpo[o];
      const struct loop *l = g->loop[b->id];
      str_printf(s, "%s: idom %s, ipdom %s", block_name(b), block_name(g->idom[b->id]),
                 block_name(g->ipdom[b->id]));
      if (l)
         str_printf(s, ", loop of %s depth %u%s", block_name(l->header), l->depth,
                    l->latch == b    ? ", latch"
                    : l->header == b ? ", header"
                                     : "");
      str_append(s, "\n");
   }
}

static void
print_shape(struct str *s, const struct shape *sh, unsigned width)
{
   if (sh->kind == SHAPE_VARYING) {
      str_append(s, "varying");
      return;
   }
   str_append(s, sh->kind == SHAPE_UNIFORM ? "uniform" : "offsets");
   int64_t stride;
   if (sh->kind == SHAPE_OFFSETS && shape_stride(sh, width, &stride)) {
      str_printf(s, " lane*%lld", (long long)stride);
   } else if (sh->kind == SHAPE_OFFSETS) {
      for (unsigned i = 0, n; i < width; i += n) {
         for (n = 1; i + n < width && sh->offsets[i] == sh->offsets[i + n];)
            n++;
         str_printf(s, n > 1 ? " %lldx%u" : " %lld", (long long)sh->offsets[i], n);
      }
   }
   if (sh->unit)
      str_printf(s, " plus %lld..%lld of %s", (long long)sh->times[0],
                 (long long)sh->times[width - 1], sh->unit->name ? sh->unit->name : "?");
   if (sh->align)
      str_printf(s, " align %u", sh->align);
   if (sh->conditional)
      str_append(s, " if tested");
}

/* Values are told apart as the printer does: the second of one name is NAME.1. */
static void
print_lanes(struct str *s, struct cfg *g, struct lanes *l)
{
   struct map *seen = map_create();
   for (uint32_t o = 0; o < g->nrpo; o++) {
      struct ir_block *b = g->rpo[o];
      const struct loop *lp = g->loop[b->id];
      str_printf(s, "%s:%s%s%s%s\n", block_name(b),
                 l->divergent_branch[b->id] ? " splits" : "",
                 l->masked[b->id] ? " masked" : "", l->split[b->id] ? " apart" : "",
                 lp && lp->header == b && lp->divergent ? " divergent-loop" : "");
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++) {
            if (i->dst[k]->kind != IR_INST || !i->dst[k]->name)
               continue;
            uintptr_t n = (uintptr_t)map_find(seen, i->dst[k]->name);
            map_set(seen, i->dst[k]->name, (void *)(n + 1));
            str_printf(s, "   %s", i->dst[k]->name);
            if (n)
               str_printf(s, ".%u", (unsigned)n);
            str_append(s, ": ");
            print_shape(s, &l->shape[i->dst[k]->id], l->config->width);
            str_append(s, "\n");
         }
      }
   }
   map_destroy(seen);
}

static void
print_mode(struct str *s, struct ir_func *f, struct cfg *g, struct lanes *l)
{
   static const char *const names[] = {"plain", "warp", "thread"};
   struct mode_choice m = mode_choose(f, g, l);
   bool rounds = m.mode == EXEC_WARP_FIBER && m.rounds;
   str_printf(s, "%s%s: %s\n", names[m.mode], rounds ? ", in rounds" : "", m.why);
   for (size_t k = 0; k < g->loops.len; k++)
      if (g->loops.data[k]->polls)
         str_printf(s, "   %s polls\n", block_name(g->loops.data[k]->header));
}

static void
print_facts(struct str *s, struct test *t, struct ir_func *f)
{
   struct arena *a = arena_create();
   struct cfg *g = cfg_compute(f, a);
   struct lanes *l = lanes_compute(f, g, &t->lanes, a);
   str_printf(s, "%s\n", f->name);
   if (strstr(t->facts, "cfg"))
      print_cfg(s, g);
   if (strstr(t->facts, "lanes"))
      print_lanes(s, g, l);
   if (strstr(t->facts, "mode"))
      print_mode(s, f, g, l);
   vec_finish(&g->loops);
   arena_destroy(a);
}

/* -- One file */
static struct ir_module *
parse(struct test *t, struct diag *d)
{
   size_t n = (size_t)(t->out - t->text);
   const char *ptx = strstr(t->text, "\n.version");
   if (!ptx || ptx > t->out)
      return ir_parse(t->text, n, t->path, d);
   char *copy = base_strndup(t->text, n);
   struct ir_module *m = ptx_parse(copy, n, t->path, d);
   base_free(copy);
   return m;
}

/* Passes that ask analyses. */
static const struct {
   const char *name;
   analysed_pass_fn *run;
} analysed[] = {{"abreast-two", opt_abreast_two}, {"abreast-four", opt_abreast_four}};

static bool
run_analysed(struct test *t, struct ir_func *f, size_t k, struct diag *d)
{
   struct arena *a = arena_create();
   struct cfg *g = cfg_compute(f, a);
   struct lanes *l = lanes_compute(f, g, &t->lanes, a);
   mode_choose(f, g, l);
   bool changed,
      ok = pass_run_analysed(f, analysed[k].name, analysed[k].run, g, l, &changed, d);
   vec_finish(&g->loops);
   arena_destroy(a);
   return ok && ir_verify_func(f, d);
}

static bool
run_pass(struct test *t, struct ir_func *f, const char *name, struct diag *d)
{
   for (size_t k = 0; k < ARRAY_LEN(analysed); k++)
      if (!strcmp(name, analysed[k].name))
         return run_analysed(t, f, k, d);
   return strcmp(name, "all") ? pass_run_named(f, name, NULL, d) : pass_run_all(f, d);
}

static bool
run_passes(struct test *t, struct ir_func *f, struct diag *d)
{
   char *save, *list = base_strdup(t->passes);
   bool ok = ir_verify_func(f, d);
   for (char *p = strtok_r(list, " ", &save); ok && p; p = strtok_r(NULL, " ", &save))
      ok = run_pass(t, f, p, d);
   base_free(list);
   return ok;
}

static void
run_module(struct test *t, struct ir_module *m, struct str *out, struct diag *d)
{
   for (size_t k = 0; k < m->funcs.len; k++) {
      struct ir_func *f = m->funcs.data[k];
      if (!f->is_kernel || !f->first_block)
         continue;
      if (!run_passes(t, f, d))
         return;
      if (t->facts[0])
         print_facts(out, t, f);
      else
         ir_print_func(out, f);
   }
}

static void
write_out(struct test *t, const struct str *out)
{
   FILE *f = fopen(t->path, "wb");
   if (!f)
      return;
   fwrite(t->text, 1, (size_t)(t->out - t->text), f);
   fwrite(str_get(out), 1, out->len, f);
   fclose(f);
}

static void
run_file(const char *path, bool update)
{
   static const char mark[] = "\n// OUT\n";
   struct test t = {.path = path, .text = read_file(path)};
   char *at = t.text ? strstr(t.text, mark) : NULL;
   if (!CHECK(at != NULL)) {
      fprintf(stderr, "   %s has no OUT line\n", path);
      base_free(t.text);
      return;
   }
   t.out = at + sizeof mark - 1;
   read_directives(&t);
   struct diag d;
   diag_init(&d);
   struct str out = {0}, msgs = {0};
   struct ir_module *m = parse(&t, &d);
   if (m && !d.errors)
      run_module(&t, m, &out, &d);
   diag_print(&d, &msgs);
   if (!CHECK(!d.errors))
      fprintf(stderr, "%s:\n%s", path, str_get(&msgs));
   else if (update)
      write_out(&t, &out);
   else if (!CHECK(!strcmp(str_get(&out), t.out)))
      fprintf(stderr, "%s: -- got\n%s-- want\n%s", path, str_get(&out), t.out);
   ir_module_destroy(m);
   diag_finish(&d);
   str_finish(&out);
   str_finish(&msgs);
   base_free(t.text);
}

int
main(int argc, char **argv)
{
   bool update = argc > 1 && !strcmp(argv[1], "-u");
   glob_t g = {0};
   setenv("KASURI_VERIFY_IR", "1", 1);
   CHECK(!glob(TEST_DIR "/ir/*.ir", 0, NULL, &g));
   for (size_t k = 0; k < g.gl_pathc; k++)
      run_file(g.gl_pathv[k], update);
   globfree(&g);
   return check_done();
}
