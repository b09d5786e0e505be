// SPDX-License-Identifier: Apache-2.0
// Gathers as so many loads, for processors that make more of a gather than that: the
// addresses go to scalar registers two at a time, and what is loaded is put together.
// Lanes that are not active load what the first active one does.
#include <llvm-c/Core.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "back/simd/often.h"

using namespace llvm;

extern "C" void target_load_gathers(LLVMModuleRef module, bool masks);

namespace
{

// Of a module; code of more is too long to be worth its time.
const unsigned MOST_GATHERS = 64;
const unsigned QUARTER = 16;     // bytes that elements are inserted into
const unsigned MASKED_LANES = 8; // looked at together

// Where the lanes' elements are: pointers, or a pointer and 32-bit indices of elements.
struct addresses {
   Value *lanes; // pointers as integers of 64 bits, or indices
   Value *base = nullptr;
   Type *unit = nullptr;
   bool is_signed = false;
};

addresses
addresses_of(IRBuilder<> &b, Value *ptrs)
{
   auto *gep = dyn_cast<GetElementPtrInst>(ptrs);
   if (gep && gep->getNumOperands() == 2 &&
       !gep->getPointerOperand()->getType()->isVectorTy()) {
      auto *wide = dyn_cast<CastInst>(gep->getOperand(1));
      if (wide && (isa<SExtInst>(wide) || isa<ZExtInst>(wide)) &&
          wide->getSrcTy()->getScalarSizeInBits() == 32)
         return {wide->getOperand(0), gep->getPointerOperand(),
                 gep->getSourceElementType(), isa<SExtInst>(wide)};
   }
   unsigned n = cast<FixedVectorType>(ptrs->getType())->getNumElements();
   return {b.CreatePtrToInt(ptrs, FixedVectorType::get(b.getInt64Ty(), n))};
}

Value *
part(IRBuilder<> &b, Value *x, unsigned first, unsigned n)
{
   SmallVector<int, 32> at;
   for (unsigned k = 0; k < n; k++)
      at.push_back(int(first + k));
   return b.CreateShuffleVector(x, at);
}

unsigned
lanes_of(const Value *x)
{
   return cast<FixedVectorType>(x->getType())->getNumElements();
}

// Vectors of one length, a power of two of them, behind each other.
Value *
joined(IRBuilder<> &b, SmallVector<Value *, 8> x)
{
   for (; x.size() > 1; x.resize(x.size() / 2)) {
      SmallVector<int, 32> all;
      for (unsigned k = 0; k < 2 * lanes_of(x[0]); k++)
         all.push_back(int(k));
      for (unsigned k = 0; k < x.size() / 2; k++)
         x[k] = b.CreateShuffleVector(x[2 * k], x[2 * k + 1], all);
   }
   return x[0];
}

class gather
{
   IntrinsicInst &call;
   IRBuilder<> b;
   addresses at;
   Value *mask;
   FixedVectorType *type;

   MaybeAlign alignment() const;
   Value *pointers(unsigned from, unsigned n);
   Value *element(Value *lanes, unsigned k);
   Value *load(Value *lanes, unsigned k);
   Value *load_all(unsigned from, unsigned n, Value *m);
   Value *gather_some(Value *bits, unsigned from, unsigned n, Value *m,
                      Instruction *here);
   Value *load_some(unsigned from, unsigned n);

 public:
   gather(IntrinsicInst &call)
       : call(call), b(&call), at(addresses_of(b, call.getArgOperand(0))),
         mask(call.getArgOperand(2)), type(cast<FixedVectorType>(call.getType()))
   {
   }
   void replace();
};

MaybeAlign
gather::alignment() const
{
   return cast<ConstantInt>(call.getArgOperand(1))->getMaybeAlignValue();
}

Value *
gather::pointers(unsigned from, unsigned n)
{
   Value *x = part(b, at.lanes, from, n);
   if (!at.base)
      return b.CreateIntToPtr(x, FixedVectorType::get(b.getPtrTy(), n));
   Type *wide = FixedVectorType::get(b.getInt64Ty(), n);
   x = at.is_signed ? b.CreateSExt(x, wide) : b.CreateZExt(x, wide);
   return b.CreateGEP(at.unit, at.base, x);
}

// Lane k's number in 64 bits. Two of 32 bits are taken out of the vector as one; where
// LLVM saw from where, and that the lower one is small, it would take the upper one to be
// zero.
Value *
gather::element(Value *lanes, unsigned k)
{
   if (!at.base)
      return b.CreateExtractElement(lanes, k);
   auto *pairs = FixedVectorType::get(b.getInt64Ty(), lanes_of(lanes) / 2);
   Value *two = b.CreateExtractElement(b.CreateBitCast(lanes, pairs), k / 2);
   if (k % 2)
      return at.is_signed ? b.CreateAShr(two, 32) : b.CreateLShr(two, 32);
   two = b.CreateFreeze(two);
   return at.is_signed ? b.CreateAShr(b.CreateShl(two, 32), 32)
                       : b.CreateAnd(two, 0xffffffffu);
}

Value *
gather::load(Value *lanes, unsigned k)
{
   Value *x = element(lanes, k);
   Value *p =
      at.base ? b.CreateGEP(at.unit, at.base, x) : b.CreateIntToPtr(x, b.getPtrTy());
   LoadInst *one = b.CreateAlignedLoad(type->getElementType(), p, alignment());
   one->setAAMetadata(call.getAAMetadata());
   return one;
}

// With a mask, where lane `from` is active; others load from there what nobody reads.
Value *
gather::load_all(unsigned from, unsigned n, Value *m)
{
   Type *t = type->getElementType();
   unsigned quarter = std::min(n, QUARTER * 8 / t->getScalarSizeInBits());
   Value *lanes = part(b, at.lanes, from, n);
   if (m) {
      Value *first = b.CreateShuffleVector(lanes, SmallVector<int, 8>(n, 0));
      lanes = b.CreateSelect(m, lanes, first);
   }
   SmallVector<Value *, 8> quarters;
   for (unsigned k = 0; k < n; k += quarter) {
      Value *x = PoisonValue::get(FixedVectorType::get(t, quarter));
      for (unsigned i = 0; i < quarter; i++)
         x = b.CreateInsertElement(x, load(lanes, k + i), i);
      quarters.push_back(x);
   }
   Value *all = joined(b, quarters);
   return m ? b.CreateSelect(m, all, part(b, call.getArgOperand(3), from, n)) : all;
}

// A gather of lanes of which there may be none.
Value *
gather::gather_some(Value *bits, unsigned from, unsigned n, Value *m, Instruction *here)
{
   APInt these = APInt::getBitsSet(lanes_of(mask), from, from + n);
   Value *any = b.CreateIsNotNull(b.CreateAnd(bits, these));
   BasicBlock *without = here->getParent();
   Instruction *end = SplitBlockAndInsertIfThen(any, here, false);
   b.SetInsertPoint(end);
   Value *none = call.getArgOperand(3);
   Value *x = b.CreateMaskedGather(FixedVectorType::get(type->getElementType(), n),
                                   pointers(from, n), alignment().valueOrOne(), m,
                                   part(b, none, from, n));
   b.SetInsertPoint(here);
   PHINode *phi = b.CreatePHI(x->getType(), 2);
   phi->addIncoming(x, end->getParent());
   phi->addIncoming(part(b, none, from, n), without);
   return phi;
}

// Masks mostly have the first one of some lanes, or none: a gather where that is not so.
Value *
gather::load_some(unsigned from, unsigned n)
{
   Value *m = part(b, mask, from, n);
   Value *bits = b.CreateBitCast(mask, b.getIntNTy(lanes_of(mask)));
   APInt first = APInt::getOneBitSet(lanes_of(mask), from);
   Instruction *loads, *rest;
   SplitBlockAndInsertIfThenElse(b.CreateIsNotNull(b.CreateAnd(bits, first)), &call,
                                 &loads, &rest,
                                 MDBuilder(b.getContext()).createLikelyBranchWeights());
   b.SetInsertPoint(rest);
   Value *by_gather = gather_some(bits, from, n, m, rest);
   b.SetInsertPoint(loads);
   Value *by_loads = load_all(from, n, m);
   b.SetInsertPoint(&call);
   PHINode *phi = b.CreatePHI(by_loads->getType(), 2);
   phi->addIncoming(by_loads, loads->getParent());
   phi->addIncoming(by_gather, rest->getParent());
   return phi;
}

void
gather::replace()
{
   unsigned lanes = type->getNumElements();
   auto *constant = dyn_cast<Constant>(mask);
   bool all = constant && constant->isAllOnesValue();
   SmallVector<Value *, 8> parts;
   unsigned n = std::min(lanes, all ? 16u : MASKED_LANES);
   for (unsigned from = 0; from < lanes; from += n)
      parts.push_back(all ? load_all(from, n, nullptr) : load_some(from, n));
   call.replaceAllUsesWith(joined(b, parts));
   call.eraseFromParent();
}

bool
is_intrinsic(const Instruction &i, Intrinsic::ID id)
{
   auto *call = dyn_cast<IntrinsicInst>(&i);
   return call && call->getIntrinsicID() == id;
}

// masks: whether they are in registers of their own, which are looked at quickly.
bool
is_wanted(const Instruction &i, bool masks)
{
   if (!is_intrinsic(i, Intrinsic::masked_gather) || !i.getMetadata(EMIT_OFTEN))
      return false;
   auto *mask = dyn_cast<Constant>(i.getOperand(2));
   return isPowerOf2_32(lanes_of(&i)) && lanes_of(&i) >= MASKED_LANES &&
          i.getType()->isIntOrIntVectorTy() && (mask ? mask->isAllOnesValue() : masks);
}

// Where a block scatters, what goes from vector registers to others waits already.
bool
scatters(const BasicBlock &b)
{
   return any_of(
      b, [](const Instruction &i) { return is_intrinsic(i, Intrinsic::masked_scatter); });
}

} // namespace

void
target_load_gathers(LLVMModuleRef module, bool masks)
{
   SmallVector<IntrinsicInst *, MOST_GATHERS + 1> all;
   for (Function &f : *unwrap(module))
      for (BasicBlock &b : f) {
         if (scatters(b))
            continue;
         for (Instruction &i : b)
            if (is_wanted(i, masks) && all.size() <= MOST_GATHERS)
               all.push_back(cast<IntrinsicInst>(&i));
      }
   if (all.size() > MOST_GATHERS)
      return;
   for (IntrinsicInst *call : all)
      gather(*call).replace();
}
