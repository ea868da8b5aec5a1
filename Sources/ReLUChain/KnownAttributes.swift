import NetworkGraph

/// The attributes that each operator may carry.
///
/// An attribute that is not known could change what the operator computes: it is refused, not
/// ignored.
enum KnownAttributes {
  /// Refuses an attribute that the node's operator does not have.
  static func check(_ node: Node) throws(NodeRefusal) {
    guard node.domain.isEmpty, let known = table[node.operatorType] else { return }
    for name in node.attributes.keys.sorted() where !known.contains(name) {
      throw NodeRefusal(
        "attribute '\(name)' is not known; expected \(known.sorted().joined(separator: ", "))")
    }
  }

  private static let window: Set = [
    "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides",
  ]
  private static let legacyBroadcast: Set = ["axis", "broadcast", "consumed_inputs"]
  private static let legacy: Set = ["consumed_inputs"]

  private static let table: [String: Set<String>] = [
    "Gemm": ["alpha", "beta", "transA", "transB", "broadcast"],
    "MatMul": [],
    "Conv": window,
    "ConvTranspose": window.union(["output_padding", "output_shape"]),
    "AveragePool": window.subtracting(["group"]).union(["ceil_mode", "count_include_pad"]),
    "GlobalAveragePool": [],
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
    "Slice": ["axes", "ends", "starts"], "Gather": ["axis"], "Expand": [], "Tile": [],
    "Pad": ["mode", "pads", "paddings", "value"],
    "ReduceMean": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceSum": ["axes", "keepdims", "noop_with_empty_axes"],
    "ReduceProd": ["axes", "keepdims", "noop_with_empty_axes"],
    "Shape": ["start", "end"], "Size": [], "ConstantOfShape": ["value"], "Range": [],
    "Equal": ["axis", "broadcast"], "Where": [],
    "Constant": [
      "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
      "value_strings", "sparse_value",
    ],
  ]
}
