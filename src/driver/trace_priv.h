/* SPDX-License-Identifier: Apache-2.0
 * The tracer's two files: trace.c decides what is written and when, trace_print.c how a
 * value looks. */
#ifndef KASURI_TRACE_PRIV_H
#define KASURI_TRACE_PRIV_H

#include "driver_priv.h"
#include "trace.h"

enum trace_form { TRACE_FORM_TEXT, TRACE_FORM_JSON };
/* What the call takes, or what it left in the places that its parameters point to. */
void trace_print_params(struct str *s, const struct trace_call *c, bool out,
                        enum trace_form form);
void trace_print_value(struct str *s, const struct trace_type *t, const void *value,
                       const struct trace_library *l, enum trace_form form);
/* Outputs are only there after success. */
bool trace_succeeded(const struct trace_func *f, const void *result);

#endif
