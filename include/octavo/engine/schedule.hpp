// SPDX-License-Identifier: MIT
/// @file
/// What an engine does in a run: for each group of images it fills the input, executes every step,
/// and keeps the outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <variant>
#include <vector>

#include "octavo/core/function_ref.hpp"
#include "octavo/engine/steps.hpp"
#include "octavo/simd/sequence.hpp"

namespace octavo::inline v0::detail {

/// Fills rows of the input (images of the group x height) from those of the images that begin at
/// first_image; called as fill(first_image, rows).
using fill_ref = function_ref<int, simd::work_range>;

/// All steps of one engine and the tensors they work on.
class schedule {
 public:
  /// @param scratch prepared_model::scratch_bytes() for each lane
  schedule(const prepared_model& model, std::span<std::byte> memory, std::span<std::byte> scratch,
           const threading& with)
      : plan_(model.plan()), threading_(with) {
    const step_builder builder(model, memory, with.threads, scratch);
    for (std::size_t i = 0; i < plan_.group().size(); ++i) {
      steps_.push_back(builder.build(i));
      tensors_.push_back(builder.tensor(i));
    }
    place_outputs(memory);
    link_convolutions();
    make_phases();
  }

  // Calls point to each other.
  schedule(const schedule&) = delete;
  schedule& operator=(const schedule&) = delete;

  std::span<const step> steps() const { return steps_; }
  int groups() const { return plan_.groups(); }
  int first_image(int group) const { return group * input().layout.shape.n; }

  /// A tensor of the group that is running.
  const blocked_view<std::int8_t>& tensor(std::size_t index) const { return tensors_[index]; }
  const blocked_view<std::int8_t>& input() const { return tensors_[input_index]; }

  /// An output of all groups.
  const blocked_view<std::int8_t>& output(std::size_t which) const { return outputs_[which]; }

  /// Everything, in one parallel_for.
  void run(const fill_ref& fill) const { run_sequence(threading_, whole_run{*this, fill}); }

  /// One step of one group. The caller keeps their order, and lets keep_outputs() follow the last.
  void run_step(const step& made, int group, const fill_ref& fill) const {
    for (const kernel_call& call : made.calls) {
      run_parts(threading_, work_of(call), [&](simd::work_range part) { run_call(call, part); });
    }
    if (made.node != input_index) return;
    run_parts(threading_, input_rows(),
              [&](simd::work_range rows) { fill(first_image(group), rows); });
  }

  void keep_outputs(int group) const {
    if (groups() > 1) keep(group, 0, 1);
  }

 private:
  /// Every other node reads an earlier one.
  static constexpr int input_index = 0;

  /// What may be executed at the same time: border and pixels of a tensor, and what is joined into
  /// one; not what is cleared as a whole, and then written.
  struct phase {
    enum class kind { calls, fill, keep } what = kind::calls;
    const kernel_call* begin = nullptr;
    const kernel_call* end = nullptr;

    int parts() const { return what == kind::calls ? static_cast<int>(end - begin) : 1; }
  };

  /// The steps of detail::sequence: every phase of every group.
  struct whole_run {
    const schedule& all;
    const fill_ref& fill;

    int per_group() const { return static_cast<int>(all.phases_.size()); }
    int count() const { return all.groups() * per_group(); }

    const phase& at(int step) const {
      return all.phases_[static_cast<std::size_t>(step % per_group())];
    }

    int parts(int step) const { return at(step).parts(); }

    void run(int step, int lane, int part) const noexcept {
      const int group = step / per_group();
      const int lanes = lanes_of(all.threading_);
      const auto share = [&](std::int64_t work) {
        return simd::work_range{work * lane / lanes, work * (lane + 1) / lanes, lane};
      };
      switch (at(step).what) {
        case phase::kind::fill:
          return fill(all.first_image(group), share(all.input_rows()));
        case phase::kind::keep:
          return all.keep(group, lane, lanes);
        case phase::kind::calls:
          const kernel_call& call = at(step).begin[part];
          return run_call(call, share(work_of(call)));
      }
    }
  };

  std::int64_t input_rows() const {
    return std::int64_t{input().layout.shape.n} * input().layout.shape.h;
  }

  /// Copies a lane's share of every output to where all groups are kept.
  void keep(int group, int lane, int lanes) const noexcept {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const blocked_view<std::int8_t>& from = tensors_[output_index(i)];
      const std::int64_t bytes = from.layout.shape.n * from.layout.image();
      const std::int64_t begin = bytes * lane / lanes;
      const std::int64_t end = bytes * (lane + 1) / lanes;
      std::memcpy(outputs_[i].data + group * bytes + begin, from.data + begin,
                  static_cast<std::size_t>(end - begin));
    }
  }

  std::size_t output_index(std::size_t which) const {
    return static_cast<std::size_t>(plan_.group().outputs[which]);
  }

  void place_outputs(std::span<std::byte> memory) {
    auto* const bytes = reinterpret_cast<std::int8_t*>(memory.data());
    for (std::size_t i = 0; i < plan_.group().outputs.size(); ++i) {
      blocked_view<std::int8_t> output = tensors_[output_index(i)];
      if (groups() > 1) {
        output = {bytes + plan_.batch().kept[i], all_groups(output.layout, groups())};
      }
      outputs_.push_back(output);
    }
  }

  /// Each dense convolution brings the weights of the next one near.
  void link_convolutions() {
    simd::conv2d_args* last = nullptr;
    for (step& made : steps_) {
      for (kernel_call& each : made.calls) {
        auto* const convolution = std::get_if<call<simd::conv2d_args>>(&each);
        if (convolution == nullptr) continue;
        if (last != nullptr) last->next = &convolution->args;
        last = &convolution->args;
      }
    }
  }

  void make_phases() {
    using kind = phase::kind;
    for (const step& made : steps_) {
      const kernel_call* begin = made.calls.data();
      const kernel_call* const end = begin + made.calls.size();
      if (begin != end && clears_all(*begin)) {
        phases_.push_back({kind::calls, begin, begin + 1});
        ++begin;
      }
      if (begin != end) phases_.push_back({kind::calls, begin, end});
      if (made.node == input_index) phases_.push_back({kind::fill});
    }
    if (groups() > 1) phases_.push_back({kind::keep});
  }

  const execution_plan& plan_;
  const threading& threading_;
  std::vector<step> steps_ = {};
  std::vector<phase> phases_ = {};  ///< of steps_
  std::vector<blocked_view<std::int8_t>> tensors_ = {};
  std::vector<blocked_view<std::int8_t>> outputs_ = {};
};

}  // namespace octavo::inline v0::detail
