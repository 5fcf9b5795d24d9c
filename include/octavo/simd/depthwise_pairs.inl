// SPDX-License-Identifier: MIT
// Two taps of a depthwise convolution at once: their words, side by side, are multiplied and summed
// by one instruction. One tap at a time takes as many instructions for half as many channels.

/// Whether the vocabulary has pairs of words.
template <class S>
inline constexpr bool has_word_pairs = requires(typename S::words w) {
  S::interleave_low(w, w);
};

/// The taps of a window two by two. The last one of an odd number is its own partner; its weights'
/// partners are zeros.
class tap_pairs {
 public:
  static constexpr bool known = false;  ///< how many, when this is compiled
  static constexpr int most = 25;       ///< those of windows up to 7x7

  OCTAVO_INLINE explicit tap_pairs(const conv2d_args& args) noexcept {
    const int columns = args.filter.kw;
    const int taps = args.filter.kh * columns;
    count_ = (taps + 1) / 2;
    for (int i = 0; i < 2 * count_; ++i) {
      const int tap = i < taps ? i : taps - 1;
      offsets_[i] = tap / columns * args.tap_row + tap % columns * args.tap_column;
    }
  }

  static OCTAVO_INLINE bool fit(const packed_filter& filter) {
    return filter.kh * filter.kw <= 2 * most;
  }

  OCTAVO_INLINE int count() const { return count_; }
  /// From a pixel's first tap to the first or second one of a pair.
  OCTAVO_INLINE std::int64_t offset(int pair, int which) const {
    return offsets_[2 * pair + which];
  }

 private:
  int count_ = 0;
  std::int64_t offsets_[2 * most] = {};
};

/// The same for 3x3, without a table: addresses then take no instructions.
class tap_pairs_3x3 {
 public:
  static constexpr bool known = true;

  OCTAVO_INLINE explicit tap_pairs_3x3(const conv2d_args& args) noexcept
      : row_(args.tap_row), column_(args.tap_column) {}

  static OCTAVO_INLINE bool fit(const packed_filter& filter) {
    return filter.kh == 3 && filter.kw == 3;
  }

  static constexpr int count() { return 5; }
  OCTAVO_INLINE std::int64_t offset(int pair, int which) const {
    const int tap = 2 * pair + which < 9 ? 2 * pair + which : 8;
    return tap / 3 * row_ + tap % 3 * column_;
  }

 private:
  std::int64_t row_;
  std::int64_t column_;
};

/// The weights of 2 * S::lanes channels as the pairs of a product: first and second half.
template <class S>
struct paired_weights {
  alignas(64) std::int8_t values[tap_pairs::most][2][4 * S::lanes];

  OCTAVO_INLINE void fill(const packed_filter& filter, std::int64_t channel) noexcept {
    const int taps = filter.kh * filter.kw;
    const std::int8_t* weights = filter.weights + channel;
    for (int tap = 0; tap < taps; tap += 2, weights += 2 * std::int64_t{filter.channels}) {
      const auto a = S::load_widen_words(weights);
      const auto b =
          tap + 1 < taps ? S::load_widen_words(weights + filter.channels) : S::sub_words(a, a);
      S::store_words(values[tap / 2][0], S::interleave_low(a, b));
      S::store_words(values[tap / 2][1], S::interleave_high(a, b));
    }
  }
};

/// The products of a pixel's taps, summed, of S::lanes channels and the next S::lanes.
template <class S, class Pairs>
OCTAVO_INLINE void paired_sums(const Pairs& pairs, const paired_weights<S>& weights,
                               const std::int8_t* src, typename S::i32 (&sums)[2]) {
  auto low = typename S::sum(S::broadcast(0));
  auto high = low;
  const auto add_pair = [&](int i) {
    const auto a = S::load_widen_words(src + pairs.offset(i, 0));
    const auto b = S::load_widen_words(src + pairs.offset(i, 1));
    low = S::dot_words(low, S::interleave_low(a, b), S::load_weights(weights.values[i][0]));
    high = S::dot_words(high, S::interleave_high(a, b), S::load_weights(weights.values[i][1]));
  };
  if constexpr (Pairs::known) {
    constexpr int count = Pairs::count();
    OCTAVO_UNROLL for (int i = 0; i < count; ++i) { add_pair(i); }
  } else {
    for (int i = 0; i < pairs.count(); ++i) add_pair(i);
  }
  S::put_in_order(typename S::i32(low), typename S::i32(high), sums);
}
