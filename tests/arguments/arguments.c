/* SPDX-License-Identifier: Apache-2.0
 * Calls every function with null and bad arguments and judges what it returns. Each
 * function has a process of its own, so that a crash or a wait without end is a failure
 * of that function alone. Arguments: patterns of the functions to try. */
#include "arguments.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH_SIZE 8192
#define PARAMETERS 16
#define SECONDS 30

static _Alignas(256) char memory[PARAMETERS][SCRATCH_SIZE];

void *
scratch(unsigned parameter)
{
   return memory[parameter];
}

static bool
is_argument_error(int result)
{
   for (const int *e = argument_errors; *e; e++)
      if (*e == result)
         return true;
   return result == unsupported_error;
}

static bool
is_right(enum judge j, int result, int likely)
{
   switch (j) {
   case ANY:
      return true;
   case SAME:
      return result == likely || result == 0;
   case ERROR:
      return is_argument_error(result);
   case UNSUPPORTED:
      return result == unsupported_error;
   }
   return false;
}

/* Runs in the child: prints what is wrong and "passed failed" on the pipe. */
static void
try_function(const struct function *f, int out)
{
   unsigned counts[2] = {0, 0};
   int likely = 0;
   alarm(SECONDS);
   for (unsigned v = 0; v < f->count; v++) {
      make_objects();
      memset(memory, 0, sizeof memory);
      /* A crash ends the process: the parent says where. */
      if (write(out, &v, sizeof v) != sizeof v)
         _exit(1);
      int result = f->call((int)v);
      if (v == 0)
         likely = result;
      bool right = is_right(f->variants[v].judge, result, likely);
      counts[!right]++;
      if (!right)
         printf("%s: %s: returned %d (likely arguments: %d)\n", f->name,
                f->variants[v].what, result, likely);
   }
   fflush(stdout);
   unsigned end = ~0u;
   if (write(out, &end, sizeof end) < 0 || write(out, counts, sizeof counts) < 0)
      _exit(1);
   _exit(0);
}

static void
run(const struct function *f, unsigned counts[2])
{
   int fds[2];
   if (pipe(fds) != 0)
      exit(2);
   fflush(stdout);
   pid_t pid = fork();
   if (pid == 0) {
      close(fds[0]);
      /* What the functions say to users is not this program's output. */
      if (!getenv("ARGUMENTS_VERBOSE") && !freopen("/dev/null", "w", stderr))
         _exit(1);
      try_function(f, fds[1]);
   }
   close(fds[1]);
   unsigned v, last = 0, mine[2] = {0, 0};
   bool ended = false;
   while (read(fds[0], &v, sizeof v) == sizeof v && !ended) {
      ended = v == ~0u;
      if (ended)
         ended = read(fds[0], mine, sizeof mine) == sizeof mine;
      else
         last = v;
   }
   close(fds[0]);
   int status;
   waitpid(pid, &status, 0);
   if (!ended || !WIFEXITED(status) || WEXITSTATUS(status)) {
      printf("%s: %s: ended by %s %d\n", f->name, f->variants[last].what,
             WIFSIGNALED(status) ? "signal" : "status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
      mine[1]++;
   }
   counts[0] += mine[0];
   counts[1] += mine[1];
}

int
main(int argc, char **argv)
{
   unsigned counts[2] = {0, 0};
   for (unsigned i = 0; i < function_count; i++) {
      bool wanted = argc == 1;
      for (int a = 1; a < argc; a++)
         wanted |= fnmatch(argv[a], functions[i].name, 0) == 0;
      if (wanted)
         run(&functions[i], counts);
   }
   printf("%u passed, %u failed\n", counts[0], counts[1]);
   return counts[1] != 0;
}
