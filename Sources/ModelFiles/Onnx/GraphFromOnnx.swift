import FileAccess
import NetworkGraph

/// The oldest and newest versions of the default operator set that this program was written for.
let knownOperatorSets: ClosedRange<Int64> = 7...28

/// Makes the graph of an ONNX model, whichever form it was written in.
struct GraphFromOnnx {
  let file: String
  let model: OnnxModel
  /// What the user should know: what was left out, and what could differ.
  private(set) var notes: [String] = []
  /// What onnxruntime joined, and the names between its parts.
  private var fused: FusedOperators

  init(_ model: OnnxModel, file: String) {
    (self.model, self.file) = (model, file)
    fused = FusedOperators(names: model.graph.valueNames)
  }

  mutating func graph() throws(InputError) -> Graph {
    let version = try operatorSetVersion()
    try refuseFunctions()
    try checkNames(of: model.graph, within: [:])
    if model.hasTrainingInfo { notes.append("training information is ignored") }
    if model.graph.hasQuantization { notes.append("quantization annotations are ignored") }
    let result = try graph(of: model.graph, version)
    if !fused.found.isEmpty {
      let names = fused.found.sorted().joined(separator: ", ")
      notes.append("operators that onnxruntime joined (\(names)) read as their parts")
    }
    return result
  }

  private mutating func graph(of graph: OnnxGraph, _ version: Int) throws(InputError) -> Graph {
    var parsed: [Node] = []
    for (position, node) in graph.nodes.enumerated() {
      parsed.append(try self.node(node, position: position, version))
    }
    let constants = Set(graph.initializers.map(\.name))
    let inputs = try graph.inputs.filter { !constants.contains($0.name) }.map {
      (value) throws(InputError) in try self.value(value, isInput: true)
    }
    let outputs = try graph.outputs.map {
      (value) throws(InputError) in try self.value(value, isInput: false)
    }
    var initializers: [String: Tensor] = [:]
    var texts: [String: [String]] = [:]
    for constant in graph.initializers {
      switch constant.content {
      case .tensor(let tensor): initializers[constant.name] = tensor
      case .texts(let values): texts[constant.name] = values
      case .unsupported: break
      }
    }
    let nodes = parsed.flatMap {
      fused.parts(of: $0, known: initializers, opsetVersion: version)
    }
    initializers.merge(fused.takeConstants()) { own, _ in own }
    return Graph(
      name: graph.name, inputs: inputs, outputs: outputs, initializers: initializers,
      nodes: nodes, opsetVersion: version,
      unusableConstants: unusableConstants(of: graph, readBy: nodes), texts: texts)
  }

  /// `ai.onnx` is the long name of the default domain.
  private func normalized(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

  private mutating func operatorSetVersion() throws(InputError) -> Int {
    let versions = model.operatorSets.filter { normalized($0.domain).isEmpty }.map(\.version)
    guard let version = versions.last, version >= 1, let result = Int(exactly: version) else {
      throw InputError(
        file: file, place: "opset_import",
        found: versions.last.map { "version \($0) of the default operator set" }
          ?? "no version of the default operator set",
        expected: "one version, 1 or above")
    }
    if Set(versions).count > 1 {
      let found = versions.map { "\($0)" }.joined(separator: ", ")
      notes.append(
        "the default operator set is imported as \(found); \(version) is meant, as in onnxruntime")
    }
    if !knownOperatorSets.contains(version) {
      notes.append(
        "operator set \(version); this program knows \(knownOperatorSets.lowerBound) to "
          + "\(knownOperatorSets.upperBound)")
    }
    return result
  }

  /// A call of a function that the file itself defines is no operator of this program's.
  private func refuseFunctions() throws(InputError) {
    let functions = Set(model.functions.map { "\(normalized($0.domain))::\($0.name)" })
    if functions.isEmpty { return }
    let calls = model.graph.nodes.filter {
      functions.contains("\(normalized($0.domain))::\($0.operatorType)")
    }
    guard let first = calls.first else { return }
    throw InputError(
      file: file, place: first.place,
      found: "a call of a function that the model defines (one of \(counted(calls.count, "call")))",
      expected: "operators of the default set",
      remedy: "inline the functions first: onnx.inliner.inline_local_functions(model)")
  }

  /// Every value has one origin, or the graph has no meaning; a branch sees the names around it.
  private func checkNames(
    of graph: OnnxGraph, within outer: [String: String]
  ) throws(InputError) {
    var origins = outer
    func declare(_ name: String, _ place: String) throws(InputError) {
      if let other = origins.updateValue(place, forKey: name) {
        throw InputError(
          file: file, place: place, found: "value \(named(name)), which \(other) defines too",
          expected: "one definition of each value")
      }
    }
    for constant in graph.initializers {
      if constant.name.isEmpty {
        throw InputError(
          file: file, place: constant.place, found: "no name", expected: "a name to refer to it")
      }
      try declare(constant.name, constant.place)
    }
    // Up to version 3 of the format every initializer was listed as an input too.
    let constants = Set(graph.initializers.map(\.name))
    for input in graph.inputs where !constants.contains(input.name) {
      try declare(input.name, input.place)
    }
    for node in graph.nodes {
      for output in node.outputs where !output.isEmpty { try declare(output, node.place) }
    }
    for branch in graph.nodes.flatMap(\.branches) {
      try checkNames(of: branch.graph, within: origins)
    }
  }

  /// Constants that no chain can use: those that nothing reads are dropped, and the validation of
  /// the chain names the others together with all its other reasons.
  private mutating func unusableConstants(
    of graph: OnnxGraph, readBy nodes: [Node]
  ) -> [String: String] {
    var used = Set(nodes.flatMap(\.reads))
    used.formUnion(graph.outputs.map(\.name))
    var kinds: [String: String] = [:]
    for constant in graph.initializers {
      guard let kind = constant.content.kind else { continue }
      if used.contains(constant.name) {
        kinds[constant.name] = kind
      } else {
        notes.append("\(constant.place) is \(kind) that nothing reads; ignored")
      }
    }
    return kinds
  }

  private mutating func node(
    _ node: OnnxNode, position: Int, _ version: Int
  ) throws(InputError) -> Node {
    if node.operatorType.isEmpty {
      throw InputError(file: file, place: node.place, found: "no operator", expected: "op_type")
    }
    var attributes: [String: Attribute] = [:]
    for (name, value) in node.attributes {
      if attributes.updateValue(value, forKey: name) != nil {
        throw InputError(
          file: file, place: node.place, found: "two attributes \(named(name))", expected: "one")
      }
    }
    var branches: [String: Graph] = [:]
    for branch in node.branches {
      if branches.updateValue(try graph(of: branch.graph, version), forKey: branch.name) != nil {
        throw InputError(
          file: file, place: node.place, found: "two attributes \(named(branch.name))",
          expected: "one")
      }
    }
    return Node(
      name: node.name.isEmpty ? "\(node.operatorType)#\(position)" : node.name,
      operatorType: node.operatorType, domain: normalized(node.domain), inputs: node.inputs,
      outputs: node.outputs, attributes: attributes, branches: branches)
  }

  private func value(_ value: OnnxValue, isInput: Bool) throws(InputError) -> ValueInfo {
    let type = value.elementType.flatMap { OnnxElement.type($0) }
    if isInput {
      let unusable =
        value.otherType
        ?? value.elementType.flatMap {
          type == nil ? "a tensor of \(OnnxElement.words($0))" : nil
        }
      if let unusable {
        throw InputError(
          file: file, place: value.place, found: unusable, expected: "a tensor of numbers")
      }
    }
    return ValueInfo(name: value.name, elementType: type, dimensions: value.dimensions)
  }
}
