/* SPDX-License-Identifier: Apache-2.0
 * Heat spreads over a plate whose rim is kept at fixed temperatures: a five-point
 * stencil, blocks with a halo in shared memory, and a PNG of the result.
 *
 *    kasuri run examples/heat.cu [SIZE [FILE.png]] */
// TEST args 256 {tmp}/heat.png
// TEST small 60 {tmp}/heat.png
#include <vector>

#include "check.h"
#include "png.h"

constexpr int tile = 16;

__global__ void
spread(const float *in, float *out, int n)
{
   __shared__ float near[tile + 2][tile + 2];
   int x = blockIdx.x * tile + threadIdx.x, y = blockIdx.y * tile + threadIdx.y;
   int tx = threadIdx.x + 1, ty = threadIdx.y + 1;
   auto at = [=](int col, int row) {
      return in[min(max(row, 0), n - 1) * n + min(max(col, 0), n - 1)];
   };
   near[ty][tx] = at(x, y);
   if (tx == 1)
      near[ty][0] = at(x - 1, y);
   if (tx == tile)
      near[ty][tile + 1] = at(x + 1, y);
   if (ty == 1)
      near[0][tx] = at(x, y - 1);
   if (ty == tile)
      near[tile + 1][tx] = at(x, y + 1);
   __syncthreads();
   if (x >= n || y >= n)
      return;
   float v = near[ty][tx];
   if (x > 0 && y > 0 && x < n - 1 && y < n - 1) {
      float sum =
         near[ty][tx - 1] + near[ty][tx + 1] + near[ty - 1][tx] + near[ty + 1][tx];
      v = fmaf(0.2f, fmaf(-4.0f, v, sum), v);
   }
   out[y * n + x] = v;
}

static void
spread_on_host(const std::vector<float> &in, std::vector<float> &out, int n)
{
   for (int y = 1; y < n - 1; y++)
      for (int x = 1; x < n - 1; x++) {
         const float *p = &in[y * n + x];
         float sum = p[-1] + p[1] + p[-n] + p[n];
         out[y * n + x] = std::fmaf(0.2f, std::fmaf(-4.0f, *p, sum), *p);
      }
}

/* From blue over black to red and yellow. */
static void
colour(float t, uint8_t *rgb)
{
   float hot = t > 0 ? t : 0, cold = t < 0 ? -t : 0;
   rgb[0] = (uint8_t)(255 * std::fmin(1.0f, 2 * hot));
   rgb[1] = (uint8_t)(255 * std::fmax(0.0f, 2 * hot - 1));
   rgb[2] = (uint8_t)(255 * std::fmin(1.0f, 2 * cold));
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 256, 4, 8192);
   const char *path = argc > 2 ? argv[2] : "heat.png";
   int steps = 2 * n;
   std::vector<float> plate((size_t)n * n, 0.0f), result(plate.size());
   for (int i = 0; i < n; i++) {
      plate[i] = 1.0f;                        /* the upper rim is hot */
      plate[(size_t)(n - 1) * n + i] = -1.0f; /* the lower one cold */
      plate[(size_t)i * n] = sinf(12.0f * i / n);
   }
   size_t bytes = plate.size() * sizeof(float);
   float *now, *next;
   CHECK(cudaMalloc(&now, bytes));
   CHECK(cudaMalloc(&next, bytes));
   CHECK(cudaMemcpy(now, plate.data(), bytes, cudaMemcpyHostToDevice));
   dim3 block(tile, tile), grid((n + tile - 1) / tile, (n + tile - 1) / tile);
   for (int s = 0; s < steps; s++) {
      spread<<<grid, block>>>(now, next, n);
      std::swap(now, next);
   }
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(result.data(), now, bytes, cudaMemcpyDeviceToHost));
   CHECK(cudaFree(now));
   CHECK(cudaFree(next));
   printf("%d steps on a plate of %d x %d\n", steps, n, n);

   std::vector<float> other = plate;
   for (int s = 0; s < steps; s++) {
      spread_on_host(plate, other, n);
      plate.swap(other);
   }
   int wrong = 0;
   for (size_t i = 0; i < plate.size(); i++)
      wrong += !close_to(plate[i], result[i], 1e-5);
   printf("%d wrong\n", wrong);

   std::vector<uint8_t> rgb(3 * plate.size());
   for (size_t i = 0; i < plate.size(); i++)
      colour(result[i], &rgb[3 * i]);
   if (!png::write(path, rgb.data(), n, n)) {
      perror(path);
      return 1;
   }
   printf("picture in %s\n", path);
   return finish(wrong == 0);
}
