#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tests/runtime/program.cu in several forms on our libcudart: built by Kasuri's nvcc (a fourth
# argument), or by NVIDIA's where that is installed (skipped, 77, where it is not).
# usage: nvcc.sh LIB64 SOURCE WORKDIR [KASURI-NVCC]
set -eu
lib=$1 source=$2 work=$3 own=${4:-}
nvcc=${NVCC:-$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)}
if [ -n "$own" ]; then
   nvcc=$own
elif [ ! -x "$nvcc" ]; then
   echo "nvcc is not installed: nothing was run"
   exit 77
else
   case $("$nvcc" --version) in
   *Kasuri*)
      echo "nvcc is Kasuri's own: nothing was run"
      exit 77
      ;;
   esac
fi
mkdir -p "$work"
passed=0 failed=0
try()
{
   name=$1
   shift
   if "$nvcc" -std=c++17 "$@" -o "$work/$name" "$source" &&
      LD_LIBRARY_PATH=$lib "$work/$name"; then
      passed=$((passed + 1))
   else
      failed=$((failed + 1))
      echo "failed: $name ($*)" >&2
   fi
}
finish()
{
   echo "$passed passed, $failed failed"
   [ $failed -eq 0 ]
   exit
}
if [ -n "$own" ]; then
   try plain -O2
   try debug -O0 -G
   try rdc -rdc=true
   try per_thread --default-stream per-thread
   finish
fi
try ptx -cudart shared -gencode arch=compute_75,code=compute_75
try both -cudart shared -arch=sm_80
try debug -cudart shared -G -gencode arch=compute_80,code=compute_80
try rdc -cudart shared -rdc=true -gencode arch=compute_80,code=compute_80
try per_thread -cudart shared --default-stream per-thread -gencode arch=compute_80,code=compute_80
# nvcc's default: the runtime becomes part of the program, and ours comes first.
export NVCC_APPEND_FLAGS="-L$lib -lcuda"
try static -gencode arch=compute_75,code=compute_75
try static_rdc -rdc=true -gencode arch=compute_80,code=compute_80
finish
