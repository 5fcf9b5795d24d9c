// SPDX-License-Identifier: MIT
/// @file
/// Lists or copies a .npz file; npz_numpy_test.py compares what it does with NumPy.

#include <cstdio>
#include <string_view>

#include "octavo/io/npz.hpp"

namespace {

namespace io = octavo::io;

void list(const char* input) {
  io::npz_reader reader{std::filesystem::path(input)};
  for (const std::string& name : reader.names()) {
    const io::npy_header header = reader.header(name);
    std::string shape;
    for (const std::int64_t extent : header.shape) shape += octavo::concat_text(' ', extent);
    const std::string type(io::name_of(header.type));
    std::printf("%s %s%s\n", name.c_str(), type.c_str(), shape.c_str());
  }
}

template <class T>
void convert(io::npz_arrays& arrays) {
  for (auto& entry : arrays) {
    io::npy_array& array = entry.second;
    array = io::make_npy_array(array.as<T>(entry.first), array.shape);
  }
}

void write_copy(std::string_view how, const char* input, const char* output) {
  io::npz_arrays arrays = io::npz_reader{std::filesystem::path(input)}.read_all();
  if (how == "float32") convert<float>(arrays);
  if (how == "float64") convert<double>(arrays);
  io::write_npz(output, arrays,
                how == "copy64" ? io::zip64_use::always : io::zip64_use::when_needed);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::string_view how = count > 1 ? arguments[1] : "";
    const bool copies = how == "copy" || how == "copy64" || how == "float32" || how == "float64";
    if (how == "list" && count == 3) {
      list(arguments[2]);
    } else if (copies && count == 4) {
      write_copy(how, arguments[2], arguments[3]);
    } else {
      std::fputs("usage: npz_tool list IN | {copy|copy64|float32|float64} IN OUT\n", stderr);
      return 2;
    }
    return 0;
  } catch (const octavo::error& problem) {
    std::fprintf(stderr, "npz_tool: %s\n", problem.what());
    return 1;
  }
}
