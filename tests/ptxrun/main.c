/* SPDX-License-Identifier: Apache-2.0
 * ptxrun: runs test files of tests/ptx, see the README there. */
#include "ptxrun.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One file may take this long, all back ends together, unless --seconds says more. */
#define SECONDS_PER_FILE 60

static const char *current;

static void
on_alarm(int sig)
{
   static const char text[] = ": takes too long\n";
   (void)sig;
   if (write(1, "FAIL ", 5) < 0 || write(1, current, strlen(current)) < 0 ||
       write(1, text, sizeof text - 1) < 0)
      _exit(3);
   _exit(2);
}

static bool
read_file(const char *path, struct test_file *f)
{
   FILE *in = fopen(path, "rb");
   if (!in)
      return false;
   struct str s = {0};
   char buf[65536];
   for (size_t n; (n = fread(buf, 1, sizeof buf, in));)
      str_append_n(&s, buf, n);
   fclose(in);
   f->path = path;
   f->size = s.len;
   f->text = s.len ? str_take(&s) : base_strdup("");
   return true;
}

static int
usage(void)
{
   fputs(
      "usage: ptxrun [--backend interp|simd] [--mode auto|quick|plain|warp|thread]\n"
      "              [--workers N] [--seconds N] [-v] FILE.ptx...\n",
      stderr);
   return 2;
}

int
main(int argc, char **argv)
{
   struct run_options o = {.workers = 1, .seconds = SECONDS_PER_FILE};
   struct counts n = {0};
   setenv("KASURI_WATCHDOG", "20", 0);
   setenv("KASURI_PAST_CACHES", "0", 0); /* its launches are all small */
   signal(SIGALRM, on_alarm);
   int i = 1;
   for (; i < argc && argv[i][0] == '-'; i++) {
      if (!strcmp(argv[i], "-v"))
         o.verbose = true;
      else if (!strcmp(argv[i], "--backend") && i + 1 < argc)
         o.back = argv[++i];
      else if (!strcmp(argv[i], "--mode") && i + 1 < argc)
         o.mode = argv[++i];
      else if (!strcmp(argv[i], "--workers") && i + 1 < argc)
         o.workers = (unsigned)strtoul(argv[++i], NULL, 0);
      else if (!strcmp(argv[i], "--seconds") && i + 1 < argc)
         o.seconds = (unsigned)strtoul(argv[++i], NULL, 0);
      else
         return usage();
   }
   if (i == argc || !o.workers || o.workers > 64)
      return usage();
   for (; i < argc; i++) {
      struct test_file f = {0};
      current = argv[i];
      if (!read_file(argv[i], &f)) {
         printf("FAIL %s: cannot be read\n", argv[i]);
         n.failed++;
         continue;
      }
      alarm(o.seconds);
      run_file(&f, &o, &n);
      fflush(stdout);
      test_file_finish(&f);
   }
   if (n.declined)
      printf("%u cases are left to the interpreter by simd (-v names them)\n",
             n.declined);
   printf("%u passed, %u failed\n", n.passed, n.failed);
   return n.failed != 0;
}
