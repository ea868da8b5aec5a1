import NumberSupport

/// The smallest writer of protobuf messages.
private struct Message {
  var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var (value, bytes) = (value, [UInt8]())
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  mutating func integer(_ field: UInt64, _ value: Int) {
    bytes += Message.varint(field << 3) + Message.varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: UInt64, _ value: Float) {
    bytes += Message.varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }

  mutating func data(_ field: UInt64, _ content: [UInt8]) {
    bytes += Message.varint(field << 3 | 2) + Message.varint(UInt64(content.count)) + content
  }

  mutating func string(_ field: UInt64, _ text: String) { data(field, Array(text.utf8)) }
  mutating func message(_ field: UInt64, _ message: Message) { data(field, message.bytes) }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

extension OracleTensor {
  /// The elements in `raw_data`'s form.
  private var rawBytes: [UInt8] {
    values.flatMap { value -> [UInt8] in
      switch type {
      case .float32: littleEndian(Float(value).bitPattern)
      case .float64: littleEndian(value.bitPattern)
      case .float16: littleEndian(Float16(value).bitPattern)
      case .bfloat16: littleEndian(UInt16(Float(value).bitPattern >> 16))
      case .uint8, .bool: littleEndian(UInt8(value))
      case .int8: littleEndian(Int8(value))
      case .int32: littleEndian(Int32(value))
      case .int64: littleEndian(Int64(value))
      }
    }
  }

  fileprivate func message(_ name: String) -> Message {
    var tensor = Message()
    for size in shape { tensor.integer(1, size) }
    tensor.integer(2, type.rawValue)
    tensor.string(8, name)
    tensor.data(9, rawBytes)
    return tensor
  }
}

extension OracleNode {
  fileprivate func message(_ name: String) -> Message {
    var node = Message()
    for input in inputs { node.string(1, input) }
    for output in outputs { node.string(2, output) }
    node.string(3, name)
    node.string(4, op)
    if !domain.isEmpty { node.string(7, domain) }
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      node.message(5, Self.message(name, value))
    }
    return node
  }

  private static func message(_ name: String, _ value: OracleAttribute) -> Message {
    var attribute = Message()
    attribute.string(1, name)
    switch value {
    case .float(let number):
      attribute.float(2, number)
      attribute.integer(20, 1)
    case .int(let number):
      attribute.integer(3, number)
      attribute.integer(20, 2)
    case .string(let text):
      attribute.string(4, text)
      attribute.integer(20, 3)
    case .tensor(let tensor):
      attribute.message(5, tensor.message(""))
      attribute.integer(20, 4)
    case .floats(let numbers):
      for number in numbers { attribute.float(7, number) }
      attribute.integer(20, 6)
    case .ints(let numbers):
      for number in numbers { attribute.integer(8, number) }
      attribute.integer(20, 7)
    }
    return attribute
  }
}

extension OracleGraph {
  /// The graph as the bytes of an ONNX file.
  public var onnxBytes: [UInt8] {
    var graph = Message()
    for (index, node) in nodes.enumerated() { graph.message(1, node.message("n\(index)")) }
    graph.string(2, "net")
    for (name, tensor) in initializers.sorted(by: { $0.key < $1.key }) {
      graph.message(5, tensor.message(name))
    }
    graph.message(11, Self.value(Self.input, inputType, inputShape))
    graph.message(12, Self.value(output, nil, nil))
    var set = Message()
    set.string(1, "")
    set.integer(2, opset)
    var model = Message()
    model.integer(1, 8)
    model.message(8, set)
    for domain in Set(nodes.map(\.domain)).sorted() where !domain.isEmpty {
      var set = Message()
      set.string(1, domain)
      set.integer(2, 1)
      model.message(8, set)
    }
    model.message(7, graph)
    return model.bytes
  }

  private static func value(_ name: String, _ type: OracleType?, _ dims: [Int]?) -> Message {
    var value = Message()
    value.string(1, name)
    guard let type, let dims else { return value }
    var shape = Message()
    for size in dims {
      var dimension = Message()
      dimension.integer(1, size)
      shape.message(1, dimension)
    }
    var tensor = Message()
    tensor.integer(1, type.rawValue)
    tensor.message(2, shape)
    var wrapper = Message()
    wrapper.message(1, tensor)
    value.message(2, wrapper)
    return value
  }
}
