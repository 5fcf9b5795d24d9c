// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/mlir: the syntax, and texts as networks. Texts find their weights in the folder
/// OCTAVO_FUZZ_CORPUS/mlir_weights, which make_corpus has filled.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "octavo/io/mlir.hpp"
#include "small_run.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
namespace mlir = octavo::io::mlir;
namespace fs = std::filesystem;

namespace {

/// Where networks are written again; removed at the end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (fs::temp_directory_path() / "octavo_fuzz_XXXXXX").string();
    expect(::mkdtemp(name.data()) != nullptr, "there is a temporary folder");
    path_ = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

void check_network(const octavo::io::mlir_network& net) {
  expect(net.outputs.size() == net.graph().outputs.size(), "a name for each result");
  if (!net.is_quantized()) return;
  static const scratch_folder scratch;
  const auto& model = std::get<octavo::quantized_model>(net.model);
  run_small(model);
  octavo::io::save_mlir(model, scratch / "again.mlir", {.outputs = net.outputs});
  const octavo::io::mlir_network again = octavo::io::load_mlir(scratch / "again.mlir");
  expect(again.outputs == net.outputs, "results written again have the same names");
  expect(std::get<octavo::quantized_model>(again.model) == model,
         "a network written again reads back equal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fs::path weights = fs::path(OCTAVO_FUZZ_CORPUS) / "mlir_weights";
  const std::string_view text = as_text({data, size});
  feed([&] { return mlir::parse(text, "x.mlir"); }, [](const std::vector<mlir::operation>&) {});
  feed([&] { return mlir::read(text, "x.mlir", weights); }, check_network);
  return 0;
}
