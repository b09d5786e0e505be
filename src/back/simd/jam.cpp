// SPDX-License-Identifier: Apache-2.0
// Which loops over warps may run several warps together. Warps between two barriers have
// no order that a program could know, so their instructions may alternate as they like,
// as long as each warp's own keep theirs. What must not be is memory of the compiler's
// own that warps use one after the other: code that writes where all warps write stays as
// it is. Branches that all warps take alike stay branches; between others and where their
// ways meet again each warp goes by itself.
#include <llvm-c/Core.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include "back/simd/jam.hpp"

using namespace llvm;
using namespace jam;

extern "C" void target_jam(LLVMModuleRef module, unsigned bytes, unsigned count,
                           unsigned forced);

namespace
{

// Metadata of the branch that ends such a loop (jam.h's JAM_MARK).
const char MARK[] = "kasuri.warps";

const size_t MOST_INSTS = 1000; // in a loop

class finder
{
   const PostDominatorTree &post;
   std::vector<BasicBlock *> order; // of the function
   warps l;

   bool look_at_loop();
   bool is_left_alone() const;
   void find_leaving();
   bool is_region(BasicBlock *from, BasicBlock *join, apart *a) const;
   bool add_apart(BasicBlock *from);
   void spread();
   bool find_aparts();
   bool is_plain(const Instruction &i) const;
   bool leaves_in_time() const;

 public:
   finder(Function &f, const PostDominatorTree &post) : post(post)
   {
      ReversePostOrderTraversal<Function *> all(&f);
      order.assign(all.begin(), all.end());
   }
   bool find(Loop *loop, warps *out);
};

bool
is_call(const Instruction &i)
{
   return isa<CallBase>(i) && !isa<IntrinsicInst>(i);
}

bool
is_cold_call(const Instruction &i)
{
   return is_call(i) && cast<CallBase>(i).hasFnAttr(Attribute::Cold);
}

bool
is_of_warps(const Loop *l)
{
   const BasicBlock *latch = l->getLoopLatch();
   return latch && latch->getTerminator()->getMetadata(MARK);
}

// The loop's form: one way in, one way out, and a count of warps in between.
bool
finder::look_at_loop()
{
   l.ahead = l.loop->getLoopPreheader();
   l.header = l.loop->getHeader();
   l.latch = l.loop->getLoopLatch();
   if (!l.ahead || !l.latch || l.loop->getExitingBlock() != l.latch)
      return false;
   auto *b = dyn_cast<BranchInst>(l.latch->getTerminator());
   l.w = dyn_cast<PHINode>(&l.header->front());
   l.until = b && b->isConditional() ? dyn_cast<ICmpInst>(b->getCondition()) : nullptr;
   if (!b || !l.w || isa<PHINode>(l.w->getNextNode()) ||
       !l.w->getType()->isIntegerTy(32) || !l.until || !l.until->isEquality() ||
       !l.until->hasOneUse())
      return false;
   bool leaves_if = l.until->getPredicate() == ICmpInst::ICMP_EQ;
   l.exit = b->getSuccessor(leaves_if ? 0 : 1);
   l.first = l.w->getIncomingValueForBlock(l.ahead);
   l.end = l.until->getOperand(1);
   auto *next = dyn_cast<BinaryOperator>(l.until->getOperand(0));
   auto *one = next ? dyn_cast<ConstantInt>(next->getOperand(1)) : nullptr;
   return !l.loop->contains(l.exit) && l.loop->isLoopInvariant(l.end) && one &&
          one->isOne() && next->getOpcode() == Instruction::Add &&
          next->getOperand(0) == l.w && l.w->getIncomingValueForBlock(l.latch) == next;
}

// Nobody outside knows what the last warp has computed.
bool
finder::is_left_alone() const
{
   for (const BasicBlock *b : l.loop->blocks())
      for (const Instruction &i : *b)
         for (const User *u : i.users())
            if (!l.loop->contains(cast<Instruction>(u)))
               return false;
   return true;
}

// Blocks that call the code for other warps (emit_continue_in) and are done.
void
finder::find_leaving()
{
   for (BasicBlock *b : l.order) {
      bool by_choice = all_of(predecessors(b), [&](const BasicBlock *from) {
         auto *branch = dyn_cast<BranchInst>(from->getTerminator());
         return branch && branch->isConditional() && l.stays(branch) < 0;
      });
      if (by_choice && b != l.header && b != l.latch && b->getSingleSuccessor() &&
          any_of(*b, is_cold_call))
         l.leaving.insert(b);
   }
}

// All ways from `from` lead to `join`, and what is between is entered by `from` alone.
bool
finder::is_region(BasicBlock *from, BasicBlock *join, apart *a) const
{
   SmallPtrSet<BasicBlock *, 8> seen;
   SmallVector<BasicBlock *, 8> work(successors(from));
   while (!work.empty()) {
      BasicBlock *b = work.pop_back_val();
      if (b == join || !seen.insert(b).second)
         continue;
      if (!l.loop->contains(b) || b == l.header || b == l.latch || l.leaving.contains(b))
         return false;
      work.append(succ_begin(b), succ_end(b));
   }
   for (BasicBlock *b : seen)
      for (BasicBlock *p : predecessors(b))
         if (p != from && !seen.contains(p))
            return false;
   for (BasicBlock *b : l.order)
      if (seen.contains(b))
         a->blocks.push_back(b);
   return true;
}

bool
finder::add_apart(BasicBlock *from)
{
   const DomTreeNode *node = post.getNode(from);
   BasicBlock *join = node && node->getIDom() ? node->getIDom()->getBlock() : nullptr;
   apart a = {from, join, {}};
   if (!join || !l.loop->contains(join) || join == l.header || !is_region(from, join, &a))
      return false;
   l.in_apart.insert(a.blocks.begin(), a.blocks.end());
   l.aparts.insert({from, a});
   return true;
}

// What is made of things that differ between warps does so, too.
void
finder::spread()
{
   SmallVector<const Value *, 32> work(l.own.begin(), l.own.end());
   while (!work.empty())
      for (const User *u : work.pop_back_val()->users())
         if (l.own.insert(u).second)
            work.push_back(u);
}

// Where branches differ between warps, and with them values where their ways meet.
bool
finder::find_aparts()
{
   size_t known;
   l.own.insert(l.w);
   do {
      l.aparts.clear();
      l.in_apart.clear();
      spread();
      known = l.own.size();
      for (BasicBlock *b : l.order) {
         auto *branch = dyn_cast<BranchInst>(b->getTerminator());
         if (!branch)
            return false;
         if (b == l.latch || !l.is_joint(b) || !branch->isConditional() ||
             l.stays(branch) >= 0 || !l.own.contains(branch->getCondition()))
            continue;
         if (branch->getSuccessor(0) == branch->getSuccessor(1) || !add_apart(b))
            return false;
      }
      for (const auto &a : l.aparts)
         for (PHINode &phi : a.second.join->phis())
            l.own.insert(&phi);
   } while (l.own.size() > known);
   return true;
}

// It may alternate with those of other warps.
bool
finder::is_plain(const Instruction &i) const
{
   if (is_call(i) || i.isAtomic() || i.isVolatile() || isa<AllocaInst>(i))
      return false;
   if (!i.mayWriteToMemory() || isa<NoAliasScopeDeclInst>(i))
      return !i.mayThrow();
   const Value *p = nullptr;
   if (auto *s = dyn_cast<StoreInst>(&i))
      p = s->getPointerOperand();
   else if (auto *in = dyn_cast<IntrinsicInst>(&i))
      switch (in->getIntrinsicID()) {
      case Intrinsic::assume:
      case Intrinsic::prefetch:
         return true;
      case Intrinsic::masked_store:
      case Intrinsic::masked_scatter:
         p = in->getArgOperand(1);
         break;
      default:
         break;
      }
   return p && l.own.contains(p) && !isa<AllocaInst>(getUnderlyingObject(p, 0));
}

// Warps begin again where some leave: none has written anything until then.
bool
finder::leaves_in_time() const
{
   SmallPtrSet<const BasicBlock *, 16> late;
   SmallVector<const BasicBlock *, 8> work;
   for (const BasicBlock *b : l.order)
      if (!l.leaving.contains(b) && any_of(*b, [](const Instruction &i) {
             return i.mayWriteToMemory() && !isa<NoAliasScopeDeclInst>(i);
          }))
         work.push_back(b);
   while (!work.empty()) {
      const BasicBlock *b = work.pop_back_val();
      if (!l.loop->contains(b) || b == l.header || !late.insert(b).second)
         continue;
      work.append(succ_begin(b), succ_end(b));
   }
   return none_of(l.leaving, [&](const BasicBlock *b) { return late.contains(b); });
}

bool
finder::find(Loop *loop, warps *out)
{
   l = warps();
   l.loop = loop;
   if (!is_of_warps(loop) || !look_at_loop() || !is_left_alone())
      return false;
   size_t insts = 0;
   for (BasicBlock *b : order)
      if (loop->contains(b)) {
         l.order.push_back(b);
         insts += b->size();
      }
   if (insts > MOST_INSTS)
      return false;
   find_leaving();
   if (!find_aparts() || !leaves_in_time())
      return false;
   for (const BasicBlock *b : l.order)
      if (!l.leaving.contains(b) &&
          !all_of(*b, [&](const Instruction &i) { return is_plain(i); }))
         return false;
   *out = l;
   return true;
}

} // namespace

bool
jam::can_be_apart(const warps &l, const Loop *inner)
{
   const BasicBlock *ahead = inner->getLoopPreheader(), *behind = inner->getExitBlock();
   auto is_joint = [&](const BasicBlock *b) { return l.is_joint(b); };
   return ahead && behind && l.is_joint(ahead) && behind != l.header &&
          l.loop->contains(ahead) && l.loop->contains(behind) &&
          all_of(inner->blocks(), is_joint);
}

void
jam::set_apart(warps &l, const Loop *inner)
{
   apart a = {inner->getLoopPreheader(), inner->getExitBlock(), {}};
   for (BasicBlock *b : l.order)
      if (inner->contains(b)) {
         a.blocks.push_back(b);
         l.aparts.erase(b);
      }
   l.in_apart.insert(a.blocks.begin(), a.blocks.end());
   l.aparts.insert({a.from, a});
}

// bytes, count: of registers for vectors. forced: so many warps, or zero.
void
target_jam(LLVMModuleRef module, unsigned bytes, unsigned count, unsigned forced)
{
   for (Function &f : *unwrap(module)) {
      if (f.isDeclaration())
         continue;
      DominatorTree dom(f);
      LoopInfo loops(dom);
      if (loops.empty())
         continue;
      for (Loop *l : loops.getLoopsInPreorder())
         if (is_of_warps(l) && !l->getLoopPreheader())
            InsertPreheaderForLoop(l, &dom, &loops, nullptr, false);
      PostDominatorTree post(f);
      finder find(f, post);
      std::vector<std::pair<warps, unsigned>> all;
      for (Loop *l : loops.getLoopsInPreorder()) {
         warps w;
         if (!find.find(l, &w))
            continue;
         unsigned n = forced ? forced : gain(w, loops, {bytes, count});
         if (n > 1)
            all.push_back({w, n});
      }
      for (const auto &[w, n] : all)
         together(w, n);
   }
}
