#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the device math library to bitcode: build.sh CLANG IN OUT DEPFILE FOLDER.
# FOLDER, in the CUDA-shaped tree, gets a copy under the same name.
# No -ffreestanding: its "no-builtins" mark would keep clang from inlining the functions.
set -e
"$1" -x c --target=nvptx64-nvidia-cuda -march=sm_75 -std=gnu11 -O3 -ffp-contract=off \
   -nostdinc -Wall -Wextra -Wshadow -Werror -mllvm -nvvm-reflect-enable=0 \
   -emit-llvm -c -MD -MF "$4" -MT "$(basename "$3")" "$2" -o "$3"
mkdir -p "$5"
cp "$3" "$5/"
