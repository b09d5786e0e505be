/* SPDX-License-Identifier: Apache-2.0
 * `kasuri smi --query-…`: fields as comma-separated values, and as JSON. */
#include "tools/smi_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct format {
   bool csv, header, units;
};

static bool
read_format(const char *text, struct format *f)
{
   struct strings words = {0};
   bool ok = true;
   *f = (struct format){.header = true, .units = true};
   strings_add_split(&words, text ? text : "", ',');
   for (size_t i = 0; i < words.v.len; i++) {
      const char *w = words.v.data[i];
      w += strspn(w, " ");
      f->csv |= !strcmp(w, "csv");
      f->header &= strcmp(w, "noheader") != 0;
      f->units &= strcmp(w, "nounits") != 0;
      ok &= !strcmp(w, "csv") || !strcmp(w, "noheader") || !strcmp(w, "nounits");
   }
   strings_finish(&words);
   return ok && f->csv;
}

static void
print_row(const struct smi_field **fields, size_t n, nvmlDevice_t d,
          const struct smi_process *p, bool units)
{
   for (size_t i = 0; i < n; i++) {
      char value[SMI_VALUE];
      smi_value(fields[i], d, p, units, "[N/A]", value);
      printf("%s%s", i ? ", " : "", value);
   }
   putchar('\n');
}

static void
print_rows(const struct smi *s, bool apps, const struct smi_field **fields, size_t n,
           const struct format *f)
{
   for (size_t i = 0; f->header && i < n; i++)
      printf("%s%s%s%s%s", i ? ", " : "", fields[i]->name,
             fields[i]->unit && f->units ? " [" : "",
             fields[i]->unit && f->units ? fields[i]->unit : "",
             fields[i]->unit && f->units ? "]" : "");
   if (f->header)
      putchar('\n');
   for (size_t i = 0; !apps && i < s->devices.len; i++)
      print_row(fields, n, s->devices.data[i], NULL, f->units);
   for (size_t i = 0; apps && i < s->processes.len; i++)
      print_row(fields, n, s->processes.data[i].device, &s->processes.data[i], f->units);
}

/* Exit status and text of a wrong field are nvidia-smi's: scripts look for them. */
int
smi_query_csv(const struct smi *s, const struct smi_field *all, const char *list,
              const char *format)
{
   struct format f;
   struct strings words = {0};
   if (!read_format(format, &f)) {
      printf("The format of a query has to be given: --format=csv, with noheader and "
             "nounits behind it where wanted.\n");
      return TOOL_USAGE;
   }
   strings_add_split(&words, list, ',');
   const struct smi_field **fields = base_calloc(words.v.len + 1, sizeof *fields);
   int status = words.v.len ? TOOL_OK : TOOL_USAGE;
   for (size_t i = 0; i < words.v.len; i++) {
      char *w = words.v.data[i];
      w += strspn(w, " ");
      w[strcspn(w, " ")] = 0;
      fields[i] = smi_find(all, w);
      if (!fields[i]) {
         printf("Field \"%s\" is not a valid field to query.\n\n", w);
         status = TOOL_USAGE;
         break;
      }
   }
   if (status == TOOL_OK)
      print_rows(s, all == smi_app_fields, fields, words.v.len, &f);
   base_free(fields);
   strings_finish(&words);
   return status;
}

/* -- JSON */
static void
print_object(const struct smi_field *f, nvmlDevice_t d, const struct smi_process *p)
{
   const char *comma = "";
   putchar('{');
   for (; f->name; f++) {
      char value[SMI_VALUE];
      smi_value(f, d, p, false, "", value);
      if (!*value)
         printf("%s\"%s\": null", comma, f->name);
      else if (f->number)
         printf("%s\"%s\": %s", comma, f->name, value);
      else {
         printf("%s\"%s\": ", comma, f->name);
         tool_print_json(stdout, value);
      }
      comma = ", ";
   }
   putchar('}');
}

void
smi_print_json(const struct smi *s)
{
   printf("{\"devices\": [");
   for (size_t i = 0; i < s->devices.len; i++) {
      printf(i ? ",\n  " : "\n  ");
      print_object(smi_gpu_fields, s->devices.data[i], NULL);
   }
   printf("],\n \"processes\": [");
   for (size_t i = 0; i < s->processes.len; i++) {
      printf(i ? ",\n  " : "\n  ");
      print_object(smi_app_fields, s->processes.data[i].device, &s->processes.data[i]);
   }
   printf("]}\n");
}
