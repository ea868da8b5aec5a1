import FileAccess
import JSONFiles
import NetworkGraph

/// Reads ONNX's JSON form, which is protobuf's: either casing of names, 64-bit integers as strings
/// or numbers, bytes as base64, enumerations by name or number.
///
/// A key that the format does not have is refused: in a text that people edit, a misspelt key
/// would change the network in silence.
struct OnnxJSONReader {
  private let file: String
  private(set) var decoder: TensorDecoder
  private let limits: ModelLimits
  /// How many nodes the graph at hand lies in.
  private var depth = 0

  init(file: String, limits: ModelLimits) {
    (self.file, self.limits) = (file, limits)
    decoder = TensorDecoder(file: file, limits: limits)
  }

  mutating func model(_ root: JSONNode) throws(InputError) -> OnnxModel {
    let fields = try JSONFields(
      root, read: ["ir_version", "opset_import", "functions", "training_info", "graph"],
      ignored: [
        "producer_name", "producer_version", "domain", "model_version", "doc_string",
        "metadata_props", "configuration",
      ])
    var model = OnnxModel()
    model.irVersion = try fields["ir_version"]?.integer() ?? 0
    for entry in try fields.array("opset_import") {
      let fields = try JSONFields(entry, read: ["domain", "version"])
      model.operatorSets.append(
        (try fields["domain"]?.string() ?? "", try fields["version"]?.integer() ?? 0))
    }
    for entry in try fields.array("functions") {
      let fields = try JSONFields(entry, read: ["domain", "name"], ignoresOthers: true)
      model.functions.append(
        (try fields["domain"]?.string() ?? "", try fields["name"]?.string() ?? ""))
    }
    model.hasTrainingInfo = !(try fields.array("training_info")).isEmpty
    guard let graph = fields["graph"] else { throw root.refusal("no graph", "an ONNX model") }
    model.graph = try self.graph(graph)
    return model
  }

  private mutating func graph(_ value: JSONNode) throws(InputError) -> OnnxGraph {
    let fields = try JSONFields(
      value,
      read: [
        "node", "name", "initializer", "sparse_initializer", "input", "output",
        "quantization_annotation",
      ], ignored: ["doc_string", "value_info", "metadata_props"])
    var graph = OnnxGraph()
    graph.name = try fields["name"]?.string() ?? ""
    let nodes = try fields.array("node")
    try limits.checkNodes(nodes.count, "node", file: file, place: value.path.description)
    for node in nodes { graph.nodes.append(try self.node(node)) }
    let tensors = try fields.array("initializer").map { (value) throws(InputError) in
      try tensorFields(value)
    }
    try decoder.checkTotal(tensors.lazy.map(\.fields).filter { $0.external != nil })
    for (name, fields) in tensors {
      let content = try decoder.decode(fields)
      graph.initializers.append(OnnxConstant(place: fields.place, name: name, content: content))
    }
    for sparse in try fields.array("sparse_initializer") {
      let fields = try JSONFields(sparse, read: ["values"], ignoresOthers: true)
      let values = try fields["values"].map { (value) throws(InputError) in
        try JSONFields(value, read: ["name"], ignoresOthers: true)
      }
      graph.initializers.append(
        OnnxConstant(
          place: sparse.path.description, name: try values?["name"]?.string() ?? "",
          content: .unsupported("a sparse tensor")))
    }
    for input in try fields.array("input") { graph.inputs.append(try declaration(input)) }
    for output in try fields.array("output") { graph.outputs.append(try declaration(output)) }
    graph.hasQuantization = !(try fields.array("quantization_annotation")).isEmpty
    return graph
  }

  private mutating func node(_ value: JSONNode) throws(InputError) -> OnnxNode {
    let fields = try JSONFields(
      value, read: ["input", "output", "name", "op_type", "domain", "attribute"],
      ignored: ["overload", "doc_string", "metadata_props", "device_configurations"])
    let name = try fields["name"]?.string() ?? ""
    let type = try fields["op_type"]?.string() ?? ""
    var node = OnnxNode(
      place: place(value, name) + " (\(type.prefix(80)))", name: name, operatorType: type,
      domain: try fields["domain"]?.string() ?? "", inputs: [], outputs: [], attributes: [])
    for input in try fields.array("input") { node.inputs.append(try input.string()) }
    for output in try fields.array("output") { node.outputs.append(try output.string()) }
    for attribute in try fields.array("attribute") {
      if type == "If", try attribute.hasKey("g") {
        let fields = try JSONFields(
          attribute, read: ["name", "type", "g"], ignored: ["doc_string"])
        if let graph = fields["g"] {
          try limits.checkDepth(depth + 1, file: file, place: graph.path.description)
          depth += 1
          defer { depth -= 1 }
          node.branches.append((try fields["name"]?.string() ?? "", try self.graph(graph)))
        }
        continue
      }
      node.attributes.append(try self.attribute(attribute))
    }
    return node
  }

  private mutating func attribute(
    _ value: JSONNode
  ) throws(InputError) -> (name: String, value: Attribute) {
    let fields = try JSONFields(
      value, read: ["name", "type", "ref_attr_name"] + OnnxAttributeKind.allCases.map(\.field),
      ignored: ["doc_string"])
    let name = try fields["name"]?.string() ?? ""
    if fields["ref_attr_name"] != nil {
      return (name, .unsupported("a reference to a function's attribute"))
    }
    guard let kind = try kind(of: fields) else {
      return (name, .unsupported("an attribute without a value"))
    }
    let field = kind.field
    let content = fields[field]
    switch kind {
    case .float: return (name, .float(Double(try content?.floatOrText() ?? 0)))
    case .int: return (name, .int(try content?.integer() ?? 0))
    case .string: return (name, .string(try content.map(text) ?? ""))
    case .floats:
      return (
        name,
        .floats(
          try list(fields, field) { (value) throws(InputError) in
            Double(try value.floatOrText())
          })
      )
    case .ints:
      return (
        name,
        .ints(
          try list(fields, field) { (value) throws(InputError) in
            try value.integer()
          })
      )
    case .strings: return (name, .strings(try list(fields, field, text)))
    case .tensor:
      guard let content else { throw value.refusal("no tensor", "a tensor in 't'") }
      return (name, try decoder.decode(tensorFields(content).fields).attribute)
    default: return (name, .unsupported("an attribute of kind \(kind.name)"))
    }
  }

  private func kind(of fields: JSONFields) throws(InputError) -> OnnxAttributeKind? {
    if let type = fields["type"] {
      let number = try type.enumerator(["UNDEFINED"] + OnnxAttributeKind.allCases.map(\.name))
      if number != 0 {
        if let kind = OnnxAttributeKind(rawValue: number) { return kind }
        throw type.refusal("attribute kind \(number)", "1 to 14")
      }
    }
    return OnnxAttributeKind.allCases.first { fields[$0.field] != nil }
  }

  private func tensorFields(
    _ value: JSONNode
  ) throws(InputError) -> (name: String, fields: TensorFields) {
    let fields = try JSONFields(
      value,
      read: [
        "name", "data_type", "dims", "segment", "external_data", "data_location", "raw_data",
        "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data",
      ], ignored: ["doc_string", "metadata_props"])
    let name = try fields["name"]?.string() ?? ""
    var tensor = TensorFields(place: place(value, name))
    tensor.dataType = try fields["data_type"]?.enumerator(OnnxElement.names) ?? 0
    tensor.dims = try list(fields, "dims") { (value) throws(InputError) in try value.integer() }
    tensor.isSegment = fields["segment"] != nil
    if try fields["data_location"]?.enumerator(["DEFAULT", "EXTERNAL"]) == 1 {
      tensor.external = []
      for entry in try fields.array("external_data") {
        let fields = try JSONFields(entry, read: ["key", "value"])
        tensor.external?.append(
          (try fields["key"]?.string() ?? "", try fields["value"]?.string() ?? ""))
      }
    }
    tensor.payloads = try payloads(fields)
    return (name, tensor)
  }

  private func payloads(
    _ fields: JSONFields
  ) throws(InputError) -> [(field: String, payload: TensorPayload)] {
    var payloads: [(field: String, payload: TensorPayload)] = []
    if let raw = fields["raw_data"] { payloads.append(("raw_data", .bytes(try bytes(raw)))) }
    func add(
      _ field: String, _ read: () throws(InputError) -> TensorPayload
    ) throws(InputError) {
      if let array = fields[field], try array.count() > 0 { payloads.append((field, try read())) }
    }
    try add("float_data") { () throws(InputError) in
      .floats(
        try list(fields, "float_data") { (value) throws(InputError) in try value.floatOrText() })
    }
    try add("double_data") { () throws(InputError) in
      .doubles(
        try list(fields, "double_data") { (value) throws(InputError) in try value.doubleOrText() })
    }
    try add("int32_data") { () throws(InputError) in
      .int32s(
        try list(fields, "int32_data") { (value) throws(InputError) in
          try value.integer(in: Int32.min...Int32.max)
        })
    }
    try add("int64_data") { () throws(InputError) in
      .int64s(try list(fields, "int64_data") { (value) throws(InputError) in try value.integer() })
    }
    try add("uint64_data") { () throws(InputError) in
      .uint64s(
        try list(fields, "uint64_data") { (value) throws(InputError) in
          try value.integer(in: UInt64.min...UInt64.max)
        })
    }
    try add("string_data") { () throws(InputError) in
      .strings(
        try list(fields, "string_data") { (value) throws(InputError) in
          String(validating: try bytes(value), as: UTF8.self)
        })
    }
    return payloads.filter { $0.field != "raw_data" || $0.payload.count > 0 }
  }

  private func declaration(_ value: JSONNode) throws(InputError) -> OnnxValue {
    let fields = try JSONFields(
      value, read: ["name", "type"], ignored: ["doc_string", "metadata_props"])
    let name = try fields["name"]?.string() ?? ""
    var result = OnnxValue(place: value.path.description, name: name)
    guard let type = fields["type"] else { return result }
    let others = [
      ("sequence_type", "a sequence"), ("map_type", "a map"), ("opaque_type", "an opaque type"),
      ("sparse_tensor_type", "a sparse tensor"), ("optional_type", "an optional value"),
    ]
    let kinds = try JSONFields(
      type, read: ["tensor_type"] + others.map(\.0), ignored: ["denotation"])
    result.otherType = others.first { kinds[$0.0] != nil }?.1
    guard let tensor = kinds["tensor_type"] else { return result }
    let parts = try JSONFields(tensor, read: ["elem_type", "shape"])
    let elementType = try parts["elem_type"]?.enumerator(OnnxElement.names) ?? 0
    result.elementType = elementType == 0 ? nil : elementType
    if let shape = parts["shape"] {
      let fields = try JSONFields(shape, read: ["dim"])
      result.dimensions = []
      for dimension in try fields.array("dim") {
        result.dimensions?.append(try self.dimension(dimension))
      }
    }
    return result
  }

  private func dimension(_ value: JSONNode) throws(InputError) -> Dimension {
    let fields = try JSONFields(
      value, read: ["dim_value", "dim_param"], ignored: ["denotation"])
    if let value = fields["dim_value"] { return .dimension(try value.integer()) }
    let name = try fields["dim_param"]?.string() ?? ""
    return name.isEmpty ? .unknown : .symbolic(name)
  }

  /// A place with the name of what stands there, where it has one.
  private func place(_ value: JSONNode, _ name: String) -> String {
    value.path.description + (name.isEmpty ? "" : " " + named(name))
  }

  private func list<Element>(
    _ fields: JSONFields, _ field: String, _ read: (JSONNode) throws(InputError) -> Element
  ) throws(InputError) -> [Element] {
    guard let array = fields[field] else { return [] }
    var result: [Element] = []
    for index in 0..<(try array.count()) { result.append(try read(array.element(index))) }
    return result
  }

  private func bytes(_ value: JSONNode) throws(InputError) -> [UInt8] {
    switch Base64.decode(try value.string()) {
    case .success(let bytes): return bytes
    case .failure(let flaw):
      throw value.refusal("\(flaw.words) at character \(flaw.position)", "base64")
    }
  }

  /// A string that the format declares as bytes.
  private func text(_ value: JSONNode) throws(InputError) -> String {
    guard let text = String(validating: try bytes(value), as: UTF8.self) else {
      throw value.refusal("a string that is not UTF-8", "UTF-8 in base64")
    }
    return text
  }
}
