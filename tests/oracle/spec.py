# SPDX-License-Identifier: MIT
"""SPEC 1.1 to 1.6 in plain NumPy: numbers, operators, folding and the choice of parameters.

Written from SPEC.md alone. Reals are float64 and every expression keeps the order of the page;
integers are int64. Sums of products run through a float64 matrix product, which is exact here:
every partial sum stays below 2^31, far below 2^53.
"""

from dataclasses import dataclass
from typing import Optional

try:
    import numpy as np
except ImportError:
    print("numpy is missing: the oracle cannot run, skipped")
    raise SystemExit(77) from None

SCHEMES = ("rshift8", "rshift16", "rshift32", "rshift-channel",
           "multiplier", "multiplier8", "multiplier-q31")
BATCH_NORM_EPS = 1e-5
INT16_MAX = 32767
ACC_LIMIT = 2 ** 31
PRODUCT_LIMIT = 128 * 128


class SpecError(ValueError):
    """What SPEC.md calls an error: never replaced by a value."""


# ---- 1, 1.1: numbers and activations ---------------------------------------------------------


def round_up(value):
    """SPEC 1: floor(v + 1/2) of the exact value, as float64."""
    value = np.asarray(value, dtype=np.float64)
    floor = np.floor(value)
    return np.where(value - floor >= 0.5, floor + 1.0, floor)


def sat8(value):
    """SPEC 1: clamp to [-128, 127], as int8."""
    return np.clip(value, -128, 127).astype(np.int8)


def check_threshold(name, threshold):
    """SPEC 1.1: NaN, infinities and t <= 0 are errors."""
    if not (np.isfinite(threshold) and threshold > 0):
        raise SpecError(f"{name}: threshold {threshold} is not a positive finite number")
    return float(threshold)


def check_finite(name, values):
    """SPEC 1.1: NaN and infinities are errors."""
    if not np.all(np.isfinite(values)):
        raise SpecError(f"{name}: holds a NaN or an infinity")
    return values


def quantize(x, threshold):
    """SPEC 1.1: sat8(round_up(x * 128 / t))."""
    threshold = check_threshold("quantize", threshold)
    x = check_finite("quantize", np.asarray(x).astype(np.float64))
    return sat8(round_up(x * 128 / threshold))


# ---- 1.3: requantization policies ------------------------------------------------------------


def check_range(what, values, low, high):
    """Parameters of a policy lie in [low, high]."""
    values = np.asarray(values, dtype=np.int64)
    if values.size and (values.min() < low or values.max() > high):
        raise SpecError(f"{what} outside [{low}, {high}]")
    return values


def shift_ties_up(value, r):
    """floor(v / 2^r + 1/2) on int64: ((v >> (r-1)) + 1) >> 1 for r > 0, v for r = 0."""
    value = np.asarray(value, dtype=np.int64)
    halved = value >> np.maximum(r - 1, 0)
    return np.where(r > 0, (halved + 1) >> 1, value)


def shift_half_away(value, r):
    """v / 2^r rounded to nearest, ties away from zero, on int64."""
    value = np.asarray(value, dtype=np.int64)
    half = (np.int64(1) << r) >> 1
    return np.sign(value) * ((np.abs(value) + half) >> r)


def rshift(acc, r):
    """SPEC 1.3 `rshift`: ties up."""
    return sat8(shift_ties_up(acc, check_range("rshift", r, 0, 31)))


def rshift_half_away(acc, r):
    """SPEC 1.3 `half_away`: C's roundf, the rounding of the first interpreter."""
    return sat8(shift_half_away(acc, check_range("rshift", r, 0, 31)))


def multiplier_rshift(acc, m, r):
    """SPEC 1.3 `multiplier_rshift`: one rounding of the 64-bit product."""
    m = check_range("multiplier", m, 1, 2 ** 31 - 1)
    r = check_range("rshift", r, 0, 62)
    return sat8(shift_ties_up(np.asarray(acc, dtype=np.int64) * m, r))


def multiplier_q31(acc, m, r):
    """SPEC 1.3 `multiplier_q31`: high multiply with ties up, then divide with ties away."""
    m = check_range("multiplier", m, 2 ** 30, 2 ** 31 - 1)
    r = check_range("rshift", r, 0, 31)
    high = shift_ties_up(np.asarray(acc, dtype=np.int64) * m, np.int64(31))
    return sat8(shift_half_away(high, r))


# ---- 1.4: operators --------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """Kernel, stride, dilation and the four pads of a convolution or pool."""
    kernel: tuple
    stride: tuple = (1, 1)
    pads: tuple = (0, 0, 0, 0)  # top, left, bottom, right
    dilation: tuple = (1, 1)

    def pad_pair(self, axis):
        """(before, after) along axis 0 (height) or 1 (width)."""
        return self.pads[axis], self.pads[axis + 2]

    def output_size(self, axis, size, ceil=False):
        """Number of windows along an axis; SPEC 1.4 for ceil and the dropped window."""
        before, after = self.pad_pair(axis)
        stride = self.stride[axis]
        span = self.dilation[axis] * (self.kernel[axis] - 1) + 1
        room = size + before + after - span
        if room < 0 and not (ceil and room > -stride):
            raise SpecError("the window is larger than the padded input")
        count = (room + stride - 1 if ceil else room) // stride + 1
        if ceil and (count - 1) * stride >= size + before:
            count -= 1
        return count


def pad_planes(x, window, out_size, value):
    """Pads the last two axes so that every window of out_size is inside."""
    widths = [(0, 0)] * (x.ndim - 2)
    for axis, size in enumerate(x.shape[-2:]):
        before, after = window.pad_pair(axis)
        span = window.dilation[axis] * (window.kernel[axis] - 1) + 1
        reach = (out_size[axis] - 1) * window.stride[axis] + span
        widths.append((before, max(after, reach - before - size)))
    return np.pad(x, widths, constant_values=value)


def window_pixels(padded, window, out_size):
    """Yields for each kernel position (row, then column) the pixel every window has there."""
    (step_y, step_x), (dil_y, dil_x) = window.stride, window.dilation
    for ky in range(window.kernel[0]):
        for kx in range(window.kernel[1]):
            top, left = ky * dil_y, kx * dil_x
            yield padded[..., top:top + (out_size[0] - 1) * step_y + 1:step_y,
                         left:left + (out_size[1] - 1) * step_x + 1:step_x]


def im2col(image, window, out_size):
    """One image C,H,W as the float64 matrix (C * kh * kw) x (oh * ow), rows in OIHW order."""
    padded = pad_planes(image, window, out_size, 0).astype(np.float64)
    pixels = list(window_pixels(padded, window, out_size))
    return np.stack(pixels, axis=1).reshape(image.shape[0] * len(pixels), -1)


def conv2d_real(x, weights, window, groups=1):
    """Sum of products of SPEC 1.2 as float64 N,O,H,W: exact where the operands are int8."""
    oc, group_ic = weights.shape[:2]
    group_oc = oc // groups
    out_size = tuple(window.output_size(axis, x.shape[2 + axis]) for axis in (0, 1))
    rows = weights.reshape(oc, -1).astype(np.float64)
    out = np.empty((x.shape[0], oc) + out_size)
    for n in range(x.shape[0]):
        for g in range(groups):
            columns = im2col(x[n, g * group_ic:(g + 1) * group_ic], window, out_size)
            own = slice(g * group_oc, (g + 1) * group_oc)
            out[n, own] = (rows[own] @ columns).reshape((group_oc,) + out_size)
    return out


def fully_connected_real(x, weights):
    """Sum of products with a 1x1 window, float64 N,O,1,1; weights N x K."""
    flat = x.reshape(x.shape[0], -1).astype(np.float64)
    return (flat @ weights.astype(np.float64).T)[:, :, None, None]


def by_channel(values):
    """Shapes one value, or one for each channel, for broadcasting over N,C,H,W."""
    return np.asarray(values).reshape(1, -1, 1, 1)


def add_bias(sums, bias):
    """acc = bias + sum, exact, as int64; the int32 range of SPEC 1.2 is checked."""
    acc = sums.astype(np.int64) + by_channel(bias)
    if acc.size and not -ACC_LIMIT <= acc.min() <= acc.max() < ACC_LIMIT:
        raise SpecError("an accumulator leaves int32")
    return acc


def relu(x):
    """SPEC 1.4: max(0, x), threshold unchanged."""
    return np.maximum(x, 0)


def max_pool(x, window, ceil=False):
    """SPEC 1.4: the maximum of the window's valid pixels."""
    out_size = tuple(window.output_size(axis, x.shape[2 + axis], ceil) for axis in (0, 1))
    wide = x.astype(np.int16) if x.dtype == np.int8 else x
    lowest = -32768 if wide.dtype == np.int16 else -np.inf
    padded = pad_planes(wide, window, out_size, lowest)
    best = np.maximum.reduce(list(window_pixels(padded, window, out_size)))
    if best.size and best.min() == lowest:
        raise SpecError("a pooling window has no valid pixel")
    return best.astype(x.dtype)


def window_counts(window, axis, size, count, include_pad):
    """SPEC 1.4: for each window, how many of its positions the divisor counts on this axis."""
    before, after = window.pad_pair(axis)
    low, high = (0, size + before + after) if include_pad else (before, before + size)
    start = np.arange(count) * window.stride[axis]
    end = start + window.kernel[axis]
    return np.minimum(end, high) - np.maximum(start, low)


def window_sums(x, window, ceil=False):
    """Sums over the valid pixels of every window (int64 for int8, float64 for float64)."""
    out_size = tuple(window.output_size(axis, x.shape[2 + axis], ceil) for axis in (0, 1))
    wide = x.astype(np.int64) if x.dtype == np.int8 else x
    padded = pad_planes(wide, window, out_size, 0)
    return sum(window_pixels(padded, window, out_size))


def window_divisors(x, window, ceil=False, include_pad=False):
    """The divisor of each window, OH x OW."""
    counts = [window_counts(window, axis, x.shape[2 + axis],
                            window.output_size(axis, x.shape[2 + axis], ceil), include_pad)
              for axis in (0, 1)]
    return np.outer(*counts)


def avg_pool(x, window, t_x, t_y, ceil=False, include_pad=False):
    """SPEC 1.4: integer sum, then multiplier_rshift chosen for each distinct divisor."""
    sums = window_sums(x, window, ceil)
    divisors = window_divisors(x, window, ceil, include_pad)
    m, r = np.empty_like(divisors), np.empty_like(divisors)
    for divisor in np.unique(divisors):
        chosen = choose_avg_pool(t_x, t_y, int(divisor))
        m[divisors == divisor], r[divisors == divisor] = chosen
    return multiplier_rshift(sums, m, r)


def add(x0, x1, multipliers, r):
    """SPEC 1.4: sat8(floor((m0*x0 + m1*x1) / 2^r + 1/2))."""
    m0, m1 = (int(m) for m in check_range("add multiplier", multipliers, 0, 127))
    return rshift(m0 * x0.astype(np.int64) + m1 * x1.astype(np.int64), r)


# ---- 1.5: folding ----------------------------------------------------------------------------


@dataclass(frozen=True)
class BatchNorm:
    """gamma, beta, mean and variance, float64."""
    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    eps: float = BATCH_NORM_EPS


def caffe_statistics(mean, var, factor):
    """SPEC 1.5: Caffe divides mean and var by its scale factor first; factor 0 means 0."""
    if factor == 0:
        return np.zeros_like(mean), np.zeros_like(var)
    return mean / factor, var / factor


def fold(name, weights, bias, norm):
    """SPEC 1.5: W' = W * s, B' = beta + (c - mean) * s with s = g / sqrt(var + eps)."""
    weights = weights.astype(np.float64)
    bias = np.zeros(weights.shape[0]) if bias is None else bias.astype(np.float64)
    if norm is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            s = norm.gamma / np.sqrt(norm.var + norm.eps)
            weights = weights * s.reshape((-1,) + (1,) * (weights.ndim - 1))
            bias = norm.beta + (bias - norm.mean) * s
    return check_finite(name, weights), check_finite(name, bias)


# ---- 1.6: choosing the parameters ------------------------------------------------------------


@dataclass(frozen=True)
class LayerParams:
    """A quantized convolution or fully connected layer."""
    policy: str
    weights: np.ndarray               # int8, shape of the float weights
    bias: np.ndarray                  # int64, one for each channel: enters the accumulator
    stored_bias: np.ndarray           # int64, as dumped: b8 for rshift8, else the bias
    rshift: np.ndarray                # int64, 1 or oc values
    multiplier: Optional[np.ndarray]  # int64, 1 or oc values; None for rshift


def requantize(acc, params):
    """SPEC 1.3: applies the policy of a layer, per layer or per channel."""
    r = by_channel(params.rshift)
    if params.policy == "rshift":
        return rshift(acc, r)
    m = by_channel(params.multiplier)
    if params.policy == "multiplier_rshift":
        return multiplier_rshift(acc, m, r)
    return multiplier_q31(acc, m, r)


def depth(weights):
    """K of SPEC 1.2: products in one sum."""
    return int(np.prod(weights.shape[1:], dtype=np.int64))


def bias_fits(bias, k, half=0.0):
    """The bound of SPEC 1.2: |bias| + K * 128 * 128 + half < 2^31; false for NaN."""
    return np.abs(bias) + k * PRODUCT_LIMIT + half < ACC_LIMIT


def channel_max(weights):
    """max|W| of each output channel."""
    return np.abs(weights).reshape(weights.shape[0], -1).max(axis=1)


def channel_column(values, weights):
    """Shapes 1 or oc values for broadcasting over O,I,H,W or N,K."""
    return np.asarray(values).reshape((-1,) + (1,) * (weights.ndim - 1))


def smallest_shift(a):
    """Smallest r in 0..31 with a * 2^r >= 64, 31 if none, elementwise."""
    r = np.full(np.shape(a), 31, dtype=np.int64)
    for k in reversed(range(32)):
        r = np.where(a * 2.0 ** k >= 64, k, r)
    return r


def lower_until(name, r, fits):
    """SPEC 1.6: lowers by one each r whose bias does not fit; below 0 is an error."""
    while True:
        broken = ~fits(r)
        if not broken.any():
            return r
        if (r[broken] == 0).any():
            raise SpecError(f"{name}: the bias does not fit at rshift 0")
        r = np.where(broken, r - 1, r)


def rshift_bias(scheme, bias, t_y, r):
    """Bias as stored and as it enters the accumulator, both float64, for the shifts r."""
    power = 2.0 ** r.astype(np.float64)
    if scheme == "rshift8":
        stored = sat8(round_up(bias * 128 / t_y)).astype(np.float64)
        return stored, stored * power
    entering = round_up(bias * 128 / t_y * power)
    return entering, entering


def rshift_bias_fits(scheme, bias, k, r):
    """Whether each shift of r (1 or oc) leaves a bias that fits."""
    if scheme == "rshift16":
        fits = np.abs(bias) <= INT16_MAX
    else:
        fits = bias_fits(bias, k, 2.0 ** (r - 1.0))
    return fits if r.size == bias.size and r.size > 1 else np.atleast_1d(fits.all())


def choose_rshift(name, scheme, weights, bias, t_x, t_y):
    """SPEC 1.6: the four rshift schemes."""
    largest = channel_max(weights)
    if scheme != "rshift-channel":
        largest = largest.max(keepdims=True)
    a = largest * t_x / t_y
    if (a >= 128).any():
        raise SpecError(f"{name}: max|W| * t_x / t_y is {a.max()}, not below 128")
    k = depth(weights)
    first = np.where(largest == 0, 0, smallest_shift(a))
    r = lower_until(name, first, lambda r: rshift_bias_fits(
        scheme, rshift_bias(scheme, bias, t_y, r)[1], k, r))
    stored, entering = rshift_bias(scheme, bias, t_y, r)
    if not bias_fits(entering, k, 2.0 ** (r - 1.0)).all():
        raise SpecError(f"{name}: the bound on the accumulator is broken")
    power = channel_column(2.0 ** r.astype(np.float64), weights)
    quantized = sat8(round_up(weights * (t_x / t_y) * power))
    return LayerParams("rshift", quantized, entering.astype(np.int64),
                       stored.astype(np.int64), r, None)


def fraction_and_exponent(s):
    """s = f * 2^e with f in [1/2, 1)."""
    f, e = np.frexp(s)
    return f, e.astype(np.int64)


def choose_m31(name, s):
    """SPEC 1.6 `multiplier`: s = m / 2^r, m in [2^30, 2^31), r capped at 62."""
    f, e = fraction_and_exponent(s)
    m, r = round_up(f * 2.0 ** 31), 31 - e
    carried = m == 2.0 ** 31
    m, r = np.where(carried, 2.0 ** 30, m), np.where(carried, r - 1, r)
    m = np.where(r > 62, np.maximum(1, round_up(s * 2.0 ** 62)), m)
    return m.astype(np.int64), check_shift(name, np.minimum(r, 62))


def choose_m8(name, s):
    """SPEC 1.6 `multiplier8`: m = floor(s * 2^r) in [128, 255], r capped at 62."""
    f, e = fraction_and_exponent(s)
    m, r = np.floor(f * 2.0 ** 8), 8 - e
    m = np.where(r > 62, np.maximum(1, np.floor(s * 2.0 ** 62)), m)
    return m.astype(np.int64), check_shift(name, np.minimum(r, 62))


def choose_q31(name, s):
    """SPEC 1.6 `multiplier-q31`: m = round_up(s * 2^(31+r)) in [2^30, 2^31); r may exceed 31."""
    if (s >= 1).any():
        raise SpecError(f"{name}: the scale {s.max()} is not below 1")
    f, e = fraction_and_exponent(s)
    m, r = round_up(f * 2.0 ** 31), -e
    carried = m == 2.0 ** 31
    m, r = np.where(carried, 2.0 ** 30, m), np.where(carried, r - 1, r)
    return m.astype(np.int64), check_shift(name, r)


def check_shift(name, r):
    """r < 0 is an error."""
    if (r < 0).any():
        raise SpecError(f"{name}: the scale needs a negative rshift")
    return r


def scale_of(u, dead, dead_scale, t_x, t_y):
    """s = u * t_x / (127 * t_y), or the scale of a dead channel."""
    return np.where(dead, dead_scale, u * t_x / (127 * t_y))


def raise_until_bias_fits(name, weights, bias, t_x, t_y, dead, dead_scale):
    """SPEC 1.6: u = max|W| * 2^j with the smallest j whose bias keeps the bound; u, s, Bq."""
    largest, k = channel_max(weights), depth(weights)
    j = np.zeros(largest.shape, dtype=np.int64)
    while True:
        u = largest * 2.0 ** j.astype(np.float64)
        s = scale_of(u, dead, dead_scale, t_x, t_y)
        with np.errstate(divide="ignore", invalid="ignore"):
            quantized = round_up(bias * 128 / (t_y * s))
        broken = ~bias_fits(quantized, k)
        if not broken.any():
            return u, s, quantized
        if (broken & dead).any() or j.max() > 1000:
            raise SpecError(f"{name}: the bias does not fit")
        j = np.where(broken, j + 1, j)


def quantize_by_127(weights, u, dead):
    """Wq = sat8(round_up(W * 127 / u)), 0 in dead channels."""
    divisor = channel_column(np.where(dead, 1.0, u), weights)
    return sat8(np.where(channel_column(dead, weights), 0.0, round_up(weights * 127 / divisor)))


def choose_multiplier(name, scheme, weights, bias, t_x, t_y):
    """SPEC 1.6: the three multiplier schemes, per channel."""
    q31 = scheme == "multiplier-q31"
    choose = {"multiplier": choose_m31, "multiplier8": choose_m8, "multiplier-q31": choose_q31}
    dead_scale = 0.5 if q31 else 1.0
    dead = channel_max(weights) == 0
    while True:
        u, s, entering = raise_until_bias_fits(name, weights, bias, t_x, t_y, dead, dead_scale)
        m, r = choose[scheme](name, s)
        if not (q31 and (r > 31).any()):
            break
        dead = dead | (r > 31)
    entering = entering.astype(np.int64)
    policy = "multiplier_q31" if q31 else "multiplier_rshift"
    return LayerParams(policy, quantize_by_127(weights, u, dead), entering, entering, r, m)


def choose_layer(name, scheme, weights, bias, t_x, t_y):
    """SPEC 1.6: quantizes a folded convolution or fully connected layer."""
    if scheme not in SCHEMES:
        raise SpecError(f"unknown scheme {scheme}, one of {', '.join(SCHEMES)}")
    t_x, t_y = check_threshold(name, t_x), check_threshold(name, t_y)
    choose = choose_rshift if scheme.startswith("rshift") else choose_multiplier
    return choose(name, scheme, weights, bias, t_x, t_y)


def choose_add(name, t_inputs, t_y):
    """SPEC 1.6: the multipliers and the shift of an addition."""
    largest = max(t_inputs) / t_y
    if largest >= 128:
        raise SpecError(f"{name}: the ratio of thresholds {largest} is not below 128")
    r = int(smallest_shift(largest))
    return [int(np.floor(t / t_y * 2.0 ** r)) for t in t_inputs], r


def choose_avg_pool(t_x, t_y, divisor):
    """SPEC 1.6: the (m, r) of an average pool for one divisor."""
    s = t_x / (t_y * divisor)
    r = next((k for k in range(32) if np.floor(s * 2.0 ** k) >= 128), 31)
    m = int(np.floor(s * 2.0 ** r))
    if not 1 <= m <= 255:
        raise SpecError(f"average pool: multiplier {m} outside [1, 255]")
    return m, r


# ---- 1.6: thresholds -------------------------------------------------------------------------


def read_table(lines):
    """SPEC 3: lines `name threshold [rshift]`, `#` comments."""
    table = {}
    for number, line in enumerate(lines, 1):
        fields = line.split("#", 1)[0].split()
        if not fields:
            continue
        if len(fields) < 2:
            raise SpecError(f"table line {number}: no threshold")
        if fields[0] in table:
            raise SpecError(f"table line {number}: {fields[0]} stands twice")
        table[fields[0]] = check_threshold(fields[0], float(fields[1]))
    return table


def own_threshold(table, name):
    """SPEC 1.6: a missing entry is an error naming the tensor; the input has two names."""
    names = ("data_quant", "data") if name == "data_quant" else (name,)
    found = {table[entry] for entry in names if entry in table}
    if len(found) != 1:
        raise SpecError(f"table: {len(found)} thresholds for {name}, one is needed")
    return found.pop()


def propagate_thresholds(nodes, table):
    """SPEC 1.6: relu and max pool take their input's, average pool min(own, input's)."""
    thresholds = {}
    for node in nodes:
        if node.kind in ("relu", "max_pool"):
            thresholds[node.name] = thresholds[node.inputs[0]]
            continue
        own = own_threshold(table, node.name)
        if node.kind == "avg_pool":
            own = min(own, thresholds[node.inputs[0]])
        thresholds[node.name] = own
    return thresholds
