#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what build/cuda/lib64 and nvvm link to, as files, into the toolkit folder.
# usage: install_libraries.sh BUILD TOOLKIT (meson sets DESTDIR)
set -eu
build=$1 toolkit=${DESTDIR-}$2
mkdir -p "$toolkit/lib64/stubs" "$toolkit/nvvm/libdevice"
for f in "$build"/cuda/lib64/*; do
   [ -f "$f" ] || continue
   target=$(readlink "$f" || :)
   case $target in
   */*) cp -L "$f" "$toolkit/lib64/" ;;
   *) ln -sfn "$target" "$toolkit/lib64/${f##*/}" ;;
   esac
done
for f in "$build"/cuda/lib64/stubs/*; do
   ln -sfn "$(readlink "$f")" "$toolkit/lib64/stubs/${f##*/}"
done
cp "$build/cuda/nvvm/libdevice/libdevice.10.bc" "$toolkit/nvvm/libdevice/"
cp "$build/cuda/version.json" "$toolkit/"
