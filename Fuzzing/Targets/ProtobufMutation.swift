/// Changes of an ONNX file that keep its form: behind a broken length nothing is read, so libFuzzer's
/// own changes hardly ever reach a network's meaning.
enum ProtobufMutation {
  /// A copy with one to four changes; nil for bytes that are no protobuf message.
  static func changed(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8]? {
    guard var root = WireMessage(bytes[...], .model) else { return nil }
    for _ in 0...random.below(4) {
      let texts = root.texts
      let donor = root
      let target = random.below(root.fieldCount)
      root.change(at: target, &random) { message, index, random in
        change(&message, index, texts: texts, donor: donor, &random)
      }
    }
    return root.bytes
  }

  private static func change(
    _ message: inout WireMessage, _ index: Int, texts: [[UInt8]], donor: WireMessage,
    _ random: inout SplitMix
  ) {
    switch random.below(8) {
    case 0: message.fields.remove(at: index)
    case 1: message.fields.insert(message.fields[index], at: random.below(index + 1))
    case 2: message.fields.swapAt(index, random.below(message.fields.count))
    case 3:
      // The same kind of message from elsewhere in the file.
      if let other = donor.part(like: message.kind, &random), let field = other.fields.first {
        message.fields.insert(other.fields.isEmpty ? field : random.pick(other.fields), at: index)
      }
    default: changeValue(&message.fields[index], in: message.kind, texts: texts, &random)
    }
  }

  private static func changeValue(
    _ field: inout WireMessage.Field, in kind: WireMessage.Kind, texts: [[UInt8]],
    _ random: inout SplitMix
  ) {
    switch field.value {
    case .integer(let value): field.value = .integer(changed(value, &random))
    case .fixed(var bytes):
      bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      field.value = .fixed(bytes)
    case .message: break
    case .bytes(let bytes):
      switch (kind, field.number, random.below(4)) {
      case (.node, 4, 0...2): field.value = .bytes(Array(random.pick(operators).utf8))
      case (.attribute, 1, 0...2): field.value = .bytes(Array(random.pick(attributes).utf8))
      case (_, _, 0) where !texts.isEmpty: field.value = .bytes(random.pick(texts))
      case (.tensor, 9, 1): field.value = .bytes(Array(bytes.dropLast(random.below(9))))
      default: field.value = .bytes(freely(bytes))
      }
    }
  }

  /// An integer that lies near the old one, near a border, or anywhere.
  private static func changed(_ value: UInt64, _ random: inout SplitMix) -> UInt64 {
    switch random.below(5) {
    case 0: value &+ 1
    case 1: value &- 1
    case 2: UInt64(random.below(20))
    case 3: random.pick([0, 1, 2, 3, 7, 16, 1 << 24, 1 << 31, 1 << 32, 1 << 62, .max, 1 << 63])
    default: value ^ (1 << UInt64(random.below(64)))
    }
  }

  private static func freely(_ bytes: [UInt8]) -> [UInt8] {
    let limit = bytes.count + 16
    return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      _ = buffer.initialize(from: bytes)
      for index in bytes.count..<limit { buffer.initializeElement(at: index, to: 0) }
      count = libFuzzerChange(buffer, bytes.count)
    }
  }

  private static let operators = [
    "Add", "And", "ArgMax", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat",
    "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "DepthToSpace", "Div", "Dropout",
    "Equal", "Expand", "Flatten", "Gather", "Gemm", "GlobalAveragePool", "Identity", "MatMul",
    "Max", "MaxPool", "Mean", "Min", "Mul", "Neg", "Pad", "Range", "ReduceMean", "ReduceProd",
    "ReduceSum", "Relu", "Reshape", "Shape", "Sigmoid", "Size", "Slice", "Softmax",
    "SpaceToDepth", "Split", "Squeeze", "Sub", "Sum", "Tile", "Transpose", "Unsqueeze", "Where",
  ]

  private static let attributes = [
    "allowzero", "alpha", "auto_pad", "axes", "axis", "beta", "blocksize", "broadcast",
    "ceil_mode", "consumed_inputs", "count_include_pad", "dilations", "end", "ends", "epsilon",
    "group", "is_test", "keepdims", "kernel_shape", "max", "min", "mode", "momentum",
    "noop_with_empty_axes", "output_padding", "output_shape", "pads", "perm", "ratio", "shape",
    "spatial", "split", "start", "starts", "steps", "strides", "to", "training_mode", "transA",
    "transB", "value", "value_float", "value_floats", "value_int", "value_ints",
  ]
}
