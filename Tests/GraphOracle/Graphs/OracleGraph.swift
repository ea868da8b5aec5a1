import NumberSupport

/// An element type, by its code in ONNX.
public enum OracleType: Int, Sendable, CaseIterable {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case bfloat16 = 16

  /// The types of real numbers.
  public static let floats: [OracleType] = [.float16, .bfloat16, .float32, .float64]

  /// The format of a type of real numbers; nil for integers.
  public var format: DeployedFormat? {
    switch self {
    case .float16: .binary16
    case .bfloat16: .bfloat16
    case .float32: .binary32
    case .float64: .binary64
    default: nil
    }
  }
}

/// A stored tensor; integers are held in binary64, too.
public struct OracleTensor: Sendable, Equatable {
  /// The dimensions; empty for a scalar.
  public var shape: [Int]
  /// The element type.
  public var type: OracleType
  /// The elements, row-major, each a number of the type.
  public var values: [Double]

  /// Creates a tensor; the values are rounded to the type.
  public init(_ shape: [Int], _ type: OracleType, _ values: [Double]) {
    precondition(shape.reduce(1, *) == values.count, "values do not fill the shape")
    (self.shape, self.type) = (shape, type)
    self.values = values.map { type.format?.rounded($0) ?? $0 }
  }
}

/// An attribute of a node.
public enum OracleAttribute: Sendable, Equatable {
  case int(Int)
  case float(Float)
  case string(String)
  case ints([Int])
  case floats([Float])
  case tensor(OracleTensor)
}

/// One operator application.
public struct OracleNode: Sendable, Equatable {
  /// The operator.
  public var op: String
  /// What is read; an omitted input is empty.
  public var inputs: [String]
  /// What is written.
  public var outputs: [String]
  /// The attributes, by name.
  public var attributes: [String: OracleAttribute]
  /// Whether it is no node of the file: a runtime that folds constants makes it.
  public var isFolding = false
  /// Whose operator it is; empty for ONNX's own.
  public var domain = ""

  /// Creates a node.
  public init(
    _ op: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [String: OracleAttribute] = [:], isFolding: Bool = false
  ) {
    (self.op, self.inputs, self.outputs) = (op, inputs, outputs)
    (self.attributes, self.isFolding) = (attributes, isFolding)
  }

  /// An integer attribute.
  public func int(_ name: String, _ standard: Int) -> Int {
    if case .int(let value) = attributes[name] { value } else { standard }
  }

  /// A number; attributes are of binary32.
  public func float(_ name: String, _ standard: Float) -> Double {
    if case .float(let value) = attributes[name] { Double(value) } else { Double(standard) }
  }

  /// A list of integers.
  public func ints(_ name: String) -> [Int]? {
    if case .ints(let values) = attributes[name] { values } else { nil }
  }

  /// A list of numbers; attributes are of binary32.
  public func floats(_ name: String) -> [Double] {
    if case .floats(let values) = attributes[name] { values.map { Double($0) } } else { [] }
  }

  /// A text.
  public func string(_ name: String, _ standard: String) -> String {
    if case .string(let value) = attributes[name] { value } else { standard }
  }
}

/// A small ONNX graph with one input and one output, nodes in order of evaluation.
public struct OracleGraph: Sendable, Equatable {
  /// The input's name is `x`.
  public static let input = "x"

  /// The input's element type.
  public var inputType: OracleType
  /// The input's dimensions.
  public var inputShape: [Int]
  /// The nodes.
  public var nodes: [OracleNode] = []
  /// The stored constants, by name.
  public var initializers: [String: OracleTensor] = [:]
  /// The value that is the result.
  public var output: String = OracleGraph.input
  /// The version of the operator set.
  public var opset: Int

  /// Creates a graph that computes nothing.
  public init(inputType: OracleType, inputShape: [Int], opset: Int) {
    (self.inputType, self.inputShape, self.opset) = (inputType, inputShape, opset)
  }

  /// The names of all values that depend on the input.
  public var dataNames: Set<String> {
    var names: Set = [OracleGraph.input]
    for node in nodes
    where node.op != "Shape" && node.op != "Size" && !names.isDisjoint(with: node.inputs) {
      names.formUnion(node.outputs)
    }
    return names
  }

  /// Without the nodes and constants that the output does not need.
  public var pruned: OracleGraph {
    var result = self
    var needed: Set = [output]
    result.nodes = []
    for node in nodes.reversed() where !needed.isDisjoint(with: node.outputs) {
      needed.formUnion(node.inputs)
      result.nodes.insert(node, at: 0)
    }
    result.initializers = initializers.filter { needed.contains($0.key) }
    return result
  }
}

extension OracleGraph: CustomStringConvertible {
  /// The graph as lines of text, with the numbers written so that they can be read back exactly.
  public var description: String {
    var lines = ["opset \(opset), x: \(inputType) \(inputShape)"]
    for (name, tensor) in initializers.sorted(by: { $0.key < $1.key }) {
      lines.append("\(name): \(tensor)")
    }
    for node in nodes {
      let attributes = node.attributes.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      lines.append(
        "\(node.outputs.joined(separator: ", ")) = \(node.op)(\(node.inputs.joined(separator: ", ")))"
          + " \(attributes)")
    }
    return lines.joined(separator: "\n") + "\noutput \(output)"
  }
}

extension OracleTensor: CustomStringConvertible {
  /// `float32 [2, 1] [1.0, 0.5]`.
  public var description: String { "\(type) \(shape) \(values)" }
}
