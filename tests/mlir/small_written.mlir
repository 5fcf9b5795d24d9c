"builtin.module"() ({
  "func.func"() ({
  ^bb0(%arg0: tensor<1x2x4x4xf32>):
    %0 = "tpu.load_file"() {filename = "w \221\22.npz"} : () -> memref<2147483648xf32>
    %1 = "tpu.input"(%arg0) {name = "data", threshold_y = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %2 = "tpu.quantization"(%1) {name = "data_quant", threshold = 2.0 : f64, quant = "INT8", scheme = "rshift16", offset = 0 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %3 = "tpu.load_weight"(%0) {name = "conv_quant_int8_0", offset = 53 : i64} : (memref<2147483648xf32>) -> tensor<3x2x3x3xf32>
    %4 = "tpu.load_weight"(%0) {name = "conv_quant_int8_1", offset = 34 : i64} : (memref<2147483648xf32>) -> tensor<3xf32>
    %5 = "tpu.load_weight"(%0) {name = "conv_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<1xf32>
    %6 = "tpu.conv_2d"(%2, %3, %4, %5) {name = "conv", threshold_y = 1.0 : f64, quant = "INT8", offset = 144 : i64, scheme = "rshift16", stride_h = 1 : i32, stride_w = 1 : i32, pad_top = 1 : i32, pad_left = 1 : i32, pad_bottom = 1 : i32, pad_right = 1 : i32, dilation_h_factor = 1 : i32, dilation_w_factor = 1 : i32, group = 1 : i32} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>, tensor<1xf32>) -> tensor<1x3x4x4xf32>
    %7 = "tpu.relu"(%6) {name = "relu", threshold_y = 1.0 : f64, quant = "INT8", offset = 96 : i64, negative_slope = 0.0 : f64} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    %8 = "tpu.pool_2d"(%7) {name = "max", threshold_y = 1.0 : f64, quant = "INT8", offset = 80 : i64, pool = "MAX", filter_height = 2 : i32, filter_width = 2 : i32, stride_h = 2 : i32, stride_w = 2 : i32, pad_top = 0 : i32, pad_left = 0 : i32, pad_bottom = 0 : i32, pad_right = 0 : i32, ceil_mode = false} : (tensor<1x3x4x4xf32>) -> tensor<1x3x2x2xf32>
    %9 = "tpu.eltwise"(%8, %8) {name = "sum", threshold_y = 2.0 : f64, quant = "INT8", offset = 64 : i64, multiplier = [64 : i32, 64 : i32], rshift = 7 : i32} : (tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
    %10 = "tpu.pool_2d"(%9) {name = "mean", threshold_y = 2.0 : f64, quant = "INT8", offset = 48 : i64, pool = "AVE", filter_height = 2 : i32, filter_width = 2 : i32, stride_h = 1 : i32, stride_w = 1 : i32, pad_top = 0 : i32, pad_left = 0 : i32, pad_bottom = 0 : i32, pad_right = 0 : i32, ceil_mode = false, count_padding = false, divisor = [4 : i32], multiplier = [128 : i32], rshift = [9 : i32]} : (tensor<1x3x2x2xf32>) -> tensor<1x3x1x1xf32>
    %11 = "tpu.reshape"(%10) {name = "fc_reshape"} : (tensor<1x3x1x1xf32>) -> tensor<1x3xf32>
    %12 = "tpu.load_weight"(%0) {name = "fc_quant_int8_0", offset = 18 : i64} : (memref<2147483648xf32>) -> tensor<2x3xf32>
    %13 = "tpu.load_weight"(%0) {name = "fc_quant_int8_1", offset = 0 : i64} : (memref<2147483648xf32>) -> tensor<2xf32>
    %14 = "tpu.load_weight"(%0) {name = "fc_quant_int8_rshift"} : (memref<2147483648xf32>) -> tensor<1xf32>
    %15 = "tpu.fully_connected"(%11, %12, %13, %14) {name = "fc", threshold_y = 8.0 : f64, quant = "INT8", offset = 32 : i64, scheme = "rshift16"} : (tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<1xf32>) -> tensor<1x2xf32>
    %16 = "tpu.dequantization"(%15) {name = "prob_quant", threshold = 8.0 : f64, quant = "INT8"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %17 = "tpu.softmax"(%16) {name = "prob"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    "func.return"(%17) : (tensor<1x2xf32>) -> ()
  }) {function_type = (tensor<1x2x4x4xf32>) -> tensor<1x2xf32>, sym_name = "tpu_func"} : () -> ()
}) : () -> ()
