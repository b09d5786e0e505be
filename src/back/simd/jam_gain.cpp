// SPDX-License-Identifier: Apache-2.0
// How many warps should run together: as many as work while a chain of operations in an
// inner loop, each of which waits for the one before, would keep the processor waiting,
// and as their values fit into registers. The figures are a current processor's; what
// counts is their ratio.
#include <algorithm>

#include <llvm/IR/CFG.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "back/simd/jam.hpp"

using namespace llvm;
using namespace jam;

namespace
{

const unsigned MOST = 8;            // warps
const unsigned MOST_LOOPS = 8;      // in a loop over warps
const unsigned SPARE_REGISTERS = 4; // for vectors that are soon used up
const unsigned SCALARS = 14;        // that registers hold, of each loop
const double ENOUGH = 1.2;          // times as fast

// What it takes of the processor, in cycles, and how long a result is waited for.
struct cost {
   double arithmetic, loads, others;
   double latency;
};

class judge
{
   const warps &l;
   registers r;
   const DataLayout &layout;

   unsigned parts(const Type *t) const;
   bool is_vector(const Value *v) const;
   cost cost_of(const Instruction &i) const;
   double block_cost(const BasicBlock *b) const;

 public:
   judge(const warps &l, const registers &r)
       : l(l), r(r), layout(l.header->getModule()->getDataLayout())
   {
   }
   std::vector<BasicBlock *> way_through(const Loop *inner) const;
   double chain(const Loop *inner, const std::vector<BasicBlock *> &way) const;
   double time(const std::vector<BasicBlock *> &way, double chain, unsigned n) const;
   bool fits(const Loop *inner, const std::vector<BasicBlock *> &way, unsigned n) const;
};

// Registers for a value.
unsigned
judge::parts(const Type *t) const
{
   uint64_t bytes = t->isSized() ? layout.getTypeStoreSize(const_cast<Type *>(t)) : 0;
   return unsigned(std::max<uint64_t>(1, (bytes + r.bytes - 1) / r.bytes));
}

bool
judge::is_vector(const Value *v) const
{
   return v->getType()->isVectorTy() || v->getType()->isFloatingPointTy();
}

// Or only makes it longer: no work of its own.
bool
is_splat(const ShuffleVectorInst &s)
{
   auto *from = cast<FixedVectorType>(s.getOperand(0)->getType());
   return s.isZeroEltSplat() ||
          from->getNumElements() < cast<FixedVectorType>(s.getType())->getNumElements();
}

cost
judge::cost_of(const Instruction &i) const
{
   if (!is_vector(&i) && !isa<LoadInst>(i))
      return {0, 0, isa<PHINode>(i) || isa<CastInst>(i) || i.isTerminator() ? 0 : .16, 1};
   double n = parts(i.getType());
   auto *in = dyn_cast<IntrinsicInst>(&i);
   if (isa<LoadInst>(i))
      return {0, n / 2, 0, 6};
   switch (in ? in->getIntrinsicID() : Intrinsic::not_intrinsic) {
   case Intrinsic::not_intrinsic:
      break;
   case Intrinsic::masked_load:
      return {0, n / 2, 0, 6};
   case Intrinsic::masked_gather:
      return {0, n * 8, 0, 20};
   case Intrinsic::sqrt:
      return {n * 4.5, 0, 0, 20};
   default:
      return {n / 2, 0, 0, 4};
   }
   switch (i.getOpcode()) {
   case Instruction::PHI:
   case Instruction::BitCast:
   case Instruction::InsertElement: // of a splat: part of the load
      return {0, 0, 0, 0};
   case Instruction::ShuffleVector:
      return is_splat(cast<ShuffleVectorInst>(i)) ? cost{0, 0, 0, 0}
                                                  : cost{n / 2, 0, 0, 3};
   case Instruction::FDiv:
      return {n * 2.5, 0, 0, 12};
   case Instruction::FAdd:
   case Instruction::FSub:
   case Instruction::FMul:
      return {n / 2, 0, 0, 4};
   case Instruction::Mul:
      return {n / 2, 0, 0, 3};
   default:
      return {n / 2, 0, 0, 1};
   }
}

double
judge::block_cost(const BasicBlock *b) const
{
   double sum = 0;
   for (const Instruction &i : *b) {
      cost c = cost_of(i);
      sum += c.arithmetic + c.loads + c.others;
   }
   return sum;
}

// The cheapest of an iteration: what stands beside it is for rare cases.
std::vector<BasicBlock *>
judge::way_through(const Loop *inner) const
{
   DenseMap<const BasicBlock *, std::pair<double, BasicBlock *>> best;
   std::vector<BasicBlock *> way;
   for (auto it = l.order.rbegin(); it != l.order.rend(); ++it) {
      BasicBlock *b = *it, *next = nullptr;
      if (!inner->contains(b))
         continue;
      double least = 0;
      for (BasicBlock *s : successors(b)) {
         auto at = best.find(s);
         if (s == inner->getHeader() || at == best.end() ||
             (next && at->second.first >= least))
            continue;
         next = s;
         least = at->second.first;
      }
      if (next || b == inner->getLoopLatch())
         best[b] = {least + block_cost(b), b == inner->getLoopLatch() ? nullptr : next};
   }
   for (BasicBlock *b = inner->getHeader(); b && best.count(b); b = best[b].second)
      way.push_back(b);
   return way;
}

// Cycles from an iteration's values to those of the next that are made of them.
double
judge::chain(const Loop *inner, const std::vector<BasicBlock *> &way) const
{
   double most = 0;
   for (PHINode &phi : inner->getHeader()->phis()) {
      if (!l.own.contains(&phi) || !is_vector(&phi))
         continue;
      DenseMap<const Value *, double> depth;
      depth[&phi] = 0;
      for (const BasicBlock *b : way)
         for (const Instruction &i : *b) {
            double at = -1;
            for (const Value *v : i.operands()) {
               auto d = depth.find(v);
               at = d != depth.end() ? std::max(at, d->second) : at;
            }
            if (at >= 0 && &i != &phi)
               depth[&i] = at + cost_of(i).latency;
         }
      auto d = depth.find(phi.getIncomingValueForBlock(inner->getLoopLatch()));
      most = d != depth.end() ? std::max(most, d->second) : most;
   }
   return most;
}

// Cycles of an iteration, for each of n warps.
double
judge::time(const std::vector<BasicBlock *> &way, double chain, unsigned n) const
{
   cost all = {};
   for (const BasicBlock *b : way)
      for (const Instruction &i : *b) {
         cost c = cost_of(i);
         unsigned times = l.own.contains(&i) ? n : 1;
         all.arithmetic += times * c.arithmetic;
         all.loads += times * c.loads;
         all.others += times * c.others;
      }
   return std::max({all.arithmetic, all.loads, all.others, chain}) / n;
}

// Whether registers hold what lives through iterations for n warps.
bool
judge::fits(const Loop *inner, const std::vector<BasicBlock *> &way, unsigned n) const
{
   unsigned vectors = 0, scalars = 0;
   SmallPtrSet<const Value *, 32> seen;
   auto add = [&](const Value *v) {
      if (!seen.insert(v).second)
         return;
      unsigned times = l.own.contains(v) ? n : 1;
      if (is_vector(v))
         vectors += times * parts(v->getType());
      else if (l.own.contains(v)) /* others are shared, and often folded */
         scalars += times;
   };
   for (const PHINode &phi : inner->getHeader()->phis())
      add(&phi);
   for (const BasicBlock *b : way)
      for (const Instruction &i : *b)
         for (const Value *v : i.operands())
            if (auto *from = dyn_cast<Instruction>(v); from && !inner->contains(from))
               add(v);
   return vectors + n + SPARE_REGISTERS <= r.count && scalars <= SCALARS;
}

// Of all warps.
unsigned
count(const warps &l)
{
   auto *first = dyn_cast<ConstantInt>(l.first), *end = dyn_cast<ConstantInt>(l.end);
   return first && end ? unsigned(end->getZExtValue() - first->getZExtValue()) : MOST;
}

bool
is_whole(const Loop *inner)
{
   return inner->isInnermost() && inner->getLoopLatch();
}

} // namespace

unsigned
jam::gain(warps &l, const LoopInfo &loops, const registers &r)
{
   judge j(l, r);
   struct inner {
      const Loop *loop;
      std::vector<BasicBlock *> way;
      double chain;
   };
   std::vector<inner> all;
   for (const BasicBlock *b : l.order) {
      const Loop *in = loops.getLoopFor(b);
      if (in == l.loop || in->getHeader() != b || !l.is_joint(b) || !is_whole(in))
         continue;
      std::vector<BasicBlock *> way = j.way_through(in);
      double chain = j.chain(in, way);
      all.push_back({in, way, chain});
   }
   if (all.empty() || all.size() > MOST_LOOPS)
      return 1;
   unsigned best = 1;
   double gained = 1;
   for (unsigned n = 2; n <= std::min(MOST, count(l)); n *= 2) {
      double most = 0;
      bool can = true;
      for (const inner &i : all) {
         if (j.fits(i.loop, i.way, n))
            most = std::max(most, j.time(i.way, i.chain, 1) / j.time(i.way, i.chain, n));
         else
            can &= can_be_apart(l, i.loop);
      }
      if (!can || most < gained * ENOUGH)
         continue;
      best = n;
      gained = most;
   }
   for (const inner &i : all)
      if (best > 1 && !j.fits(i.loop, i.way, best))
         set_apart(l, i.loop);
   return best;
}
