/* SPDX-License-Identifier: Apache-2.0
 * Child processes: started together, waited for one by one, and ended when another one's
 * failure makes their work useless. */
#include "tools/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool
process_start(struct process *p, char **argv, const char *stderr_file)
{
   posix_spawn_file_actions_t actions;
   pid_t pid;
   p->pid = -1;
   p->status = 127;
   posix_spawn_file_actions_init(&actions);
   if (stderr_file)
      posix_spawn_file_actions_addopen(&actions, 2, stderr_file,
                                       O_WRONLY | O_CREAT | O_TRUNC, 0666);
   int err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
   posix_spawn_file_actions_destroy(&actions);
   if (err) {
      tool_error("", "cannot run %s: %s", argv[0], strerror(err));
      return false;
   }
   p->pid = pid;
   return true;
}

static void
ended(struct process *p, int status)
{
   p->pid = -1;
   p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool
process_poll(struct process *p)
{
   int status;
   if (p->pid < 0)
      return true;
   if (waitpid(p->pid, &status, WNOHANG) != p->pid)
      return false;
   ended(p, status);
   return true;
}

int
process_wait(struct process *p)
{
   int status;
   if (p->pid < 0)
      return p->status;
   while (waitpid(p->pid, &status, 0) < 0) {
      if (errno != EINTR) {
         p->pid = -1;
         return p->status;
      }
   }
   ended(p, status);
   return p->status;
}

void
process_kill(struct process *p)
{
   if (p->pid < 0)
      return;
   kill(p->pid, SIGTERM);
   process_wait(p);
}
