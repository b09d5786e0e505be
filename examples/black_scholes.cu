/* SPDX-License-Identifier: Apache-2.0
 * Prices of European options by the Black-Scholes formula, against the same formula in
 * double precision, and put-call parity.
 *
 *    kasuri run examples/black_scholes.cu [OPTIONS] */
// TEST small 3000
#include <vector>

#include "check.h"

constexpr float rate = 0.02f, volatility = 0.3f;

struct option {
   float spot, strike, years;
};
struct price {
   float call, put;
};

__device__ inline float
normal_cdf(float x)
{
   return 0.5f * erfcf(-0.70710678f * x);
}

__global__ void
evaluate(const option *options, price *prices, int n)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
        i += gridDim.x * blockDim.x) {
      option o = options[i];
      float spread = volatility * sqrtf(o.years);
      float d1 =
         (logf(o.spot / o.strike) + (rate + 0.5f * volatility * volatility) * o.years) /
         spread;
      float d2 = d1 - spread;
      float discounted = o.strike * expf(-rate * o.years);
      prices[i].call = o.spot * normal_cdf(d1) - discounted * normal_cdf(d2);
      prices[i].put = discounted * normal_cdf(-d2) - o.spot * normal_cdf(-d1);
   }
}

static double
call_price(const option &o)
{
   double r = rate, v = volatility, spread = v * std::sqrt((double)o.years);
   double d1 =
      (std::log((double)o.spot / o.strike) + (r + 0.5 * v * v) * o.years) / spread;
   auto cdf = [](double x) { return 0.5 * std::erfc(-std::sqrt(0.5) * x); };
   return o.spot * cdf(d1) - o.strike * std::exp(-r * o.years) * cdf(d1 - spread);
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 300000);
   std::vector<option> options(n);
   std::vector<price> prices(n);
   unsigned state = 5;
   auto uniform = [&state](float low, float high) {
      state = state * 1664525u + 1013904223u;
      return low + (high - low) * (float)(state >> 8) / (1 << 24);
   };
   for (option &o : options)
      o = {uniform(5, 30), uniform(1, 100), uniform(0.25f, 10)};
   option *doptions;
   price *dprices;
   CHECK(cudaMalloc(&doptions, n * sizeof(option)));
   CHECK(cudaMalloc(&dprices, n * sizeof(price)));
   CHECK(
      cudaMemcpy(doptions, options.data(), n * sizeof(option), cudaMemcpyHostToDevice));
   evaluate<<<60, 256>>>(doptions, dprices, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(prices.data(), dprices, n * sizeof(price), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(doptions));
   CHECK(cudaFree(dprices));
   printf("priced %d options\n", n);

   int wrong = 0;
   for (int i = 0; i < n; i++) {
      const option &o = options[i];
      double call = call_price(o);
      double put = call - o.spot + o.strike * std::exp(-(double)rate * o.years);
      wrong +=
         std::fabs(call - prices[i].call) > 5e-5 || std::fabs(put - prices[i].put) > 5e-5;
   }
   printf("%d wrong\n", wrong);
   return finish(wrong == 0);
}
