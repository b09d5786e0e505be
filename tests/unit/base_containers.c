/* SPDX-License-Identifier: Apache-2.0
 * The base room's containers, strings and settings. */
#include <stdlib.h>

#include "base/base.h"
#include "check.h"

static void
check_map(void)
{
   struct map *m = map_create();
   char key[32];
   static int values[1000];
   for (int i = 0; i < 1000; i++) {
      snprintf(key, sizeof key, "k%d", i);
      map_set(m, key, &values[i]);
   }
   CHECK(map_len(m) == 1000);
   CHECK(map_find(m, "k777") == &values[777]);
   CHECK(!map_find(m, "k1000"));
   map_set(m, "k777", NULL);
   CHECK(!map_find(m, "k777") && map_len(m) == 999);
   map_set(m, "k777", &values[1]);
   CHECK(map_find(m, "k777") == &values[1]);
   const char *first;
   map_at(m, 0, &first);
   CHECK_STR(first, "k0");
   map_destroy(m);
}

static void
check_memory(void)
{
   struct arena *a = arena_create();
   bool zeroed = true;
   for (size_t n = 1; n < 200000; n = n * 3 + 1) {
      unsigned char *p = arena_alloc(a, n);
      zeroed &= (uintptr_t)p % 16 == 0 && p[0] == 0 && p[n - 1] == 0;
      memset(p, 0xff, n);
   }
   CHECK(zeroed);
   CHECK_STR(arena_printf(a, "%d-%s", 7, "x"), "7-x");
   arena_destroy(a);
   VEC(int) v = {0};
   for (int i = 0; i < 100; i++)
      vec_push(&v, i);
   CHECK(v.len == 100 && v.data[99] == 99 && vec_pop(&v) == 99 && vec_last(&v) == 98);
   vec_finish(&v);
}

static void
check_text(void)
{
   struct diag d;
   diag_init(&d);
   struct str out = {0};
   diag_error(&d, ((struct src_loc){"a.ptx", 3, 5}), "some-id", "bad %s", "thing");
   diag_print(&d, &out);
   CHECK_STR(str_get(&out), "a.ptx:3:5: error: bad thing [some-id]\n");
   CHECK(d.errors == 1);
   str_finish(&out);
   diag_finish(&d);
   setenv("KASURI_TEST_SIZE", "3G", 1);
   CHECK_EQ_U64(base_getenv_size("KASURI_TEST_SIZE", 1), 3221225472u);
   setenv("KASURI_TEST_SIZE", "", 1);
   CHECK_EQ_U64(base_getenv_size("KASURI_TEST_SIZE", 42), 42);
}

int
main(void)
{
   check_map();
   check_memory();
   check_text();
   return check_done();
}
