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
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "octavo/engine/describe.hpp"
#include "octavo/engine/input.hpp"
#include "octavo/engine/observed_tensor.hpp"
#include "octavo/engine/output.hpp"
#include "octavo/engine/schedule.hpp"

namespace octavo::inline v0 {

/// What belongs to one engine: its threads and its memory.
struct engine_options {
  octavo::threading threading = {};  ///< one thread unless asked
  /// The tensors' memory: engine_bytes() bytes that begin at a cache line and outlive the engine.
  /// Without it they are on the heap, as always what each thread needs beside them
  /// (prepared_model::scratch_bytes()).
  std::span<std::byte> memory = {};
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
      : model_(checked(std::move(model))),
        threading_(checked(std::move(options.threading))),
        scratch_(static_cast<std::size_t>(detail::lanes_of(threading_) * model_->scratch_bytes())),
        schedule_(*model_, checked(options.memory), scratch_.view(), threading_) {
    if (verbose_) std::fprintf(stderr, "octavo,%s", detail::csv_header);
  }

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// What is executed; other engines may share it.
  const prepared_model& model() const { return *model_; }
  const octavo::graph& graph() const { return model_->graph(); }  ///< as fused
  /// The instruction set of the kernels.
  octavo::isa isa() const { return model_->isa(); }
  /// Where its threads come from.
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

  /// The same; after every op, the input included, observer(const observed_tensor&) is called, for
  /// one group of images after the other.
  template <class Image, class Observer>
  requires std::invocable<Observer&, const observed_tensor&>
  void run(const Image& image, Observer&& observer) { take(view_of(image), observer); }

  /// Pixels of 8 bits and an observer.
  template <class Image, class Observer>
  requires std::invocable<Observer&, const observed_tensor&>
  void run(const Image& image, const pixel_table& pixels, Observer&& observer) {
    take(view_of(image), pixels, observer);
  }

  /// The kernel that executes a node: "conv2d", "clip", "reference" and so on.
  std::string_view kernel_name(std::size_t index) const { return schedule_.steps()[index].kernel; }

  /// The threshold that quantizes the input.
  double input_threshold() const { return model_->threshold(sole_input(graph())); }

  /// Outputs of the graph: `which` below counts them, in the graph's order.
  std::size_t output_count() const { return graph().outputs.size(); }

  /// NCHW. @throws octavo::error where there is no such output.
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
    require_shape(dst.shape, output_shape(which), "engine: dst");
    copy_to_nchw(schedule_.output(which), dst);
  }

  /// The same as real numbers: q * output_threshold(which) / 128, rounded once to float32.
  void output(std::size_t which, tensor_view<float> dst) const {
    require_shape(dst.shape, output_shape(which), "engine: dst");
    detail::dequantize_to_nchw(model_->plan().kernels(), schedule_.output(which),
                               output_threshold(which), dst);
  }

  /// The same as a tensor of its own; int8.
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

  static std::shared_ptr<const prepared_model> checked(
      std::shared_ptr<const prepared_model> model) {
    require(model != nullptr, "engine: there is no model");
    return model;
  }

  static octavo::threading checked(octavo::threading with) {
    detail::check_threading(with, "engine");
    return with;
  }

  /// The memory for the tensors: the caller's if that does, where there is none our own.
  std::span<std::byte> checked(std::span<std::byte> memory) {
    const auto needed = static_cast<std::size_t>(model_->engine_bytes());
    if (memory.empty()) {
      owned_ = aligned_bytes(needed);
      memory = owned_.view();
    }
    require(memory.size() >= needed, "engine: too little memory for the tensors");
    require(is_aligned(memory.data()), "engine: the memory must begin at a cache line");
    return memory;
  }

  struct ignore {
    void operator()(const observed_tensor&) const noexcept {}
  };

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

  /// What else might be meant for an image, refused with a sentence and no other.
  template <class Image>
  static tensor_view<const std::int8_t> view_of(const Image&) {
    static_assert(sizeof(Image) == 0,
                  "engine: an image is a tensor, tensor_view or nhwc_view of int8 or float");
    return {};
  }

  template <template <class> class View, class T, class Observer>
  void take(const View<const T>&, Observer&) {
    static_assert(!std::is_same_v<T, std::uint8_t>,
                  "engine: pixels of 8 bits need a pixel_table, run(image, pixels)");
    static_assert(std::is_same_v<T, std::uint8_t>, "engine: an image is of int8 or float");
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

  /// Executes the network on an image that convert() makes int8 of.
  template <class View, class Observer, class Convert>
  void run_from(const View& image, Observer& observer, const Convert& convert) {
    require_shape(image.shape, graph()[0].shape, "engine: the input");
    std::atomic<bool> finite = true;
    const auto fill = [&](int first_image, simd::work_range rows) {
      if (!detail::fill_rows(schedule_.input(), image, convert, first_image, rows)) finite = false;
    };
    constexpr bool silent = std::is_same_v<std::remove_const_t<Observer>, ignore>;
    if (silent && !verbose_) {
      schedule_.run(detail::fill_ref(fill));
    } else {
      for (int group = 0; group < schedule_.groups() && finite; ++group) {
        execute(group, detail::fill_ref(fill), finite, observer);
      }
    }
    require(finite, "engine: the input has a value that is not finite");
  }

  /// Step by step, as long as the input is finite.
  template <class Observer>
  void execute(int group, const detail::fill_ref& fill, const std::atomic<bool>& finite,
               Observer& observer) {
    for (const detail::step& step : schedule_.steps()) {
      verbose_ ? run_and_print(step, group, fill) : schedule_.run_step(step, group, fill);
      if (!finite) return;
      const auto i = static_cast<std::size_t>(step.node);
      observer(observed_tensor(graph()[i], i, schedule_.first_image(group), schedule_.tensor(i)));
    }
    schedule_.keep_outputs(group);
  }

  void run_and_print(const detail::step& step, int group, const detail::fill_ref& fill) {
    const auto start = std::chrono::steady_clock::now();
    schedule_.run_step(step, group, fill);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "octavo,%s", detail::csv_line(*model_, step, time.count()).c_str());
  }

  std::shared_ptr<const prepared_model> model_;
  octavo::threading threading_;
  aligned_bytes owned_ = {};
  aligned_bytes scratch_;
  detail::schedule schedule_;
  bool verbose_ = detail::verbose_from_environment();
};

/// What became of every layer, as a table: its kernel, instruction set, layout, bytes, and, where
/// profile() has measured them, seconds.
/// @throws octavo::error where `seconds` is neither empty nor one for each layer.
inline std::string describe(const engine& net, std::span<const double> seconds = {}) {
  return detail::describe(*net.model_, net.schedule_.steps(), seconds);
}

/// Runs once and returns the seconds that each layer took; the input's are those of taking it.
template <class Image>
std::vector<double> profile(engine& net, const Image& image) {
  std::vector<double> seconds(net.graph().size());
  auto last = std::chrono::steady_clock::now();
  net.run(image, [&](const observed_tensor& seen) {
    const auto now = std::chrono::steady_clock::now();
    seconds[seen.index()] += std::chrono::duration<double>(now - last).count();
    last = now;
  });
  return seconds;
}

/// Runs an engine on `input` and returns every tensor of its graph in NCHW, as interpret() does.
inline activations run_all(engine& net, const tensor<std::int8_t>& input) {
  activations tensors;
  for (const node& op_node : net.graph()) tensors.emplace_back(op_node.shape);
  net.run(input, [&](const observed_tensor& seen) {
    std::int8_t* const first = &tensors[seen.index()].view()(seen.first_image(), 0, 0, 0);
    seen.copy_to({first, seen.shape()});
  });
  return tensors;
}

}  // namespace octavo::inline v0
