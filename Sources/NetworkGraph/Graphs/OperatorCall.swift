/// One node with what is known of its inputs: typed access to attributes and constant inputs.
///
/// Every accessor refuses what has the wrong kind, so that no operator has to.
public struct OperatorCall: Sendable {
  /// The node.
  public var node: Node
  /// The version of the default operator set.
  public var opsetVersion: Int
  /// Parallel to `node.inputs`: the constant, or nil where the input is omitted or is data.
  public var constants: [Constant?]
  /// The format of a deployed network, in which constants may be computed, too; nil for the types of
  /// the file alone.
  public var deployed: FloatFormat?

  /// Creates a call.
  public init(
    node: Node, opsetVersion: Int, constants: [Constant?], deployed: FloatFormat? = nil
  ) {
    (self.node, self.opsetVersion) = (node, opsetVersion)
    (self.constants, self.deployed) = (constants, deployed)
  }

  /// The name of the first output; empty where there is none.
  public var outputName: String { node.outputs.first ?? "" }

  /// Whether an input is present, constant or not.
  public func hasInput(_ index: Int) -> Bool {
    node.inputs.indices.contains(index) && !node.inputs[index].isEmpty
  }

  /// A constant input; nil where it is omitted.
  public func optionalConstant(_ index: Int, _ role: String) throws(NodeRefusal) -> Constant? {
    guard hasInput(index) else { return nil }
    guard index < constants.count, let constant = constants[index] else {
      throw NodeRefusal("its \(role) depends on the network's input; expected a constant")
    }
    return constant
  }

  /// A constant input that must be there.
  public func constant(_ index: Int, _ role: String) throws(NodeRefusal) -> Constant {
    guard let constant = try optionalConstant(index, role) else {
      throw NodeRefusal("its \(role) (input \(index)) is missing")
    }
    return constant
  }

  /// A list of integers that later versions of an operator take as an input, earlier ones as an
  /// attribute; nil where it is given in neither way.
  public func integers(input index: Int, attribute: String) throws(NodeRefusal) -> [Int]? {
    guard let constant = try optionalConstant(index, attribute) else {
      return try ints(attribute)
    }
    guard let values = constant.integers else {
      throw NodeRefusal(
        "\(attribute) '\(constant.name)' is \(constant.elementType.rawValue); expected integers")
    }
    return values
  }

  /// A single number that later versions take as an input, earlier ones as an attribute.
  public func number(input index: Int, attribute: String) throws(NodeRefusal) -> Double? {
    if let constant = try optionalConstant(index, attribute) {
      guard constant.count == 1, constant.elementType.isFloatingPoint else {
        throw NodeRefusal(
          "\(attribute) '\(constant.name)' is \(constant.elementType.rawValue)"
            + " \(shapeText(constant.shape)); expected one number")
      }
      try checkHeld(constant, as: attribute)
      guard readsExactly(constant) else {
        throw NodeRefusal("\(attribute) '\(constant.name)' is computed; expected a stored number")
      }
      return constant.doubles[0]
    }
    guard node.attributes[attribute] != nil else { return nil }
    return try float(attribute, default: 0)
  }
}

extension OperatorCall {
  /// Refuses an operator of a set before 7 that is not marked as exported for inference.
  public func checkInferenceFlag() throws(NodeRefusal) {
    guard opsetVersion < 7, try !flag("is_test") else { return }
    throw NodeRefusal("is_test is 0; expected a network exported for inference")
  }

  private func mismatch(_ name: String, _ expected: String) -> NodeRefusal {
    let found =
      switch node.attributes[name] {
      case .int(let value): "the integer \(value)"
      case .float(let value): "the number \(value)"
      case .string: "a string"
      case .ints(let values): "\(values.count) integers"
      case .floats(let values): "\(values.count) numbers"
      case .strings(let values): "\(values.count) strings"
      case .tensor: "a tensor"
      case .unsupported(let kind): kind
      case nil: "missing"
      }
    return NodeRefusal("attribute '\(name)' is \(found); expected \(expected)")
  }

  /// An integer attribute.
  public func int(_ name: String, default standard: Int) throws(NodeRefusal) -> Int {
    switch node.attributes[name] {
    case nil: return standard
    case .int(let value): return Int(value)
    default: throw mismatch(name, "an integer")
    }
  }

  /// An attribute that is 0 or 1.
  public func flag(_ name: String, default standard: Bool = false) throws(NodeRefusal) -> Bool {
    let value = try int(name, default: standard ? 1 : 0)
    guard value == 0 || value == 1 else { throw mismatch(name, "0 or 1") }
    return value == 1
  }

  /// A list of integers; nil where the attribute is absent.
  public func ints(_ name: String) throws(NodeRefusal) -> [Int]? {
    switch node.attributes[name] {
    case nil: return nil
    case .ints(let values): return values.map(Int.init)
    default: throw mismatch(name, "integers")
    }
  }

  /// A finite or infinite number; NaN is refused.
  public func float(_ name: String, default standard: Double) throws(NodeRefusal) -> Double {
    switch node.attributes[name] {
    case nil: return standard
    case .float(let value) where !value.isNaN: return value
    default: throw mismatch(name, "a number")
    }
  }

  /// A string attribute.
  public func string(_ name: String, default standard: String) throws(NodeRefusal) -> String {
    switch node.attributes[name] {
    case nil: return standard
    case .string(let value): return value
    default: throw mismatch(name, "a string")
    }
  }

  /// A tensor; nil where the attribute is absent.
  public func tensor(_ name: String) throws(NodeRefusal) -> Tensor? {
    switch node.attributes[name] {
    case nil: return nil
    case .tensor(let tensor): return tensor
    default: throw mismatch(name, "a tensor")
    }
  }
}
