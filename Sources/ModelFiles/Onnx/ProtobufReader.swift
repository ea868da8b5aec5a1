import COnnx
import CProtobufC
import FileAccess
import NetworkGraph

/// Reads protobuf-c's messages of a scanned file into the form that both kinds of ONNX share.
struct ProtobufReader {
  let file: String
  private(set) var decoder: TensorDecoder
  private let limits: ModelLimits
  /// How many nodes the graph at hand lies in.
  private var depth = 0

  init(file: String, limits: ModelLimits) {
    (self.file, self.limits) = (file, limits)
    decoder = TensorDecoder(file: file, limits: limits)
  }

  mutating func model(_ message: Onnx__ModelProto) throws(InputError) -> OnnxModel {
    var model = OnnxModel()
    model.irVersion = message.ir_version
    model.operatorSets = messages(message.opset_import, message.n_opset_import).map {
      (text($0.domain), $0.version)
    }
    model.functions = messages(message.functions, message.n_functions).map {
      (text($0.domain), text($0.name))
    }
    model.hasTrainingInfo = message.n_training_info > 0
    guard let graph = message.graph else {
      throw InputError(
        file: file, found: "no graph", expected: "an ONNX model",
        remedy: "the file is not an ONNX model, or it is cut short")
    }
    model.graph = try self.graph(graph.pointee)
    return model
  }

  private mutating func graph(_ message: Onnx__GraphProto) throws(InputError) -> OnnxGraph {
    var graph = OnnxGraph()
    graph.name = text(message.name)
    try limits.checkNodes(message.n_node, "node", file: file, place: "graph")
    for (position, node) in messages(message.node, message.n_node).enumerated() {
      graph.nodes.append(try self.node(node, position: position))
    }
    let tensors = messages(message.initializer, message.n_initializer)
    func place(_ index: Int) -> String {
      let name = text(tensors[index].name)
      return name.isEmpty ? "initializer #\(index)" : "initializer \(named(name))"
    }
    try decoder.checkTotal(
      tensors.indices.filter { tensors[$0].data_location == 1 }.map {
        fields(of: tensors[$0], place: place($0))
      })
    for (index, tensor) in tensors.enumerated() {
      let (name, place) = (text(tensor.name), place(index))
      let content = try decoder.decode(fields(of: tensor, place: place))
      graph.initializers.append(OnnxConstant(place: place, name: name, content: content))
    }
    for sparse in messages(message.sparse_initializer, message.n_sparse_initializer) {
      let name = text(sparse.values?.pointee.name)
      graph.initializers.append(
        OnnxConstant(
          place: "sparse initializer \(named(name))", name: name,
          content: .unsupported("a sparse tensor")))
    }
    graph.inputs = messages(message.input, message.n_input).map { value($0, "input") }
    graph.outputs = messages(message.output, message.n_output).map { value($0, "output") }
    graph.hasQuantization = message.n_quantization_annotation > 0
    return graph
  }

  private mutating func node(
    _ message: Onnx__NodeProto, position: Int
  ) throws(InputError) -> OnnxNode {
    let (name, type) = (text(message.name), text(message.op_type))
    let place = "node " + (name.isEmpty ? "#\(position)" : named(name)) + " (\(type.prefix(80)))"
    var node = OnnxNode(
      place: place, name: name, operatorType: type, domain: text(message.domain),
      inputs: texts(message.input, message.n_input),
      outputs: texts(message.output, message.n_output), attributes: [])
    for attribute in messages(message.attribute, message.n_attribute) {
      let name = text(attribute.name)
      if type == "If", attribute.has_g != 0, attribute.ref_attr_name == nil {
        let place = place + ", attribute \(named(name))"
        node.branches.append((name, try branch(attribute.g, place: place)))
        continue
      }
      let value = try self.attribute(attribute, place: place + ", attribute \(named(name))")
      node.attributes.append((name, value))
    }
    return node
  }

  /// A graph inside a node, which the schema declares as bytes: no message contains itself.
  private mutating func branch(
    _ content: ProtobufCBinaryData, place: String
  ) throws(InputError) -> OnnxGraph {
    try limits.checkDepth(depth + 1, file: file, place: place)
    depth += 1
    defer { depth -= 1 }
    let bytes = UnsafeRawBufferPointer(start: content.data, count: content.len)
    do throws(InputError) {
      let unpacked = try UnpackedMessage<Onnx__GraphProto>(bytes, file: file, limits: limits)
      return try unpacked.read { (message) throws(InputError) in try graph(message) }
    } catch {
      var error = error
      error.place = place + (error.place.isEmpty ? "" : ": " + error.place)
      throw error
    }
  }

  private mutating func attribute(
    _ message: Onnx__AttributeProto, place: String
  ) throws(InputError) -> Attribute {
    if message.ref_attr_name != nil { return .unsupported("a reference to a function's attribute") }
    guard let kind = try kind(of: message, place: place) else {
      return .unsupported("an attribute without a value")
    }
    switch kind {
    case .float: return .float(Double(message.f))
    case .int: return .int(message.i)
    case .string: return string(message.s).map { .string($0) } ?? Self.noText
    case .floats:
      return .floats(
        UnsafeBufferPointer(start: message.floats, count: message.n_floats).map(Double.init))
    case .ints:
      return .ints(Array(UnsafeBufferPointer(start: message.ints, count: message.n_ints)))
    case .strings:
      var strings: [String] = []
      for value in UnsafeBufferPointer(start: message.strings, count: message.n_strings) {
        guard let string = string(value) else { return Self.noText }
        strings.append(string)
      }
      return .strings(strings)
    case .tensor:
      guard let tensor = message.t else {
        throw InputError(file: file, place: place, found: "no tensor", expected: "a tensor")
      }
      return try decoder.decode(fields(of: tensor.pointee, place: place)).attribute
    default:
      return .unsupported("an attribute of kind \(kind.name)")
    }
  }

  /// The kind of an attribute; files from before 2017 leave it out, and the field that is set
  /// tells.
  private func kind(
    of message: Onnx__AttributeProto, place: String
  ) throws(InputError) -> OnnxAttributeKind? {
    if message.type != 0 {
      if let kind = OnnxAttributeKind(rawValue: Int64(message.type)) { return kind }
      throw InputError(
        file: file, place: place, found: "attribute kind \(message.type)", expected: "1 to 14")
    }
    let present: [(Bool, OnnxAttributeKind)] = [
      (message.has_f != 0, .float), (message.has_i != 0, .int), (message.has_s != 0, .string),
      (message.t != nil, .tensor), (message.has_g != 0, .graph),
      (message.n_floats > 0, .floats), (message.n_ints > 0, .ints),
      (message.n_strings > 0, .strings), (message.n_tensors > 0, .tensors),
      (message.n_graphs > 0, .graphs), (message.has_sparse_tensor != 0, .sparseTensor),
    ]
    return present.first { $0.0 }?.1
  }

  private func fields(of message: Onnx__TensorProto, place: String) -> TensorFields {
    var fields = TensorFields(place: place)
    fields.dataType = Int64(message.data_type)
    fields.dims = Array(UnsafeBufferPointer(start: message.dims, count: message.n_dims))
    fields.isSegment = message.has_segment != 0
    if message.data_location == 1 {
      fields.external = messages(message.external_data, message.n_external_data).map {
        (text($0.key), text($0.value))
      }
    }
    func add(_ field: String, _ count: Int, _ payload: @autoclosure () -> TensorPayload) {
      if count > 0 { fields.payloads.append((field, payload())) }
    }
    let raw = UnsafeRawBufferPointer(start: message.raw_data.data, count: message.raw_data.len)
    add("raw_data", message.raw_data.len, .borrowed(raw))
    add(
      "float_data", message.n_float_data, .floats(array(message.float_data, message.n_float_data)))
    add(
      "int32_data", message.n_int32_data, .int32s(array(message.int32_data, message.n_int32_data)))
    add(
      "int64_data", message.n_int64_data, .int64s(array(message.int64_data, message.n_int64_data)))
    add(
      "double_data", message.n_double_data,
      .doubles(array(message.double_data, message.n_double_data)))
    add(
      "uint64_data", message.n_uint64_data,
      .uint64s(array(message.uint64_data, message.n_uint64_data)))
    add(
      "string_data", message.n_string_data,
      .strings(
        array(message.string_data, message.n_string_data).map {
          String(
            validating: UnsafeBufferPointer(start: $0.data, count: $0.len), as: UTF8.self)
        }))
    return fields
  }

  private func value(_ message: Onnx__ValueInfoProto, _ role: String) -> OnnxValue {
    let name = text(message.name)
    var value = OnnxValue(place: "\(role) \(named(name))", name: name)
    guard let type = message.type?.pointee else { return value }
    if type.has_sequence_type != 0 { value.otherType = "a sequence" }
    if type.has_map_type != 0 { value.otherType = "a map" }
    if type.has_opaque_type != 0 { value.otherType = "an opaque type" }
    if type.has_sparse_tensor_type != 0 { value.otherType = "a sparse tensor" }
    if type.has_optional_type != 0 { value.otherType = "an optional value" }
    guard let tensor = type.tensor_type?.pointee else { return value }
    value.elementType = tensor.elem_type == 0 ? nil : Int64(tensor.elem_type)
    value.dimensions = tensor.shape.map { shape in
      messages(shape.pointee.dim, shape.pointee.n_dim).map { dimension in
        if dimension.has_dim_value != 0 { return .dimension(dimension.dim_value) }
        let name = text(dimension.dim_param)
        return name.isEmpty ? .unknown : .symbolic(name)
      }
    }
    return value
  }

  /// Nil for bytes that are not UTF-8: operators of other programs keep messages of their own there.
  private func string(_ bytes: ProtobufCBinaryData) -> String? {
    String(
      validating: UnsafeBufferPointer(start: bytes.data, count: bytes.len), as: UTF8.self)
  }

  private static let noText = Attribute.unsupported("a string that is not UTF-8")

  private func array<Element>(_ start: UnsafeMutablePointer<Element>?, _ count: Int) -> [Element] {
    Array(UnsafeBufferPointer(start: start, count: count))
  }

  private func messages<Message>(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int
  ) -> [Message] {
    UnsafeBufferPointer(start: start, count: count).compactMap { $0?.pointee }
  }

  private func text(_ string: UnsafeMutablePointer<CChar>?) -> String {
    string.map { String(cString: $0) } ?? ""
  }

  private func texts(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int
  ) -> [String] {
    UnsafeBufferPointer(start: start, count: count).map { text($0) }
  }
}

extension Dimension {
  /// A dimension that the file states as a number; one below 0 is a spelling of "unknown".
  static func dimension(_ value: Int64) -> Dimension {
    value >= 0 ? .fixed(Int(value)) : .unknown
  }
}
