// SPDX-License-Identifier: Apache-2.0
// Loads that LLVM hoisted out of loops in greater number than there are registers, put
// back: read again in each iteration they cost no more than what is spilled instead, and
// nothing has to be stored first. What was computed ahead of the loop stays there.
#include <llvm-c/Core.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/MemoryLocation.h>
#include <llvm/Analysis/ScopedNoAliasAA.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

using namespace llvm;

extern "C" void target_sink_loads(LLVMModuleRef module, unsigned room);

namespace
{

// What says that two accesses never meet: alias.c's scopes.
struct scopes {
   TargetLibraryInfoImpl impl;
   TargetLibraryInfo info{impl};
   ScopedNoAliasAAResult scoped;
   AAResults results{info};

   scopes()
   {
      results.addAAResult(scoped);
   }
};

using writes = SmallVector<const Instruction *, 32>;

void
add_writes(writes &to, const BasicBlock &b)
{
   for (const Instruction &i : b)
      if (i.mayWriteToMemory() && !isa<NoAliasScopeDeclInst>(i))
         to.push_back(&i);
}

bool
is_overwritten(AAResults &aa, const LoadInst &load, const writes &all)
{
   for (const Instruction *i : all) {
      auto *store = dyn_cast<StoreInst>(i);
      if (!store || !store->isSimple() ||
          !aa.isNoAlias(MemoryLocation::get(&load), MemoryLocation::get(store)))
         return true;
   }
   return false;
}

// The one block in the loop where all is read, or none.
BasicBlock *
reader(const LoadInst &load, const Loop &loop)
{
   BasicBlock *b = nullptr;
   for (const User *u : load.users()) {
      auto *i = cast<Instruction>(u);
      if (isa<PHINode>(i) || !loop.contains(i) || (b && i->getParent() != b))
         return nullptr;
      b = const_cast<BasicBlock *>(i->getParent());
   }
   return b;
}

uint64_t
bytes_of(const DataLayout &layout, const Value *v)
{
   return v->getType()->isVectorTy() ? layout.getTypeStoreSize(v->getType()) : 0;
}

// Of vectors that come from outside.
uint64_t
bytes_into(const DataLayout &layout, const Loop &loop)
{
   SmallPtrSet<const Value *, 32> seen;
   uint64_t n = 0;
   for (const BasicBlock *b : loop.blocks())
      for (const Instruction &i : *b)
         for (const Value *v : i.operands()) {
            auto *from = dyn_cast<Instruction>(v);
            if (from && !loop.contains(from) && seen.insert(v).second)
               n += bytes_of(layout, v);
         }
   return n;
}

void
sink_into(AAResults &aa, const Loop &loop, uint64_t room)
{
   BasicBlock *ahead = loop.getLoopPreheader();
   if (!ahead)
      return;
   const DataLayout &layout = ahead->getModule()->getDataLayout();
   if (bytes_into(layout, loop) <= room)
      return;
   writes all;
   add_writes(all, *ahead);
   for (const BasicBlock *b : loop.blocks())
      add_writes(all, *b);
   for (auto it = ahead->begin(); it != ahead->end();) {
      auto *load = dyn_cast<LoadInst>(&*it++);
      if (!load || !load->isSimple() || !bytes_of(layout, load))
         continue;
      BasicBlock *to = reader(*load, loop);
      if (!to || is_overwritten(aa, *load, all))
         continue;
      Instruction *first = nullptr;
      for (Instruction &i : *to)
         if (is_contained(load->users(), &i)) {
            first = &i;
            break;
         }
      load->moveBefore(first);
   }
}

} // namespace

// room: bytes of vectors that a loop may get from outside.
void
target_sink_loads(LLVMModuleRef module, unsigned room)
{
   scopes s;
   for (Function &f : *unwrap(module)) {
      if (f.isDeclaration())
         continue;
      DominatorTree dom(f);
      LoopInfo loops(dom);
      for (Loop *l : loops.getLoopsInPreorder())
         if (l->isInnermost())
            sink_into(s.results, *l, room);
   }
}
