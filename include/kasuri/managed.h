/* SPDX-License-Identifier: Apache-2.0
 * __managed__ variables. clang does not know the word, but device memory is host memory
 * here: the host's own variable is the storage, gathered in a section of its own, and the
 * runtime gives the device's symbol that address. A constructor tells the runtime where
 * the section lies, before the program's kernels and variables are registered. */
#ifndef KASURI_MANAGED_H
#define KASURI_MANAGED_H

#ifdef __CUDA_ARCH__
#define __managed__ __attribute__((device))
#else
#define __managed__ __attribute__((device)) __attribute__((section("kasuri_managed")))

extern "C" {
extern char __start_kasuri_managed[] __attribute__((weak, visibility("hidden")));
extern char __stop_kasuri_managed[] __attribute__((weak, visibility("hidden")));
void __kasuriRegisterManagedRange(void *start, void *stop) __attribute__((weak));
}
/* 101: the first of the priorities that programs may use. clang registers its fatbin in a
 * constructor without a priority, which runs later. */
__attribute__((constructor(101))) static void
kasuri_register_managed_range()
{
   if (__start_kasuri_managed != nullptr && __kasuriRegisterManagedRange != nullptr)
      __kasuriRegisterManagedRange(__start_kasuri_managed, __stop_kasuri_managed);
}
#endif

#endif
