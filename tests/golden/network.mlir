"builtin.module"() ({
  "func.func"() ({
  ^bb0(%arg0: tensor<1x3x6x5xf32>):
    %0 = "tpu.load_file"() {filename = "network.npz"} : () -> memref<2147483648xf32>
    %1 = "tpu.input"(%arg0) {name = "data_real", threshold_y = 1.06431245803833 : f64} : (tensor<1x3x6x5xf32>) -> tensor<1x3x6x5xf32>
    %2 = "tpu.quantization"(%1) {name = "data", threshold = 1.06431245803833 : f64, quant = "INT8", scheme = "mixed", offset = 0 : i64} : (tensor<1x3x6x5xf32>) -> tensor<1x3x6x5xf32>
    %3 = "tpu.load_weight"(%0) {name = "conv_quant_int8_0", offset = 1024 : i64} : (memref<2147483648xf32>) -> tensor<4x3x3x2xf32>
    %4 = "tpu.load_weight"(%0) {name = "conv_quant_int8_1", offset = 976 : i64} : (memref<2147483648xf32>) -> tensor<4xf32>
    %5 = "tpu.load_weight"(%0) {name = "conv_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %6 = "tpu.load_weight"(%0) {name = "conv_quant_int8_multiplier"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %7 = "tpu.conv_2d"(%2, %3, %4, %5, %6) {name = "conv", threshold_y = 0.6492762565612793 : f64, quant = "INT8_MULTIPLIER", offset = 1648 : i64, scheme = "mixed", policy = "multiplier-rshift", stride_h = 1 : i32, stride_w = 1 : i32, pad_top = 1 : i32, pad_left = 0 : i32, pad_bottom = 1 : i32, pad_right = 2 : i32, dilation_h_factor = 1 : i32, dilation_w_factor = 2 : i32, group = 1 : i32} : (tensor<1x3x6x5xf32>, tensor<4x3x3x2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x6x5xf32>
    %8 = "tpu.relu"(%7) {name = "conv_relu", threshold_y = 0.6492762565612793 : f64, quant = "INT8", offset = 1520 : i64, negative_slope = 0.0 : f64} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %9 = "tpu.load_weight"(%0) {name = "branch_quant_int8_0", offset = 960 : i64} : (memref<2147483648xf32>) -> tensor<4x2x1x1xf32>
    %10 = "tpu.load_weight"(%0) {name = "branch_quant_int8_1", offset = 912 : i64} : (memref<2147483648xf32>) -> tensor<4xf32>
    %11 = "tpu.load_weight"(%0) {name = "branch_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %12 = "tpu.load_weight"(%0) {name = "branch_quant_int8_multiplier"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %13 = "tpu.conv_2d"(%8, %9, %10, %11, %12) {name = "branch", threshold_y = 1.1992993354797363 : f64, quant = "INT8_MULTIPLIER", offset = 1392 : i64, scheme = "mixed", policy = "multiplier-rshift", stride_h = 1 : i32, stride_w = 1 : i32, pad_top = 0 : i32, pad_left = 0 : i32, pad_bottom = 0 : i32, pad_right = 0 : i32, dilation_h_factor = 1 : i32, dilation_w_factor = 1 : i32, group = 2 : i32} : (tensor<1x4x6x5xf32>, tensor<4x2x1x1xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x6x5xf32>
    %14 = "tpu.eltwise"(%8, %13) {name = "sum", threshold_y = 1.2771716117858887 : f64, quant = "INT8", offset = 1264 : i64, multiplier = [90 : i32, 122 : i32], rshift = 6 : i32} : (tensor<1x4x6x5xf32>, tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %15 = "tpu.relu"(%14) {name = "sum_relu", threshold_y = 1.2771716117858887 : f64, quant = "INT8", offset = 1136 : i64, negative_slope = 0.0 : f64} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %16 = "tpu.clip"(%15) {name = "clip", threshold_y = 1.2771716117858887 : f64, quant = "INT8", offset = 1008 : i64, min = -1.0 : f64, max = 6.0 : f64, quantized_min = -51 : i32, quantized_max = 88 : i32} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %17 = "tpu.relu"(%16) {name = "leaky", threshold_y = 1.2771716117858887 : f64, quant = "INT8", offset = 880 : i64, negative_slope = 0.25 : f64, multiplier = [31457280 : i32], rshift = [25 : i32]} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %18 = "tpu.load_weight"(%0) {name = "scale_quant_int8_0", offset = 896 : i64} : (memref<2147483648xf32>) -> tensor<1x4x1x1xf32>
    %19 = "tpu.load_weight"(%0) {name = "scale_quant_int8_1", offset = 848 : i64} : (memref<2147483648xf32>) -> tensor<4xf32>
    %20 = "tpu.load_weight"(%0) {name = "scale_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %21 = "tpu.load_weight"(%0) {name = "scale_quant_int8_multiplier"} : (memref<2147483648xf32>) -> tensor<4xf32>
    %22 = "tpu.scale"(%17, %18, %19, %20, %21) {name = "scale", threshold_y = 1.3048138618469238 : f64, quant = "INT8_MULTIPLIER", offset = 752 : i64, scheme = "mixed", policy = "multiplier-rshift"} : (tensor<1x4x6x5xf32>, tensor<1x4x1x1xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x6x5xf32>
    %23 = "tpu.relu"(%22) {name = "scale_relu", threshold_y = 1.3048138618469238 : f64, quant = "INT8", offset = 624 : i64, negative_slope = 0.0 : f64} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    %24 = "tpu.concat"(%23, %8) {name = "join", threshold_y = 0.749758243560791 : f64, quant = "INT8", offset = 384 : i64, multiplier = [21364736 : i32, 805306368 : i32], rshift = [24 : i32, 30 : i32]} : (tensor<1x4x6x5xf32>, tensor<1x4x6x5xf32>) -> tensor<1x8x6x5xf32>
    %25 = "tpu.pool_2d"(%24) {name = "max", threshold_y = 0.749758243560791 : f64, quant = "INT8", offset = 288 : i64, pool = "MAX", filter_height = 3 : i32, filter_width = 3 : i32, stride_h = 2 : i32, stride_w = 2 : i32, pad_top = 1 : i32, pad_left = 1 : i32, pad_bottom = 1 : i32, pad_right = 1 : i32, ceil_mode = true} : (tensor<1x8x6x5xf32>) -> tensor<1x8x4x3xf32>
    %26 = "tpu.pool_2d"(%25) {name = "average", threshold_y = 1.2389450073242188 : f64, quant = "INT8", offset = 128 : i64, pool = "AVE", filter_height = 2 : i32, filter_width = 2 : i32, stride_h = 1 : i32, stride_w = 1 : i32, pad_top = 1 : i32, pad_left = 1 : i32, pad_bottom = 1 : i32, pad_right = 1 : i32, ceil_mode = false, count_padding = false, divisor = [1 : i32, 2 : i32, 4 : i32], multiplier = [2880 : i32, 15872 : i32, 1245184 : i32], rshift = [11 : i32, 15 : i32, 23 : i32]} : (tensor<1x8x4x3xf32>) -> tensor<1x8x5x4xf32>
    %27 = "tpu.reshape"(%26) {name = "fc_reshape"} : (tensor<1x8x5x4xf32>) -> tensor<1x160xf32>
    %28 = "tpu.load_weight"(%0) {name = "fc_quant_int8_0", offset = 48 : i64} : (memref<2147483648xf32>) -> tensor<5x160xf32>
    %29 = "tpu.load_weight"(%0) {name = "fc_quant_int8_1", offset = 0 : i64} : (memref<2147483648xf32>) -> tensor<5xf32>
    %30 = "tpu.load_weight"(%0) {name = "fc_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<5xf32>
    %31 = "tpu.load_weight"(%0) {name = "fc_quant_int8_multiplier"} : (memref<2147483648xf32>) -> tensor<5xf32>
    %32 = "tpu.fully_connected"(%27, %28, %29, %30, %31) {name = "fc", threshold_y = 1.2647905349731445 : f64, quant = "INT8_MULTIPLIER", offset = 112 : i64, scheme = "mixed", policy = "multiplier-rshift"} : (tensor<1x160xf32>, tensor<5x160xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<1x5xf32>
    %33 = "tpu.relu"(%32) {name = "fc_relu", threshold_y = 1.2647905349731445 : f64, quant = "INT8", offset = 96 : i64, negative_slope = 0.0 : f64} : (tensor<1x5xf32>) -> tensor<1x5xf32>
    %34 = "tpu.dequantization"(%33) {name = "fc_relu_dequant", threshold = 1.2647905349731445 : f64, quant = "INT8"} : (tensor<1x5xf32>) -> tensor<1x5xf32>
    %35 = "tpu.dequantization"(%15) {name = "sum_relu_dequant", threshold = 1.2771716117858887 : f64, quant = "INT8"} : (tensor<1x4x6x5xf32>) -> tensor<1x4x6x5xf32>
    "func.return"(%34, %35) : (tensor<1x5xf32>, tensor<1x4x6x5xf32>) -> ()
  }) {function_type = (tensor<1x3x6x5xf32>) -> (tensor<1x5xf32>, tensor<1x4x6x5xf32>), sym_name = "tpu_func"} : () -> ()
}) : () -> ()
