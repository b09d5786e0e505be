/* SPDX-License-Identifier: Apache-2.0
 * libcudadevrt.a exists because nvcc links it without being asked; the device runtime is
 * part of Kasuri's driver, so there is nothing in it. */
extern const char kasuri_cudadevrt[];
const char kasuri_cudadevrt[] = "the device runtime is in libcuda.so.1";
