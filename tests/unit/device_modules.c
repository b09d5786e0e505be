/* SPDX-License-Identifier: Apache-2.0
 * Modules at the device: variables with initialisers and addresses in them, and several
 * texts linked: local names apart, weak ones given up, common ones joined. */
#include "device/device.h"

#include "check.h"

#define HEAD ".version 7.8\n.target sm_90\n.address_size 64\n"

static struct device_ctx *ctx;

static struct device_module *
load(const char *const *texts, size_t n, struct str *said)
{
   struct device_text t[4];
   for (size_t i = 0; i < n; i++)
      t[i] = (struct device_text){texts[i], strlen(texts[i]), "text"};
   struct diag d;
   diag_init(&d);
   struct device_module *m = device_module_load(ctx, t, n, &d);
   diag_print(&d, said);
   diag_finish(&d);
   return m;
}

static unsigned
launch(struct device_module *m, const char *name)
{
   struct device_func *f = device_module_func(m, name);
   if (!CHECK(f != NULL))
      return 0;
   void *p;
   CHECK_EQ_U64(device_mem_alloc(4, DEVICE_MEM_LINEAR, 0, ctx, &p), DEVICE_OK);
   struct device_launch l = {
      .func = f, .grid = {1, 1, 1}, .block = {1, 1, 1}, .params = &p, .param_bytes = 8};
   CHECK_EQ_U64(device_launch(device_ctx_legacy(ctx), &l), DEVICE_OK);
   CHECK_EQ_U64(device_ctx_sync(ctx), DEVICE_OK);
   unsigned v = *(unsigned *)p;
   CHECK_EQ_U64(device_mem_free(p, DEVICE_MEM_LINEAR), DEVICE_OK);
   return v;
}

static void
variables(void)
{
   static const char *const text[] = {
      HEAD ".visible .global .align 8 .u32 a[4] = {1, 2, 3};\n"
           ".visible .global .align 8 .u64 p[2] = {generic(a), generic(a)+8};\n"
           ".visible .const .align 4 .f32 c = 0f3FC00000;\n"
           ".visible .global .align 4 .b8 big[100000];\n"
           ".visible .global .attribute(.managed) .align 4 .u32 m = 7;\n"};
   struct str said = {0};
   struct device_module *m = load(text, 1, &said);
   if (!CHECK(m != NULL))
      return;
   void *a, *p, *c, *big, *x;
   size_t n;
   bool managed;
   CHECK(device_module_global(m, "a", &a, &n, &managed) && n == 16 && !managed);
   CHECK(((unsigned *)a)[2] == 3 && ((unsigned *)a)[3] == 0);
   CHECK(device_module_global(m, "p", &p, &n, &managed));
   CHECK_EQ_U64(((uint64_t *)p)[0], (uintptr_t)a);
   CHECK_EQ_U64(((uint64_t *)p)[1], (uintptr_t)a + 8);
   CHECK(device_module_global(m, "c", &c, &n, &managed) && *(float *)c == 1.5f);
   CHECK(device_module_global(m, "big", &big, &n, &managed) && n == 100000);
   CHECK(device_module_global(m, "m", &x, &n, &managed) && managed &&
         *(unsigned *)x == 7);
   CHECK(!device_module_global(m, "none", &x, &n, &managed));
   struct device_alloc al;
   CHECK(device_mem_find(big, &al) && al.kind == DEVICE_MEM_GLOBAL && al.size == 100000);
   CHECK(device_mem_covers(a, 16, DEVICE_MEM_GLOBAL));
   device_module_destroy(m);
   CHECK(!device_mem_find(big, &al));
   CHECK_EQ_U64(device_mem_used(0), 0);
   str_finish(&said);
}

#define CALL(func)                                                                       \
   "   .reg .b32 %r<4>; .reg .b64 %rd<2>;\n   ld.param.u64 %rd1, [out];\n"               \
   "   {\n   .param .b32 r;\n   call.uni (r), " func                                     \
   ";\n   ld.param.b32 %r1, [r];\n   }\n"                                                \
   "   ld.global.u32 %r2, [local];\n   add.u32 %r1, %r1, %r2;\n"                         \
   "   ld.global.u32 %r2, [tentative];\n   add.u32 %r1, %r1, %r2;\n"                     \
   "   st.global.u32 [%rd1], %r1;\n   ret;\n}\n"
#define FUNC(link, name, value)                                                          \
   link ".func (.param .b32 r) " name "()\n{\n   st.param.b32 [r], " value               \
        ";\n   ret;\n}\n"

static void
linked(void)
{
   static const char *const texts[] = {
      HEAD
      ".global .u32 local = 10;\n.common .global .u32 tentative;\n" FUNC("", "own", "100")
         FUNC(".weak ", "maybe", "1000") ".visible .entry one(.param .u64 out)\n{\n" CALL(
            "own") ".visible .entry weak(.param .u64 out)\n{\n" CALL("maybe"),
      HEAD
      ".global .u32 local = 20;\n.common .global .u32 tentative;\n" FUNC("", "own", "200")
         FUNC(".visible ", "maybe",
              "2000") ".visible .entry two(.param .u64 out)\n{\n" CALL("own")};
   struct str said = {0};
   struct device_module *m = load(texts, 2, &said);
   if (!CHECK(m != NULL)) {
      fputs(str_get(&said), stderr);
      str_finish(&said);
      return;
   }
   CHECK_EQ_U64(device_module_func_count(m), 3);
   void *t;
   size_t n;
   bool managed;
   CHECK(device_module_global(m, "tentative", &t, &n, &managed));
   *(unsigned *)t = 5; /* one variable for both */
   CHECK_EQ_U64(launch(m, "one"), 115);
   CHECK_EQ_U64(launch(m, "two"), 225);
   CHECK_EQ_U64(launch(m, "weak"), 2015);
   device_module_destroy(m);
   static const char *const clash[] = {HEAD ".visible .global .u32 g = 1;\n",
                                       HEAD ".visible .global .u32 g = 2;\n"};
   CHECK(!load(clash, 2, &said));
   CHECK(strstr(str_get(&said), "'g' is defined in two modules") != NULL);
   CHECK_EQ_U64(device_mem_used(0), 0);
   str_finish(&said);
}

int
main(void)
{
   ctx = device_ctx_create(0);
   variables();
   linked();
   device_ctx_destroy(ctx);
   return check_done();
}
