// SPDX-License-Identifier: MIT
/// @file
/// Runs a quantized model at the CPU's speed: prepared once, run many times, without allocating.
///
///     octavo::engine net(model);               // the best instruction set of this CPU
///     net.run(image);                          // tensor_view<const float>: quantized on the way
///     octavo::tensor<std::int8_t> logits = net.output();
///
/// Every instruction set, thread count and fusion level gives the bytes of interpret().
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "octavo/engine/describe.hpp"
#include "octavo/engine/input.hpp"
#include "octavo/engine/output.hpp"
#include "octavo/engine/steps.hpp"
#include "octavo/simd/sequence.hpp"

namespace octavo::inline v0 {

struct engine_options {
  octavo::threading threading = {};  ///< one thread unless asked
  /// The tensors' memory: engine_bytes() bytes that begin at a cache line and outlive the engine.
  /// Without it they are on the heap, as always what each thread needs beside them
  /// (prepared_model::scratch_bytes()).
  std::span<std::byte> memory = {};
};

/// A tensor inside an engine's memory, for an observer. Valid until the next op runs.
class observed_tensor {
 public:
  observed_tensor(const node& op_node, std::size_t index, blocked_view<const std::int8_t> values)
      : node_(&op_node), index_(index), values_(values) {}

  const octavo::node& node() const { return *node_; }  ///< of the graph as fused
  std::size_t index() const { return index_; }
  const octavo::shape& shape() const { return values_.layout.shape; }
  blocked_view<const std::int8_t> values() const { return values_; }

  /// Copies it in NCHW order. Shapes are equal.
  void copy_to(tensor_view<std::int8_t> dst) const noexcept { copy_to_nchw(values_, dst); }

 private:
  const octavo::node* node_;
  std::size_t index_;
  blocked_view<const std::int8_t> values_;
};

/// One network and the memory of one run at a time. Engines that share a prepared_model run
/// independently; an engine itself is used by one thread at a time.
class engine {
 public:
  /// Prepares `model` for this engine alone.
  /// @throws octavo::error as prepared_model, and where the memory given does not do.
  template <class PortableArch = simd::portable_arch>
  explicit engine(const quantized_model& model, const prepare_options& preparation = {},
                  engine_options options = {})
      : engine(std::shared_ptr<const prepared_model>(new prepared_model(model, preparation)),
               std::move(options)) {}

  /// The same; the model's weights are freed while they are packed.
  template <class PortableArch = simd::portable_arch>
  explicit engine(quantized_model&& model, const prepare_options& preparation = {},
                  engine_options options = {})
      : engine(std::shared_ptr<const prepared_model>(
                   new prepared_model(std::move(model), preparation)),
               std::move(options)) {}

  /// An engine on a model that others may use at the same time.
  explicit engine(std::shared_ptr<const prepared_model> model, engine_options options = {})
      : model_(std::move(model)), threading_(std::move(options.threading)) {
    require(model_ != nullptr, "engine: there is no model");
    const auto needed = static_cast<std::size_t>(model_->engine_bytes());
    if (options.memory.empty()) {
      owned_ = aligned_bytes(needed);
      options.memory = owned_.view();
    }
    require(options.memory.size() >= needed, "engine: too little memory for the tensors");
    require(is_aligned(options.memory.data()), "engine: the memory must begin at a cache line");
    detail::check_threading(threading_, "engine");
    scratch_ = aligned_bytes(
        static_cast<std::size_t>(detail::lanes_of(threading_) * model_->scratch_bytes()));
    const detail::step_builder builder(*model_, options.memory, threading_.threads,
                                       scratch_.view());
    for (std::size_t i = 0; i < graph().size(); ++i) {
      steps_.push_back(builder.build(i));
      tensors_.push_back(builder.tensor(i));
      if (graph()[i].kind == op::input) input_ = i;
    }
    link_convolutions();
    make_phases();
    if (verbose_) std::fprintf(stderr, "octavo,%s", detail::csv_header);
  }

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  const prepared_model& model() const { return *model_; }
  const octavo::graph& graph() const { return model_->graph(); }  ///< as fused
  octavo::isa isa() const { return model_->isa(); }
  const octavo::threading& threading() const { return threading_; }

  /// Executes the network on `image`: int8 as it is, float quantized by the input's threshold, in
  /// NCHW (tensor, tensor_view) or NHWC (nhwc_view) order. Allocates nothing.
  /// @throws octavo::error where the shape is not the graph's, or a float is NaN or infinite; the
  ///         last run's outputs are lost then, as they are where an observer or a parallel_for
  ///         throws.
  template <class Image>
  void run(const Image& image) {
    run(image, ignore{});
  }

  /// The same for pixels of 8 bits, each through its channel's row of `pixels`.
  template <class Image>
  void run(const Image& image, const pixel_table& pixels) {
    run(image, pixels, ignore{});
  }

  /// The same; after every op, the input included, observer(const observed_tensor&) is called.
  template <class Image, class Observer>
  requires std::invocable<Observer&, const observed_tensor&>
  void run(const Image& image, Observer&& observer) { take(view_of(image), observer); }

  template <class Image, class Observer>
  requires std::invocable<Observer&, const observed_tensor&>
  void run(const Image& image, const pixel_table& pixels, Observer&& observer) {
    take(view_of(image), pixels, observer);
  }

  /// The kernel that executes a node: "conv2d", "clip", "reference" and so on.
  std::string_view kernel_name(std::size_t index) const { return steps_[index].kernel; }

  /// The threshold that quantizes the input.
  double input_threshold() const { return model_->threshold(input_); }

  std::size_t output_count() const { return graph().outputs.size(); }

  const shape& output_shape(std::size_t which = 0) const {
    return graph()[output_index(which)].shape;
  }

  /// real value = q * threshold / 128
  double output_threshold(std::size_t which = 0) const {
    return model_->threshold(output_index(which));
  }

  /// Copies an output of the last run in NCHW order. dst has output_shape().
  /// @throws octavo::error where there is no such output, or dst has another shape.
  void output(std::size_t which, tensor_view<std::int8_t> dst) const {
    require(dst.shape == output_shape(which), "engine: dst has not the output's shape");
    copy_to_nchw(tensors_[output_index(which)], dst);
  }

  /// The same as real numbers: q * output_threshold(which) / 128, rounded once to float32.
  void output(std::size_t which, tensor_view<float> dst) const {
    require(dst.shape == output_shape(which), "engine: dst has not the output's shape");
    const std::size_t index = output_index(which);
    detail::dequantize_to_nchw(model_->plan().kernels(), tensors_[index], model_->threshold(index),
                               dst);
  }

  tensor<std::int8_t> output(std::size_t which = 0) const {
    tensor<std::int8_t> values(output_shape(which));
    output(which, values.view());
    return values;
  }

 private:
  friend std::string describe(const engine& net, std::span<const double> seconds);

  std::size_t output_index(std::size_t which) const {
    require(which < output_count(), "engine: there is no such output");
    return static_cast<std::size_t>(graph().outputs[which]);
  }

  struct ignore {
    void operator()(const observed_tensor&) const noexcept {}
  };

  template <class Observer>
  void execute(Observer&& observer) {
    for (const detail::step& step : steps_) {
      verbose_ ? run_and_print(step) : run_step(step);
      const auto i = static_cast<std::size_t>(step.node);
      observer(observed_tensor(graph()[i], i, tensors_[i]));
    }
  }

  void run_and_print(const detail::step& step) {
    const auto start = std::chrono::steady_clock::now();
    run_step(step);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "octavo,%s", detail::csv_line(*model_, step, time.count()).c_str());
  }

  void run_step(const detail::step& step) {
    for (const detail::kernel_call& made : step.calls) {
      detail::run_parts(threading_, detail::work_of(made),
                        [&](simd::work_range part) { detail::run_call(made, part); });
    }
  }

  template <class T>
  static tensor_view<const T> view_of(const tensor_view<T>& image) {
    return image;
  }
  template <class T>
  static nhwc_view<const T> view_of(const nhwc_view<T>& image) {
    return image;
  }
  /// A tensor whose shape somebody has changed is not read beyond its end.
  template <class T>
  static tensor_view<const T> view_of(const tensor<T>& image) {
    require(image.values.size() == static_cast<std::size_t>(image.shape.elements()),
            "engine: the input has not as many elements as its shape says");
    return image.view();
  }

  template <template <class> class View, class Observer>
  void take(const View<const std::int8_t>& image, Observer& observer) {
    run_from(image, observer, [](int, const std::int8_t* src, int count, std::int8_t* dst) {
      std::memcpy(dst, src, static_cast<std::size_t>(count));
      return true;
    });
  }

  template <template <class> class View, class Observer>
  void take(const View<const float>& image, Observer& observer) {
    const simd::kernel_table& kernels = model_->plan().kernels();
    const double threshold = input_threshold();
    run_from(image, observer, [&](int, const float* src, int count, std::int8_t* dst) {
      return kernels.quantize(src, count, threshold, dst);
    });
  }

  template <template <class> class View, class Observer>
  void take(const View<const std::uint8_t>& image, const pixel_table& pixels, Observer& observer) {
    require(pixels.channels() == image.shape.c,
            "engine: the pixel table has another number of channels than the image");
    require(pixels.threshold() == input_threshold(),
            "engine: the pixel table is for another threshold than the input's");
    run_from(image, observer, [&](int c, const std::uint8_t* src, int count, std::int8_t* dst) {
      const std::int8_t* const table = pixels.channel(c);
      for (int i = 0; i < count; ++i) dst[i] = table[src[i]];
      return true;
    });
  }

  /// Fills the input, whose borders and padding channels become 0, and executes the network.
  template <class View, class Observer, class Convert>
  void run_from(const View& image, Observer& observer, const Convert& convert) {
    const blocked_view<std::int8_t>& dst = tensors_[input_];
    require(image.shape == dst.layout.shape, "engine: the input's shape is not the graph's");
    std::memset(dst.data, dst.layout.zero(), static_cast<std::size_t>(dst.layout.bytes()));
    std::atomic<bool> finite = true;
    const auto fill = [&](simd::work_range rows) {
      if (!detail::fill_rows(dst, image, convert, rows)) finite = false;
    };
    const std::int64_t rows = std::int64_t{image.shape.n} * image.shape.h;
    constexpr bool silent =
        std::is_same_v<Observer, const ignore> || std::is_same_v<Observer, ignore>;
    if (silent && !verbose_ && threading_.threads > 1) {
      detail::run_sequence(threading_, all_phases<decltype(fill)>{*this, fill, rows});
    } else {
      detail::run_parts(threading_, rows, fill);
      if (finite) execute(observer);
    }
    require(finite, "engine: the input has a value that is not finite");
  }

  /// What may be executed at the same time: border and pixels of a tensor, and what is joined into
  /// one; not what is cleared as a whole, and then written.
  struct phase {
    const detail::kernel_call* begin;
    const detail::kernel_call* end;
  };

  /// The steps of detail::sequence: the input, then every phase.
  template <class Fill>
  struct all_phases {
    const engine& net;
    const Fill& fill;
    std::int64_t rows;

    int count() const { return 1 + static_cast<int>(net.phases_.size()); }

    /// Of a lane: its share of the input, or of each call.
    int parts(int step) const {
      return step == 0 ? 1 : static_cast<int>(at(step).end - at(step).begin);
    }

    void run(int step, int lane, int part) const noexcept {
      if (step == 0) return fill(share(rows, lane));
      const detail::kernel_call& call = at(step).begin[part];
      detail::run_call(call, share(detail::work_of(call), lane));
    }

   private:
    const phase& at(int step) const { return net.phases_[static_cast<std::size_t>(step - 1)]; }

    simd::work_range share(std::int64_t work, int lane) const {
      const std::int64_t lanes = detail::lanes_of(net.threading_);
      return {work * lane / lanes, work * (lane + 1) / lanes, lane};
    }
  };

  /// Each dense convolution brings the weights of the next one near.
  void link_convolutions() {
    simd::conv2d_args* last = nullptr;
    for (detail::step& step : steps_) {
      for (detail::kernel_call& made : step.calls) {
        auto* const convolution = std::get_if<detail::call<simd::conv2d_args>>(&made);
        if (convolution == nullptr) continue;
        if (last != nullptr) last->next = &convolution->args;
        last = &convolution->args;
      }
    }
  }

  void make_phases() {
    for (const detail::step& step : steps_) {
      const detail::kernel_call* begin = step.calls.data();
      const detail::kernel_call* const end = begin + step.calls.size();
      if (begin != end && detail::clears_all(*begin)) {
        phases_.push_back({begin, begin + 1});
        ++begin;
      }
      if (begin != end) phases_.push_back({begin, end});
    }
  }

  std::shared_ptr<const prepared_model> model_;
  octavo::threading threading_;
  aligned_bytes owned_ = {};
  aligned_bytes scratch_ = {};
  std::vector<detail::step> steps_ = {};
  std::vector<phase> phases_ = {};  ///< of steps_
  std::vector<blocked_view<std::int8_t>> tensors_ = {};
  std::size_t input_ = 0;
  bool verbose_ = detail::verbose_from_environment();
};

/// What became of every layer, as a table: its kernel, instruction set, layout, bytes, and, where
/// profile() has measured them, seconds.
/// @throws octavo::error where `seconds` is neither empty nor one for each layer.
inline std::string describe(const engine& net, std::span<const double> seconds = {}) {
  return detail::describe(*net.model_, net.steps_, seconds);
}

/// Runs once and returns the seconds that each layer took; the input's are those of taking it.
template <class Image>
std::vector<double> profile(engine& net, const Image& image) {
  std::vector<double> seconds;
  seconds.reserve(net.graph().size());
  auto last = std::chrono::steady_clock::now();
  net.run(image, [&](const observed_tensor&) {
    const auto now = std::chrono::steady_clock::now();
    seconds.push_back(std::chrono::duration<double>(now - last).count());
    last = now;
  });
  return seconds;
}

/// Runs an engine on `input` and returns every tensor of its graph in NCHW, as interpret() does.
inline activations run_all(engine& net, const tensor<std::int8_t>& input) {
  activations tensors;
  net.run(input, [&](const observed_tensor& seen) {
    tensors.emplace_back(seen.shape());
    seen.copy_to(tensors.back().view());
  });
  return tensors;
}

}  // namespace octavo::inline v0
