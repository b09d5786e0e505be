/* SPDX-License-Identifier: Apache-2.0
 * Warps that run together: what the parts of jam share. A loop over the warps of a
 * block becomes one over a few of them at a time, whose instructions stand side by side:
 * code that waits for one warp's results works on another's meanwhile. */
#ifndef KASURI_JAM_HPP
#define KASURI_JAM_HPP

#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Instructions.h>

namespace jam
{

// What each warp goes through by itself: what lies between a branch that warps may take
// differently and where they meet again, or a loop.
struct apart {
   llvm::BasicBlock *from, *join;
   llvm::SmallVector<llvm::BasicBlock *, 4> blocks; // in order
};

// A loop over warps.
struct warps {
   llvm::Loop *loop;
   llvm::BasicBlock *ahead, *header, *latch, *exit;
   llvm::PHINode *w;      // the only thing that it hands from one warp to the next
   llvm::ICmpInst *until; // w + 1 == end, or !=
   llvm::Value *first, *end;
   std::vector<llvm::BasicBlock *> order;                  // all blocks, by dominance
   llvm::SmallPtrSet<const llvm::Value *, 32> own;         // differ between warps
   llvm::SmallPtrSet<const llvm::BasicBlock *, 8> leaving; // to code for other warps
   llvm::MapVector<llvm::BasicBlock *, apart> aparts;      // by the block that branches
   llvm::SmallPtrSet<const llvm::BasicBlock *, 16> in_apart;

   // Whether b runs for all warps at once.
   bool
   is_joint(const llvm::BasicBlock *b) const
   {
      return !leaving.contains(b) && !in_apart.contains(b);
   }
   // Of a conditional branch one of whose ways is `leaving`: the other one, else -1.
   int
   stays(const llvm::BranchInst *b) const
   {
      for (unsigned k = 0; b->isConditional() && k < 2; k++)
         if (leaving.contains(b->getSuccessor(k)))
            return int(1 - k);
      return -1;
   }
};

// Registers for vectors.
struct registers {
   unsigned bytes, count;
};

// In jam.cpp: each warp shall go through the loop by itself. Whether it can.
bool can_be_apart(const warps &l, const llvm::Loop *inner);
void set_apart(warps &l, const llvm::Loop *inner);

// In jam_gain.cpp: how many warps should run together, loops for which that does not pay
// being set apart; 1: no more than that.
unsigned gain(warps &l, const llvm::LoopInfo &loops, const registers &r);

// In jam_copy.cpp: n of them do.
void together(const warps &l, unsigned n);

} // namespace jam

#endif
