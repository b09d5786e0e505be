// SPDX-License-Identifier: Apache-2.0
// Whether the processor that code is made for has a feature: LLVM-C has no call for it.
#include <llvm-c/TargetMachine.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/Target/TargetMachine.h>

extern "C" int target_machine_has(LLVMTargetMachineRef tm, const char *feature);

int
target_machine_has(LLVMTargetMachineRef tm, const char *feature)
{
   auto *machine = reinterpret_cast<llvm::TargetMachine *>(tm);
   return machine->getMCSubtargetInfo()->checkFeatures(feature);
}
