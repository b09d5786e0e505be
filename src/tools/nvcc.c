/* SPDX-License-Identifier: Apache-2.0
 * `kasuri nvcc`: nvcc's command line on Kasuri's front end. */
#include "tools/tools.h"

static int
run(int argc, char **argv)
{
   struct nvcc_job *j = nvcc_job_create();
   bool done;
   int status = nvcc_job_parse(j, argc - 1, argv + 1, &done);
   if (!status && !done)
      status = nvcc_job_execute(j);
   nvcc_job_destroy(j);
   return status;
}

const struct tool_command tool_nvcc = {
   .name = "nvcc",
   .summary = "compile CUDA C++, with nvcc's options",
   .help = NULL, /* nvcc --help prints its own */
   .run = run,
};
