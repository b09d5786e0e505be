#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lays out build/cuda as a CUDA toolkit, by links into the source and the build: bin, include,
# lib64, nvvm/libdevice, version.json; and build/kasuri beside it.
# usage: cuda_folder.sh SOURCE BUILD STAMP SANITIZERS
set -eu
source=$1 build=$2 stamp=$3 sanitizers=$4
cuda=$build/cuda
mkdir -p "$cuda/bin" "$cuda/lib64/stubs"
link()
{
   [ "$(readlink "$2" 2>/dev/null || :)" = "$1" ] || ln -sfn "$1" "$2"
}
link src/tools/kasuri "$build/kasuri"
for tool in nvcc ptxas fatbinary nvlink cuobjdump nvidia-smi; do
   link ../../src/tools/kasuri "$cuda/bin/$tool"
done
link "$source/include" "$cuda/include"
# Libraries may be built after this ran: their names are links whether or not they are there.
link ../../src/driver/libcuda.so.1 "$cuda/lib64/libcuda.so.1"
link libcuda.so.1 "$cuda/lib64/libcuda.so"
link ../../src/libs/nvml/libnvidia-ml.so.1 "$cuda/lib64/libnvidia-ml.so.1"
link libnvidia-ml.so.1 "$cuda/lib64/libnvidia-ml.so"
for v in 12 13; do
   link ../../src/runtime/libcudart.so.$v "$cuda/lib64/libcudart.so.$v"
done
link libcudart.so.13 "$cuda/lib64/libcudart.so"
for lib in libcudart_static.a libcudadevrt.a; do
   link ../../src/runtime/$lib "$cuda/lib64/$lib"
done
for lib in "$build"/src/back/simd/*.so "$build"/src/libs/*/lib*.so*; do
   [ -f "$lib" ] || continue
   link "../..${lib#"$build"}" "$cuda/lib64/${lib##*/}"
done
# Where makefiles look for the driver on machines without a card.
link ../libcuda.so.1 "$cuda/lib64/stubs/libcuda.so"
link ../libnvidia-ml.so.1 "$cuda/lib64/stubs/libnvidia-ml.so"
# Sanitized libraries need the sanitizers' runtime in every program: nvcc adds these words.
if [ "$sanitizers" = none ]; then
   rm -f "$cuda/lib64/link-flags"
else
   echo "-fsanitize=$sanitizers" >"$cuda/lib64/link-flags"
fi
cat >"$cuda/version.json.new" <<'JSON'
{
   "cuda" : { "name" : "CUDA interface of Kasuri", "version" : "13.0.0" },
   "cuda_cudart" : { "name" : "CUDA Runtime of Kasuri", "version" : "13.0.0" },
   "cuda_nvcc" : { "name" : "CUDA compiler driver of Kasuri", "version" : "13.0.0" }
}
JSON
cmp -s "$cuda/version.json.new" "$cuda/version.json" 2>/dev/null &&
   rm "$cuda/version.json.new" || mv "$cuda/version.json.new" "$cuda/version.json"
: >"$stamp"
