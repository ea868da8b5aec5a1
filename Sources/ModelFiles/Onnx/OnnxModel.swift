import NetworkGraph

/// An ONNX model as both of its forms, protobuf and JSON, are read: still in the format's terms,
/// with tensors decoded. `Graph.init(onnx:)` makes one graph of it, with one set of words.
struct OnnxModel {
  var irVersion: Int64 = 0
  var operatorSets: [(domain: String, version: Int64)] = []
  var functions: [(domain: String, name: String)] = []
  var hasTrainingInfo = false
  var graph = OnnxGraph()
}

struct OnnxGraph {
  var name = ""
  var nodes: [OnnxNode] = []
  var initializers: [OnnxConstant] = []
  var inputs: [OnnxValue] = []
  var outputs: [OnnxValue] = []
  var hasQuantization = false
}

struct OnnxNode {
  /// Where it stands, in the words of the file's form.
  var place: String
  var name: String
  var operatorType: String
  var domain: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [(name: String, value: Attribute)]
  /// The graphs of If, by the attribute's name.
  var branches: [(name: String, graph: OnnxGraph)] = []
}

/// A named constant of the graph.
struct OnnxConstant {
  var place: String
  var name: String
  var content: OnnxContent
}

/// A tensor, or the words for what it is instead.
enum OnnxContent {
  case tensor(Tensor)
  /// A tensor of texts, row-major: names of classes.
  case texts([String])
  /// A kind of tensor that no chain can use; it is refused only where it is used.
  case unsupported(String)

  /// The words for what is no tensor of numbers; nil for one of those.
  var kind: String? {
    switch self {
    case .tensor: nil
    case .texts: "a tensor of string"
    case .unsupported(let kind): kind
    }
  }

  /// The content as a node's attribute.
  var attribute: Attribute {
    switch self {
    case .tensor(let tensor): .tensor(tensor)
    case .texts(let texts): .strings(texts)
    case .unsupported(let kind): .unsupported(kind)
    }
  }
}

/// A declared input or output.
struct OnnxValue {
  var place: String
  var name: String
  /// `TensorProto.DataType`; nil where the file states none.
  var elementType: Int64?
  /// The words for a type that is no dense tensor ("a sequence").
  var otherType: String?
  var dimensions: [Dimension]?
}

/// The kinds of an attribute's value, with the numbers that the format gives them.
enum OnnxAttributeKind: Int64, CaseIterable {
  case float = 1
  case int, string, tensor, graph, floats, ints, strings, tensors, graphs
  case sparseTensor, sparseTensors, typeProto, typeProtos

  /// The format's name, as its JSON form writes it.
  var name: String {
    switch self {
    case .float: "FLOAT"
    case .int: "INT"
    case .string: "STRING"
    case .tensor: "TENSOR"
    case .graph: "GRAPH"
    case .floats: "FLOATS"
    case .ints: "INTS"
    case .strings: "STRINGS"
    case .tensors: "TENSORS"
    case .graphs: "GRAPHS"
    case .sparseTensor: "SPARSE_TENSOR"
    case .sparseTensors: "SPARSE_TENSORS"
    case .typeProto: "TYPE_PROTO"
    case .typeProtos: "TYPE_PROTOS"
    }
  }

  /// The field of `AttributeProto` that holds a value of this kind.
  var field: String {
    switch self {
    case .float: "f"
    case .int: "i"
    case .string: "s"
    case .tensor: "t"
    case .graph: "g"
    case .typeProto: "tp"
    default: name.lowercased()
    }
  }
}

/// The element types of the format, with the numbers that it gives them.
enum OnnxElement {
  /// The format's names, by number.
  static let names = [
    "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL",
    "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16",
    "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4", "INT4",
    "FLOAT4E2M1", "FLOAT8E8M0", "UINT2", "INT2", "FLOAT6E2M3", "FLOAT6E3M2",
  ]

  /// The type of that number, where constants of it can be read.
  static func type(_ number: Int64) -> ElementType? {
    switch number {
    case 1: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .bool
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  /// The words for a type, known or not.
  static func words(_ number: Int64) -> String {
    if let type = type(number) { return type.rawValue }
    if number > 0, number < names.count { return names[Int(number)].lowercased() }
    return "element type \(number)"
  }
}
