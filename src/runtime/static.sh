#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The runtime as one object whose inner names cannot meet a program's own: what is hidden
# in the shared library, and the implementation behind the wrappers, becomes local here.
# usage: static.sh OUTPUT.a OBJECTS.a…
set -eu
out=$1
shift
tmp=$out.o
rm -f "$out"
ld -r -o "$tmp" --whole-archive "$@"
objcopy --localize-hidden --wildcard --localize-symbol='real_*' "$tmp"
ar rcsD "$out" "$tmp"
rm -f "$tmp"
