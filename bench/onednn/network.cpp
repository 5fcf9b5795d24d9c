// SPDX-License-Identifier: MIT
/// @file
/// oneDNN as the rival of whole networks.
#include <cstdlib>
#include <memory>

#include "../rival.hpp"
#include "resnet50.hpp"

// <omp.h> belongs to the compiler, but oneDNN's OpenMP is the one of the compiler that built it.
extern "C" void omp_set_num_threads(int threads);

namespace octavo::bench {

void onednn::use_threads(int threads) { omp_set_num_threads(threads); }

std::string rival_name() {
  const dnnl_version_t* const version = dnnl_version();
  return concat_text("oneDNN ", version->major, ".", version->minor, ".", version->patch);
}

std::string rival_isa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "another instruction set";
  }
}

void limit_rival(isa which) {
  if (std::getenv("DNNL_MAX_CPU_ISA") != nullptr || std::getenv("ONEDNN_MAX_CPU_ISA") != nullptr) {
    return;
  }
  if (which == isa::avx2) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  if (which == isa::avxvnni) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2_vnni);
  if (which == isa::avx512vnni) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_vnni);
}

rival rival_network(const quantized_model& model, const tensor<std::int8_t>& input, int threads) {
  const auto net = std::make_shared<onednn::resnet50>(model, threads);
  net->set_input(input);
  return {[net] { net->run(); }, [net] { return net->logits(); }};
}

}  // namespace octavo::bench
