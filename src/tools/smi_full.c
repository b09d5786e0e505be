/* SPDX-License-Identifier: Apache-2.0
 * `kasuri smi -q`: everything about each device, as text in sections or as XML with the
 * element names that programs look for. */
#include "tools/smi_priv.h"

#include <stdio.h>
#include <string.h>

/* A line: in a section (shown by -d with its name; NULL: always without -d), under a
 * group's heading. */
static const struct line {
   const char *section, *group, *tag, *label, *element, *field;
} lines[] = {
   {NULL, NULL, NULL, "Product Name", "product_name", "name"},
   {NULL, NULL, NULL, "GPU UUID", "uuid", "uuid"},
   {NULL, NULL, NULL, "Minor Number", "minor_number", "index"},
   {NULL, NULL, NULL, "Compute Capability", "compute_cap", "compute_cap"},
   {NULL, NULL, NULL, "Display Mode", "display_mode", "display_mode"},
   {NULL, NULL, NULL, "Display Active", "display_active", "display_active"},
   {NULL, NULL, NULL, "Persistence Mode", "persistence_mode", "persistence_mode"},
   {NULL, NULL, NULL, "Serial Number", "serial", "serial"},
   {NULL, NULL, NULL, "VBIOS Version", "vbios_version", "vbios_version"},
   {NULL, "MIG Mode", "mig_mode", "Current", "current_mig", "mig.mode.current"},
   {NULL, "MIG Mode", "mig_mode", "Pending", "pending_mig", "mig.mode.pending"},
   {NULL, "PCI", "pci", "Bus", "pci_bus", "pci.bus"},
   {NULL, "PCI", "pci", "Device", "pci_device", "pci.device"},
   {NULL, "PCI", "pci", "Domain", "pci_domain", "pci.domain"},
   {NULL, "PCI", "pci", "Device Id", "pci_device_id", "pci.device_id"},
   {NULL, "PCI", "pci", "Bus Id", "pci_bus_id", "pci.bus_id"},
   {NULL, NULL, NULL, "Fan Speed", "fan_speed", "fan.speed"},
   {"PERFORMANCE", NULL, NULL, "Performance State", "performance_state", "pstate"},
   {"MEMORY", "FB Memory Usage", "fb_memory_usage", "Total", "total", "memory.total"},
   {"MEMORY", "FB Memory Usage", "fb_memory_usage", "Reserved", "reserved",
    "memory.reserved"},
   {"MEMORY", "FB Memory Usage", "fb_memory_usage", "Used", "used", "memory.used"},
   {"MEMORY", "FB Memory Usage", "fb_memory_usage", "Free", "free", "memory.free"},
   {"MEMORY", "BAR1 Memory Usage", "bar1_memory_usage", "Total", "total", "memory.total"},
   {"MEMORY", "BAR1 Memory Usage", "bar1_memory_usage", "Used", "used", "memory.used"},
   {"MEMORY", "BAR1 Memory Usage", "bar1_memory_usage", "Free", "free", "memory.free"},
   {"COMPUTE", NULL, NULL, "Compute Mode", "compute_mode", "compute_mode"},
   {"UTILIZATION", "Utilization", "utilization", "GPU", "gpu_util", "utilization.gpu"},
   {"UTILIZATION", "Utilization", "utilization", "Memory", "memory_util",
    "utilization.memory"},
   {"ECC", "ECC Mode", "ecc_mode", "Current", "current_ecc", "ecc.mode.current"},
   {"ECC", "ECC Mode", "ecc_mode", "Pending", "pending_ecc", "ecc.mode.pending"},
   {"TEMPERATURE", "Temperature", "temperature", "GPU Current Temp", "gpu_temp",
    "temperature.gpu"},
   {"TEMPERATURE", "Temperature", "temperature", "GPU Shutdown Temp",
    "gpu_temp_max_threshold", "temperature.gpu.tlimit"},
   {"POWER", "GPU Power Readings", "gpu_power_readings", "Power Draw", "power_draw",
    "power.draw"},
   {"POWER", "GPU Power Readings", "gpu_power_readings", "Current Power Limit",
    "current_power_limit", "power.limit"},
   {"CLOCK", "Clocks", "clocks", "Graphics", "graphics_clock", "clocks.gr"},
   {"CLOCK", "Clocks", "clocks", "SM", "sm_clock", "clocks.sm"},
   {"CLOCK", "Clocks", "clocks", "Memory", "mem_clock", "clocks.mem"},
   {"CLOCK", "Max Clocks", "max_clocks", "Graphics", "graphics_clock", "clocks.max.gr"},
   {"CLOCK", "Max Clocks", "max_clocks", "SM", "sm_clock", "clocks.max.sm"},
   {"CLOCK", "Max Clocks", "max_clocks", "Memory", "mem_clock", "clocks.max.mem"},
};
#define PIDS "PIDS"

static bool
listed(const char *list, const char *word)
{
   size_t n = strlen(word);
   for (const char *at = list; (at = strcasestr(at, word)); at += n)
      if ((at == list || at[-1] == ',') && (!at[n] || at[n] == ','))
         return true;
   return false;
}

static bool
shown(const char *sections, const char *section)
{
   return !sections || (section && listed(sections, section));
}

bool
smi_sections_known(const char *sections)
{
   struct strings words = {0};
   bool ok = true;
   strings_add_split(&words, sections, ',');
   for (size_t i = 0; i < words.v.len; i++) {
      bool known = !strcasecmp(words.v.data[i], PIDS);
      for (size_t k = 0; k < ARRAY_LEN(lines); k++)
         known |= lines[k].section && !strcasecmp(lines[k].section, words.v.data[i]);
      if (!known)
         printf("'%s' is no section of -d: there are MEMORY, UTILIZATION, ECC, "
                "TEMPERATURE, POWER, CLOCK, COMPUTE, PIDS and PERFORMANCE.\n",
                words.v.data[i]);
      ok &= known;
   }
   strings_finish(&words);
   return ok;
}

/* -- Text */
static void
print_text_device(const struct smi *s, nvmlDevice_t d, const char *sections)
{
   const char *group = NULL;
   char value[SMI_VALUE];
   smi_value(smi_find(smi_gpu_fields, "pci.bus_id"), d, NULL, false, "N/A", value);
   printf("\nGPU %s\n", value);
   for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
      const struct line *l = &lines[i];
      if (!shown(sections, l->section))
         continue;
      if (l->group && (!group || strcmp(group, l->group)))
         printf("    %s\n", l->group);
      group = l->group;
      const struct smi_field *f = smi_find(smi_gpu_fields, l->field);
      smi_value(f, d, NULL, true, "N/A", value);
      bool celsius = !strncmp(l->field, "temperature", 11) && strcmp(value, "N/A");
      printf("%s%-*s : %s%s\n", group ? "        " : "    ", group ? 34 : 38, l->label,
             value, celsius ? " C" : "");
   }
   if (!shown(sections, PIDS))
      return;
   printf("    Processes\n");
   for (size_t i = 0; i < s->processes.len; i++) {
      const struct smi_process *p = &s->processes.data[i];
      if (p->device != d)
         continue;
      printf("        %-34s : %u\n        %-34s : C\n", "Process ID", p->info.pid,
             "Type");
      smi_value(smi_find(smi_app_fields, "process_name"), d, p, true, "N/A", value);
      printf("        %-34s : %s\n", "Name", value);
      smi_value(smi_find(smi_app_fields, "used_memory"), d, p, true, "N/A", value);
      printf("        %-34s : %s\n", "Used GPU Memory", value);
   }
}

/* -- XML */
static void
print_escaped(const char *text)
{
   for (; *text; text++) {
      const char *entity = *text == '&'   ? "&amp;"
                           : *text == '<' ? "&lt;"
                           : *text == '>' ? "&gt;"
                           : *text == '"' ? "&quot;"
                                          : NULL;
      if (entity)
         fputs(entity, stdout);
      else
         putchar(*text);
   }
}

static void
print_element(unsigned depth, const char *tag, const char *value)
{
   printf("%*s<%s>", (int)depth * 2, "", tag);
   print_escaped(value);
   printf("</%s>\n", tag);
}

static void
print_xml_device(const struct smi *s, nvmlDevice_t d, const char *sections)
{
   const char *tag = NULL;
   char value[SMI_VALUE];
   smi_value(smi_find(smi_gpu_fields, "pci.bus_id"), d, NULL, false, "N/A", value);
   printf("  <gpu id=\"%s\">\n", value);
   for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
      const struct line *l = &lines[i];
      if (!shown(sections, l->section))
         continue;
      if (tag && (!l->tag || strcmp(tag, l->tag)))
         printf("    </%s>\n", tag);
      if (l->tag && (!tag || strcmp(tag, l->tag)))
         printf("    <%s>\n", l->tag);
      tag = l->tag;
      smi_value(smi_find(smi_gpu_fields, l->field), d, NULL, true, "N/A", value);
      if (!strncmp(l->field, "temperature", 11) && strcmp(value, "N/A"))
         strcat(value, " C");
      print_element(tag ? 3 : 2, l->element, value);
   }
   if (tag)
      printf("    </%s>\n", tag);
   if (shown(sections, PIDS)) {
      printf("    <processes>\n");
      for (size_t i = 0; i < s->processes.len; i++) {
         const struct smi_process *p = &s->processes.data[i];
         if (p->device != d)
            continue;
         printf("      <process_info>\n");
         snprintf(value, sizeof value, "%u", p->info.pid);
         print_element(4, "pid", value);
         print_element(4, "type", "C");
         smi_value(smi_find(smi_app_fields, "process_name"), d, p, true, "N/A", value);
         print_element(4, "process_name", value);
         smi_value(smi_find(smi_app_fields, "used_memory"), d, p, true, "N/A", value);
         print_element(4, "used_memory", value);
         printf("      </process_info>\n");
      }
      printf("    </processes>\n");
   }
   printf("  </gpu>\n");
}

void
smi_print_full(const struct smi *s, const char *sections, bool xml)
{
   char time[SMI_VALUE], driver[SMI_VALUE], cuda[32], n[32];
   int version = 0;
   unsigned count = 0;
   smi_value(smi_find(smi_gpu_fields, "timestamp"), NULL, NULL, false, "N/A", time);
   smi_value(smi_find(smi_gpu_fields, "driver_version"), NULL, NULL, false, "N/A",
             driver);
   nvmlSystemGetCudaDriverVersion(&version);
   nvmlDeviceGetCount(&count);
   snprintf(cuda, sizeof cuda, "%d.%d", version / 1000, version % 1000 / 10);
   snprintf(n, sizeof n, "%u", count);
   if (!xml) {
      printf("Kasuri SMI, what nvidia-smi -q tells\n\n%-42s : %s\n%-42s : %s\n%-42s : "
             "%s\n\n%-42s : %s\n",
             "Timestamp", time, "Driver Version", driver, "CUDA Version", cuda,
             "Attached GPUs", n);
      for (size_t i = 0; i < s->devices.len; i++)
         print_text_device(s, s->devices.data[i], sections);
      return;
   }
   printf("<?xml version=\"1.0\" ?>\n<nvidia_smi_log>\n");
   print_element(1, "timestamp", time);
   print_element(1, "driver_version", driver);
   print_element(1, "cuda_version", cuda);
   print_element(1, "attached_gpus", n);
   for (size_t i = 0; i < s->devices.len; i++)
      print_xml_device(s, s->devices.data[i], sections);
   printf("</nvidia_smi_log>\n");
}
