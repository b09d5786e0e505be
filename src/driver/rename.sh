#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The implementation of a library's functions under other names, as the generated wrappers
# have theirs: `real_` before each, see scripts/gen_trace.py.
# usage: rename.sh NAMES OBJECTS.a OUTPUT.a
set -eu
names=$1 in=$2 out=$3
rm -f "$out"
ld -r -o "$out.o" --whole-archive "$in"
objcopy --redefine-syms="$names" "$out.o"
ar rcsD "$out" "$out.o"
rm -f "$out.o"
