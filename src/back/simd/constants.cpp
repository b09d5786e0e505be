// SPDX-License-Identifier: Apache-2.0
// Constants that all lanes read alike, which LLVM's passes load ahead of all loops, are
// loaded again where they are read in loops that they leave too few registers for.
#include <llvm-c/Core.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

using namespace llvm;

extern "C" void target_repeat_constants(LLVMModuleRef module, unsigned bytes,
                                        unsigned registers);

namespace
{

// A load and what makes a vector of it, each made of the one before.
using splat = SmallVector<Instruction *, 4>;

// What makes v, where that is a constant in all lanes; or nothing.
splat
splat_of(Instruction *v)
{
   splat all;
   auto *shuffle = dyn_cast<ShuffleVectorInst>(v);
   if (!shuffle || !shuffle->isZeroEltSplat())
      return all;
   auto *cast = dyn_cast<BitCastInst>(shuffle->getOperand(0));
   auto *insert =
      dyn_cast<InsertElementInst>(cast ? cast->getOperand(0) : shuffle->getOperand(0));
   auto *load = insert ? dyn_cast<LoadInst>(insert->getOperand(1)) : nullptr;
   if (!load || !load->isSimple() || !load->hasMetadata(LLVMContext::MD_invariant_load))
      return all;
   all = {load, insert};
   if (cast)
      all.push_back(cast);
   all.push_back(shuffle);
   return all;
}

// Vectors from outside that a loop reads.
SmallSetVector<Instruction *, 32>
vectors_into(const Loop &loop)
{
   SmallSetVector<Instruction *, 32> all;
   for (const BasicBlock *b : loop.blocks())
      for (const Instruction &i : *b)
         for (Value *v : i.operands()) {
            auto *from = dyn_cast<Instruction>(v);
            if (from && !loop.contains(from) && v->getType()->isVectorTy())
               all.insert(from);
         }
   return all;
}

Instruction *
copy_before(Instruction *here, const splat &all)
{
   Instruction *copy = nullptr;
   for (unsigned k = 0; k < all.size(); k++) {
      Instruction *next = all[k]->clone();
      next->insertBefore(here);
      if (k)
         next->replaceUsesOfWith(all[k - 1], copy);
      copy = next;
   }
   return copy;
}

// One in each block of the loop that reads it.
void
repeat(const Loop &loop, const splat &all)
{
   for (BasicBlock *b : loop.blocks()) {
      Instruction *copy = nullptr;
      for (Instruction &i : *b) {
         if (isa<PHINode>(i) || !is_contained(i.operands(), all.back()))
            continue;
         if (!copy)
            copy = copy_before(&i, all);
         i.replaceUsesOfWith(all.back(), copy);
      }
   }
}

void
repeat_some(const Loop &loop, unsigned bytes, unsigned registers)
{
   const DataLayout &layout = loop.getHeader()->getModule()->getDataLayout();
   SmallVector<splat, 32> splats;
   uint64_t needed = 0;
   for (Instruction *v : vectors_into(loop)) {
      splat s = splat_of(v);
      if (s.empty())
         needed += divideCeil(uint64_t(layout.getTypeStoreSize(v->getType())), bytes);
      else
         splats.push_back(s);
   }
   for (const splat &s : splats)
      if (++needed > registers)
         repeat(loop, s);
}

} // namespace

// bytes: of a vector register; a loop may get so many from outside.
void
target_repeat_constants(LLVMModuleRef module, unsigned bytes, unsigned registers)
{
   for (Function &f : *unwrap(module)) {
      if (f.isDeclaration())
         continue;
      DominatorTree dom(f);
      LoopInfo loops(dom);
      for (Loop *l : loops.getLoopsInPreorder())
         if (l->isInnermost())
            repeat_some(*l, bytes, registers);
   }
}
