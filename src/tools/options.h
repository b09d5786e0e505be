/* SPDX-License-Identifier: Apache-2.0
 * Command lines of the toolkit's smaller programs (ptxas, fatbinary, cuobjdump, nvlink):
 * a table of options, with one dash or two, values apart, attached or behind '='. */
#ifndef KASURI_TOOL_OPTIONS_H
#define KASURI_TOOL_OPTIONS_H

#include "tools/tools.h"

enum tool_option_kind {
   OPTION_FLAG,    /* bool */
   OPTION_TEXT,    /* char *: the last one counts */
   OPTION_LIST,    /* struct strings */
   OPTION_SILENT,  /* nothing to steer here */
   OPTION_IGNORED, /* without meaning here: named in one warning */
};
struct tool_option {
   const char *name, *alias; /* without dashes; alias may be NULL */
   enum tool_option_kind kind;
   bool takes_value; /* of the last two; LIST and TEXT do, FLAG does not */
   size_t offset;
   const char *help; /* NULL: not listed */
};
struct tool_usage {
   const char *name;  /* "ptxas" */
   const char *about; /* what --help prints before the options */
   const struct tool_option *options;
   size_t count;
};

/* Reads argv[1..]. Returns true to go on; else *status is what to end with (after --help
 * and --version, too). The caller strings_finish()es inputs in every case. */
bool tool_parse(const struct tool_usage *u, int argc, char **argv, void *into,
                struct strings *inputs, int *status);

#endif
