// SPDX-License-Identifier: Apache-2.0
// What the headers make of CUDA's intrinsics: atomics of every type and scope, shuffles
// of every type, loads and stores with cache operators, integer helpers, address spaces.
// Expected values are worked out on the host.
//
#include <cstdio>
#include <cstring>
#include <vector>

static int passed, failed;

template <class T>
static void
check(const char *what, T got, T expected)
{
   bool ok = got == expected;
   ok ? passed++ : failed++;
   if (!ok && failed < 30)
      printf("%s: %g, not %g\n", what, (double)got, (double)expected);
}

/* 64 threads, values v = 1 … 64. */
template <class T>
__global__ void
integer_atomics(T *p)
{
   T v = (T)(threadIdx.x + 1);
   atomicAdd(&p[0], v);
   atomicAdd_block(&p[1], v);
   atomicAdd_system(&p[2], v);
   atomicMin(&p[3], v);
   atomicMax(&p[4], v);
   atomicMax_block(&p[5], v);
   atomicMin_system(&p[6], v);
   atomicAnd(&p[7], (T) ~(T)(1 << threadIdx.x % 4));
   atomicOr(&p[8], (T)((T)1 << threadIdx.x % 8));
   atomicXor(&p[9], (T)1);
   T old = atomicExch(&p[10], v);
   atomicAdd(&p[11], old); /* each value is handed on once but the last */
   while (true) {          /* the sum again, by compare and swap */
      T seen = *(volatile T *)&p[12];
      if (atomicCAS(&p[12], seen, (T)(seen + v)) == seen)
         break;
      __nanosleep(10);
   }
   if (atomicCAS_block(&p[13], (T)5, v) == (T)5)
      atomicAdd(&p[14], (T)1);
}

template <class T>
static void
test_integers(const char *name)
{
   T *p;
   cudaMallocManaged(&p, 16 * sizeof(T));
   for (int i = 0; i < 16; i++)
      p[i] = 0;
   p[3] = p[6] = 100, p[7] = 127, p[13] = 5;
   integer_atomics<<<1, 64>>>(p);
   cudaDeviceSynchronize();
   const T sum = 64 * 65 / 2;
   for (int i = 0; i < 3; i++)
      check(name, p[i], sum);
   check(name, p[3], (T)1);
   check(name, p[4], (T)64);
   check(name, p[5], (T)64);
   check(name, p[6], (T)1);
   check(name, p[7], (T)(127 - 15));
   check(name, p[8], (T)255);
   check(name, p[9], (T)0);
   check(name, (T)(p[10] + p[11]), sum);
   check(name, p[12], sum);
   check(name, p[14], (T)1);
   cudaFree(p);
}

__global__ void
other_atomics(float *f, double *d, unsigned *u, int *i, unsigned short *s)
{
   atomicAdd(&f[0], 0.5f);
   atomicAdd_block(&f[1], 0.5f);
   atomicAdd_system(&f[2], 0.5f);
   float old = atomicExch(&f[3], 1.0f);
   atomicAdd(&f[4], old);
   atomicAdd(&d[0], 0.25);
   atomicAdd_block(&d[1], 0.25);
   atomicInc(&u[0], 9);
   atomicDec(&u[1], 9);
   atomicSub(&u[2], 2u);
   atomicSub(&i[0], 3);
   atomicSub_block(&i[1], 3);
   while (true) {
      unsigned short seen = *(volatile unsigned short *)s;
      if (atomicCAS(s, seen, (unsigned short)(seen + 1)) == seen)
         break;
      __nanosleep(10);
   }
}

static void
test_other_atomics()
{
   float *f;
   double *d;
   unsigned *u;
   int *i;
   unsigned short *s;
   cudaMallocManaged(&f, 64);
   cudaMallocManaged(&d, 64);
   cudaMallocManaged(&u, 64);
   cudaMallocManaged(&i, 64);
   cudaMallocManaged(&s, 64);
   memset(f, 0, 64), memset(d, 0, 64), memset(u, 0, 64), memset(i, 0, 64),
      memset(s, 0, 64);
   other_atomics<<<1, 64>>>(f, d, u, i, s);
   cudaDeviceSynchronize();
   for (int k = 0; k < 3; k++)
      check("float add", f[k], 32.0f);
   check("float exchange", f[3] + f[4], 64.0f);
   check("double add", d[0], 16.0);
   check("double add, block", d[1], 16.0);
   check("inc wraps after 9", u[0], 64u % 10);
   check("dec wraps to 9", u[1], (10u - 64 % 10) % 10);
   check("unsigned sub", u[2], 0u - 128);
   check("sub", i[0], -192);
   check("sub, block", i[1], -192);
   check("16-bit swap", (int)s[0], 64);
}

template <class T>
__global__ void
shuffles(T *out)
{
   T v = (T)(threadIdx.x * 3 + 1);
   out += threadIdx.x * 6;
   out[0] = __shfl_sync(0xFFFFFFFF, v, 7);
   out[1] = __shfl_up_sync(0xFFFFFFFF, v, 2);
   out[2] = __shfl_down_sync(0xFFFFFFFF, v, 2);
   out[3] = __shfl_xor_sync(0xFFFFFFFF, v, 9);
   out[4] = __shfl_sync(0xFFFFFFFF, v, 3, 8);
   out[5] = __shfl_down_sync(0xFFFFFFFF, v, 1, 4);
}

template <class T>
static void
test_shuffles(const char *name)
{
   T *out;
   cudaMallocManaged(&out, 32 * 6 * sizeof(T));
   shuffles<<<1, 32>>>(out);
   cudaDeviceSynchronize();
   auto v = [](int lane) { return (T)(lane * 3 + 1); };
   for (int i = 0; i < 32; i++) {
      check(name, out[i * 6], v(7));
      check(name, out[i * 6 + 1], v(i < 2 ? i : i - 2));
      check(name, out[i * 6 + 2], v(i > 29 ? i : i + 2));
      check(name, out[i * 6 + 3], v(i ^ 9));
      check(name, out[i * 6 + 4], v(i / 8 * 8 + 3));
      check(name, out[i * 6 + 5], v(i % 4 == 3 ? i : i + 1));
   }
   cudaFree(out);
}

template <class T>
__global__ void
caches(const T *in, T *out)
{
   __stwb(&out[0], __ldg(&in[0]));
   __stcg(&out[1], __ldcg(&in[1]));
   __stcs(&out[2], __ldca(&in[2]));
   __stwt(&out[3], __ldcs(&in[3]));
   __stcg(&out[4], __ldlu(&in[4]));
   __stcs(&out[5], __ldcv(&in[5]));
}

template <class T>
static void
test_caches(const char *name)
{
   unsigned char *in, *out;
   cudaMallocManaged(&in, 6 * sizeof(T));
   cudaMallocManaged(&out, 6 * sizeof(T));
   for (size_t i = 0; i < 6 * sizeof(T); i++)
      in[i] = (unsigned char)(i * 37 + 11), out[i] = 0;
   caches<<<1, 1>>>((const T *)in, (T *)out);
   cudaDeviceSynchronize();
   check(name, memcmp(in, out, 6 * sizeof(T)), 0);
}

__device__ int global_variable;
__constant__ int constant_variable = 3;

__global__ void
integers(const unsigned *x, unsigned *out, unsigned long long *wide)
{
   __shared__ int shared_variable;
   int local_variable[4] = {(int)x[0], 1, 2, 3};
   unsigned a = x[0], b = x[1], c = x[2];
   int k = 0;
   out[k++] = __popc(a);
   out[k++] = __clz((int)(a >> 5));
   out[k++] = __ffs((int)(a & ~0xFFu));
   out[k++] = __brev(a);
   out[k++] = __byte_perm(a, b, 0x6142);
   out[k++] = __funnelshift_l(a, b, 37);
   out[k++] = __funnelshift_r(a, b, 5);
   out[k++] = __funnelshift_lc(a, b, 40);
   out[k++] = __funnelshift_rc(a, b, 40);
   out[k++] = (unsigned)__mulhi((int)a, (int)b);
   out[k++] = __umulhi(a, b);
   out[k++] = (unsigned)__mul24((int)a, (int)b);
   out[k++] = __umul24(a, b);
   out[k++] = __usad(a, b, c);
   out[k++] = (unsigned)__hadd((int)a, (int)b);
   out[k++] = __urhadd(a, b);
   out[k++] = (unsigned)__dp4a((int)a, (int)b, (int)c);
   out[k++] = __dp4a(a, b, c);
   out[k++] = (unsigned)__dp2a_lo((int)a, (int)b, (int)c);
   out[k++] = __dp2a_hi(a, b, c);
   out[k++] = (unsigned)__float_as_int(1.5f);
   out[k++] = (unsigned)__isGlobal(&global_variable) |
              (unsigned)__isShared(&shared_variable) << 1 |
              (unsigned)__isLocal(&local_variable[a & 3]) << 2 |
              (unsigned)__isConstant(&constant_variable) << 3 |
              (unsigned)__isShared(&global_variable) << 4;
   out[k++] = (unsigned)max((int)a, 5) + min(b, 7u);
   out[k++] = (unsigned)(__vimax3_s32((int)a, 1, 2) + __viaddmin_s32(3, 4, 9));
   int *p = (int *)__cvta_shared_to_generic(__cvta_generic_to_shared(&shared_variable));
   *p = 77;
   out[k++] = (unsigned)shared_variable;
   wide[0] = __brevll((unsigned long long)a << 32 | b);
   wide[1] = __umul64hi((unsigned long long)a << 32 | b, (unsigned long long)b << 32 | c);
   wide[2] = (unsigned long long)__popcll(wide[1]) << 32 |
             (unsigned)__clzll((long long)(wide[1] >> 9));
   wide[3] = (unsigned long long)__double_as_longlong(-2.5);
}

static int
byte(unsigned x, int i)
{
   return (int)(x >> 8 * i & 0xFF);
}

static void
test_integers_helpers()
{
   unsigned *x, *out;
   unsigned long long *wide;
   cudaMallocManaged(&x, 64);
   cudaMallocManaged(&out, 256);
   cudaMallocManaged(&wide, 64);
   const unsigned a = x[0] = 0x89ABCDEF, b = x[1] = 0x12345678, c = x[2] = 1000;
   integers<<<1, 1>>>(x, out, wide);
   cudaDeviceSynchronize();
   unsigned reversed = 0;
   for (int i = 0; i < 32; i++)
      reversed |= (a >> i & 1) << (31 - i);
   long long product = (long long)(int)a * (int)b;
   long long low24 = (long long)((int)(a << 8) >> 8) * ((int)(b << 8) >> 8);
   int dot_s = (int)c, dot_u = (int)c, dot2_lo = (int)c, dot2_hi = (int)c;
   for (int i = 0; i < 4; i++) {
      dot_s += (signed char)byte(a, i) * (signed char)byte(b, i);
      dot_u += byte(a, i) * byte(b, i);
   }
   for (int i = 0; i < 2; i++) {
      dot2_lo += (short)(a >> 16 * i) * (signed char)byte(b, i);
      dot2_hi += (int)(unsigned short)(a >> 16 * i) * byte(b, 2 + i);
   }
   unsigned expected[] = {
      20, 5, 9, reversed,
      /* selectors 2, 4, 1, 6 from the lowest byte up */
      (unsigned)(byte(a, 2) | byte(b, 0) << 8 | byte(a, 1) << 16 | byte(b, 2) << 24),
      b << 5 | a >> 27, a >> 5 | b << 27, a, b, (unsigned)(product >> 32),
      (unsigned)((unsigned long long)a * b >> 32), (unsigned)low24,
      (unsigned)((unsigned long long)(a & 0xFFFFFF) * (b & 0xFFFFFF)), a - b + c,
      (unsigned)(int)(((long long)(int)a + (int)b) >> 1),
      (unsigned)(((unsigned long long)a + b + 1) >> 1), (unsigned)dot_s, (unsigned)dot_u,
      (unsigned)dot2_lo, (unsigned)dot2_hi, 0x3FC00000, 15, 5 + 7, 2 + 7, 77};
   for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
      char what[32];
      snprintf(what, sizeof what, "integer helper %zu", i);
      check(what, out[i], expected[i]);
   }
   unsigned long long ab = (unsigned long long)a << 32 | b,
                      bc = (unsigned long long)b << 32 | c;
   unsigned long long back = 0,
                      high = (unsigned long long)((unsigned __int128)ab * bc >> 64);
   for (int i = 0; i < 64; i++)
      back |= (ab >> i & 1) << (63 - i);
   check("brevll", wide[0], back);
   check("umul64hi", wide[1], high);
   check("popcll, clzll", wide[2],
         (unsigned long long)__builtin_popcountll(high) << 32 |
            (unsigned)__builtin_clzll(high >> 9));
   check("double bits", wide[3], 0xC004000000000000ull);
}

__global__ void
votes(unsigned *out)
{
   int i = threadIdx.x, p;
   unsigned k = 0;
   out += i * 8;
   out[k++] = __ballot_sync(~0u, i % 3 == 0);
   out[k++] = (unsigned)__any_sync(~0u, i == 31) |
              (unsigned)__all_sync(~0u, i < 31) << 1 |
              (unsigned)__uni_sync(~0u, i < 40) << 2;
   out[k++] = __match_any_sync(~0u, i % 4);
   out[k++] = __match_all_sync(~0u, 5ll, &p) + (unsigned)p;
   out[k++] = __reduce_add_sync(~0u, (unsigned)i);
   out[k++] = (unsigned)__reduce_min_sync(~0u, -i);
   out[k++] = i < 10 ? __activemask() : 0;
   out[k++] =
      (unsigned)(__syncthreads_count(i & 1) + 100 * (__syncthreads_or(i == 3) != 0) +
                 1000 * (__syncthreads_and(i < 32) != 0));
}

static void
test_votes()
{
   unsigned *out;
   cudaMallocManaged(&out, 32 * 8 * 4);
   votes<<<1, 32>>>(out);
   cudaDeviceSynchronize();
   for (unsigned i = 0; i < 32; i++) {
      const unsigned *o = out + i * 8;
      check("ballot", o[0], 0x49249249u);
      check("any, all, uni", o[1], 5u);
      check("match_any", o[2], 0x11111111u << i % 4);
      check("match_all", o[3], 0u); /* the full mask and 1 */
      check("reduce_add", o[4], 496u);
      check("reduce_min", (int)o[5], -31);
      /* Which lanes run together is the machine's business; oneself does. */
      check("activemask", i >= 10 || (o[6] >> i & 1), true);
      check("block votes", o[7], 16u + 100 + 1000);
   }
}

int
main()
{
   test_integers<int>("int atomics");
   test_integers<unsigned>("unsigned atomics");
   test_integers<long long>("long long atomics");
   test_integers<unsigned long long>("unsigned long long atomics");
   test_integers<long>("long atomics");
   test_other_atomics();
   test_shuffles<int>("shuffle int");
   test_shuffles<unsigned>("shuffle unsigned");
   test_shuffles<long>("shuffle long");
   test_shuffles<long long>("shuffle long long");
   test_shuffles<unsigned long long>("shuffle unsigned long long");
   test_shuffles<float>("shuffle float");
   test_shuffles<double>("shuffle double");
   test_caches<char>("char");
   test_caches<unsigned char>("unsigned char");
   test_caches<short>("short");
   test_caches<int>("int");
   test_caches<unsigned long long>("unsigned long long");
   test_caches<float>("float");
   test_caches<double>("double");
   test_caches<char4>("char4");
   test_caches<short2>("short2");
   test_caches<int2>("int2");
   test_caches<uint4>("uint4");
   test_caches<float4>("float4");
   test_caches<double2>("double2");
   test_integers_helpers();
   test_votes();
   check("errors", (int)cudaGetLastError(), 0);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
