/* SPDX-License-Identifier: Apache-2.0
 * Polynomial coefficients, lowest degree first. Written by scripts/gen_minimax.py: do
 * not edit. */
#ifndef KASURI_LIBDEVICE_COEFFS_H
#define KASURI_LIBDEVICE_COEFFS_H

/* [-0.3467, 0.3467], error 2^-23.8 */
static const float C_EXPF[5] = {
   0x1.0000000000000p-1f, 0x1.5554dc0000000p-3f,  0x1.5554b80000000p-5f,
   0x1.120b980000000p-7f, 0x1.6d75460000000p-10f,
};
/* [-0.52, 0.52], error 2^-24.8 */
static const float C_EXPM1F[6] = {
   0x1.0000000000000p-1f, 0x1.5555560000000p-3f,  0x1.5553300000000p-5f,
   0x1.110f0e0000000p-7f, 0x1.6ebc300000000p-10f, 0x1.a33ba80000000p-13f,
};
/* [-0.5, 0.5], error 2^-26.0 */
static const float C_EXP2F[6] = {
   0x1.62e4300000000p-1f, 0x1.ebfbe00000000p-3f,  0x1.c6af6c0000000p-5f,
   0x1.3b29e40000000p-7f, 0x1.5f08960000000p-10f, 0x1.446bc40000000p-13f,
};
/* [-0.1506, 0.1506], error 2^-24.4 */
static const float C_EXP10F[6] = {
   0x1.26bb1c0000000p+1f, 0x1.53524c0000000p+1f, 0x1.046fb40000000p+1f,
   0x1.2bd6980000000p+0f, 0x1.155a360000000p-1f, 0x1.a9bf700000000p-3f,
};
/* [-0.3467, 0.3467], error 2^-58.5 */
static const double C_EXP[11] = {
   0x1.0000000000000p-1,  0x1.5555555555557p-3,  0x1.5555555555558p-5,
   0x1.11111111100d2p-7,  0x1.6c16c16c1518fp-10, 0x1.a01a01abed49ap-13,
   0x1.a01a01ad1d971p-16, 0x1.71de0220e9a3bp-19, 0x1.27e4cc8399424p-22,
   0x1.af4e0bf07e146p-26, 0x1.1f8bbd90fcfd0p-29,
};
/* [-0.52, 0.52], error 2^-56.7 */
static const double C_EXPM1[12] = {
   0x1.0000000000000p-1,  0x1.5555555555555p-3,  0x1.55555555555aap-5,
   0x1.111111111116bp-7,  0x1.6c16c16bfa56dp-10, 0x1.a01a019ff4ff2p-13,
   0x1.a01a02102c9cbp-16, 0x1.71de3abf721bdp-19, 0x1.27e433b4d7a5ep-22,
   0x1.ae632bcfdc5c5p-26, 0x1.2035a84c36c8ep-29, 0x1.62bbf0766eeabp-33,
};
/* [-0.3334, 0.3334], error 2^-24.9 */
static const float C_LOGF[9] = {
   -0x1.0000000000000p-1f, 0x1.55552c0000000p-2f,  -0x1.fffe940000000p-3f,
   0x1.99c00a0000000p-3f,  -0x1.55ab380000000p-3f, 0x1.1fd3740000000p-3f,
   -0x1.f197e80000000p-4f, 0x1.19c2940000000p-3f,  -0x1.0b5f040000000p-3f,
};
/* [-0.3334, 0.3334], error 2^-24.1 */
static const float C_LOG2F[9] = {
   -0x1.7154760000000p-1f, 0x1.ec70620000000p-2f,  -0x1.7153700000000p-2f,
   0x1.2792800000000p-2f,  -0x1.ecec840000000p-3f, 0x1.9f3ec00000000p-3f,
   -0x1.66f0100000000p-3f, 0x1.967e6c0000000p-3f,  -0x1.81bc2a0000000p-3f,
};
/* [-0.3334, 0.3334], error 2^-26.2 */
static const float C_LOG10F[9] = {
   -0x1.bcb7b20000000p-3f, 0x1.287a520000000p-3f,  -0x1.bcb6760000000p-4f,
   0x1.63e78c0000000p-4f,  -0x1.28c50e0000000p-4f, 0x1.f401440000000p-5f,
   -0x1.b034420000000p-5f, 0x1.e977a40000000p-5f,  -0x1.d078a40000000p-5f,
};
/* [-0.3334, 0.3334], error 2^-38.0 */
static const double C_POWLOG2[14] = {
   -0x1.71547652bfa99p-1, 0x1.ec709dc46d938p-2,  -0x1.7154761f9e166p-2,
   0x1.2776c4222a168p-2,  -0x1.ec70d6a0363fcp-3, 0x1.a6180270ccd1ap-3,
   -0x1.7148a56146db8p-3, 0x1.483322f057fe7p-3,  -0x1.28a005214b07cp-3,
   0x1.0e72c7735f201p-3,  -0x1.cede8698210c8p-4, 0x1.9fe2031bf53ddp-4,
   -0x1.2d23e5b3bbbccp-3, 0x1.28d6767666c19p-3,
};
/* [0.0, 0.0401], error 2^-54.6 */
static const double C_LOG[8] = {
   0x1.5555555555555p-1, 0x1.9999999999f44p-2, 0x1.24924923d9b21p-2, 0x1.c71c72e5421e5p-3,
   0x1.745caa8379791p-3, 0x1.3b2a142dde16fp-3, 0x1.0e874001574fep-3, 0x1.16c2678094a86p-3,
};
/* [0.0, 0.0401], error 2^-55.3 */
static const double C_LOGDD[9] = {
   0x1.999999999999ap-2, 0x1.2492492492483p-2, 0x1.c71c71c721788p-3,
   0x1.745d1740d0ba3p-3, 0x1.3b13b3b908c9fp-3, 0x1.11105edc4cd69p-3,
   0x1.e21c2f1d50c2bp-4, 0x1.a9a2861f4d657p-4, 0x1.cd2aa2325de71p-4,
};
/* [0.0, 0.618422], error 2^-25.3 */
static const float C_SINF[3] = {
   -0x1.5555520000000p-3f,
   0x1.110c240000000p-7f,
   -0x1.9ac6de0000000p-13f,
};
/* [0.0, 0.618422], error 2^-28.6 */
static const float C_COSF[3] = {
   0x1.5555540000000p-5f,
   -0x1.6c12ce0000000p-10f,
   0x1.9bd6440000000p-16f,
};
/* [0.0, 0.618422], error 2^-54.8 */
static const double C_SIN[6] = {
   -0x1.5555555555555p-3, 0x1.1111111110ba2p-7,   -0x1.a01a019e7fca1p-13,
   0x1.71de3791723aap-19, -0x1.ae6005a8a0038p-26, 0x1.5e0929a031fd2p-33,
};
/* [0.0, 0.618422], error 2^-58.6 */
static const double C_COS[6] = {
   0x1.5555555555555p-5,   -0x1.6c16c16c1695fp-10, 0x1.a01a019f4cbc1p-16,
   -0x1.27e4fa154a002p-22, 0x1.1eeb66384ac66p-29,  -0x1.907bb07b38613p-37,
};
/* [0.0, 0.251], error 2^-23.8 */
static const float C_ASINF[5] = {
   0x1.55555e0000000p-3f, 0x1.3325f80000000p-4f, 0x1.70d9dc0000000p-5f,
   0x1.b06a160000000p-6f, 0x1.3abe480000000p-5f,
};
/* [0.0, 1.0], error 2^-25.6 */
static const float C_ATANF[9] = {
   -0x1.5555540000000p-2f, 0x1.9998800000000p-3f,  -0x1.2472500000000p-3f,
   0x1.c4481a0000000p-4f,  -0x1.63e7200000000p-4f, 0x1.02cb1e0000000p-4f,
   -0x1.2c66ac0000000p-5f, 0x1.caa1da0000000p-7f,  -0x1.48ccbc0000000p-9f,
};
/* [0.0, 0.251], error 2^-55.6 */
static const double C_ASIN[13] = {
   0x1.5555555555556p-3, 0x1.3333333332df9p-4, 0x1.6db6db6e45e65p-5,
   0x1.f1c71c11c0d5fp-6, 0x1.6e8bb39fafa03p-6, 0x1.1c4d0ae9f268ep-6,
   0x1.c9d3f8d80b987p-7, 0x1.77f65d3688248p-7, 0x1.537829522e78dp-7,
   0x1.5b525e041efebp-8, 0x1.2416f6e005c6cp-6, -0x1.fc63e612a9636p-7,
   0x1.de8b88d09dd21p-6,
};
/* [0.0, 0.1717], error 2^-54.4 */
static const double C_ATAN[11] = {
   -0x1.5555555555555p-2, 0x1.999999999939ep-3,  -0x1.2492492439ed8p-3,
   0x1.c71c71876c2b9p-4,  -0x1.745d0b7a189a8p-4, 0x1.3b1269d849bbfp-4,
   -0x1.10fad0b76cdecp-4, 0x1.dfebe7df87ab2p-5,  -0x1.a0b50a71e344fp-5,
   0x1.41ace27a9ef69p-5,  -0x1.3adbfca5c9bc7p-6,
};
/* [0.0, 1.0], error 2^-27.5 */
static const float C_SINHF[4] = {
   0x1.5555560000000p-3f,
   0x1.11111e0000000p-7f,
   0x1.a008fc0000000p-13f,
   0x1.78a7be0000000p-19f,
};
/* [0.0, 0.36], error 2^-24.7 */
static const float C_TANHF[5] = {
   -0x1.5555540000000p-2f, 0x1.110ef80000000p-3f,  -0x1.b95ad20000000p-5f,
   0x1.5a0dba0000000p-6f,  -0x1.9bcdda0000000p-8f,
};
/* [0.0, 1.0], error 2^-56.6 */
static const double C_SINH[8] = {
   0x1.5555555555555p-3,  0x1.1111111111111p-7,  0x1.a01a01a01a001p-13,
   0x1.71de3a556f971p-19, 0x1.ae64567929f90p-26, 0x1.612467cd15f00p-33,
   0x1.ae777bea462b8p-41, 0x1.99f097594b4efp-49,
};
/* [0.0, 0.36], error 2^-53.6 */
static const double C_TANH[11] = {
   -0x1.5555555555555p-2,  0x1.1111111110ce3p-3,   -0x1.ba1ba1b9a603cp-5,
   0x1.664f485a5dcc7p-6,   -0x1.226e2e3e344abp-7,  0x1.d6d2582d1ae41p-9,
   -0x1.7d8b04fb5329ap-10, 0x1.3452a6192a0dbp-11,  -0x1.e7307efb7c849p-13,
   0x1.565b8de566e1ap-14,  -0x1.34580d6e6f7fap-16,
};

#endif
