// SPDX-License-Identifier: MIT
/// @file
/// The .npz files that tpu.load_file opens and the arrays that tpu.load_weight takes from them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/extents.hpp"
#include "octavo/core/real.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/scope.hpp"
#include "octavo/io/npz.hpp"

namespace octavo::inline v0::io::mlir {

class weights_files {
 public:
  /// Names are relative to `folder`, where the text itself lies.
  explicit weights_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Opens a file and returns its number. A text may not reach for files outside its own folder.
  std::size_t open(const op_reader& op) {
    const std::string& name = op.text("filename");
    const std::filesystem::path path = name;
    bool inside = path.is_relative() && path.has_filename() && name.find('\0') == std::string::npos;
    for (const std::filesystem::path& part : path) inside = inside && part != "..";
    if (!inside) {
      op.fail_value(op.required("filename"), "filename",
                    "a file in the folder of the .mlir, without '..' and not absolute");
    }
    if (leads_out(path)) {
      op.fail_value(op.required("filename"), "filename",
                    "a file in the folder of the .mlir, without links that lead out of it");
    }
    files_.push_back(
        with_context(op.where(), [&] { return std::make_unique<npz_reader>(folder_ / path); }));
    names_.push_back((folder_ / path).string());
    return files_.size() - 1;
  }

  /// The numbers of an array, which has the extents that its type says; T as in npy_array::as().
  /// `op` is who wants them.
  template <class T>
  std::vector<T> read(const op_reader& op, const value& from) {
    return with_context(op.where(), [&] {
      const npy_array array = files_[from.index]->read(from.name);
      const std::string label = label_of(from);
      using octavo::detail::without_outer_ones;  // (1, 64, 1, 1) and (64) are one shape here
      if (without_outer_ones(array.shape) != without_outer_ones(from.written.extents)) {
        octavo::fail(label, " has the shape ", octavo::detail::shape_text(array.shape),
                     ", expected that of ", to_string(from.written));
      }
      return array.as<T>(label);
    });
  }

  /// Real numbers, all finite.
  std::vector<double> read_finite(const op_reader& op, const value& from) {
    std::vector<double> numbers = read<double>(op, from);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (is_finite(numbers[i])) continue;
      op.fail(label_of(from), ": element ", i, " is ", numbers[i], ", expected a finite number");
    }
    return numbers;
  }

 private:
  std::string label_of(const value& from) const {
    return concat_text(names_[from.index], ": array ", in_quotes(from.name));
  }

  /// Whether a file that exists lies outside the folder, symbolic links followed.
  bool leads_out(const std::filesystem::path& path) const {
    std::error_code missing;
    const std::filesystem::path file = std::filesystem::canonical(folder_ / path, missing);
    if (missing) return false;
    const auto from = std::filesystem::canonical(folder_.empty() ? "." : folder_, missing);
    return missing || *file.lexically_relative(from).begin() == "..";
  }

  std::filesystem::path folder_;
  std::vector<std::unique_ptr<npz_reader>> files_;
  std::vector<std::string> names_;
};

}  // namespace octavo::inline v0::io::mlir
