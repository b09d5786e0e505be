// SPDX-License-Identifier: Apache-2.0
// Asking for a section that says how large each function's frame is: LLVM-C has no call.
#include <llvm-c/TargetMachine.h>
#include <llvm/Target/TargetMachine.h>

extern "C" void target_want_stack_sizes(LLVMTargetMachineRef tm);

void
target_want_stack_sizes(LLVMTargetMachineRef tm)
{
   reinterpret_cast<llvm::TargetMachine *>(tm)->Options.EmitStackSizeSection = true;
}
