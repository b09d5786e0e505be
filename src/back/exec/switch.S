/* SPDX-License-Identifier: Apache-2.0
 * Switching stacks: only what the C calling convention preserves is saved, which is why a
 * switch costs nanoseconds. The floating-point environment is not saved: running code has
 * the default one whenever it calls a service. */

#if defined(__x86_64__)
   .text
   .globl kasuri_fiber_switch
   .hidden kasuri_fiber_switch
   .type kasuri_fiber_switch, @function
   .p2align 4
kasuri_fiber_switch: /* (void **save, void *to) */
   pushq %rbp
   pushq %rbx
   pushq %r12
   pushq %r13
   pushq %r14
   pushq %r15
   movq %rsp, (%rdi)
   movq %rsi, %rsp
   popq %r15
   popq %r14
   popq %r13
   popq %r12
   popq %rbx
   popq %rbp
   popq %rcx /* a jump, as the return predictor would be wrong each time */
   jmpq *%rcx
   .size kasuri_fiber_switch, . - kasuri_fiber_switch

   .globl kasuri_fiber_boot
   .hidden kasuri_fiber_boot
   .type kasuri_fiber_boot, @function
   .p2align 4
kasuri_fiber_boot: /* rbx: entry, r12: its argument */
   movq %r12, %rdi
   callq *%rbx
   ud2
   .size kasuri_fiber_boot, . - kasuri_fiber_boot

   .globl kasuri_guard_call
   .hidden kasuri_guard_call
   .type kasuri_guard_call, @function
   .p2align 4
kasuri_guard_call: /* int (void **save, void (*fn)(void *), void *arg) */
   pushq %rbp
   pushq %rbx
   pushq %r12
   pushq %r13
   pushq %r14
   pushq %r15
   subq $8, %rsp
   movq %rsp, (%rdi)
   movq %rdx, %rdi
   callq *%rsi
   xorl %eax, %eax
.Lguard_leave:
   addq $8, %rsp
   popq %r15
   popq %r14
   popq %r13
   popq %r12
   popq %rbx
   popq %rbp
   retq
   .size kasuri_guard_call, . - kasuri_guard_call

   .globl kasuri_guard_escape
   .hidden kasuri_guard_escape
   .type kasuri_guard_escape, @function
   .p2align 4
kasuri_guard_escape: /* (void *saved): kasuri_guard_call returns 1 */
   movq %rdi, %rsp
   movl $1, %eax
   jmp .Lguard_leave
   .size kasuri_guard_escape, . - kasuri_guard_escape

#elif defined(__aarch64__)
   .macro save_all
   sub sp, sp, #160
   stp x19, x20, [sp, #0]
   stp x21, x22, [sp, #16]
   stp x23, x24, [sp, #32]
   stp x25, x26, [sp, #48]
   stp x27, x28, [sp, #64]
   stp x29, x30, [sp, #80]
   stp d8, d9, [sp, #96]
   stp d10, d11, [sp, #112]
   stp d12, d13, [sp, #128]
   stp d14, d15, [sp, #144]
   .endm
   .macro restore_all
   ldp x19, x20, [sp, #0]
   ldp x21, x22, [sp, #16]
   ldp x23, x24, [sp, #32]
   ldp x25, x26, [sp, #48]
   ldp x27, x28, [sp, #64]
   ldp x29, x30, [sp, #80]
   ldp d8, d9, [sp, #96]
   ldp d10, d11, [sp, #112]
   ldp d12, d13, [sp, #128]
   ldp d14, d15, [sp, #144]
   add sp, sp, #160
   .endm

   .text
   .globl kasuri_fiber_switch
   .hidden kasuri_fiber_switch
   .type kasuri_fiber_switch, %function
   .p2align 4
kasuri_fiber_switch: /* (void **save, void *to) */
   save_all
   mov x9, sp
   str x9, [x0]
   mov sp, x1
   restore_all
   br x30
   .size kasuri_fiber_switch, . - kasuri_fiber_switch

   .globl kasuri_fiber_boot
   .hidden kasuri_fiber_boot
   .type kasuri_fiber_boot, %function
   .p2align 4
kasuri_fiber_boot: /* x19: entry, x20: its argument */
   mov x0, x20
   blr x19
   brk #0
   .size kasuri_fiber_boot, . - kasuri_fiber_boot

   .globl kasuri_guard_call
   .hidden kasuri_guard_call
   .type kasuri_guard_call, %function
   .p2align 4
kasuri_guard_call: /* int (void **save, void (*fn)(void *), void *arg) */
   save_all
   mov x9, sp
   str x9, [x0]
   mov x0, x2
   blr x1
   mov w0, #0
.Lguard_leave:
   restore_all
   ret
   .size kasuri_guard_call, . - kasuri_guard_call

   .globl kasuri_guard_escape
   .hidden kasuri_guard_escape
   .type kasuri_guard_escape, %function
   .p2align 4
kasuri_guard_escape: /* (void *saved): kasuri_guard_call returns 1 */
   mov sp, x0
   mov w0, #1
   b .Lguard_leave
   .size kasuri_guard_escape, . - kasuri_guard_escape
#else
#error "no fiber switch for this processor"
#endif

   .section .note.GNU-stack, "", %progbits
