# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks are: class, sizes, and the least work that one run must do.

SMALL keeps a benchmark's data within one core's L2, LARGE does not. BYTES and FLOPS are
what the algorithm needs per run of size n (each input read once, each output written
once): the roofline. None where nobody would agree on a count."""

SPMV = lambda n: 16 * 8 * n + 12 * n  # 16 entries a row: value and column; row, x, y
MM = lambda n: 2 * n**3

#   name: (class, small, large, bytes(n), flops(n))
TABLE = {
    "saxpy": ("streaming", 1 << 16, 1 << 24, lambda n: 12 * n, lambda n: 2 * n),
    "triad": ("streaming", 1 << 16, 1 << 24, lambda n: 12 * n, lambda n: 2 * n),
    "transpose": ("streaming", 256, 4096, lambda n: 8 * n * n, None),
    "stencil2d": ("stencil", 256, 4096, lambda n: 8 * n * n, lambda n: 6 * n * n),
    "stencil3d": ("stencil", 48, 256, lambda n: 8 * n**3, lambda n: 8 * n**3),
    "hotspot": ("stencil", 256, 2048, lambda n: 8 * 12 * n * n, lambda n: 8 * 14 * n * n),
    "matmul": ("dense", 256, 1024, lambda n: 12 * n * n, MM),
    "matmul_naive": ("dense", 256, 768, lambda n: 12 * n * n, MM),
    "matmul_register": ("dense", 256, 1024, lambda n: 12 * n * n, MM),
    "lu_block": ("dense", 256, 1024, lambda n: 8 * n * n, lambda n: 2 * n**3 // 3),
    "nbody": ("dense", 1024, 8192, lambda n: 32 * n, lambda n: 20 * n * n),
    "pairwise_distance": ("dense", 256, 2048, lambda n: 4 * n * n, lambda n: 192 * n * n),
    "reduce": ("reduction", 1 << 17, 1 << 24, lambda n: 4 * n, lambda n: n),
    "scan": ("scan", 1 << 16, 1 << 24, lambda n: 8 * n, None),
    "bitonic_sort": ("sort", 1 << 16, 1 << 20, None, None),
    "radix_sort": ("sort", 1 << 16, 1 << 22, None, None),
    "histogram": ("histogram", 1 << 19, 1 << 24, lambda n: n, None),
    "spmv_csr_scalar": ("sparse", 4096, 1 << 19, SPMV, lambda n: 32 * n),
    "spmv_csr_vector": ("sparse", 4096, 1 << 19, SPMV, lambda n: 32 * n),
    "spmv_ell": ("sparse", 2048, 1 << 18, lambda n: 31 * 8 * n + 8 * n, lambda n: 62 * n),
    "bfs_level": ("graph", 8192, 1 << 19, None, None),
    "pagerank": ("graph", 8192, 1 << 18, None, None),
    "mandelbrot": ("divergent", 256, 1024, None, None),
    "collatz": ("divergent", 1 << 14, 1 << 20, None, None),
    "ray_march": ("divergent", 128, 768, None, None),
    "black_scholes": ("finance", 1 << 15, 1 << 22, lambda n: 16 * n, None),
    "monte_carlo": ("finance", 1 << 14, 1 << 20, None, None),
    "convolution": ("image", 256, 2048, lambda n: 16 * n * n, lambda n: 68 * n * n),
    "median": ("image", 512, 4096, lambda n: 2 * n * n, None),
    "bilateral": ("image", 256, 1024, lambda n: 8 * n * n, None),
    "needleman_wunsch": ("dynamic programming", 256, 4096, None, None),
    "fft": ("fft", 64, 8192, lambda n: 16 * 1024 * n, lambda n: 50 * 1024 * n),
    "softmax": ("transformer", 96, 8192, lambda n: 8 * 1024 * n, None),
    "softmax_half": ("transformer", 192, 8192, lambda n: 4 * 1024 * n, None),
    "layernorm": ("transformer", 96, 8192, lambda n: 8 * 1024 * n, None),
    "layernorm_bf16": ("transformer", 192, 8192, lambda n: 4 * 1024 * n, None),
    "attention": ("transformer", 256, 2048, None, lambda n: 256 * n * n),
    "attention_bf16": ("transformer", 256, 2048, None, lambda n: 256 * n * n),
    "gelu": ("transformer", 1 << 16, 1 << 23, lambda n: 8 * n, None),
    "gelu_half": ("transformer", 1 << 17, 1 << 23, lambda n: 4 * n, None),
}
