/* SPDX-License-Identifier: Apache-2.0
 * The scene that both sides march through: a torus over a plane and a row of balls. */
#ifndef RAY_H
#define RAY_H

#include <math.h>

#define MOST 96

/* Distance from a point to the nearest thing. */
#ifdef __CUDACC__
__device__
#endif
static inline float
ray_scene(float x, float y, float z)
{
   float ring = sqrtf(x * x + z * z) - 1.0f;
   float torus = sqrtf(ring * ring + y * y) - 0.35f;
   float cell = x - 1.5f * floorf(x / 1.5f + 0.5f), deep = z - 2.5f;
   float ball = sqrtf(cell * cell + y * y + deep * deep) - 0.5f;
   float floor_ = y + 0.8f;
   float d = torus < ball ? torus : ball;
   return d < floor_ ? d : floor_;
}

#endif
