/// A network as a file describes it: named nodes over named values, before any judgement.
///
/// Every importer produces this and nothing else; only `ReLUChain` decides what may be certified.
public struct Graph: Sendable, Equatable {
  /// The graph's own name; may be empty.
  public var name: String
  /// The declared inputs, initialisers excluded.
  public var inputs: [ValueInfo]
  /// The declared outputs.
  public var outputs: [ValueInfo]
  /// The constants, by value name.
  public var initializers: [String: Tensor]
  /// The nodes, in the file's order.
  public var nodes: [Node]
  /// The version of the default operator set, which decides what attributes and inputs mean.
  public var opsetVersion: Int
  /// Constants that are no tensors of numbers (of strings, say), by value name: what each is.
  public var unusableConstants: [String: String]
  /// The elements, row-major, of those of them that hold texts, by value name.
  public var texts: [String: [String]]

  /// Creates a graph from its parts.
  public init(
    name: String, inputs: [ValueInfo], outputs: [ValueInfo], initializers: [String: Tensor],
    nodes: [Node], opsetVersion: Int, unusableConstants: [String: String] = [:],
    texts: [String: [String]] = [:]
  ) {
    self.name = name
    (self.inputs, self.outputs) = (inputs, outputs)
    (self.initializers, self.nodes) = (initializers, nodes)
    (self.opsetVersion, self.unusableConstants) = (opsetVersion, unusableConstants)
    self.texts = texts
  }
}

/// One operator application.
public struct Node: Sendable, Equatable {
  /// The file's name for the node, or `<operator>#<position>` where it has none.
  public var name: String
  /// `Gemm`, `Conv`, `Relu`, ...
  public var operatorType: String
  /// The operator's domain; empty for the standard one (`ai.onnx` is normalised to empty).
  public var domain: String
  /// The names of the values read; an omitted optional input is the empty string.
  public var inputs: [String]
  /// The names of the values written.
  public var outputs: [String]
  /// The attributes, by name.
  public var attributes: [String: Attribute]
  /// The graphs that the node may run, by name: `then_branch`, `else_branch`. They may read whatever
  /// value the node could.
  public var branches: [String: Graph]

  /// Creates a node from its parts.
  public init(
    name: String, operatorType: String, domain: String = "", inputs: [String], outputs: [String],
    attributes: [String: Attribute] = [:], branches: [String: Graph] = [:]
  ) {
    (self.name, self.operatorType) = (name, operatorType)
    (self.domain, self.inputs) = (domain, inputs)
    (self.outputs, self.attributes, self.branches) = (outputs, attributes, branches)
  }

  /// The names of all values that the node reads: its inputs, and what its branches take from outside.
  public var reads: [String] { inputs + branches.values.flatMap(\.reads).sorted() }
}

extension Graph {
  /// The names that its nodes and outputs read, and that it does not make itself.
  var reads: [String] {
    var own = Set(initializers.keys).union(inputs.map(\.name))
    for node in nodes { own.formUnion(node.outputs) }
    let read = Set(nodes.flatMap(\.reads) + outputs.map(\.name))
    return read.subtracting(own).filter { !$0.isEmpty }.sorted()
  }
}

/// The value of a node's attribute.
public enum Attribute: Sendable, Equatable {
  case int(Int64)
  /// A binary32 in the file; widened exactly.
  case float(Double)
  case string(String)
  case ints([Int64])
  case floats([Double])
  /// Also the elements of a tensor of texts.
  case strings([String])
  case tensor(Tensor)
  /// A kind that no supported operator takes (graphs, sparse tensors); holds the kind's name.
  case unsupported(String)
}

/// The declared type of a graph's input or output.
public struct ValueInfo: Sendable, Equatable {
  /// The value's name.
  public var name: String
  /// The element type, where the file states one.
  public var elementType: ElementType?
  /// The dimensions, where the file states them; empty for a scalar.
  public var dimensions: [Dimension]?

  /// Creates a declaration from its parts.
  public init(name: String, elementType: ElementType?, dimensions: [Dimension]?) {
    (self.name, self.elementType, self.dimensions) = (name, elementType, dimensions)
  }
}

/// One declared dimension.
public enum Dimension: Sendable, Equatable {
  case fixed(Int)
  case symbolic(String)
  /// Neither a value nor a name.
  case unknown
}
