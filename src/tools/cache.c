/* SPDX-License-Identifier: Apache-2.0
 * `kasuri cache`: where compiled programs are kept, how much they take, and away with
 * them. */
#include "tools/tools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
print_size(const char *folder)
{
   uint64_t files = 0, bytes = tool_tree_size(folder, &files);
   if (bytes < 1 << 20)
      printf("%" PRIu64 " files, %.1f kB\n", files, (double)bytes / 1024);
   else
      printf("%" PRIu64 " files, %.1f MB\n", files, (double)bytes / (1 << 20));
}

/* Moved aside first: programs that run meanwhile may go on writing to the old place. */
static bool
clear(const char *folder)
{
   char *aside = tool_printf("%s.cleared-%d", folder, (int)getpid());
   bool ok = rename(folder, aside) == 0 || errno == ENOENT;
   ok = ok && tool_remove_tree(aside);
   base_free(aside);
   return ok;
}

static int
run(int argc, char **argv)
{
   const char *what = argc > 1 ? argv[1] : "";
   const char *folder = tool_cache_folder();
   if (!folder)
      return TOOL_FAILED;
   if (argc > 2 || (argc == 2 && strcmp(what, "path") && strcmp(what, "size") &&
                    strcmp(what, "clear"))) {
      static const char *const words[] = {"path", "size", "clear", NULL};
      const char *bad = argc > 2 ? argv[2] : what, *near = tool_nearest(bad, words);
      tool_error("cache", "unknown argument '%s'%s%s%s", bad,
                 near ? "; did you mean '" : " (try --help)", near ? near : "",
                 near ? "'?" : "");
      return TOOL_USAGE;
   }
   if (argc < 2) {
      printf("%s: ", folder);
      print_size(folder);
   } else if (!strcmp(what, "path"))
      puts(folder);
   else if (!strcmp(what, "size"))
      print_size(folder);
   else if (!clear(folder)) {
      tool_error("cache", "cannot clear %s: %s", folder, strerror(errno));
      return TOOL_FAILED;
   }
   return TOOL_OK;
}

const struct tool_command tool_cache = {
   .name = "cache",
   .summary = "where compiled programs are kept: path, size, clear",
   .help =
      "usage: kasuri cache [path | size | clear]\n\n"
      "`kasuri run FILE.cu` keeps what it compiled, and the libraries keep machine code\n"
      "of kernels. Without an argument: the folder and its size.\n\n"
      "  path    print the folder\n"
      "  size    print how many files and bytes it holds\n"
      "  clear   remove it; the next runs compile again\n\n"
      "KASURI_CACHE_DIR names another folder; the default is kasuri/ in\n"
      "$XDG_CACHE_HOME or ~/.cache.\n",
   .run = run,
};
