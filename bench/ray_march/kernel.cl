// SPDX-License-Identifier: Apache-2.0
// Sphere tracing of a distance field, n x n rays, up to 96 steps each: depth of the hit.

#define MOST 96

// Distance from a point to the nearest thing.
float
ray_scene(float x, float y, float z)
{
   float ring = sqrt(x * x + z * z) - 1.0f;
   float torus = sqrt(ring * ring + y * y) - 0.35f;
   float cell = x - 1.5f * floor(x / 1.5f + 0.5f), deep = z - 2.5f;
   float ball = sqrt(cell * cell + y * y + deep * deep) - 0.5f;
   return min(min(torus, ball), y + 0.8f);
}

__kernel void
march(int n, __global float *depth)
{
   int px = get_global_id(0), py = get_global_id(1);
   if (px >= n || py >= n)
      return;
   float dx = 2.0f * px / n - 1, dy = 1 - 2.0f * py / n, dz = 1.5f;
   float inv = 1 / sqrt(dx * dx + dy * dy + dz * dz), t = 0;
   for (int k = 0; k < MOST && t < 20; k++) {
      float d = ray_scene(t * dx * inv, 0.7f + t * dy * inv, -4 + t * dz * inv);
      if (d < 1e-3f)
         break;
      t += d;
   }
   depth[py * n + px] = t < 20 ? t : 20;
}
