/* SPDX-License-Identifier: Apache-2.0
 * Device printf's formats; what must come out is written down, as the C standard and the
 * CUDA programming guide state it. */
#include "check.h"

#include "back/exec/exec.h"

struct block {
   uint8_t bytes[256];
   size_t at;
};

static void
put(struct block *b, const void *v, size_t size)
{
   b->at = ALIGN_UP(b->at, size);
   memcpy(b->bytes + b->at, v, size);
   b->at += size;
}

static struct block
i32(int32_t a, int32_t b, int32_t c)
{
   struct block r = {.at = 0};
   put(&r, &a, 4);
   put(&r, &b, 4);
   put(&r, &c, 4);
   return r;
}

static struct block
i64(uint64_t a)
{
   struct block r = {.at = 0};
   put(&r, &a, 8);
   return r;
}

static struct block
f64(double a)
{
   struct block r = {.at = 0};
   put(&r, &a, 8);
   return r;
}

static struct block
text(const char *s)
{
   return i64((uint64_t)(uintptr_t)s);
}

static void
expect(const char *fmt, struct block args, const char *want, int count)
{
   struct str s = {0};
   int n = exec_format(&s, fmt, args.bytes);
   CHECK_STR(str_get(&s), want);
   CHECK_EQ_U64((uint64_t)n, (uint64_t)count);
   str_finish(&s);
}

static void
test_integers(void)
{
   expect("plain", i32(0, 0, 0), "plain", 0);
   expect("100%%", i32(0, 0, 0), "100%", 0);
   expect("%d", i32(-5, 0, 0), "-5", 1);
   expect("%i %i", i32(7, -7, 0), "7 -7", 2);
   expect("%u", i32(-1, 0, 0), "4294967295", 1);
   expect("%x %X", i32(0xbeef, 0xbeef, 0), "beef BEEF", 2);
   expect("%o", i32(8, 0, 0), "10", 1);
   expect("%#x %#o", i32(255, 8, 0), "0xff 010", 2);
   expect("[%5d][%-5d][%05d]", i32(42, 42, 42), "[   42][42   ][00042]", 3);
   expect("%+d % d", i32(3, 3, 0), "+3  3", 2);
   expect("%.4d", i32(42, 0, 0), "0042", 1);
   expect("[%*d]", i32(6, 42, 0), "[    42]", 2);
   expect("[%*d]", i32(-6, 42, 0), "[42    ]", 2);
   expect("[%-*.*d]", i32(6, 3, 42), "[042   ]", 3);
   expect("%hd %hhd", i32(0x12345, 0x1ff, 0), "9029 -1", 2);
   expect("%hu %hhx", i32(-1, -1, 0), "65535 ff", 2);
   expect("%c%c%c", i32('a', 'b', 'c'), "abc", 3);
   expect("[%3c][%-3c]", i32('x', 'y', 0), "[  x][y  ]", 2);
   expect("%ld", i64((uint64_t)INT64_MIN), "-9223372036854775808", 1);
   expect("%lld", i64((uint64_t)-1), "-1", 1);
   expect("%llu", i64(UINT64_MAX), "18446744073709551615", 1);
   expect("%lx", i64(0x123456789abcdefull), "123456789abcdef", 1);
   expect("%zu", i64(12345678901ull), "12345678901", 1);
}

static void
test_floats(void)
{
   expect("%f", f64(1.5), "1.500000", 1);
   expect("%.2f", f64(-2.345), "-2.35", 1);
   expect("%8.3f|", f64(3.14159), "   3.142|", 1);
   expect("%-8.1f|", f64(3.14159), "3.1     |", 1);
   expect("%e", f64(12345.678), "1.234568e+04", 1);
   expect("%E", f64(0.00012), "1.200000E-04", 1);
   expect("%g", f64(0.0001), "0.0001", 1);
   expect("%g", f64(1e10), "1e+10", 1);
   expect("%G", f64(1e-10), "1E-10", 1);
   expect("%a", f64(1.0), "0x1p+0", 1);
   expect("%+.0f", f64(2.5), "+2", 1);
   expect("%f", f64(__builtin_inf()), "inf", 1);
   expect("%f", f64(-__builtin_inf()), "-inf", 1);
   expect("%5.1f%%", f64(99.5), " 99.5%", 1);
   expect(
      "%.300f", f64(0.0),
      "0."
      "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000000000000000000000000000000000",
      1);
}

static void
test_strings(void)
{
   expect("%s", text("hello"), "hello", 1);
   expect("[%8s]", text("right"), "[   right]", 1);
   expect("[%-8s]", text("left"), "[left    ]", 1);
   expect("[%.3s]", text("abcdef"), "[abc]", 1);
   expect("[%6.2s]", text("abcdef"), "[    ab]", 1);
   expect("%s", text(NULL), "(null)", 1);
   expect("%p", text((const char *)0x7f00ull), "0x7f00", 1);
   expect("a%nb", text(NULL), "ab", 1);
   expect("%y %", i32(0, 0, 0), "%y %", 0);
}

static void
test_packing(void)
{
   struct block b = {
      .at = 0}; /* int, double, char, pointer, int: each aligned to its size */
   int32_t i = -3, c = 'z', j = 9;
   double d = 0.25;
   const char *s = "str";
   put(&b, &i, 4);
   put(&b, &d, 8);
   put(&b, &c, 4);
   put(&b, &s, 8);
   put(&b, &j, 4);
   expect("%d %g %c %s %d\n", b, "-3 0.25 z str 9\n", 5);
   struct str out = {0};
   CHECK(exec_format(&out, NULL, b.bytes) == -1);
   CHECK_EQ_U64(out.len, 0);
   char zero = 0;
   struct block with_nul = i32(zero, 0, 0);
   CHECK(exec_format(&out, "a%cb", with_nul.bytes) == 1);
   CHECK_EQ_U64(out.len, 3);
   CHECK(!memcmp(out.data, "a\0b", 3));
   str_finish(&out);
}

int
main(void)
{
   test_integers();
   test_floats();
   test_strings();
   test_packing();
   return check_done();
}
