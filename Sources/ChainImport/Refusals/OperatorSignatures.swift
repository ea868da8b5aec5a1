import NetworkGraph

/// The attributes and the number of inputs that each operator may have.
///
/// An attribute or input that is not known could change what the operator computes: it is refused,
/// not ignored.
enum OperatorSignatures {
  /// Refuses an attribute or a number of inputs that the node's operator does not have.
  static func check(_ node: Node) throws(NodeRefusal) {
    guard node.domain.isEmpty, let known = attributes[node.operatorType] else { return }
    for name in node.attributes.keys.sorted() where !known.contains(name) {
      let expected = known.subtracting(legacy).sorted().joined(separator: ", ")
      throw NodeRefusal(
        "attribute '\(name)' is not known; expected \(expected.isEmpty ? "none" : expected)")
    }
    if let most = inputs[node.operatorType], node.inputs.count > most {
      throw NodeRefusal("\(node.inputs.count) inputs; expected at most \(most)")
    }
  }

  /// The most inputs of an operator; absent where any number may be joined.
  private static let inputs = [
    "Gemm": 3, "MatMul": 2, "Conv": 3, "ConvTranspose": 3, "AveragePool": 1,
    "GlobalAveragePool": 1, "BatchNormalization": 5, "Add": 2, "Sub": 2, "Mul": 2, "Div": 2,
    "Neg": 1, "Sqrt": 1, "Reciprocal": 1, "Relu": 1, "Clip": 3, "Softmax": 1, "LogSoftmax": 1,
    "ArgMax": 1, "Cast": 1, "Identity": 1, "Dropout": 3, "Reshape": 2, "Flatten": 1, "Squeeze": 2,
    "Unsqueeze": 2, "Transpose": 1, "Slice": 5, "Gather": 2, "GatherND": 2, "Expand": 2, "Tile": 2,
    "Pad": 4,
    "ReduceMean": 2, "ReduceSum": 2, "ReduceProd": 2, "Shape": 1, "Size": 1, "DepthToSpace": 1,
    "SpaceToDepth": 1, "ConstantOfShape": 1,
    "Range": 3, "Equal": 2, "Where": 3, "Constant": 0, "Exp": 1, "Log": 1, "Pow": 2, "Abs": 1,
    "Sign": 1, "Floor": 1, "Ceil": 1, "Round": 1, "Mod": 2, "Not": 1, "And": 2, "Or": 2, "Xor": 2,
    "Greater": 2, "Less": 2, "GreaterOrEqual": 2, "LessOrEqual": 2, "ReduceMax": 2, "ReduceMin": 2,
    "ReduceL1": 2, "ReduceL2": 2, "ReduceSumSquare": 2,
    "Split": 2, "MaxPool": 1, "GlobalMaxPool": 1, "LeakyRelu": 1, "PRelu": 2, "ThresholdedRelu": 1,
    "HardSigmoid": 1, "DequantizeLinear": 3, "Sigmoid": 1,
    "CastLike": 2, "Compress": 2, "EyeLike": 1, "GatherElements": 2, "GlobalLpPool": 1, "LpPool": 1,
    "ReverseSequence": 2, "ScatterElements": 3, "ScatterND": 3, "Trilu": 2,
    "Shrink": 1, "CumSum": 2, "Resize": 4, "Upsample": 2, "If": 1, "ReduceLogSumExp": 2,
  ]

  private static let window: Set = [
    "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides",
  ]
  private static let legacyBroadcast: Set = ["axis", "broadcast", "consumed_inputs"]
  private static let legacy: Set = ["consumed_inputs"]

  private static let attributes: [String: Set<String>] = [
    "Gemm": ["alpha", "beta", "transA", "transB", "broadcast"],
    "MatMul": [],
    "Conv": window,
    "ConvTranspose": window.union(["output_padding", "output_shape"]),
    "AveragePool": window.subtracting(["group"]).union(["ceil_mode", "count_include_pad"]),
    "GlobalAveragePool": [],
    "MaxPool": window.subtracting(["group"]).union(["ceil_mode", "storage_order"]),
    "GlobalMaxPool": [], "LeakyRelu": ["alpha", "consumed_inputs"], "PRelu": legacy,
    "DequantizeLinear": ["axis", "block_size", "output_dtype"], "Sigmoid": legacy,
    "ThresholdedRelu": ["alpha"], "HardSigmoid": ["alpha", "beta", "consumed_inputs"],
    "BatchNormalization": [
      "consumed_inputs", "epsilon", "is_test", "momentum", "spatial", "training_mode",
    ],
    "Add": legacyBroadcast, "Sub": legacyBroadcast, "Mul": legacyBroadcast,
    "Div": legacyBroadcast, "Sum": legacy, "Neg": legacy, "Sqrt": legacy, "Reciprocal": legacy,
    "Max": legacy, "Relu": legacy, "Clip": ["max", "min", "consumed_inputs"],
    "Softmax": ["axis"], "LogSoftmax": ["axis"],
    "ArgMax": ["axis", "keepdims", "select_last_index"],
    "Cast": ["to", "saturate", "round_mode"], "Concat": ["axis"], "Identity": [],
    "Dropout": ["ratio", "seed", "is_test", "consumed_inputs"],
    "Reshape": ["allowzero", "shape", "consumed_inputs"], "Flatten": ["axis"],
    "Squeeze": ["axes"], "Unsqueeze": ["axes"], "Transpose": ["perm"],
    "Slice": ["axes", "ends", "starts"], "Gather": ["axis"], "GatherND": ["batch_dims"],
    "Expand": [], "Tile": [],
    "Pad": ["mode", "pads", "paddings", "value"],
    "ReduceMean": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceSum": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceProd": ["axes", "keepdims", "noop_with_empty_axes"],
    "Shape": ["start", "end"], "Size": [], "ConstantOfShape": ["value"], "Range": [],
    "Equal": ["axis", "broadcast"], "Where": [], "Mean": legacy, "Min": legacy, "Exp": legacy,
    "Log": legacy, "Pow": [], "Abs": legacy, "Sign": [], "Floor": legacy,
    "Ceil": legacy, "Round": [], "Mod": ["fmod"], "Not": [], "And": [],
    "Or": [], "Xor": [], "Greater": [],
    "Less": [], "GreaterOrEqual": [], "LessOrEqual": [],
    "ReduceMax": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceMin": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceL1": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceL2": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceSumSquare": ["axes", "keepdims", "noop_with_empty_axes"],
    "Split": ["axis", "split", "num_outputs"], "Einsum": ["equation"],
    "Resize": [
      "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
      "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode",
    ],
    "Upsample": ["mode", "scales"], "Shrink": ["bias", "lambd"],
    "CumSum": ["exclusive", "reverse"], "CastLike": ["round_mode", "saturate"],
    "Compress": ["axis"], "EyeLike": ["dtype", "k"], "GatherElements": ["axis"],
    "GlobalLpPool": ["p"], "LpPool": window.subtracting(["group"]).union(["ceil_mode", "p"]),
    "ReverseSequence": ["batch_axis", "time_axis"], "Trilu": ["upper"],
    "ScatterElements": ["axis", "reduction"], "ScatterND": ["reduction"],
    "Constant": [
      "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
      "value_strings", "sparse_value",
    ],
  ]
}
