/* SPDX-License-Identifier: Apache-2.0
 * The only header that may use compiler extensions: attributes and builtins by our names.
 */
#ifndef KASURI_COMPILER_H
#define KASURI_COMPILER_H

#define KASURI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KASURI_MALLOC __attribute__((malloc, warn_unused_result))
#define KASURI_MUST_USE __attribute__((warn_unused_result))
#define KASURI_NORETURN __attribute__((noreturn))
#define KASURI_UNUSED __attribute__((unused))
#define KASURI_NOINLINE __attribute__((noinline))
#define KASURI_EXPORT __attribute__((visibility("default")))
#define KASURI_LIKELY(x) __builtin_expect(!!(x), 1)
#define KASURI_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define KASURI_UNREACHABLE() __builtin_unreachable()
#define KASURI_FALLTHROUGH __attribute__((fallthrough))

#endif
