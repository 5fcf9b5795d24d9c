"builtin.module"() ({
  "func.func"() ({
  ^bb0(%arg0: tensor<1x2x4x4xf32>):
    %0 = "tpu.load_file"() {filename = "w.npz"} : () -> memref<2147483648xf32>
    %1 = "tpu.input"(%arg0) {name = "data", threshold_y = 2.0 : f32} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %2 = "tpu.quantization"(%1) {name = "data_quant", threshold = 2.0 : f32, quant = "INT8", offset = 0 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %3 = "tpu.load_weight"(%0) {name = "conv_0", offset = 16 : i64} : (memref<2147483648xf32>) -> tensor<3x2x3x3xf32>
    %4 = "tpu.load_weight"(%0) {name = "conv_1"} : (memref<2147483648xf32>) -> tensor<3xf32>
    %5 = "tpu.load_weight"(%0) {name = "conv_rshift"} : (memref<2147483648xf32>) -> tensor<1xi32>
    %6 = "tpu.conv_2d"(%2, %3, %4, %5) {name = "conv", padding = "SAME", quant = "INT8", stride_h = 1 : i32, stride_w = 1 : i32, threshold_y = 1.0 : f32} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>, tensor<1xi32>) -> tensor<1x3x4x4xf32>
    %7 = "tpu.relu"(%6) {name = "relu"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    %8 = "tpu.pool_2d"(%7) {filter_height = 2 : i32, filter_width = 2 : i32, name = "max", padding = "VALID", pool = "MAX", stride_h = 2 : i32, stride_w = 2 : i32} : (tensor<1x3x4x4xf32>) -> tensor<1x3x2x2xf32>
    %9 = "tpu.eltwise"(%8, %8) {name = "sum", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
    %10 = "tpu.pool_2d"(%9) {filter_height = 2 : i32, filter_width = 2 : i32, name = "mean", pool = "AVE", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>) -> tensor<1x3x1x1xf32>
    %11 = "tpu.reshape"(%10) {name = "fc_reshape"} : (tensor<1x3x1x1xf32>) -> tensor<1x3xf32>
    %12 = "tpu.load_weight"(%0) {name = "fc_0"} : (memref<2147483648xf32>) -> tensor<2x3xf32>
    %13 = "tpu.load_weight"(%0) {name = "fc_rshift"} : (memref<2147483648xf32>) -> tensor<1xi32>
    %14 = "tpu.fully_connected"(%11, %12, %13) {name = "fc", quant = "INT8", threshold_y = 8.0 : f32} : (tensor<1x3xf32>, tensor<2x3xf32>, tensor<1xi32>) -> tensor<1x2xf32>
    %15 = "tpu.dequantization"(%14) {name = "prob_quant", threshold = 8.0 : f32} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %16 = "tpu.softmax"(%15) {name = "prob"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    "func.return"(%16) : (tensor<1x2xf32>) -> ()
  }) {function_type = (tensor<1x2x4x4xf32>) -> tensor<1x2xf32>, sym_name = "tpu_func"} : () -> ()
}) : () -> ()
