#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The runtime as one object whose inner names cannot meet a program's own: what is hidden
# in the shared library becomes local here.
# usage: static.sh OBJECTS.a OUTPUT.a
set -eu
out=$2
tmp=$out.o
rm -f "$out"
ld -r -o "$tmp" --whole-archive "$1"
objcopy --localize-hidden "$tmp"
ar rcsD "$out" "$tmp"
rm -f "$tmp"
