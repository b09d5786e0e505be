/* SPDX-License-Identifier: Apache-2.0
 * What the emitter tells passes over LLVM's IR about an access. */
#ifndef KASURI_OFTEN_H
#define KASURI_OFTEN_H

/* Metadata of gathers that run not only where a test or a guard fails. */
#define EMIT_OFTEN "kasuri.often"

#endif
