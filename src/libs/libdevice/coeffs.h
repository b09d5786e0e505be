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
/* [-1.0, 1.0], error 2^-25.7 */
static const float C_ERFCXF[13] = {
   0x1.46e80e0000000p+0f,   -0x1.7bf5dc0000000p-4f, -0x1.5407bc0000000p-3f,
   0x1.4ff9300000000p-3f,   -0x1.bc2c4c0000000p-5f, -0x1.06c6940000000p-7f,
   0x1.1de5bc0000000p-7f,   0x1.3f53800000000p-10f, -0x1.7fef140000000p-10f,
   -0x1.7810fa0000000p-12f, 0x1.d1965a0000000p-13f, 0x1.0ae6020000000p-14f,
   -0x1.562c4a0000000p-16f,
};
/* [-1.0, 1.0], error 2^-54.0 */
static const double C_ERFCX[26] = {
   0x1.3ba5916e9fd7fp+0,   -0x1.1df1ad154a28ep-3,  0x1.f7f5df66fd6d5p-7,
   0x1.16ecefcfa530ep-4,   -0x1.9ddb23c3e8a97p-4,  0x1.7fee004e13762p-4,
   -0x1.0fb06dfe51a0cp-4,  0x1.3079edf65e5fbp-5,   -0x1.09623883aca1ap-6,
   0x1.49c6729062813p-8,   -0x1.8d4a9af1f0841p-11, -0x1.a1df2c7e0bb95p-13,
   0x1.3be04b1e560d7p-13,  -0x1.99587d746c600p-16, -0x1.7885ff1fb78ddp-17,
   0x1.7f21d9bb9ce56p-18,  0x1.397aac74769dfp-22,  -0x1.bacda2bf1ea58p-21,
   0x1.4cd5b3a112344p-24,  0x1.d84b583892858p-24,  -0x1.618175f8cb79ap-26,
   -0x1.f6891ed2d4891p-27, 0x1.b4781cdf77e2ep-29,  0x1.e3b551565cb72p-30,
   -0x1.258dd5f4abd3ep-32, -0x1.237a664f8f366p-33,
};
/* [0.0, 1.0], error 2^-24.4 */
static const float C_ERFF[6] = {
   0x1.06eba20000000p-3f,  -0x1.8126880000000p-2f, 0x1.ce0bae0000000p-4f,
   -0x1.b5be1e0000000p-6f, 0x1.42bff20000000p-8f,  -0x1.28c05a0000000p-11f,
};
/* [0.0, 1.0], error 2^-54.9 */
static const double C_ERF[12] = {
   0x1.06eba8214db68p-3,   -0x1.812746b0379c2p-2,  0x1.ce2f21a041017p-4,
   -0x1.b82ce31206256p-6,  0x1.565bccfa99936p-8,   -0x1.c02db072ce35dp-11,
   0x1.f9a2bf705c04ap-14,  -0x1.f4ca94627aae7p-17, 0x1.b9827909799c0p-20,
   -0x1.5c16d6d171f26p-23, 0x1.d784418d8b115p-27,  -0x1.acdf0d99246a3p-31,
};
/* [1.0, 4.0], error 2^-27.2 */
static const float C_LOGERFCF[8] = {
   0x1.8a551a0000000p-13f, -0x1.212c0c0000000p+0f,  -0x1.4435680000000p-1f,
   -0x1.bc150a0000000p-4f, 0x1.9d02e20000000p-6f,   -0x1.138c880000000p-8f,
   0x1.cec5520000000p-12f, -0x1.6bd6ee0000000p-16f,
};
/* [-2.5, 2.5], error 2^-23.9 */
static const float C_ERFINVF_A[10] = {
   0x1.805c5e0000000p+0f,   0x1.f91e8c0000000p-3f,  -0x1.11c4e00000000p-8f,
   -0x1.48678e0000000p-10f, 0x1.c9e5960000000p-13f, -0x1.4c38600000000p-18f,
   -0x1.d0ad700000000p-19f, 0x1.f18d720000000p-22f, 0x1.8e4e7c0000000p-26f,
   -0x1.272ab60000000p-27f,
};
/* [-0.7, 0.9], error 2^-22.9 */
static const float C_ERFINVF_B[10] = {
   0x1.5a9d800000000p+1f,  0x1.ff70ae0000000p-1f,  0x1.a759fa0000000p-7f,
   -0x1.6bbcea0000000p-7f, 0x1.0eda9e0000000p-7f,  -0x1.3369460000000p-8f,
   0x1.77dfe40000000p-10f, 0x1.352d200000000p-12f, -0x1.0575c80000000p-11f,
   0x1.4835a80000000p-13f,
};
/* [-3.0, 3.5], error 2^-21.3 */
static const float C_ERFINVF_C[11] = {
   0x1.a77a480000000p+2f,   0x1.02442a0000000p+0f,   -0x1.0ded920000000p-11f,
   -0x1.3ca6b40000000p-21f, 0x1.1a40940000000p-17f,  -0x1.375cf40000000p-19f,
   0x1.cf69340000000p-22f,  -0x1.8027540000000p-25f, 0x1.4f19940000000p-27f,
   -0x1.289d900000000p-28f, 0x1.403a0a0000000p-31f,
};
/* [-3.125, 3.125], error 2^-54.9 */
static const double C_ERFINV_A[25] = {
   0x1.a755e7c99ae86p+0,   0x1.ebd80d9b13dfap-3,  -0x1.8b6c33114ea9ep-8,
   -0x1.84576948358d7p-11, 0x1.879c2a20b2fb0p-13, -0x1.d1d1f7ca0adb4p-17,
   -0x1.6e8a53cbc9577p-20, 0x1.c6b4f88851f88p-22, -0x1.f36cedcf0a55cp-26,
   -0x1.1a9eb05187c44p-28, 0x1.20f53b491079ap-30, -0x1.dc3f34d4c24aep-35,
   -0x1.c8a4ea70183f0p-37, 0x1.72366f6c7bb6cp-39, -0x1.6bbe3d7baa0e3p-44,
   -0x1.6874b372e42bcp-45, 0x1.d679357bb5098p-48, -0x1.6ce72f9fdef12p-55,
   -0x1.1b9abcddd7fb7p-53, 0x1.1e56cb2f081b0p-56, 0x1.8844913937152p-61,
   -0x1.9aa565104b2fep-62, 0x1.4f86e8a9154a8p-66, 0x1.e3f9cd487dd54p-69,
   -0x1.8446e47d6ecf7p-72,
};
/* [-0.78, 0.78], error 2^-53.1 */
static const double C_ERFINV_B[21] = {
   0x1.8abcc380d5a48p+1,   0x1.0158a6d641d55p+0,   0x1.5ffcfe5b6d08bp-8,
   -0x1.ebadabba077c0p-9,  0x1.468eeca92c6c4p-9,   -0x1.ba9240d73b294p-10,
   0x1.f3cc54663d073p-11,  -0x1.7448bd12c16ecp-12, 0x1.932e83704a4b9p-16,
   0x1.1e6ac5322027dp-14,  -0x1.8cf43a7f916a2p-15, 0x1.a2406932a1e7bp-17,
   0x1.89906941b5d6bp-19,  -0x1.0b722e51295c2p-18, 0x1.8de93af6ee15fp-20,
   -0x1.e761de114212dp-26, -0x1.08c8bca54b157p-22, 0x1.1c0d53e54be2cp-23,
   -0x1.57a7525eb35f5p-26, -0x1.0b727225f6e3dp-26, 0x1.f9c3ca8b00be0p-28,
};
/* [-1.1, 2.35], error 2^-51.4 */
static const double C_ERFINV_C[25] = {
   0x1.3664ddd1ad7fbp+2,   0x1.02a30d1fba10bp+0,   -0x1.22ea5df1c207ep-13,
   -0x1.c2f36aa120cbcp-13, 0x1.3ebf4ef91b1d6p-14,  -0x1.4a34905b1548cp-16,
   0x1.2fbcfedc7d025p-18,  -0x1.0a902b64c2c88p-20, 0x1.ebe22c1ba816ap-23,
   -0x1.2239fc29b0f11p-24, 0x1.f2a278ed33f82p-26,  -0x1.055902e320f1bp-26,
   0x1.0c56dc0d9a5c9p-27,  -0x1.e5d2d3c359873p-29, 0x1.6de9e8854158dp-30,
   -0x1.a2f5433315e84p-32, 0x1.f955def684eaep-35,  0x1.0d640b1c15cb1p-36,
   -0x1.062f9de99368fp-36, 0x1.88b213ef04e89p-38,  -0x1.3ab28c0633f59p-40,
   0x1.19ca65ba95db0p-44,  0x1.b69282bc5888ap-46,  -0x1.a21780891c0a2p-48,
   0x1.dcb7ed1b70384p-52,
};
/* [-3.3, 3.3], error 2^-50.3 */
static const double C_ERFINV_D[19] = {
   0x1.4c979fb57ab94p+3,   0x1.0171313eb2104p+0,   -0x1.529637e2c8e60p-12,
   0x1.219546949dd45p-16,  -0x1.7103a2429b240p-21, -0x1.c2248058e78b0p-28,
   0x1.ac6801f698361p-28,  -0x1.1db615ac58314p-30, 0x1.284e4d5e83f8ep-33,
   -0x1.145b0e5a31360p-36, 0x1.e5f92090db541p-40,  -0x1.9adaae9bad6e5p-43,
   0x1.526f385c5e46bp-46,  -0x1.1668ef9b2f094p-49, 0x1.bd4b62fc786a1p-53,
   -0x1.277e9cf1e0e92p-56, 0x1.ba0ec74fda209p-60,  -0x1.482964db39260p-62,
   0x1.043f5c7eb32b4p-65,
};
/* [-7.2, 7.2], error 2^-48.9 */
static const double C_ERFINV_E[19] = {
   0x1.4ae0585cfeaddp+4,   0x1.0091f1c470344p+0,   -0x1.4d8432a66c4f1p-14,
   0x1.8abe5038f61e0p-19,  -0x1.d6b88d8050477p-24, 0x1.15f754ff0ab62p-28,
   -0x1.3fa1d34369062p-33, 0x1.5d1a4681444f3p-38,  -0x1.58d6cc56ab861p-43,
   0x1.0b48c08deb8c4p-48,  -0x1.768859d063527p-56, -0x1.aab616a60fb65p-58,
   0x1.53ee900a4adbap-61,  -0x1.a80734a87509cp-65, 0x1.addb16029d500p-69,
   -0x1.cc31d69503460p-74, 0x1.6c6a353d1cf25p-78,  -0x1.2043c77e3d82ep-80,
   0x1.0321322099df8p-84,
};

#endif
