// SPDX-License-Identifier: Apache-2.0
// Linking only what is needed of a lazily read module: LLVM-C has no call for it.
#include <memory>

#include <llvm-c/Core.h>
#include <llvm/IR/Module.h>
#include <llvm/Linker/Linker.h>

extern "C" int target_link_needed(LLVMModuleRef to, LLVMModuleRef from);

int
target_link_needed(LLVMModuleRef to, LLVMModuleRef from)
{
   return llvm::Linker::linkModules(*llvm::unwrap(to),
                                    std::unique_ptr<llvm::Module>(llvm::unwrap(from)),
                                    llvm::Linker::Flags::LinkOnlyNeeded);
}
