/// The smallest writer of protobuf messages, so that the tests hold every byte in their hands.
struct Proto {
  var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var (value, bytes) = (value, [UInt8]())
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  mutating func integer(_ field: UInt64, _ value: Int64) {
    bytes += Proto.varint(field << 3) + Proto.varint(UInt64(bitPattern: value))
  }

  mutating func float(_ field: UInt64, _ value: Float) {
    bytes += Proto.varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }

  mutating func data(_ field: UInt64, _ content: [UInt8]) {
    bytes += Proto.varint(field << 3 | 2) + Proto.varint(UInt64(content.count)) + content
  }

  mutating func string(_ field: UInt64, _ text: String) { data(field, Array(text.utf8)) }
  mutating func message(_ field: UInt64, _ message: Proto) { data(field, message.bytes) }

  mutating func packed(_ field: UInt64, _ values: [Int64]) {
    data(field, values.flatMap { Proto.varint(UInt64(bitPattern: $0)) })
  }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func littleEndian(_ values: [Float]) -> [UInt8] {
  values.flatMap { littleEndian($0.bitPattern) }
}

/// `TensorProto`.
func tensor(
  _ name: String, type: Int64 = 1, _ dims: [Int64], _ fill: (inout Proto) -> Void
) -> Proto {
  var tensor = Proto()
  for dimension in dims { tensor.integer(1, dimension) }
  tensor.integer(2, type)
  tensor.string(8, name)
  fill(&tensor)
  return tensor
}

func floatTensor(_ name: String, _ dims: [Int64], _ values: [Float]) -> Proto {
  tensor(name, dims) { $0.data(9, littleEndian(values)) }
}

func attribute(_ name: String, type: Int64, _ fill: (inout Proto) -> Void) -> Proto {
  var attribute = Proto()
  attribute.string(1, name)
  attribute.integer(20, type)
  fill(&attribute)
  return attribute
}

/// `NodeProto`.
func node(
  _ type: String, name: String = "", _ inputs: [String], _ outputs: [String],
  domain: String = "", attributes: [Proto] = []
) -> Proto {
  var node = Proto()
  for input in inputs { node.string(1, input) }
  for output in outputs { node.string(2, output) }
  if !name.isEmpty { node.string(3, name) }
  node.string(4, type)
  if !domain.isEmpty { node.string(7, domain) }
  for attribute in attributes { node.message(5, attribute) }
  return node
}

/// `ValueInfoProto` of a tensor; a nil dimension is neither a value nor a name.
func valueInfo(_ name: String, type: Int64 = 1, _ dims: [Int64?]) -> Proto {
  var shape = Proto()
  for dimension in dims {
    var message = Proto()
    if let dimension { message.integer(1, dimension) }
    shape.message(1, message)
  }
  var tensor = Proto()
  tensor.integer(1, type)
  tensor.message(2, shape)
  var wrapper = Proto()
  wrapper.message(1, tensor)
  var value = Proto()
  value.string(1, name)
  value.message(2, wrapper)
  return value
}

/// `ModelProto` with operator set 13.
func model(
  nodes: [Proto], initializers: [Proto] = [], inputs: [Proto] = [valueInfo("x", [nil, 2])],
  outputs: [Proto] = [valueInfo("y", [nil, 2])], opset: Int64? = 13,
  inGraph: (inout Proto) -> Void = { _ in }, inModel: (inout Proto) -> Void = { _ in }
) -> [UInt8] {
  var graph = Proto()
  for node in nodes { graph.message(1, node) }
  graph.string(2, "net")
  for initializer in initializers { graph.message(5, initializer) }
  for input in inputs { graph.message(11, input) }
  for output in outputs { graph.message(12, output) }
  inGraph(&graph)
  var model = Proto()
  model.integer(1, 8)
  if let opset {
    var set = Proto()
    set.string(1, "")
    set.integer(2, opset)
    model.message(8, set)
  }
  model.message(7, graph)
  inModel(&model)
  return model.bytes
}

/// A chain of one Gemm and one Relu with every field that an exporter writes.
func smallModel() -> [UInt8] {
  model(
    nodes: [
      node(
        "Gemm", name: "fc1", ["x", "w", "b"], ["h"],
        attributes: [
          attribute("alpha", type: 1) { $0.float(2, 1) },
          attribute("transB", type: 2) { $0.integer(3, 1) },
        ]),
      node("Relu", ["h"], ["y"]),
    ],
    initializers: [floatTensor("w", [2, 2], [1, 2, 3, 4]), floatTensor("b", [2], [0.5, -0.5])])
}
