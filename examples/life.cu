/* SPDX-License-Identifier: Apache-2.0
 * Conway's game of life on a torus, 32 cells in a word: neighbours are counted for all of
 * them at once by bitwise adders. A glider shows that the rules are right, a random board
 * is compared with a plain count.
 *
 *    kasuri run examples/life.cu [WORDS A ROW] */
// TEST small 2
#include <vector>

#include "check.h"

/* Rows of the neighbours: the word shifted left and right across its neighbours' bits. */
__device__ inline uint3
around(unsigned left, unsigned word, unsigned right)
{
   return make_uint3(word << 1 | left >> 31, word, word >> 1 | right << 31);
}

/* Adds three bits a cell: x is the sum's low bit, y its high bit. */
__device__ inline uint2
add3(unsigned a, unsigned b, unsigned c)
{
   return make_uint2(a ^ b ^ c, (a & b) | (c & (a ^ b)));
}

__global__ void
generation(const unsigned *in, unsigned *out, int words, int rows)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x,
       y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x >= words || y >= rows)
      return;
   int west = (x + words - 1) % words, east = (x + 1) % words;
   uint3 row[3];
   for (int d = -1; d <= 1; d++) {
      const unsigned *line = in + (y + d + rows) % rows * words;
      row[d + 1] = around(line[west], line[x], line[east]);
   }
   uint2 above = add3(row[0].x, row[0].y, row[0].z);
   uint2 below = add3(row[2].x, row[2].y, row[2].z);
   uint2 beside = make_uint2(row[1].x ^ row[1].z, row[1].x & row[1].z);
   uint2 low = add3(above.x, below.x, beside.x);
   uint2 twos = add3(above.y, below.y, beside.y);
   /* The count is low.x + 2 (low.y + twos.x) + 4 twos.y; alive at 3, or at 2 if it was.
    */
   unsigned two_or_three = (low.y ^ twos.x) & ~twos.y & ~(low.y & twos.x);
   out[y * words + x] = two_or_three & (low.x | row[1].y);
}

struct board {
   int words, rows;
   std::vector<unsigned> bits;

   board(int w, int r) : words(w), rows(r), bits((size_t)w * r)
   {
   }
   bool
   get(int x, int y) const
   {
      int n = 32 * words;
      x = (x + n) % n, y = (y + rows) % rows;
      return bits[(size_t)y * words + x / 32] >> (x % 32) & 1;
   }
   void
   set(int x, int y)
   {
      bits[(size_t)y * words + x / 32] |= 1u << (x % 32);
   }
};

static board
run(const board &start, int generations)
{
   size_t bytes = start.bits.size() * sizeof(unsigned);
   unsigned *now, *next;
   CHECK(cudaMalloc(&now, bytes));
   CHECK(cudaMalloc(&next, bytes));
   CHECK(cudaMemcpy(now, start.bits.data(), bytes, cudaMemcpyHostToDevice));
   dim3 block(32, 4), grid((start.words + 31) / 32, (start.rows + 3) / 4);
   for (int g = 0; g < generations; g++) {
      generation<<<grid, block>>>(now, next, start.words, start.rows);
      std::swap(now, next);
   }
   CHECK_LAUNCH();
   board end(start.words, start.rows);
   CHECK(cudaMemcpy(end.bits.data(), now, bytes, cudaMemcpyDeviceToHost));
   CHECK(cudaFree(now));
   CHECK(cudaFree(next));
   return end;
}

static board
on_host(board b, int generations)
{
   for (int g = 0; g < generations; g++) {
      board next(b.words, b.rows);
      for (int y = 0; y < b.rows; y++)
         for (int x = 0; x < 32 * b.words; x++) {
            int count = -b.get(x, y);
            for (int dy = -1; dy <= 1; dy++)
               for (int dx = -1; dx <= 1; dx++)
                  count += b.get(x + dx, y + dy);
            if (count == 3 || (count == 2 && b.get(x, y)))
               next.set(x, y);
         }
      b = next;
   }
   return b;
}

int
main(int argc, char **argv)
{
   int words = size_argument(argc, argv, 16, 1, 256), rows = 20 * words;
   /* A glider moves by one cell down and right in four generations. */
   board glider(words, rows), moved(words, rows);
   const int cells[5][2] = {{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}};
   for (auto &c : cells) {
      glider.set(c[0] + 30 % (32 * words), c[1] + 5);
      moved.set((c[0] + 30 + 3) % (32 * words), c[1] + 5 + 3);
   }
   bool ok = run(glider, 12).bits == moved.bits;
   printf("the glider %s\n", ok ? "glides" : "is lost");

   board soup(words, rows);
   unsigned state = 99;
   for (unsigned &w : soup.bits) {
      state = state * 1664525u + 1013904223u;
      w = state ^ state >> 16;
   }
   board end = run(soup, 20);
   int alive = 0;
   for (unsigned w : end.bits)
      alive += __builtin_popcount(w);
   printf("%d of %d cells live after 20 generations\n", alive, 32 * words * rows);
   ok = ok && end.bits == on_host(soup, 20).bits;
   return finish(ok);
}
