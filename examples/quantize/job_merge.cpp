// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string>
#include <vector>

#include "evaluation_part.hpp"
#include "jobs.hpp"
#include "octavo/io/calibration_part.hpp"

namespace octavo::examples {

/// Ranges and histograms go into a file that is byte for byte what one run would have written;
/// of an evaluation the report is printed, and a file written where one is asked for.
void merge_parts(const options& wanted) {
  std::vector<io::part_file> parts;
  std::vector<part_identity> identities;
  std::vector<std::string> names;
  for (const std::filesystem::path& path : wanted.merge) {
    parts.push_back(io::read_part(path));
    identities.push_back(parts.back().identity);
    names.push_back(parts.back().name);
  }
  const part_identity whole = check_parts(identities, names);
  const bool is_evaluation = whole.kind == part_kind::evaluation;
  if (!is_evaluation && wanted.out.empty()) {
    fail("--merge of ", to_string(whole.kind), " needs a file to write, -o");
  }
  io::byte_vector content;
  if (is_evaluation) {
    const evaluation counts = merge_evaluations(parts);
    std::fputs(to_text(counts).c_str(), stdout);
    content = serialize(counts);
  } else {
    content = io::merge_calibration(parts);
  }
  if (wanted.out.empty()) return;
  io::write_part(wanted.out, whole, content);
  std::printf("merged:       %s (%s, %zu parts, %llu pictures)\n", wanted.out.string().c_str(),
              std::string(to_string(whole.kind)).c_str(), parts.size(),
              static_cast<unsigned long long>(whole.images));
}

}  // namespace octavo::examples
