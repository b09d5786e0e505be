// SPDX-License-Identifier: Apache-2.0
// Accesses to memory that LLVM's passes leave worse than they could be where a loop runs
// the warps of a block: loads hoisted out of it in greater number than there are
// registers, and values stored in a warp's frame where they have just been loaded from.
#include <llvm-c/Core.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/MemoryLocation.h>
#include <llvm/Analysis/ScopedNoAliasAA.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

using namespace llvm;

extern "C" void target_settle(LLVMModuleRef module, unsigned room);

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

// About what accesses have in common, for one function.
const unsigned MOST_QUESTIONS = 1u << 18;

using writes = SmallVector<const Instruction *, 32>;

void
add_writes(writes &to, const BasicBlock &b)
{
   for (const Instruction &i : b)
      if (i.mayWriteToMemory() && !isa<NoAliasScopeDeclInst>(i))
         to.push_back(&i);
}

bool
may_write(AAResults &aa, const Instruction *i, const MemoryLocation &at)
{
   return isModSet(aa.getModRefInfo(i, at));
}

// -- Loads go back into loops, where read again in each iteration they cost no more than
// what is spilled instead, and nothing has to be stored first. What was computed ahead of
// the loop stays there.
bool
is_overwritten(AAResults &aa, const LoadInst &load, const writes &all)
{
   MemoryLocation at = MemoryLocation::get(&load);
   return any_of(all, [&](const Instruction *i) { return may_write(aa, i, at); });
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
sink_into(AAResults &aa, const Loop &loop, uint64_t room, unsigned &left)
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
      if (!to || all.size() > left || is_overwritten(aa, *load, all))
         continue;
      left -= all.size();
      Instruction *first = nullptr;
      for (Instruction &i : *to)
         if (is_contained(load->users(), &i)) {
            first = &i;
            break;
         }
      load->moveBefore(first);
   }
}

// -- Stores of what is there.
// Where an access lies: its base, and bytes from there.
struct place {
   const Value *base;
   int64_t first, end;
};

place
place_of(const DataLayout &layout, const Value *p, Type *t)
{
   APInt offset(layout.getIndexTypeSizeInBits(p->getType()), 0);
   p = p->stripAndAccumulateConstantOffsets(layout, offset, true);
   int64_t first = offset.getSExtValue();
   return {p, first, first + int64_t(layout.getTypeStoreSize(t))};
}

// Blocks that control may pass on its way from one that dominates another, both of them
// left out.
SmallVector<const BasicBlock *, 16>
between(const BasicBlock *from, const BasicBlock *to)
{
   SmallVector<const BasicBlock *, 16> all;
   SmallPtrSet<const BasicBlock *, 16> seen;
   if (from == to)
      return all;
   seen.insert(from);
   SmallVector<const BasicBlock *, 16> work(1, to);
   while (!work.empty())
      for (const BasicBlock *p : predecessors(work.pop_back_val()))
         if (seen.insert(p).second) {
            all.push_back(p);
            work.push_back(p);
         }
   return all;
}

class stores
{
   AAResults &aa;
   const DataLayout &layout;
   const BasicBlock *from = nullptr, *to = nullptr;
   writes on_the_way; // from the one block to the other
   unsigned left = MOST_QUESTIONS;

   void look_between(const BasicBlock *a, const BasicBlock *b);
   bool keeps(const Instruction &i, const StoreInst &store, const place &at);

 public:
   stores(AAResults &aa, const DataLayout &layout) : aa(aa), layout(layout)
   {
   }
   bool is_there(const StoreInst &store);
};

void
stores::look_between(const BasicBlock *a, const BasicBlock *b)
{
   if (a == from && b == to)
      return;
   from = a;
   to = b;
   on_the_way.clear();
   for (const BasicBlock *block : between(a, b))
      add_writes(on_the_way, *block);
}

bool
stores::keeps(const Instruction &i, const StoreInst &store, const place &at)
{
   if (!left)
      return false;
   left--;
   auto *other = dyn_cast<StoreInst>(&i);
   if (other && other->isSimple()) {
      place o =
         place_of(layout, other->getPointerOperand(), other->getValueOperand()->getType());
      if (o.base == at.base && (o.end <= at.first || at.end <= o.first))
         return true;
   }
   return !may_write(aa, &i, MemoryLocation::get(&store));
}

// Every way from where the base is made to the store leads over the load, so both mean one
// address.
bool
stores::is_there(const StoreInst &store)
{
   auto *load = dyn_cast<LoadInst>(store.getValueOperand());
   if (!load || !load->isSimple() || !store.isSimple())
      return false;
   place at = place_of(layout, store.getPointerOperand(), load->getType());
   place was = place_of(layout, load->getPointerOperand(), load->getType());
   if (at.base != was.base || at.first != was.first)
      return false;
   const BasicBlock *a = load->getParent(), *b = store.getParent();
   for (const Instruction *i = load->getNextNode(); i && i != &store; i = i->getNextNode())
      if (i->mayWriteToMemory() && !isa<NoAliasScopeDeclInst>(i) && !keeps(*i, store, at))
         return false;
   for (const Instruction *i = &b->front(); a != b && i != &store; i = i->getNextNode())
      if (i->mayWriteToMemory() && !isa<NoAliasScopeDeclInst>(i) && !keeps(*i, store, at))
         return false;
   look_between(a, b);
   return all_of(on_the_way,
                 [&](const Instruction *i) { return keeps(*i, store, at); });
}

void
drop_stores(AAResults &aa, Function &f)
{
   stores s(aa, f.getParent()->getDataLayout());
   for (BasicBlock &b : f)
      for (auto it = b.begin(); it != b.end();) {
         auto *store = dyn_cast<StoreInst>(&*it++);
         if (store && s.is_there(*store))
            store->eraseFromParent();
      }
}

} // namespace

// room: bytes of vectors that a loop may get from outside.
void
target_settle(LLVMModuleRef module, unsigned room)
{
   scopes s;
   for (Function &f : *unwrap(module)) {
      if (f.isDeclaration())
         continue;
      drop_stores(s.results, f);
      DominatorTree dom(f);
      LoopInfo loops(dom);
      unsigned left = MOST_QUESTIONS;
      for (Loop *l : loops.getLoopsInPreorder())
         if (l->isInnermost())
            sink_into(s.results, *l, room, left);
   }
}
