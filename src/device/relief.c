/* SPDX-License-Identifier: Apache-2.0
 * Grids that wait for other grids. On a GPU, kernels of several streams run at once, and
 * one may poll for what another writes; here the workers may all be busy polling. Such a
 * grid says so (exec_launch.idle), and what has no worker gets one beside the others: a
 * thread that takes turns with them on the processor. Under a seed only one grid runs at
 * a time, so the one that polls stands aside, in a ring, until the others have ended or
 * poll themselves. Where everything that runs only polls and the program waits for it,
 * nothing will ever change: the exec room is told, and its watchdog counts. */
#include "device_priv.h"

#include "base/thread.h"

#define MAX_BESIDE 64
/* A worker that is about to be free takes what is ready before a new thread is worth it.
 */
#define PATIENCE_NS 1000000

/* All under device.lock. */
static struct {
   struct exec_worker *workers[MAX_BESIDE];
   bool busy[MAX_BESIDE];
   uint32_t starting;
   uint64_t seq, since_ns; /* what has no worker, and since when */
   uint64_t tickets, turn; /* grids that have stood aside; those that went on */
   pthread_cond_t turns;
} beside = {.turns = PTHREAD_COND_INITIALIZER};

static struct exec_worker *
take_worker(void)
{
   for (unsigned i = 0; i < MAX_BESIDE; i++) {
      if (beside.busy[i])
         continue;
      beside.busy[i] = true;
      if (!beside.workers[i])
         beside.workers[i] = exec_worker_create(i % device.count, device.count);
      return beside.workers[i];
   }
   return NULL;
}

static void
return_worker(const struct exec_worker *w)
{
   for (unsigned i = 0; i < MAX_BESIDE; i++)
      if (beside.workers[i] == w)
         beside.busy[i] = false;
}

static void *
beside_main(void *arg)
{
   (void)arg;
   device_lock();
   beside.starting--;
   struct exec_worker *w = take_worker();
   struct command *c;
   while (w && !atomic_load(&device.exiting) && (c = queue_ready_beside()))
      pool_run(c, w, NULL);
   if (w)
      return_worker(w);
   device_unlock();
   return NULL;
}

static bool
start_beside(void)
{
   bool ok = base_thread_start(beside_main, NULL, 0);
   beside.starting += ok;
   return ok;
}

/* Whether nothing will change by itself: the program waits, and all that runs polls. */
static bool
is_stuck(void)
{
   if (!device.waiting || device.pollers)
      return false;
   uint32_t users = 0, polling = 0;
   for (struct device_stream *s = device.active; s; s = s->next_active)
      users += s->head->running ? job_users(&s->head->job) : 0;
   for (uint32_t i = 0; i < device.count; i++)
      polling += exec_worker_polls(device.workers[i]);
   for (unsigned i = 0; i < MAX_BESIDE; i++)
      polling += beside.busy[i] && exec_worker_polls(beside.workers[i]);
   return polling >= users;
}

/* -- Under a seed: the one grid that runs hands the processor on. */
static void
pass_turn(void)
{
   beside.turn++;
   pthread_cond_broadcast(&beside.turns);
}

void
relief_turn_ends(void)
{
   if (beside.turn < beside.tickets)
      pass_turn();
   else
      device.turn_held = false;
}

static void
stand_aside(bool fresh)
{
   uint64_t mine = beside.tickets++;
   if (fresh) {
      device.turn_held = false;
      start_beside();
   } else {
      pass_turn();
   }
   while (beside.turn <= mine && !atomic_load(&device.exiting))
      pthread_cond_wait(&beside.turns, &device.lock);
}

enum exec_idle
relief_wanted(void *owner)
{
   (void)owner;
   enum exec_idle r = EXEC_IDLE_OTHERS;
   device_lock();
   if (device.pollers)
      queue_settle();
   uint64_t seq = queue_seq_beside(), now = base_now_ns();
   if (device.seeded && (seq || beside.turn < beside.tickets)) {
      stand_aside(seq != 0);
   } else if (!seq) {
      beside.seq = 0;
      if (!beside.starting && is_stuck())
         r = EXEC_IDLE_STUCK;
   } else if (seq != beside.seq) {
      beside.seq = seq;
      beside.since_ns = now;
   } else if (now - beside.since_ns > PATIENCE_NS && !beside.starting) {
      start_beside();
   }
   device_unlock();
   return r;
}
