import NetworkGraph

/// Operators that turn logits into labels behind the end of a chain.
enum LabelOperators {
  /// Operators of the classical-learning domain that only dress up a result.
  static let tail: Set = ["ZipMap", "ArrayFeatureExtractor", "LabelEncoder"]
  /// Operators that keep a label a label.
  static let onLabels: Set = [
    "Cast", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten", "ArrayFeatureExtractor",
    "Gather", "LabelEncoder",
  ]

  /// The names that LinearClassifier and ZipMap give to classes; nil where they give none.
  static func names(of node: Node) throws(NodeRefusal) -> [ClassName]? {
    try list(["classlabels_ints", "classlabels_int64s", "classlabels_strings"], of: node)
  }

  /// The one of several attributes that is there, as names.
  static func list(
    _ attributes: [String], of node: Node
  ) throws(NodeRefusal) -> [ClassName]? {
    let present = attributes.filter { node.attributes[$0] != nil }
    guard let name = present.first else { return nil }
    guard present.count == 1 else {
      throw NodeRefusal("has both \(present[0]) and \(present[1]); expected one of them")
    }
    switch node.attributes[name] {
    case .ints(let values): return values.map(ClassName.whole)
    case .floats(let values): return try numbers(values, in: name)
    case .strings(let values): return values.map(ClassName.text)
    case .tensor(let tensor): return try names(tensor.elements, in: name)
    default: throw NodeRefusal("attribute '\(name)' is no list of numbers or texts")
    }
  }

  static func names(
    _ elements: Tensor.Elements, in place: String
  ) throws(NodeRefusal) -> [ClassName] {
    switch elements {
    case .integer(let values): values.map(ClassName.whole)
    case .float(let values): try numbers(values.map(Double.init), in: place)
    case .double(let values): try numbers(values, in: place)
    }
  }

  private static func numbers(
    _ values: [Double], in place: String
  ) throws(NodeRefusal) -> [ClassName] {
    try values.map { value throws(NodeRefusal) in
      guard let name = ClassName(value) else {
        throw NodeRefusal("'\(place)' holds a NaN; expected names of classes")
      }
      return name
    }
  }

  /// What a Cast makes of names; code 8 is the format's for texts.
  static func cast(
    _ names: [ClassName], by call: OperatorCall
  ) throws(NodeRefusal) -> [ClassName] {
    let type = try call.int("to", default: 0) == 8 ? nil : try call.castTarget()
    return try names.map { name throws(NodeRefusal) in
      guard let result = type.map(name.cast) ?? name.spelled else {
        throw NodeRefusal(
          "casts the name \(name.words) of a class to \(type?.rawValue ?? "string"); expected a type that"
            + " has it")
      }
      return result
    }
  }
}
