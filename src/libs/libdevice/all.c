/* SPDX-License-Identifier: Apache-2.0
 * The whole device math library as one translation unit: one bitcode file comes of it. */
#include "convert.c"

#include "bits.c"
#include "int.c"
#include "rounded.c"

#include "fmod.c"

#include "exp_f32.c"

#include "trig_f32.c"

#include "root_f32.c"

#include "exp_f64.c"

#include "trig_f64.c"

#include "root_f64.c"

#include "erf.c"

#include "gamma.c"

#include "bessel.c"

#include "video.c"
