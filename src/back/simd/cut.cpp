// SPDX-License-Identifier: Apache-2.0
// Cuts large functions into pieces: stretches of blocks with one way in become functions
// that follow each other, and what lives across a cut is kept in one frame in memory.
// What takes LLVM more than linear time then does so only within a piece, and pieces can
// be compiled side by side.
#include <algorithm>
#include <string>
#include <vector>

#include <llvm-c/Core.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/CodeExtractor.h>

using namespace llvm;

extern "C" unsigned target_cut(LLVMModuleRef module, unsigned size, unsigned whole);

namespace
{

// A function that is cut.
struct cutter {
   Function &f;
   unsigned size; // of a piece, in instructions
   std::vector<BasicBlock *> order;
   std::vector<std::vector<BasicBlock *>> pieces; // the first block is the way in
   DenseMap<BasicBlock *, unsigned> piece_of;     // 1 + the piece; 0: what remains
   AllocaInst *frame = nullptr;
   uint64_t frame_bytes = 0;

   cutter(Function &f, unsigned size) : f(f), size(size)
   {
   }
   void split_blocks();
   void find_order();
   size_t stretch(const DenseMap<BasicBlock *, size_t> &at, size_t first) const;
   void find_pieces();
   void give_way_in(std::vector<BasicBlock *> &piece);
   Value *slot(IRBuilder<> &b, uint64_t offset);
   uint64_t new_slot(Type *t);
   void keep_phi(PHINode *phi);
   void keep_value(Instruction *v);
   void keep();
   unsigned extract();
};

// Long blocks end after `size` instructions.
void
cutter::split_blocks()
{
   for (auto it = f.begin(); it != f.end(); ++it) {
      unsigned n = 0;
      for (Instruction &i : *it)
         if (++n > size && !isa<PHINode>(i) && !i.isTerminator()) {
            it->splitBasicBlock(&i);
            break;
         }
   }
}

// Those of a loop follow each other: a depth-first search that takes the ways out of a
// loop first, backwards.
void
cutter::find_order()
{
   DominatorTree dom(f);
   LoopInfo loops(dom);
   struct visit {
      BasicBlock *block;
      SmallVector<BasicBlock *, 4> next;
   };
   SmallPtrSet<BasicBlock *, 32> seen;
   std::vector<visit> stack;
   auto enter = [&](BasicBlock *b) {
      if (!seen.insert(b).second)
         return;
      visit v{b, {}};
      unsigned depth = loops.getLoopDepth(b);
      for (bool out : {false, true}) // the last one is visited first
         for (BasicBlock *s : successors(b))
            if ((loops.getLoopDepth(s) < depth) == out)
               v.next.push_back(s);
      stack.push_back(std::move(v));
   };
   enter(&f.getEntryBlock());
   while (!stack.empty()) {
      if (stack.back().next.empty()) {
         order.push_back(stack.back().block);
         stack.pop_back();
      } else {
         enter(stack.back().next.pop_back_val());
      }
   }
   std::reverse(order.begin(), order.end());
}

// How many blocks from the first on may become a function of about the wanted size.
size_t
cutter::stretch(const DenseMap<BasicBlock *, size_t> &at, size_t first) const
{
   size_t best = 0, n = 0, latest = first;
   for (size_t k = first; k < order.size() && n < size + size / 2; k++) {
      BasicBlock *b = order[k];
      if (isa<ReturnInst>(b->getTerminator()))
         break;
      bool entered = false;
      for (BasicBlock *p : predecessors(b)) {
         auto from = at.find(p);
         if (k == first || from == at.end())
            continue;
         entered |= from->second < first;
         latest = std::max(latest, from->second);
      }
      if (entered)
         break;
      n += b->size();
      if (latest <= k && n >= size / 4)
         best = k + 1 - first;
      if (best && n >= size)
         break;
   }
   return best;
}

// The entry block stays: it holds the allocas.
void
cutter::find_pieces()
{
   DenseMap<BasicBlock *, size_t> at;
   for (size_t k = 0; k < order.size(); k++)
      at[order[k]] = k;
   for (size_t k = 1; k < order.size();) {
      size_t n = stretch(at, k);
      if (n) {
         pieces.emplace_back(order.begin() + k, order.begin() + k + n);
         for (BasicBlock *b : pieces.back())
            piece_of[b] = pieces.size();
      }
      k += n ? n : 1;
   }
}

// A loop that begins a piece keeps what it carries round in registers.
void
cutter::give_way_in(std::vector<BasicBlock *> &piece)
{
   BasicBlock *first = piece[0];
   unsigned id = piece_of.lookup(first);
   SmallVector<BasicBlock *, 8> outside;
   bool loops = false;
   for (BasicBlock *p : predecessors(first))
      if (piece_of.lookup(p) == id)
         loops = true;
      else if (!is_contained(outside, p))
         outside.push_back(p);
   if (!loops || outside.empty())
      return;
   BasicBlock *in = SplitBlockPredecessors(first, outside, ".in");
   piece_of[in] = id;
   piece.insert(piece.begin(), in);
}

uint64_t
cutter::new_slot(Type *t)
{
   uint64_t at = alignTo(frame_bytes, 64);
   frame_bytes = at + f.getDataLayout().getTypeStoreSize(t);
   return at;
}

Value *
cutter::slot(IRBuilder<> &b, uint64_t offset)
{
   return b.CreateConstGEP1_64(b.getInt8Ty(), frame, offset);
}

void
cutter::keep_phi(PHINode *phi)
{
   unsigned id = piece_of.lookup(phi->getParent());
   if (all_of(phi->blocks(), [&](BasicBlock *p) { return piece_of.lookup(p) == id; }))
      return;
   uint64_t at = new_slot(phi->getType());
   SmallPtrSet<BasicBlock *, 8> seen;
   for (unsigned k = 0; k < phi->getNumIncomingValues(); k++) {
      BasicBlock *p = phi->getIncomingBlock(k);
      if (!seen.insert(p).second)
         continue;
      IRBuilder<> b(p->getTerminator());
      b.CreateAlignedStore(phi->getIncomingValue(k), slot(b, at), Align(64));
   }
   IRBuilder<> b(phi->getParent(), phi->getParent()->getFirstInsertionPt());
   Value *v = b.CreateAlignedLoad(phi->getType(), slot(b, at), Align(64));
   phi->replaceAllUsesWith(v);
   phi->eraseFromParent();
}

// Scalars that are made before the pieces are passed to them.
void
cutter::keep_value(Instruction *v)
{
   unsigned home = piece_of.lookup(v->getParent());
   Type *t = v->getType();
   if (isa<AllocaInst>(v) || (!home && !t->isVectorTy()) || !t->isSized())
      return;
   MapVector<unsigned, SmallVector<Use *, 4>> away; // by piece
   for (Use &u : v->uses()) {
      auto *user = cast<Instruction>(u.getUser());
      auto *phi = dyn_cast<PHINode>(user);
      unsigned id = piece_of.lookup(phi ? phi->getIncomingBlock(u) : user->getParent());
      if (id != home)
         away[id].push_back(&u);
   }
   if (away.empty())
      return;
   uint64_t at = new_slot(t);
   IRBuilder<> after(v->getContext());
   if (isa<PHINode>(v))
      after.SetInsertPoint(v->getParent(), v->getParent()->getFirstInsertionPt());
   else
      after.SetInsertPoint(v->getNextNode());
   after.CreateAlignedStore(v, slot(after, at), Align(64));
   for (auto &[id, uses] : away) {
      Value *loaded = nullptr;
      for (Use *u : uses) {
         auto *user = cast<Instruction>(u->getUser());
         auto *phi = dyn_cast<PHINode>(user);
         IRBuilder<> b(phi ? phi->getIncomingBlock(*u)->getTerminator() : user);
         if (id)
            b.SetInsertPoint(pieces[id - 1][0], pieces[id - 1][0]->getFirstInsertionPt());
         if (!id || !loaded)
            loaded = b.CreateAlignedLoad(t, slot(b, at), Align(64));
         u->set(loaded);
      }
   }
}

// What crosses the borders of pieces.
void
cutter::keep()
{
   IRBuilder<> b(&f.getEntryBlock(), f.getEntryBlock().getFirstInsertionPt());
   frame = b.CreateAlloca(b.getInt8Ty(), b.getInt64(0));
   frame->setAlignment(Align(64));
   std::vector<PHINode *> phis;
   for (BasicBlock &block : f)
      for (PHINode &phi : block.phis())
         phis.push_back(&phi);
   for (PHINode *phi : phis)
      keep_phi(phi);
   std::vector<Instruction *> values;
   for (BasicBlock &block : f)
      for (Instruction &i : block)
         values.push_back(&i);
   for (Instruction *v : values)
      keep_value(v);
   frame->setOperand(0, b.getInt64(frame_bytes));
}

unsigned
cutter::extract()
{
   CodeExtractorAnalysisCache cache(f);
   unsigned n = 0;
   for (const std::vector<BasicBlock *> &blocks : pieces) {
      CodeExtractor extractor(blocks, nullptr, false, nullptr, nullptr, nullptr, false,
                              false, nullptr, "piece" + std::to_string(n));
      Function *piece =
         extractor.isEligible() ? extractor.extractCodeRegion(cache) : nullptr;
      if (!piece)
         continue;
      piece->setLinkage(GlobalValue::ExternalLinkage);
      piece->setVisibility(GlobalValue::HiddenVisibility);
      n++;
   }
   if (n) {
      f.setLinkage(GlobalValue::ExternalLinkage);
      f.setVisibility(GlobalValue::HiddenVisibility);
   }
   return n;
}

} // namespace

// Functions of more than `whole` instructions; how many pieces there are.
unsigned
target_cut(LLVMModuleRef module, unsigned size, unsigned whole)
{
   std::vector<Function *> large;
   for (Function &f : *unwrap(module))
      if (f.getInstructionCount() > whole)
         large.push_back(&f);
   unsigned n = 0;
   for (Function *f : large) {
      cutter c(*f, size);
      c.split_blocks();
      c.find_order();
      c.find_pieces();
      for (auto &piece : c.pieces)
         c.give_way_in(piece);
      if (!c.pieces.empty())
         c.keep();
      n += c.extract();
   }
   return n;
}
