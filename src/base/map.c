/* SPDX-License-Identifier: Apache-2.0
 * Hash map with byte-string keys: open addressing over an insertion-ordered entry list.
 */
#include <string.h>

#include "base.h"

struct entry {
   char *key; /* NULL once removed */
   size_t n;
   uint64_t hash;
   void *value;
};

struct map {
   VEC(struct entry) entries;
   uint32_t *index; /* entry number + 1, 0 for free */
   size_t index_size, live;
};

struct map *
map_create(void)
{
   return base_calloc(1, sizeof(struct map));
}

void
map_destroy(struct map *m)
{
   if (!m)
      return;
   for (size_t i = 0; i < m->entries.len; i++)
      base_free(m->entries.data[i].key);
   vec_finish(&m->entries);
   base_free(m->index);
   base_free(m);
}

static void
index_insert(struct map *m, uint64_t hash, size_t entry)
{
   size_t i = hash & (m->index_size - 1);
   while (m->index[i])
      i = (i + 1) & (m->index_size - 1);
   m->index[i] = (uint32_t)entry + 1;
}

static void
reindex(struct map *m)
{
   size_t size = 16;
   while (size < m->entries.len * 2 + 2)
      size *= 2;
   if (size > m->index_size || m->entries.len * 4 > m->index_size * 3) {
      base_free(m->index);
      m->index = base_calloc(size * 2, sizeof *m->index);
      m->index_size = size * 2;
      for (size_t i = 0; i < m->entries.len; i++)
         index_insert(m, m->entries.data[i].hash, i);
   }
}

static struct entry *
find(const struct map *m, const void *key, size_t n, uint64_t hash)
{
   if (!m->index_size)
      return NULL;
   for (size_t i = hash & (m->index_size - 1); m->index[i];
        i = (i + 1) & (m->index_size - 1)) {
      struct entry *e = &m->entries.data[m->index[i] - 1];
      if (e->key && e->hash == hash && e->n == n && !memcmp(e->key, key, n))
         return e;
   }
   return NULL;
}

void *
map_find_n(const struct map *m, const void *key, size_t n)
{
   struct entry *e = find(m, key, n, base_hash(key, n, BASE_HASH_SEED));
   return e ? e->value : NULL;
}

void *
map_find(const struct map *m, const char *key)
{
   return map_find_n(m, key, strlen(key));
}

void
map_set_n(struct map *m, const void *key, size_t n, void *value)
{
   uint64_t hash = base_hash(key, n, BASE_HASH_SEED);
   struct entry *e = find(m, key, n, hash);
   if (e && value) {
      e->value = value;
   } else if (e) {
      base_free(e->key);
      e->key = NULL;
      e->value = NULL;
      m->live--;
   } else if (value) {
      struct entry fresh = {base_strndup(key, n), n, hash, value};
      reindex(m);
      vec_push(&m->entries, fresh);
      index_insert(m, hash, m->entries.len - 1);
      m->live++;
   }
}

void
map_set(struct map *m, const char *key, void *value)
{
   map_set_n(m, key, strlen(key), value);
}

size_t
map_len(const struct map *m)
{
   return m->live;
}

size_t
map_slots(const struct map *m)
{
   return m->entries.len;
}

void *
map_at(const struct map *m, size_t i, const char **key)
{
   if (key)
      *key = m->entries.data[i].key;
   return m->entries.data[i].value;
}
