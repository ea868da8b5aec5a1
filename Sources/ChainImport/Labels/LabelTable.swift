import NetworkGraph

/// What LabelEncoder calls each of its keys, and everything else.
///
/// ONNX ai.onnx.ml: version 1 has a list of texts, each the partner of its position; version 2 has keys and
/// values by their types, and version 4 as tensors, too.
struct LabelTable {
  private var values: [ClassName: ClassName] = [:]
  private let standard: ClassName

  /// - Parameter name: one of those that are looked up, which tells what version 1 maps to what.
  init(_ node: Node, for name: ClassName) throws(NodeRefusal) {
    let pairs: [(ClassName, ClassName)]
    if let texts = try LabelOperators.list(["classes_strings"], of: node) {
      let places = texts.indices.map { ClassName.whole(Int64($0)) }
      pairs = Array(name.isText ? zip(texts, places) : zip(places, texts))
    } else {
      func list(_ role: String) throws(NodeRefusal) -> [ClassName] {
        let kinds = ["tensor", "strings", "int64s", "floats"]
        guard let names = try LabelOperators.list(kinds.map { "\(role)_\($0)" }, of: node) else {
          throw NodeRefusal("its \(role) are missing; expected a table of names")
        }
        return names
      }
      let (keys, values) = (try list("keys"), try list("values"))
      guard keys.count == values.count else {
        throw NodeRefusal(
          "has \(keys.count) keys and \(values.count) values; expected a value for each key")
      }
      pairs = Array(zip(keys, values))
    }
    guard let first = pairs.first, first.0.isText == name.isText else {
      throw NodeRefusal("has no keys of the type of what is looked up; expected a table of names")
    }
    standard = try Self.standard(of: node, texts: first.1.isText)
    for (key, value) in pairs {
      // Nothing says which of two values counts.
      if let other = values.updateValue(value, forKey: key), other != value {
        throw NodeRefusal(
          "has the values \(other.words) and \(value.words) for \(key.words); expected one for each key"
        )
      }
    }
  }

  subscript(name: ClassName) -> ClassName { values[name] ?? standard }

  /// What is not among the keys becomes this.
  private static func standard(of node: Node, texts: Bool) throws(NodeRefusal) -> ClassName {
    if let given = try LabelOperators.list(["default_tensor"], of: node) {
      guard given.count == 1 else {
        throw NodeRefusal("its default_tensor has \(given.count) elements; expected one")
      }
      return given[0]
    }
    if texts {
      guard case .string(let text) = node.attributes["default_string"] else {
        return .text("_Unused")
      }
      return .text(text)
    }
    let ofFloats = node.attributes["values_floats"] != nil || Self.holdsFloats(node)
    switch node.attributes[ofFloats ? "default_float" : "default_int64"] {
    case .int(let value): return .whole(value)
    case .float(let value): return ClassName(value) ?? .text("NaN")
    default: return .whole(ofFloats ? 0 : -1)
    }
  }

  private static func holdsFloats(_ node: Node) -> Bool {
    guard case .tensor(let tensor) = node.attributes["values_tensor"] else { return false }
    return tensor.elementType.isFloatingPoint
  }
}

extension ClassName {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }
}

extension ChainBuilder {
  /// A class behind a node that keeps it one, with the names that the node gives.
  func relabelled(
    _ label: ClassLabel, by call: OperatorCall, at index: Int
  ) throws(NodeRefusal) -> ClassLabel {
    let node = call.node
    let count = label.data.shape.reduce(1, *)
    var result = label
    func names() throws(NodeRefusal) -> [ClassName] {
      try budget.take(count)
      if let names = label.names { return names }
      return (0..<count).map { .whole(Int64($0)) }
    }
    switch node.operatorType {
    case "Cast":
      result.names = try LabelOperators.cast(try names(), by: call)
    case "LabelEncoder":
      let names = try names()
      guard let first = names.first else { return label }
      let table = try LabelTable(node, for: first)
      result.names = names.map { table[$0] }
    case "ArrayFeatureExtractor" where index == 1, "Gather" where index == 1 && isRow(call):
      let table = try self.table(of: call)
      result.names = try names().map { name throws(NodeRefusal) in
        guard case .whole(let number) = name, let place = Int(exactly: number),
          table.indices.contains(place)
        else {
          throw NodeRefusal(
            "looks up class \(name.words) in a table of \(table.count); expected a name for each")
        }
        return table[place]
      }
    case "Gather":
      throw NodeRefusal(
        index == 1
          ? "looks up a class in a table that is no row of names"
          : "chooses among classes; expected one for each example")
    default: return label
    }
    result.namer = node
    return result
  }

  /// Whether Gather picks from one row.
  private func isRow(_ call: OperatorCall) -> Bool {
    guard let table = try? call.constant(0, "table") else { return false }
    return table.shape.count == 1
  }

  /// The one row of names that ArrayFeatureExtractor or Gather picks from.
  private func table(of call: OperatorCall) throws(NodeRefusal) -> [ClassName] {
    if let constant = try? call.constant(0, "table") {
      guard constant.isExact, constant.count == constant.shape.last ?? 0 else {
        throw NodeRefusal(
          "its table '\(constant.name)' is \(shapeText(constant.shape)), or computed; expected a stored row of"
            + " names")
      }
      return try LabelOperators.names(constant.elements, in: constant.name)
    }
    let name = call.node.inputs.first ?? ""
    guard let names = texts[name] else {
      throw NodeRefusal(
        "'\(name)' is \(unusableConstants[name] ?? "not known"); expected a row of numbers or of texts"
      )
    }
    return names.map(ClassName.text)
  }
}
