/* SPDX-License-Identifier: Apache-2.0
 * Where the command finds its own parts, in the build tree and installed, and the tools
 * it leans on. Nothing is compiled in: folders are found from the command's own place. */
#include "tools/tools.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
own_folder(void)
{
   char exe[PATH_MAX];
   ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
   if (n <= 0)
      return NULL;
   exe[n] = 0;
   char *slash = strrchr(exe, '/');
   if (slash)
      *slash = 0;
   return base_strdup(exe);
}

const char *
tool_cuda_folder(void)
{
   /* Build tree (build/src/tools/kasuri, build/kasuri), install, the folder's own bin. */
   static const char *const places[] = {"../../cuda", "cuda", "../lib/kasuri/cuda", ".."};
   static char *found;
   if (found)
      return found;
   const char *set = base_getenv("KASURI_HOME");
   if (set) {
      found = base_strdup(set);
      return found;
   }
   char *own = own_folder();
   for (size_t i = 0; own && !found && i < ARRAY_LEN(places); i++) {
      char *probe = tool_printf("%s/%s/include/kasuri/front.h", own, places[i]);
      if (tool_exists(probe)) {
         char *folder = tool_printf("%s/%s", own, places[i]);
         char *real = realpath(folder, NULL);
         found = base_strdup(real ? real : folder);
         free(real);
         base_free(folder);
      }
      base_free(probe);
   }
   base_free(own);
   return found;
}

char *
tool_which(const char *program)
{
   if (strchr(program, '/'))
      return access(program, X_OK) == 0 ? base_strdup(program) : NULL;
   const char *path = base_getenv("PATH");
   struct strings folders = {0};
   strings_add_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
   char *found = NULL;
   for (size_t i = 0; !found && i < folders.v.len; i++) {
      char *p = tool_printf("%s/%s", folders.v.data[i], program);
      if (access(p, X_OK) == 0 && !tool_is_folder(p))
         found = p;
      else
         base_free(p);
   }
   strings_finish(&folders);
   return found;
}

const char *
tool_clang(void)
{
   static char *found;
   if (!found) {
      const char *set = base_getenv("KASURI_CLANG");
      found = tool_which(set ? set : "clang++-19");
   }
   return found;
}

char *
tool_cache_path(void)
{
   const char *set = base_getenv("KASURI_CACHE_DIR"),
              *xdg = base_getenv("XDG_CACHE_HOME");
   const char *home = base_getenv("HOME");
   if (set)
      return base_strdup(set);
   if (xdg && xdg[0] == '/')
      return tool_printf("%s/kasuri", xdg);
   if (home)
      return tool_printf("%s/.cache/kasuri", home);
   return tool_printf("/tmp/kasuri-cache-%u", (unsigned)getuid());
}

const char *
tool_cache_folder(void)
{
   static char *found;
   if (found)
      return found;
   char *path = tool_cache_path();
   if (!tool_make_folders(path)) {
      tool_error("",
                 "cannot make the cache folder %s: %s (KASURI_CACHE_DIR names another)",
                 path, strerror(errno));
      base_free(path);
      return NULL;
   }
   found = path;
   return found;
}
