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
/* [0.0, 0.0301], error 2^-25.6 */
static const float C_TANHF[3] = {
   -0x1.5555540000000p-2f,
   0x1.110b580000000p-3f,
   -0x1.b222f60000000p-5f,
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
/* what rounding took from its first coefficient */
#define C_ERFINVF_A_LO -0x1.c419720000000p-25f
/* [-0.7, 0.9], error 2^-22.9 */
static const float C_ERFINVF_B[10] = {
   0x1.5a9d800000000p+1f,  0x1.ff70ae0000000p-1f,  0x1.a759fa0000000p-7f,
   -0x1.6bbcea0000000p-7f, 0x1.0eda9e0000000p-7f,  -0x1.3369460000000p-8f,
   0x1.77dfe40000000p-10f, 0x1.352d200000000p-12f, -0x1.0575c80000000p-11f,
   0x1.4835a80000000p-13f,
};
/* what rounding took from its first coefficient */
#define C_ERFINVF_B_LO -0x1.d2935c0000000p-24f
/* [-3.0, 3.5], error 2^-21.3 */
static const float C_ERFINVF_C[11] = {
   0x1.a77a480000000p+2f,   0x1.02442a0000000p+0f,   -0x1.0ded920000000p-11f,
   -0x1.3ca6b40000000p-21f, 0x1.1a40940000000p-17f,  -0x1.375cf40000000p-19f,
   0x1.cf69340000000p-22f,  -0x1.8027540000000p-25f, 0x1.4f19940000000p-27f,
   -0x1.289d900000000p-28f, 0x1.403a0a0000000p-31f,
};
/* what rounding took from its first coefficient */
#define C_ERFINVF_C_LO 0x1.870ae00000000p-23f
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
/* [-0.5, 0.5], error 2^-54.3 */
static const double C_LGAMMA1[28] = {
   -0x1.2788cfc6fb619p-1, 0x1.a51a6625307d1p-1,  -0x1.9a4d55beab387p-2,
   0x1.151322ac7df62p-2,  -0x1.a8b9c17a90019p-3, 0x1.5b40cb0f82f3cp-3,
   -0x1.2703a1e5a2b12p-3, 0x1.010b36d650cd2p-3,  -0x1.c8066cd6e145dp-4,
   0x1.9a01d71743c12p-4,  -0x1.748ca3ecb6545p-4, 0x1.556c169927cb4p-4,
   -0x1.3b14a3bce759dp-4, 0x1.248158946a8eep-4,  -0x1.118df16a517fap-4,
   0x1.01011130ec2dfp-4,  -0x1.d8c94649a030fp-5, 0x1.b65a4f31815c0p-5,
   -0x1.eb6120588096ap-5, 0x1.fcd6a73d397b1p-5,  -0x1.cb43359721fa3p-7,
   -0x1.2dbfc7e435fd7p-8, -0x1.2b57bff98bd1ap-3, 0x1.72b993e2fb125p-3,
   0x1.3c76ced447e6fp-3,  -0x1.a01b63d70d8f0p-3, -0x1.ce4c325e185a6p-3,
   0x1.00069f2f8fe32p-2,
};
/* [-0.5, 1.0], error 2^-54.5 */
static const double C_LGAMMA2[21] = {
   0x1.b0ee6072093cep-2,   0x1.4a34cc4a60fa4p-2,   -0x1.13e001a557644p-4,
   0x1.51322ac7d95b4p-6,   -0x1.e404fc2180b32p-8,  0x1.7add6eac2bacfp-9,
   -0x1.38ac5c301499cp-10, 0x1.0b36b00823115p-11,  -0x1.d3fd4c53b98ebp-13,
   0x1.a1278420d5803p-14,  -0x1.78de101df6d1fp-15, 0x1.5811e696a58ffp-16,
   -0x1.3cca5f3d83f6cp-17, 0x1.256d6b0e9f403p-18,  -0x1.10aafbd717445p-19,
   0x1.0025ca6b887e6p-20,  -0x1.f2c6f0429ef92p-22, 0x1.eb6b2f67c58a8p-23,
   -0x1.a422a213911ecp-24, 0x1.e9f9f34952499p-26,  -0x1.0ef4b5a07b451p-28,
};
/* [0.0, 0.111111], error 2^-57.6 */
static const double C_STIRLING[13] = {
   0x1.5555555555555p-4,   -0x1.6c16c16c15e27p-9, 0x1.a01a0198c3ea6p-11,
   -0x1.38137b1e0d005p-11, 0x1.b94f39085fc95p-11, -0x1.f6511a4944fd6p-10,
   0x1.a031bd97d7e1bp-8,   -0x1.c5cc0a6c57886p-6, 0x1.196a033cc1ae9p-3,
   -0x1.4b6a66470d9cfp-1,  0x1.3637c77011e18p+1,  -0x1.7ecb5282c9f14p+2,
   0x1.c26170efbe57fp+2,
};
/* [0.0, 4.2], error 2^-54.0 */
static const double C_J0_SMALL[10] = {
   0x1.0000000000000p+0,   -0x1.0000000000000p-2,  0x1.fffffffffffcfp-7,
   -0x1.c71c71c71b494p-12, 0x1.c71c71c6a996ep-18,  -0x1.234567701c9e6p-24,
   0x1.02e8551af53d4p-31,  -0x1.5227f05f3a2cfp-39, 0x1.51b1347c0a238p-47,
   -0x1.fb0620b734e32p-56,
};
/* [-0.704826, 1.59517], error 2^-54.0 */
static const double C_J0_B[15] = {
   -0x1.09cdb36551280p-1,  0x1.ba1deea02948fp-4,   0x1.cfae864368d84p-5,
   -0x1.1bb1cbe1a3c51p-7,  -0x1.1f992590d2e6dp-9,  0x1.15382ba025465p-12,
   0x1.6ed3b9f47db6bp-15,  -0x1.232c779a5a7abp-18, -0x1.1cce344410164p-21,
   0x1.7ff97ffc270e1p-25,  0x1.29555cf312471p-28,  -0x1.5c49796f4e3bdp-32,
   -0x1.bf8bf346d85afp-36, 0x1.f2308abe5efd0p-40,  0x1.0c3302980003fp-44,
};
/* [-1.52008, 1.57992], error 2^-54.5 */
static const double C_J0_C[16] = {
   0x1.5c6e60a097823p-2,   -0x1.f8f72e7a848eap-6,  -0x1.b2150cb41e85dp-5,
   0x1.2f7ffe902594dp-8,   0x1.27e31fe9a60bap-9,   -0x1.6f641f41aeb6cp-13,
   -0x1.863f4817661c4p-15, 0x1.ad77d756038f0p-19,  0x1.32e6d86ec13a7p-21,
   -0x1.2da381be4777ap-25, -0x1.41d6a676a65f0p-28, 0x1.1d052378e992ep-32,
   0x1.e2b001a891457p-36,  -0x1.84cfa8ea20e84p-40, -0x1.0789e72263dfbp-43,
   0x1.914d9c9ff35f7p-48,
};
/* [0.0, 12.5], error 2^-53.5 */
static const double C_J1_SMALL[11] = {
   0x1.0000000000000p-1,   -0x1.ffffffffffff7p-5,  0x1.555555555539ep-9,
   -0x1.c71c71c713d99p-15, 0x1.6c16c16ab5e3dp-21,  -0x1.845c89cad7b77p-28,
   0x1.27e4f3c10bb5bp-35,  -0x1.52291b801e7d3p-43, 0x1.2c7ab1d9e2924p-51,
   -0x1.a80dd9aaf65b6p-60, 0x1.b49ce0a97845bp-69,
};
/* [-1.33171, 1.56829], error 2^-55.9 */
static const double C_J1_B[16] = {
   -0x1.9c6cf582cbf7fp-2,  0x1.ae8a39f51ad0ap-5,   0x1.b589d1da138f8p-5,
   -0x1.537544c3321f2p-8,  -0x1.24b3409958789p-9,  0x1.6e4c2d5386480p-13,
   0x1.83a06e302a36bp-15,  -0x1.9799d4ea22697p-19, -0x1.33825c7dde377p-21,
   0x1.17069cc874085p-25,  0x1.45697df5cd2c6p-28,  -0x1.03bd9ea06fccbp-32,
   -0x1.ec3e3186a1c48p-36, 0x1.60167f6a98520p-40,  0x1.1120f69f50ed2p-43,
   -0x1.93d2a9666ff5cp-48,
};
/* [-1.61559, 1.58441], error 2^-54.7 */
static const double C_J1_C[17] = {
   0x1.33518b3874e8ap-2,   -0x1.5e70dc60362bdp-6,  -0x1.80c83bdeee5b1p-5,
   0x1.9a4b292e3dd20p-9,   0x1.13fbc7d69822bp-9,   -0x1.07358bbdb9c31p-13,
   -0x1.796a751f89be1p-15, 0x1.4255b011db180p-19,  0x1.3026e0cea1634p-21,
   -0x1.d48dcb2f1f39ap-26, -0x1.44639d5036f8fp-28, 0x1.c62bde1f23d01p-33,
   0x1.ecae4e875ab73p-36,  -0x1.3b845e8fa0e96p-40, -0x1.1829f45218639p-43,
   0x1.3f98100048029p-48,  0x1.e3a05a197794cp-52,
};
/* [0.0, 4.42], error 2^-57.7 */
static const double C_Y0_S[9] = {
   0x1.750811790a13cp-3,   -0x1.12583f4a4abc7p-6,  0x1.268a9aaaeab57p-11,
   -0x1.4c030d9975d09p-17, 0x1.cf0413bcf0d8ep-24,  -0x1.b796f9c707bdbp-31,
   0x1.2eb218eb9ab7ap-38,  -0x1.3beb00166bd12p-46, 0x1.ecfd681c81fb1p-55,
};
/* [-1.85768, 1.54232], error 2^-55.8 */
static const double C_Y0_B[25] = {
   -0x1.9c34256a12a0cp-2,  0x1.a09c9290367e9p-5,   0x1.df6d59bf50eadp-5,
   -0x1.c116fdc597a7cp-8,  -0x1.1e32bc4ef775ep-9,  0x1.99827650e5aa1p-13,
   0x1.ab2c1feaa828cp-15,  -0x1.48637198cf596p-18, -0x1.3b2163e327d1ap-22,
   -0x1.777129966c2a5p-26, 0x1.452df9e2b5cb7p-26,  -0x1.f688d47b77e82p-29,
   0x1.a5c1b9d42715fp-31,  -0x1.9a01ef043f631p-33, 0x1.86a8fbe6114bdp-35,
   -0x1.6d87fd57f194dp-37, 0x1.7a5c8b9d8b353p-39,  -0x1.8b6562b8f40adp-41,
   0x1.4d6254ec7dd66p-44,  -0x1.427275d54fb2bp-47, 0x1.076f8d97211c2p-45,
   -0x1.a62de85babac8p-48, -0x1.b4b77fb5b955fp-49, 0x1.427b52f9c8715p-54,
   0x1.5c4bff20aec30p-52,
};
/* [-1.58605, 1.51395], error 2^-55.4 */
static const double C_Y0_C[18] = {
   0x1.334cca0697a5bp-2,   -0x1.5aef611fc4d57p-6,  -0x1.8969c64cbf453p-5,
   0x1.b2f14a95527dap-9,   0x1.1d35e85fde2d4p-9,   -0x1.26dd71e3922adp-13,
   -0x1.8177e4fe556bdp-15, 0x1.6a92273577b66p-19,  0x1.34aa7575a83f3p-21,
   -0x1.0a2814f4114aap-25, -0x1.442a3e3bc1081p-28, 0x1.fa6c6a6ed73bdp-33,
   0x1.f14f0ec8adfbap-36,  -0x1.71531b220f75cp-40, -0x1.069f2a9e19eb6p-43,
   0x1.3588bcd2b10a6p-48,  0x1.40a62fe360a7dp-51,  -0x1.56bd44ebe01b4p-55,
};
/* [0.0, 12.5], error 2^-55.2 */
static const double C_Y1_S[11] = {
   0x1.0e14beba09e96p-3,   0x1.069922dcaf0c6p-6,   -0x1.7c2ca06d8de35p-10,
   0x1.5ba2f20a48bf3p-15,  -0x1.4f2940673a35dp-21, 0x1.96551d6081dd2p-28,
   -0x1.549cecfd6003fp-35, 0x1.a3a9755860e27p-43,  -0x1.8c828bdccdc74p-51,
   0x1.266c874591786p-59,  -0x1.3b70b4a9a564ep-68,
};
/* [-1.92968, 1.67032], error 2^-54.6 */
static const double C_Y1_B[22] = {
   -0x1.5c7c556f0c19ap-2,  0x1.00b9f8571ca1dp-5,   0x1.a15d92dfe3e2ap-5,
   -0x1.10a329e2c22a0p-8,  -0x1.1be6db9923dbap-9,  0x1.337c7e137b67cp-13,
   0x1.85b940eb94af7p-15,  -0x1.80619136d8bffp-19, -0x1.255e6d139ddd0p-21,
   0x1.b62cc04743aa1p-26,  0x1.80b1bbca026d8p-28,  -0x1.a7e9838b5850fp-32,
   0x1.400bd9010a7a3p-39,  -0x1.39170e9bed889p-38, 0x1.49ba0d2735441p-40,
   -0x1.b420b11eff573p-43, 0x1.4016010cdcce0p-45,  -0x1.262c41b77704dp-47,
   0x1.4e8f06ecac202p-50,  0x1.bd0159590f730p-56,  0x1.1cecc09261c0bp-54,
   -0x1.fad992247a1c2p-56,
};
/* [0.0, 0.0204082], error 2^-56.2 */
static const double C_BESSEL_A0[14] = {
   0x1.0000000000000p+0,   -0x1.fffffffffb974p-5,  0x1.a7ffffe20d694p-4,
   -0x1.15efebd67d080p-1,  0x1.7649eb92e0983p+2,   -0x1.aac448e5e9d38p+6,
   0x1.6bbdd88b0e6e4p+11,  -0x1.96b0cff0e0eb2p+16, 0x1.f88a4ea3915a9p+21,
   -0x1.24f6f1ac1b9f4p+27, 0x1.152c0df7b590ep+32,  -0x1.7b598967f83e7p+36,
   0x1.450ec7d4301fdp+40,  -0x1.028fd8dddc0f0p+43,
};
/* [0.0, 0.0204082], error 2^-56.0 */
static const double C_BESSEL_D0[15] = {
   -0x1.fffffffffffffp-4,  0x1.0aaaaaaaa576ep-4,   -0x1.ad33330a6eafdp-3,
   0x1.a358296bc284ep+0,   -0x1.779394e8a1c00p+4,  0x1.0b67f37dfd922p+9,
   -0x1.12308c116cf3fp+14, 0x1.6b5a1aeb272e1p+19,  -0x1.0d8ebff8c1d68p+25,
   0x1.81178a1189405p+30,  -0x1.d458c4633ad0dp+35, 0x1.b8a127f49f449p+40,
   -0x1.246ca992622a9p+45, 0x1.e0b19ae56ab48p+48,  -0x1.6d4f8637e4c99p+51,
};
/* [0.0, 0.0204082], error 2^-56.0 */
static const double C_BESSEL_A1[14] = {
   0x1.0000000000000p+0,   0x1.7ffffffffec2fp-3,   -0x1.8bffffef2f1d3p-3,
   0x1.9c4fe95f268b3p-1,   -0x1.ef535c77a7510p+2,  0x1.09161fe2d0f4ep+7,
   -0x1.b2c526845352ep+11, 0x1.daa875aa58f4ap+16,  -0x1.225d778af7aacp+22,
   0x1.4e970d1fb43b6p+27,  -0x1.3b27eb668ccb9p+32, 0x1.ae3192a60c7f2p+36,
   -0x1.70003fe1e7674p+40, 0x1.24625fc3629bep+43,
};
/* [0.0, 0.0204082], error 2^-55.0 */
static const double C_BESSEL_D1[15] = {
   0x1.8000000000000p-2,   -0x1.4ffffffffd17fp-3,  0x1.7bccccb608ec0p-2,
   -0x1.2f485c02b84b3p+1,  0x1.e9f4a80fee10bp+4,   -0x1.492188911bdc3p+9,
   0x1.4589afe7a7a7ap+14,  -0x1.a5b4ad5bd382ap+19, 0x1.349d6119860bep+25,
   -0x1.b575639140474p+30, 0x1.08d25ca98e833p+36,  -0x1.f0f267fc4fc66p+40,
   0x1.493a26fed20fcp+45,  -0x1.0e46f436d6304p+49, 0x1.9a755003a4edep+51,
};
/* [0.0, 133.0], error 2^-53.6 */
static const double C_I0_SMALL[18] = {
   0x1.0000000000000p+0,   0x1.0000000000003p-2,   0x1.fffffffffff8ap-7,
   0x1.c71c71c71cf1ap-12,  0x1.c71c71c713e29p-18,  0x1.2345678a00780p-24,
   0x1.02e85c0474959p-31,  0x1.522a443c0e9a0p-39,  0x1.522a40bfeaf30p-47,
   0x1.0b314dd52b72ep-55,  0x1.5600342a0ee96p-64,  0x1.69d6e240cf097p-73,
   0x1.41438b28dcee9p-82,  0x1.ea77dedd35f84p-92,  0x1.31f695763313bp-101,
   0x1.a86703d05402fp-111, 0x1.30be6f51a129bp-122, 0x1.66fa6bc530207p-130,
};
/* [0.0, 133.0], error 2^-55.3 */
static const double C_I1_SMALL[18] = {
   0x1.0000000000000p-1,   0x1.0000000000001p-4,   0x1.5555555555537p-9,
   0x1.c71c71c71cab1p-15,  0x1.6c16c16c13535p-21,  0x1.845c8a0d22c86p-28,
   0x1.27e4fb74c1e7fp-35,  0x1.522a4421f43adp-43,  0x1.2c9756f76af6ep-51,
   0x1.ab8208d8f18e8p-60,  0x1.f1752f00d7333p-69,  0x1.e26ff28194bbcp-78,
   0x1.8b7c280775693p-87,  0x1.17efd63954e92p-96,  0x1.4835c2eb80c06p-106,
   0x1.a18051aaa090ap-116, 0x1.3da6597a87686p-127, 0x1.374d13282894ep-135,
};
/* [0.0, 0.0869565], error 2^-55.2 */
static const double C_I0_FAR[20] = {
   0x1.9884533d43651p-2,   0x1.9884533d434b9p-5,   0x1.cb94dda620d45p-6,
   0x1.debb0ea45cf55p-6,   0x1.6e89119c044d6p-5,   0x1.726558555118cp-4,
   0x1.0157fd05d28b4p-2,   -0x1.6c033ed7c0fecp+0,  0x1.1f8ff7302ecaap+7,
   -0x1.b82102ed861ecp+12, 0x1.0427d5ffd1972p+18,  -0x1.d531346e77894p+22,
   0x1.4450b8dbc1021p+27,  -0x1.566c42ad81568p+31, 0x1.113c6dd3e646fp+35,
   -0x1.4303ba86a2b48p+38, 0x1.115ed5e2e7430p+41,  -0x1.38466a1ecf019p+43,
   0x1.ae20062c4843fp+44,  -0x1.0d393ccfd5d5dp+45,
};
/* [0.0, 0.0869565], error 2^-55.1 */
static const double C_I1_FAR[20] = {
   0x1.9884533d43651p-2,   -0x1.32633e6df2850p-3,  -0x1.7efc0e0a13294p-5,
   -0x1.4f1c8abe53eabp-5,  -0x1.d74218eda003ep-5,  -0x1.c4d3048e7e58fp-4,
   -0x1.2d28cf5f523afp-2,  0x1.6dcb5b4083ebbp+0,   -0x1.2ee5d9f8152b6p+7,
   0x1.ce436d9e09807p+12,  -0x1.10da7f7ecac3ap+18, 0x1.eb569fff7ef08p+22,
   -0x1.53199220275a3p+27, 0x1.6578bf3326dafp+31,  -0x1.1cc9c4a0732efp+35,
   0x1.501e91f19432cp+38,  -0x1.1bfb1c9dee505p+41, 0x1.43d42cff9cf86p+43,
   -0x1.bd3b607171d0ep+44, 0x1.162896da0724bp+45,
};

#endif
