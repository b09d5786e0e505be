// SPDX-License-Identifier: Apache-2.0
// Linking only what is needed of a lazily read module: LLVM-C has no calls for it.
#include <memory>

#include <llvm-c/Core.h>
#include <llvm/IR/Module.h>
#include <llvm/Linker/Linker.h>

extern "C" int target_link_needed(LLVMModuleRef to, LLVMModuleRef from);
extern "C" void target_forget_body(LLVMValueRef function);

int
target_link_needed(LLVMModuleRef to, LLVMModuleRef from)
{
   return llvm::Linker::linkModules(*llvm::unwrap(to),
                                    std::unique_ptr<llvm::Module>(llvm::unwrap(from)),
                                    llvm::Linker::Flags::LinkOnlyNeeded);
}

void
target_forget_body(LLVMValueRef function)
{
   llvm::unwrap<llvm::Function>(function)->deleteBody();
}
