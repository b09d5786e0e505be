// SPDX-License-Identifier: Apache-2.0
// Makes of a loop over warps one over several at a time. The old loop stays, for warps
// that are left over in the end and for those of which some leave for other code.
#include <llvm/IR/CFG.h>
#include <llvm/IR/IRBuilder.h>

#include "back/simd/jam.hpp"

using namespace llvm;

namespace
{

using mapping = DenseMap<const Value *, Value *>;

class copier
{
   const jam::warps &l;
   unsigned n;
   Function &f;
   LLVMContext &cx;
   std::vector<mapping> own; // by warp; what all share is in each
   DenseMap<const BasicBlock *, BasicBlock *> joint;
   struct way {
      std::vector<DenseMap<const BasicBlock *, BasicBlock *>> blocks; // by warp
      std::vector<BasicBlock *> met;                                  // where it ends
   };
   DenseMap<const BasicBlock *, way> ways; // by what branches
   BasicBlock *head, *single;
   PHINode *base;

   BasicBlock *new_block(const char *name);
   Value *value(unsigned k, Value *v) const;
   void copy(const Instruction &i, unsigned k, IRBuilder<> &b);
   void copy_body(BasicBlock *from);
   void branch(BasicBlock *from);
   void copy_apart(const jam::apart &a);
   void meet(const jam::apart &a, unsigned k);
   void go(const jam::apart &a, unsigned k, const BasicBlock *from, BasicBlock *at);
   void fill_phi(PHINode *phi, unsigned k);
   void fill_apart(const jam::apart &a);
   void make_head();
   void keep_single();

 public:
   copier(const jam::warps &l, unsigned n)
       : l(l), n(n), f(*l.header->getParent()), cx(f.getContext()), own(n)
   {
   }
   void run();
};

BasicBlock *
copier::new_block(const char *name)
{
   return BasicBlock::Create(cx, name, &f, l.header);
}

Value *
copier::value(unsigned k, Value *v) const
{
   Value *x = own[k].lookup(v);
   return x ? x : v;
}

// Of warp k.
void
copier::copy(const Instruction &i, unsigned k, IRBuilder<> &b)
{
   Instruction *c = i.clone();
   if (!isa<PHINode>(c))
      for (Use &u : c->operands())
         u.set(value(k, u.get()));
   b.Insert(c);
   own[k][&i] = c;
}

// Without the branch at its end.
void
copier::copy_body(BasicBlock *from)
{
   IRBuilder<> b(joint[from]);
   for (const Instruction &i : *from) {
      if (i.isTerminator() || &i == l.w)
         continue;
      copy(i, 0, b);
      for (unsigned k = 1; k < n; k++)
         if (l.own.contains(&i))
            copy(i, k, b);
         else
            own[k][&i] = own[0][&i];
   }
}

void
copier::branch(BasicBlock *from)
{
   IRBuilder<> b(joint[from]);
   auto *was = cast<BranchInst>(from->getTerminator());
   int stays = l.stays(was);
   if (from == l.latch) {
      b.CreateBr(head);
   } else if (!was->isConditional()) {
      b.CreateBr(joint[was->getSuccessor(0)]);
   } else if (stays < 0) {
      b.CreateCondBr(value(0, was->getCondition()), joint[was->getSuccessor(0)],
                     joint[was->getSuccessor(1)]);
   } else {
      Value *all = value(0, was->getCondition());
      for (unsigned k = 1; k < n && l.own.contains(was->getCondition()); k++) {
         Value *c = value(k, was->getCondition());
         all = stays ? b.CreateOr(all, c) : b.CreateAnd(all, c);
      }
      BasicBlock *on = joint[was->getSuccessor(unsigned(stays))];
      b.CreateCondBr(all, stays ? single : on, stays ? on : single);
   }
}

// The branch at the end of `from`, for warp k, at the end of `at`.
void
copier::go(const jam::apart &a, unsigned k, const BasicBlock *from, BasicBlock *at)
{
   const way &w = ways[a.from];
   auto *was = cast<BranchInst>(from->getTerminator());
   Instruction *c = was->clone();
   if (was->isConditional())
      c->setOperand(0, value(k, was->getCondition()));
   for (unsigned s = 0; s < was->getNumSuccessors(); s++) {
      BasicBlock *t = was->getSuccessor(s);
      c->setSuccessor(s, t == a.join ? w.met[k] : w.blocks[k].lookup(t));
   }
   IRBuilder<>(at).Insert(c);
}

void
copier::copy_apart(const jam::apart &a)
{
   way w;
   w.blocks.resize(n);
   for (unsigned k = 0; k < n; k++) {
      for (const BasicBlock *b : a.blocks)
         w.blocks[k][b] = new_block("apart");
      w.met.push_back(new_block("met"));
   }
   ways[a.from] = w;
   for (unsigned k = 0; k < n; k++) {
      go(a, k, a.from, k ? w.met[k - 1] : joint[a.from]);
      for (const BasicBlock *from : a.blocks) {
         BasicBlock *at = w.blocks[k].lookup(from);
         IRBuilder<> b(at);
         for (const Instruction &i : *from)
            if (!i.isTerminator())
               copy(i, k, b);
         go(a, k, from, at);
      }
   }
   IRBuilder<>(w.met[n - 1]).CreateBr(joint[a.join]);
}

// Phis where warp k's ways meet, and what flows from there into those of all.
void
copier::meet(const jam::apart &a, unsigned k)
{
   const way &w = ways[a.from];
   for (PHINode &phi : a.join->phis()) {
      if (k && !l.own.contains(&phi))
         continue;
      IRBuilder<> b(w.met[k], w.met[k]->getFirstNonPHIIt());
      PHINode *x = b.CreatePHI(phi.getType(), 2);
      for (unsigned p = 0; p < phi.getNumIncomingValues(); p++) {
         BasicBlock *from = phi.getIncomingBlock(p), *to = w.blocks[k].lookup(from);
         if (from == a.from)
            to = k ? w.met[k - 1] : joint[from];
         if (to)
            x->addIncoming(value(k, phi.getIncomingValue(p)), to);
      }
      cast<PHINode>(own[k][&phi])->addIncoming(x, w.met[n - 1]);
   }
}

// Phis within, then those behind.
void
copier::fill_apart(const jam::apart &a)
{
   const way &w = ways[a.from];
   for (unsigned k = 0; k < n; k++) {
      for (BasicBlock *b : a.blocks)
         for (PHINode &phi : b->phis())
            for (unsigned p = 0; p < phi.getNumIncomingValues(); p++) {
               BasicBlock *from = phi.getIncomingBlock(p);
               BasicBlock *to = from != a.from ? w.blocks[k].lookup(from)
                                : k            ? w.met[k - 1]
                                               : joint[from];
               auto *x = cast<PHINode>(own[k][&phi]);
               x->setIncomingBlock(p, to);
               x->setIncomingValue(p, value(k, phi.getIncomingValue(p)));
            }
      meet(a, k);
   }
}

// What flows into it from where all warps go together.
void
copier::fill_phi(PHINode *phi, unsigned k)
{
   auto *x = cast<PHINode>(own[k][phi]);
   for (unsigned p = 0; p < phi->getNumIncomingValues(); p++) {
      BasicBlock *from = phi->getIncomingBlock(p);
      auto a = l.aparts.find(from);
      if (l.is_joint(from) && (a == l.aparts.end() || a->second.join != phi->getParent()))
         x->addIncoming(value(k, phi->getIncomingValue(p)), joint[from]);
   }
}

// n warps from `base` on, as long as there are so many.
void
copier::make_head()
{
   IRBuilder<> b(head);
   base = b.CreatePHI(l.w->getType(), 3);
   base->addIncoming(l.first, l.ahead);
   base->addIncoming(b.CreateAdd(base, b.getInt32(n)), joint[l.latch]);
   own[0][l.w] = base;
   for (unsigned k = 1; k < n; k++)
      own[k][l.w] = b.CreateAdd(base, b.getInt32(k));
   auto *first = dyn_cast<ConstantInt>(l.first), *end = dyn_cast<ConstantInt>(l.end);
   Value *none = b.CreateICmpEQ(base, l.end);
   if (first && end && (end->getZExtValue() - first->getZExtValue()) % n == 0) {
      b.CreateCondBr(none, l.exit, joint[l.header]);
   } else {
      BasicBlock *few = new_block("few");
      Value *left = b.CreateSub(l.end, base);
      b.CreateCondBr(b.CreateICmpULT(left, b.getInt32(n)), few, joint[l.header]);
      b.SetInsertPoint(few);
      b.CreateCondBr(none, l.exit, single);
   }
}

// The old loop runs up to n warps from `base` on.
void
copier::keep_single()
{
   IRBuilder<> b(single);
   BasicBlock *check = new_block("check");
   Value *rest = b.CreateSub(l.end, base), *most = b.getInt32(n);
   Value *count = b.CreateSelect(b.CreateICmpULT(rest, most), rest, most);
   Value *end = b.CreateAdd(base, count);
   b.CreateBr(l.header);
   l.ahead->getTerminator()->replaceSuccessorWith(l.header, head);
   l.w->setIncomingValue(unsigned(l.w->getBasicBlockIndex(l.ahead)), base);
   l.w->setIncomingBlock(unsigned(l.w->getBasicBlockIndex(l.ahead)), single);
   l.until->setOperand(1, end);
   l.latch->getTerminator()->replaceSuccessorWith(l.exit, check);
   IRBuilder<>(check).CreateBr(head);
   base->addIncoming(end, check);
   for (PHINode &phi : l.exit->phis()) {
      auto at = unsigned(phi.getBasicBlockIndex(l.latch));
      for (BasicBlock *p : predecessors(l.exit))
         if (phi.getBasicBlockIndex(p) < 0)
            phi.addIncoming(phi.getIncomingValue(at), p);
      phi.removeIncomingValue(l.latch);
   }
}

void
copier::run()
{
   head = new_block("jam");
   single = new_block("single");
   for (const BasicBlock *b : l.order)
      if (l.is_joint(b))
         joint[b] = new_block("");
   make_head();
   for (BasicBlock *b : l.order) {
      if (!l.is_joint(b))
         continue;
      copy_body(b);
      auto a = l.aparts.find(b);
      if (a == l.aparts.end())
         branch(b);
      else
         copy_apart(a->second);
   }
   for (BasicBlock *b : l.order)
      for (PHINode &phi : b->phis())
         for (unsigned k = 0; k < n && l.is_joint(b) && &phi != l.w; k++)
            if (!k || l.own.contains(&phi)) {
               auto *x = cast<PHINode>(own[k][&phi]);
               while (x->getNumIncomingValues())
                  x->removeIncomingValue(0u, false);
               fill_phi(&phi, k);
            }
   for (const auto &a : l.aparts)
      fill_apart(a.second);
   keep_single();
}

} // namespace

void
jam::together(const warps &l, unsigned n)
{
   copier(l, n).run();
}
