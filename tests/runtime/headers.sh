#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header of the runtime API compiles alone: as C, as C++ (old and new), and as device
# code where clang is at hand.
# usage: headers.sh INCLUDE [CLANG]
set -u
include=$1 clang=${2:-}
passed=0 failed=0
try()
{
   header=$1
   shift
   if echo "#include <$header>" | "$@" -I"$include" -fsyntax-only -; then
      passed=$((passed + 1))
   else
      failed=$((failed + 1))
      echo "failed: $header with $*" >&2
   fi
}
for h in driver_types.h cuda_runtime_api.h cuda_profiler_api.h vector_types.h library_types.h \
   builtin_types.h device_types.h driver_functions.h surface_types.h texture_types.h host_defines.h \
   crt/host_defines.h; do
   try $h "${CC:-cc}" -x c -std=c99 -Wall -Wextra -Werror
   try $h "${CXX:-c++}" -x c++ -std=c++98 -Wall -Wextra -Werror
   try $h "${CXX:-c++}" -x c++ -std=c++20 -Wall -Wextra -Werror
   [ -z "$clang" ] || try $h "$clang" -x cuda -nocudainc -nocudalib --cuda-gpu-arch=sm_80 \
      --cuda-device-only -Wno-unknown-cuda-version
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
