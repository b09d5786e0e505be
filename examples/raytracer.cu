/* SPDX-License-Identifier: Apache-2.0
 * A small ray tracer: spheres over a chequered floor, one light with shadows, mirrors.
 * The scene lies in constant memory, each thread follows the ray of one pixel. Host and
 * device run the same code, so that a sample of pixels can be compared.
 *
 *    kasuri run examples/raytracer.cu [WIDTH [FILE.png]] */
// TEST args 320 {tmp}/rays.png
// TEST small 48 {tmp}/rays.png
#include <vector>

#include "check.h"
#include "png.h"

struct vec {
   float x, y, z;
};
#define BOTH __host__ __device__ inline
BOTH vec
operator+(vec a, vec b)
{
   return {a.x + b.x, a.y + b.y, a.z + b.z};
}
BOTH vec
operator-(vec a, vec b)
{
   return {a.x - b.x, a.y - b.y, a.z - b.z};
}
BOTH vec
operator*(float s, vec a)
{
   return {s * a.x, s * a.y, s * a.z};
}
BOTH float
dot(vec a, vec b)
{
   return a.x * b.x + a.y * b.y + a.z * b.z;
}
BOTH vec
unit(vec a)
{
   return (1.0f / sqrtf(dot(a, a))) * a;
}

struct sphere {
   vec centre;
   float radius;
   vec colour;
   float mirror;
};
constexpr int spheres = 5;
struct scene {
   sphere s[spheres];
   vec light;
};
__constant__ scene device_scene;

struct hit {
   float t;
   vec point, normal, colour;
   float mirror;
};

/* The nearest thing along the ray; t is negative where there is only sky. */
BOTH hit
trace(const scene &sc, vec from, vec dir)
{
   hit h = {-1, {}, {}, {}, 0};
   for (const sphere &s : sc.s) {
      vec oc = from - s.centre;
      float b = dot(oc, dir), c = dot(oc, oc) - s.radius * s.radius, d = b * b - c;
      if (d <= 0)
         continue;
      float t = -b - sqrtf(d);
      if (t > 1e-3f && (h.t < 0 || t < h.t)) {
         vec p = from + t * dir;
         h = {t, p, (1.0f / s.radius) * (p - s.centre), s.colour, s.mirror};
      }
   }
   if (dir.y < 0) { /* the floor at y = -1 */
      float t = (-1 - from.y) / dir.y;
      if (t > 1e-3f && t < 40 && (h.t < 0 || t < h.t)) {
         vec p = from + t * dir;
         bool dark = ((int)floorf(p.x) + (int)floorf(p.z)) & 1;
         vec colour = dark ? vec{0.15f, 0.15f, 0.2f} : vec{0.8f, 0.8f, 0.7f};
         h = {t, p, {0, 1, 0}, colour, 0.1f};
      }
   }
   return h;
}

BOTH vec
shade(const scene &sc, vec from, vec dir)
{
   vec sum = {0, 0, 0};
   float weight = 1;
   for (int bounce = 0; bounce < 4 && weight > 0.02f; bounce++) {
      hit h = trace(sc, from, dir);
      if (h.t < 0) {
         float up = 0.5f * (dir.y + 1);
         return sum +
                weight * ((1 - up) * vec{0.9f, 0.9f, 1.0f} + up * vec{0.2f, 0.4f, 0.8f});
      }
      vec to_light = unit(sc.light - h.point);
      float lit = fmaxf(0.0f, dot(h.normal, to_light));
      if (lit > 0 && trace(sc, h.point, to_light).t > 0)
         lit = 0;
      sum = sum + weight * (1 - h.mirror) * (0.15f + 0.85f * lit) * h.colour;
      weight *= h.mirror;
      from = h.point;
      dir = dir - 2 * dot(dir, h.normal) * h.normal;
   }
   return sum;
}

BOTH vec
pixel(const scene &sc, int x, int y, int width, int height)
{
   float scale = 2.0f / height;
   vec dir =
      unit({(x + 0.5f - 0.5f * width) * scale, (0.5f * height - y - 0.5f) * scale, 2});
   return shade(sc, {0, 0.3f, -4.5f}, dir);
}

__global__ void
render(vec *out, int width, int height)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x,
       y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x < width && y < height)
      out[y * width + x] = pixel(device_scene, x, y, width, height);
}

static uint8_t
byte(float v)
{
   return (uint8_t)(255.0f * sqrtf(std::fmin(std::fmax(v, 0.0f), 1.0f)) + 0.5f);
}

int
main(int argc, char **argv)
{
   int width = size_argument(argc, argv, 480, 8, 8192), height = width * 3 / 4;
   const char *path = argc > 2 ? argv[2] : "raytracer.png";
   scene sc = {{{{0, 0, 0}, 1, {0.9f, 0.3f, 0.2f}, 0.25f},
                {{-1.9f, -0.3f, 0.6f}, 0.7f, {0.9f, 0.9f, 0.9f}, 0.8f},
                {{1.7f, -0.4f, -0.3f}, 0.6f, {0.2f, 0.6f, 0.3f}, 0.3f},
                {{0.6f, -0.75f, -1.4f}, 0.25f, {0.9f, 0.8f, 0.2f}, 0.1f},
                {{-0.8f, -0.7f, -1.2f}, 0.3f, {0.3f, 0.4f, 0.9f}, 0.4f}},
               {-5, 8, -6}};
   CHECK(cudaMemcpyToSymbol(device_scene, &sc, sizeof sc));
   size_t count = (size_t)width * height;
   vec *dout;
   CHECK(cudaMalloc(&dout, count * sizeof(vec)));
   dim3 block(16, 8), grid((width + 15) / 16, (height + 7) / 8);
   render<<<grid, block>>>(dout, width, height);
   CHECK_LAUNCH();
   std::vector<vec> image(count);
   CHECK(cudaMemcpy(image.data(), dout, count * sizeof(vec), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(dout));
   printf("traced %d x %d pixels\n", width, height);

   /* Rounding may decide on which side of an edge a pixel lies: nearly all must agree. */
   int seen = 0, equal = 0;
   for (size_t i = 0; i < count; i += 17, seen++) {
      vec e = pixel(sc, (int)(i % width), (int)(i / width), width, height), g = image[i];
      equal +=
         close_to(e.x, g.x, 2e-3) && close_to(e.y, g.y, 2e-3) && close_to(e.z, g.z, 2e-3);
   }
   bool ok = equal >= seen - seen / 50;
   printf("%s of the sampled pixels equal the host's\n", ok ? "nearly all" : "too few");

   std::vector<uint8_t> rgb;
   for (vec v : image)
      rgb.insert(rgb.end(), {byte(v.x), byte(v.y), byte(v.z)});
   if (!png::write(path, rgb.data(), width, height)) {
      perror(path);
      return 1;
   }
   printf("picture in %s\n", path);
   return finish(ok);
}
