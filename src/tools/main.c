/* SPDX-License-Identifier: Apache-2.0
 * The `kasuri` command: picks the subcommand, and says what there is. Called by
 * the name of a program of the CUDA toolkit, such as nvcc, it is that one. */
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

const struct tool_command *const tool_commands[] = {
   &tool_run, &tool_nvcc, &tool_ptxas,  &tool_fatbinary, &tool_nvlink, &tool_cuobjdump,
   &tool_env, &tool_smi,  &tool_doctor, &tool_cache,     NULL,
};

/* Those that have a link of their own name in the toolkit's bin. */
static const struct tool_command *const toolkit[] = {
   &tool_nvcc, &tool_ptxas, &tool_fatbinary, &tool_nvlink, &tool_cuobjdump,
};

static void
print_help(FILE *f)
{
   fputs(
      "usage: kasuri COMMAND [ARGUMENTS]\n\n"
      "Kasuri is CUDA without the GPU: it compiles CUDA programs and runs them on the\n"
      "processor that is there.\n\nCommands:\n",
      f);
   for (size_t i = 0; tool_commands[i]; i++)
      fprintf(f, "  %-9s  %s\n", tool_commands[i]->name, tool_commands[i]->summary);
   fputs("  help       say more about a command: kasuri help COMMAND\n\n"
         "  --version print the version\n"
         "  --help    print this\n\n"
         "First steps: kasuri run FILE.cu compiles and runs a CUDA program;\n"
         "kasuri doctor says whether anything is missing.\n",
         f);
}

static const struct tool_command *
find(const char *name)
{
   for (size_t i = 0; tool_commands[i]; i++) {
      if (!strcmp(tool_commands[i]->name, name))
         return tool_commands[i];
   }
   return NULL;
}

static int
unknown(const char *name)
{
   const char *names[ARRAY_LEN(tool_commands) + 1] = {"help"};
   for (size_t i = 0; tool_commands[i]; i++)
      names[i + 1] = tool_commands[i]->name;
   const char *near = tool_nearest(name, names);
   if (near)
      tool_error("", "there is no command '%s'; did you mean '%s'?", name, near);
   else
      tool_error("", "there is no command '%s' (try kasuri --help)", name);
   return TOOL_USAGE;
}

static int
help(int argc, char **argv)
{
   if (argc < 2) {
      print_help(stdout);
      return TOOL_OK;
   }
   const struct tool_command *c = find(argv[1]);
   if (!c)
      return unknown(argv[1]);
   if (!c->help)
      return c->run(2, (char *[]){argv[1], "--help", NULL});
   fputs(c->help, stdout);
   return TOOL_OK;
}

int
main(int argc, char **argv)
{
   if (!strcmp(tool_basename(argv[0]), "nvidia-smi")) {
      bool ask = argc == 2 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"));
      return ask ? help(2, (char *[]){argv[0], "smi", NULL}) : tool_smi.run(argc, argv);
   }
   for (size_t i = 0; i < ARRAY_LEN(toolkit); i++)
      if (!strcmp(tool_basename(argv[0]), toolkit[i]->name))
         return toolkit[i]->run(argc, argv);
   if (argc < 2) {
      print_help(stderr);
      return TOOL_USAGE;
   }
   const char *word = argv[1];
   if (!strcmp(word, "--help") || !strcmp(word, "-h"))
      return help(1, argv);
   if (!strcmp(word, "help"))
      return help(argc - 1, argv + 1);
   if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
      printf("kasuri %s (CUDA %d.%d)\n", TOOL_VERSION, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR);
      return TOOL_OK;
   }
   const struct tool_command *c = find(word);
   if (!c)
      return unknown(word);
   if (argc > 2 && c->help && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
      fputs(c->help, stdout);
      return TOOL_OK;
   }
   return c->run(argc - 1, argv + 1);
}
