#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The runtime as one object whose inner names cannot meet a program's own: what is hidden
# in the shared library, the implementation behind the wrappers, and the jumps to the
# driver (find_driver.c) become local here.
# usage: static.sh OUTPUT.a FIND_DRIVER.c PLACES CC… -- OBJECTS.a…
#        PLACES: folders of libcuda.so.1, between colons
set -eu
out=$1 source=$2 places=$3
shift 3
cc=
while [ "$1" != -- ]; do
   cc="$cc $1"
   shift
done
shift
tmp=$out.o own=$out.driver
rm -rf "$out" "$own"
mkdir "$own"
ld -r -o "$tmp" --whole-archive "$@"
nm --undefined-only "$tmp" | sed -n 's/^ *U \(cu[A-Z].*\)$/X(\1, missing)/p
   s/^ *w \(kasuri_trace_.*\)$/X(\1, no_trace)/p' | sort >"$own/driver_names.inc"
list=$(printf %s "$places" | sed 's/[^:][^:]*/"&"/g; s/:/,/g')
# shellcheck disable=SC2086 # words on purpose
$cc -std=gnu11 -O2 -fPIC -Wall -c "$source" -I "$own" -DKASURI_PLACES="$list" -o "$own/driver.o"
# First: its constructor runs before the others of that priority.
ld -r -o "$own/all.o" "$own/driver.o" "$tmp"
objcopy --localize-hidden --wildcard --localize-symbol='real_*' "$own/all.o"
mv "$own/all.o" "$tmp"
ar rcsD "$out" "$tmp"
rm -rf "$tmp" "$own"
