/* SPDX-License-Identifier: Apache-2.0
 * Profiles of the user's: lines right and wrong, and texts that mean harm. */
#include "check.h"
#include "machine/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a text makes of a device, in a process of its own, since the list is read once. */
static int
devices_of(const char *text, size_t n)
{
   char path[] = "/tmp/kasuri-profile-XXXXXX";
   int fd = mkstemp(path);
   CHECK(fd >= 0 && write(fd, text, n) == (ssize_t)n);
   close(fd);
   fflush(NULL);
   pid_t child = fork();
   if (!child) {
      const struct device_props *list;
      setenv("KASURI_DEVICE", path, 1);
      unsetenv("KASURI_DEVICE_MEMORY");
      (void)!freopen("/dev/null", "w", stderr);
      unsigned count = device_all(&list);
      bool sane = !count || (list[0].multiprocessors && list[0].memory &&
                             list[0].max_threads && list[0].name[0]);
      _exit(sane ? (int)count : 99);
   }
   int status = -1;
   waitpid(child, &status, 0);
   unlink(path);
   return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define TEXT(text) devices_of(text, sizeof(text) - 1)

int
main(void)
{
   CHECK_EQ_U64(TEXT(""), 1); /* the native device's figures, with its limits enforced */
   CHECK_EQ_U64(TEXT("# nothing\n\n   \n"), 1);
   CHECK_EQ_U64(TEXT("name = no newline at the end"), 1);
   CHECK_EQ_U64(TEXT("like = H100\nMULTIPROCESSOR_COUNT = 0x10\nnuma_id = -1\n"), 1);
   CHECK_EQ_U64(TEXT("memory = 1\n"), 1);
   CHECK_EQ_U64(TEXT("memory = 0\n"), 0);
   CHECK_EQ_U64(TEXT("memory = -1\n"), 0);
   CHECK_EQ_U64(TEXT("memory = 99999999999999999999\n"), 0);
   CHECK_EQ_U64(TEXT("l2_cache_size = 4G\n"), 0); /* does not fit an int */
   CHECK_EQ_U64(TEXT("max_grid_dim_x = 0\n"), 0);
   CHECK_EQ_U64(TEXT("max_threads_per_block = 2048\n"), 0);
   CHECK_EQ_U64(TEXT("max_shared_memory_per_block = -1\n"), 0);
   CHECK_EQ_U64(TEXT("compute_capability = 9\n"), 0);
   CHECK_EQ_U64(TEXT("compute_capability = 9.0x\n"), 0);
   CHECK_EQ_U64(TEXT("compute_capability = 99.0\n"), 0);
   CHECK_EQ_U64(TEXT("= 3\n"), 0);
   CHECK_EQ_U64(TEXT("name\n"), 0);
   CHECK_EQ_U64(TEXT("name =\n"), 0);
   CHECK_EQ_U64(TEXT("like =\n"), 0);
   CHECK_EQ_U64(TEXT("a\0b = 1\n"), 0);
   /* Every cut and every changed byte of a good one: one device or none, never harm. */
   static const char good[] =
      "like = 8.6 # base\nname = X\nmemory = 2G\nclock_rate=1000\n";
   unsigned tried = 0;
   for (size_t i = 0; i < sizeof good - 1; i++) {
      char text[sizeof good];
      memcpy(text, good, sizeof good);
      text[i] = (char)(i * 37 + 1);
      int got = devices_of(text, sizeof good - 1), cut = devices_of(good, i);
      tried += (got == 0 || got == 1) && (cut == 0 || cut == 1);
   }
   CHECK_EQ_U64(tried, sizeof good - 1);
   return check_done();
}
