/* SPDX-License-Identifier: Apache-2.0
 * The Mandelbrot set as a PNG, and how long it took. Every thread iterates one pixel; the
 * host checks a sample of pixels against its own iteration.
 *
 *    kasuri run examples/mandelbrot.cu [FILE.png [WIDTH HEIGHT]] */
// TEST args {tmp}/set.png 400 300
// TEST small {tmp}/set.png 64 48
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "png.h"

constexpr int max_iterations = 1000;

#define CHECK(call)                                                                      \
   do {                                                                                  \
      cudaError_t error = (call);                                                        \
      if (error != cudaSuccess) {                                                        \
         fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(error));                  \
         exit(1);                                                                        \
      }                                                                                  \
   } while (0)

struct view {
   float left, top, step;
};

/* Steps until |z| > 2, and |z|^2 then, for a smooth colour. The multiplications are
 * written so that host and device round alike. */
__host__ __device__ int
escape(float cx, float cy, float *norm)
{
   float x = 0, y = 0, xx = 0, yy = 0;
   int i = 0;
   for (; i < max_iterations && xx + yy <= 4.0f; i++) {
      y = fmaf(x + x, y, cy);
      x = xx - yy + cx;
      xx = x * x;
      yy = y * y;
   }
   *norm = xx + yy;
   return i;
}

__host__ __device__ uchar4
colour(int i, float norm)
{
   if (i == max_iterations)
      return make_uchar4(8, 8, 24, 255);
   float t = sqrtf((i + 1 - log2f(fmaxf(log2f(norm), 1.0f))) / max_iterations);
   auto wave = [t](float phase) {
      return (unsigned char)(127.5f - 127.5f * cosf(6.2831853f * (3 * t + phase)));
   };
   return make_uchar4(wave(0.0f), wave(0.12f), wave(0.3f), 255);
}

__global__ void
mandelbrot(uchar4 *pixels, int *counts, int width, int height, view v)
{
   int px = blockIdx.x * blockDim.x + threadIdx.x;
   int py = blockIdx.y * blockDim.y + threadIdx.y;
   if (px >= width || py >= height)
      return;
   float norm;
   int n = escape(v.left + px * v.step, v.top + py * v.step, &norm);
   counts[py * width + px] = n;
   pixels[py * width + px] = colour(n, norm);
}

static double
now_ms()
{
   using clock = std::chrono::steady_clock;
   return std::chrono::duration<double, std::milli>(clock::now().time_since_epoch())
      .count();
}

/* Counts near the boundary hang on the last bit: nearly all must agree, not all. */
static bool
verify(const std::vector<int> &counts, int width, int height, view v)
{
   int checked = 0, equal = 0;
   for (int py = 3; py < height; py += 37) {
      for (int px = 5; px < width; px += 41) {
         float norm;
         checked++;
         equal += escape(v.left + px * v.step, v.top + py * v.step, &norm) ==
                  counts[py * width + px];
      }
   }
   printf("check:    %d of %d sampled pixels equal the host's\n", equal, checked);
   return equal >= checked - checked / 50;
}

int
main(int argc, char **argv)
{
   const char *path = argc > 1 ? argv[1] : "mandelbrot.png";
   int width = argc > 3 ? atoi(argv[2]) : 1600, height = argc > 3 ? atoi(argv[3]) : 1200;
   if (width < 1 || height < 1 || width > 32768 || height > 32768) {
      fprintf(stderr, "mandelbrot: sizes are 1 to 32768\n");
      return 2;
   }
   view v = {-2.25f, 0, 3.2f / width};
   v.top = -v.step * height / 2;
   size_t n = (size_t)width * height;

   cudaDeviceProp prop;
   CHECK(cudaGetDeviceProperties(&prop, 0));
   printf("device:   %s, %d multiprocessors\n", prop.name, prop.multiProcessorCount);

   uchar4 *pixels;
   int *counts;
   CHECK(cudaMalloc(&pixels, n * sizeof *pixels));
   CHECK(cudaMalloc(&counts, n * sizeof *counts));
   dim3 block(32, 8), grid((width + 31) / 32, (height + 7) / 8);
   printf("kernel:   mandelbrot<<<(%u, %u), (%u, %u)>>>, %d x %d pixels, up to %d steps\n",
          grid.x, grid.y, block.x, block.y, width, height, max_iterations);

   /* The first launch makes the machine code: one block of one pixel, then the picture. */
   double start = now_ms();
   mandelbrot<<<1, block>>>(pixels, counts, 1, 1, v);
   CHECK(cudaDeviceSynchronize());
   printf("compile:  %.1f ms, at the first launch\n", now_ms() - start);

   cudaEvent_t begin, end;
   CHECK(cudaEventCreate(&begin));
   CHECK(cudaEventCreate(&end));
   CHECK(cudaEventRecord(begin));
   mandelbrot<<<grid, block>>>(pixels, counts, width, height, v);
   CHECK(cudaGetLastError());
   CHECK(cudaEventRecord(end));
   CHECK(cudaEventSynchronize(end));
   float ms;
   CHECK(cudaEventElapsedTime(&ms, begin, end));

   std::vector<uchar4> host(n);
   std::vector<int> host_counts(n);
   CHECK(cudaMemcpy(host.data(), pixels, n * sizeof *pixels, cudaMemcpyDeviceToHost));
   CHECK(
      cudaMemcpy(host_counts.data(), counts, n * sizeof *counts, cudaMemcpyDeviceToHost));
   double steps = 0;
   for (int c : host_counts)
      steps += c;
   printf("run:      %.1f ms, %.2f billion steps a second\n", ms, steps / ms * 1e-6);
   bool ok = verify(host_counts, width, height, v);

   std::vector<uint8_t> rgb;
   rgb.reserve(n * 3);
   for (uchar4 p : host)
      rgb.insert(rgb.end(), {p.x, p.y, p.z});
   if (!png::write(path, rgb.data(), width, height)) {
      perror(path);
      return 1;
   }
   printf("picture:  %s\n", path);
   CHECK(cudaFree(pixels));
   CHECK(cudaFree(counts));
   if (!ok)
      fprintf(stderr, "mandelbrot: FAILED: the picture is not what the host computes\n");
   return ok ? 0 : 1;
}
