/* SPDX-License-Identifier: Apache-2.0
 * Which processor a worker runs on. The system may put it where the thread that wants its
 * help runs, and leave both there for milliseconds, as neither sleeps: such a worker is
 * none. One that finds itself there moves; one that does not come at all is moved. */
#include "device_priv.h"

#include <sched.h>
#include <unistd.h>

#define MOVED 4 /* workers, that is the first so many: on larger machines others come */
#define PATIENCE 2   /* launches that nobody came to, before workers are moved, … */
#define LONGEST 1024 /* … and after moves that brought none */

static _Atomic int caller = -1; /* the processor of the thread that called last */
static _Atomic pid_t threads[MOVED];

/* thread: 0 means the caller's. */
static void
move_from(int cpu, pid_t thread)
{
   cpu_set_t all, others;
   if (cpu < 0 || sched_getaffinity(thread, sizeof all, &all))
      return;
   others = all;
   CPU_CLR(cpu, &others);
   if (CPU_COUNT(&others) && !sched_setaffinity(thread, sizeof others, &others))
      sched_setaffinity(thread, sizeof all, &all);
}

void
place_worker(uint32_t index)
{
   if (index <= MOVED)
      atomic_store(&threads[index - 1], gettid());
}

void
place_call(void)
{
   atomic_store_explicit(&caller, sched_getcpu(), memory_order_relaxed);
}

void
place_woken(void)
{
   int here = sched_getcpu();
   if (here == atomic_load_explicit(&caller, memory_order_relaxed))
      move_from(here, 0);
}

void
place_helped(bool somebody)
{
   static _Thread_local uint32_t alone, patience = PATIENCE;
   if (somebody) {
      alone = 0;
      patience -= patience > PATIENCE;
   } else if (++alone >= patience) {
      alone = 0;
      patience = MIN2(patience * 2, LONGEST);
      for (unsigned i = 0; i < MOVED; i++)
         if (atomic_load(&threads[i]))
            move_from(sched_getcpu(), atomic_load(&threads[i]));
   }
}
