import FileAccess
import JSONFiles
import NetworkGraph

/// Reads this program's own weight file: an ordered list of layers with their arrays.
///
///     {"format": "certify-weights", "version": 1, "dtype": "float32",
///      "input": {"shape": [1, 28, 28]},
///      "layers": [{"type": "conv2d", "weights": [[[[0.1, ...]]]], "bias": [0.5], "stride": 2,
///                  "padding": 1},
///                 {"type": "relu"}, {"type": "flatten"},
///                 {"type": "dense", "weights": [[0.2, ...]], "bias": [-0.1]}]}
///
/// Every node of the graph is named after its layer's place, `layers[3]`, so that whatever is said
/// of it later speaks of a place in the user's file.
struct PlainWeights {
  private var builder: GraphBuilder
  private let arrays: JSONArrays
  /// The shape of the value that the next layer reads, as far as the layers before it fit: what does not is
  /// refused with the graph.
  private var shape: [Int]
  private var rank: Int { shape.count }

  static func read(
    _ root: JSONNode, limits: ModelLimits
  ) throws(InputError) -> (graph: Graph, notes: [String]) {
    let fields = try JSONFields(
      root, read: ["format", "version", "name", "dtype", "input", "layers"], spelling: .exact)
    let format = try fields.required("format", of: root)
    guard try format.string() == "certify-weights" else {
      throw format.refusal(named(try format.string()), "'certify-weights'")
    }
    let version = try fields.required("version", of: root)
    guard try version.integer() == 1 else { throw version.refusal(version.words, "1") }
    let arrays = JSONArrays(elementType: try elementType(fields["dtype"]))
    let input = try fields.required("input", of: root)
    let shapeValue = try JSONFields(input, read: ["shape"], spelling: .exact)
      .required("shape", of: input)
    let shape = try arrays.shape(shapeValue, limit: limits.tensorElements)
    let layers = try fields.required("layers", of: root)
    guard try layers.count() > 0 else { throw layers.refusal("no layers", "at least one") }
    try limits.checkNodes(
      layers.count(), "layer", file: root.file, place: layers.path.description)
    var reader = PlainWeights(
      builder: GraphBuilder(inputShape: shape, elementType: arrays.elementType), arrays: arrays,
      shape: shape)
    for (index, layer) in try layers.elements().enumerated() {
      try reader.layer(layer, name: "layers[\(index)]")
    }
    return (reader.builder.graph(name: try fields["name"]?.string() ?? ""), [])
  }

  private static func elementType(_ value: JSONNode?) throws(InputError) -> ElementType {
    guard let value else { return .float64 }
    switch try value.string() {
    case "float32": return .float32
    case "float64": return .float64
    case let other: throw value.refusal(named(other), "'float32' or 'float64'")
    }
  }

  private mutating func layer(_ layer: JSONNode, name: String) throws(InputError) {
    let type = try JSONFields(layer, read: ["type"], spelling: .exact, ignoresOthers: true)
      .required("type", of: layer)
    switch try type.string() {
    case "dense": try dense(layer, name)
    case "conv2d": try convolution(layer, name)
    case "avgpool2d": try averagePooling(layer, name)
    case "normalize": try normalization(layer, name)
    case "batchnorm": try batchNormalization(layer, name)
    case "relu":
      _ = try JSONFields(layer, read: ["type"], spelling: .exact)
      builder.add("Relu", name: name)
    case "flatten":
      _ = try JSONFields(layer, read: ["type"], spelling: .exact)
      builder.add("Flatten", name: name, attributes: ["axis": .int(1)])
      shape = [shape.reduce(1, &*)]
    case let other:
      throw type.refusal(
        named(other), "one of dense, conv2d, avgpool2d, normalize, batchnorm, relu, flatten")
    }
  }

  private mutating func dense(_ layer: JSONNode, _ name: String) throws(InputError) {
    let fields = try JSONFields(layer, read: ["type", "weights", "bias"], spelling: .exact)
    guard rank == 1 else {
      throw layer.refusal(
        "a dense layer after \(counted(rank, "dimension"))", "1",
        remedy: "put {\"type\": \"flatten\"} before it")
    }
    let weights = try arrays.tensor(fields.required("weights", of: layer), rank: 2)
    var constants = [("\(name).weights", weights)]
    if let bias = fields["bias"] {
      constants.append(("\(name).bias", try arrays.vector(bias, count: weights.shape[0])))
    }
    builder.add("Gemm", name: name, constants: constants, attributes: ["transB": .int(1)])
    shape = [weights.shape[0]]
  }

  private mutating func convolution(_ layer: JSONNode, _ name: String) throws(InputError) {
    let fields = try JSONFields(
      layer, read: ["type", "weights", "bias", "stride", "padding", "dilation", "groups"],
      spelling: .exact)
    try requireImage(layer)
    let weightsValue = try fields.required("weights", of: layer)
    let weights = try arrays.tensor(weightsValue, rank: 4)
    var constants = [("\(name).weights", weights)]
    if let bias = fields["bias"] {
      constants.append(("\(name).bias", try arrays.vector(bias, count: weights.shape[0])))
    }
    let groups = try fields["groups"].map { (value) throws(InputError) in
      try arrays.integer(value, from: 1)
    }
    if let groups, !weights.shape[0].isMultiple(of: Int(groups)) {
      throw weightsValue.refusal(
        counted(weights.shape[0], "output channel"), "a multiple of the \(groups) groups")
    }
    let strides = try arrays.pair(fields["stride"], from: 1) ?? [1, 1]
    let pads = try arrays.padding(fields["padding"])
    let dilations = try arrays.pair(fields["dilation"], from: 1) ?? [1, 1]
    builder.add(
      "Conv", name: name, constants: constants,
      attributes: [
        "strides": .ints(strides), "pads": .ints(pads), "dilations": .ints(dilations),
        "group": .int(groups ?? 1),
      ])
    slide(weights.shape.suffix(2).map(Int64.init), strides, pads, dilations)
    shape[0] = weights.shape[0]
  }

  /// The shape behind a window that slides over images.
  private mutating func slide(
    _ kernel: [Int64], _ strides: [Int64], _ pads: [Int64], _ dilations: [Int64] = [1, 1]
  ) {
    for axis in 0..<2 {
      let room = Int64(shape[axis + 1]) + pads[axis] + pads[axis + 2]
      let window = dilations[axis] &* (kernel[axis] - 1) + 1
      shape[axis + 1] = Int((room - window) / strides[axis]) + 1
    }
  }

  private mutating func averagePooling(_ layer: JSONNode, _ name: String) throws(InputError) {
    let fields = try JSONFields(
      layer, read: ["type", "kernel", "stride", "padding", "count_include_pad"], spelling: .exact)
    try requireImage(layer)
    let kernel = try arrays.pair(try fields.required("kernel", of: layer), from: 1) ?? [1, 1]
    let countsPadding = try fields["count_include_pad"]?.bool() ?? true
    let strides = try arrays.pair(fields["stride"], from: 1) ?? kernel
    let pads = try arrays.padding(fields["padding"])
    builder.add(
      "AveragePool", name: name,
      attributes: [
        "kernel_shape": .ints(kernel),
        "strides": .ints(strides), "pads": .ints(pads),
        "count_include_pad": .int(countsPadding ? 1 : 0),
      ])
    slide(kernel, strides, pads)
  }

  /// `(x - mean) / std`, one value or one a channel.
  private mutating func normalization(_ layer: JSONNode, _ name: String) throws(InputError) {
    let fields = try JSONFields(layer, read: ["type", "mean", "std"], spelling: .exact)
    let meanValue = try fields.required("mean", of: layer)
    var mean = try arrays.scalarOrVector(meanValue)
    let stdValue = try fields.required("std", of: layer)
    var std = try arrays.scalarOrVector(stdValue)
    if let index = std.doubles.firstIndex(where: { $0 <= 0 }) {
      let place = stdValue.isArray ? stdValue.element(index) : stdValue
      throw place.refusal(place.words, "a number > 0")
    }
    if mean.count > 1, std.count > 1, mean.count != std.count {
      throw stdValue.refusal(counted(std.count, "value"), "\(mean.count), as in 'mean'")
    }
    // More numbers than channels would make the data larger.
    for (value, node) in [(mean, meanValue), (std, stdValue)]
    where value.count != 1 && value.count != shape[0] {
      throw node.refusal(
        counted(value.count, "value"),
        shape[0] == 1 ? "1: there is 1 channel" : "1, or 1 for each of \(shape[0]) channels")
    }
    // A channel is the first dimension of an example; the others are broadcast.
    let ones = [Int](repeating: 1, count: max(rank - 1, 0))
    mean.shape += mean.shape.isEmpty ? [] : ones
    std.shape += std.shape.isEmpty ? [] : ones
    builder.add(
      "Sub", name: name, output: "difference of \(name)", constants: [("\(name).mean", mean)])
    builder.add("Div", name: name, constants: [("\(name).std", std)])
  }

  private mutating func batchNormalization(
    _ layer: JSONNode, _ name: String
  ) throws(InputError) {
    let fields = try JSONFields(
      layer, read: ["type", "gamma", "beta", "mean", "var", "epsilon"], spelling: .exact)
    let mean = try arrays.tensor(fields.required("mean", of: layer), rank: 1)
    var constants: [(String, Tensor)] = []
    for key in ["gamma", "beta"] {
      let tensor = try arrays.vector(fields.required(key, of: layer), count: mean.count)
      constants.append(("\(name).\(key)", tensor))
    }
    constants.append(("\(name).mean", mean))
    let variance = try fields.required("var", of: layer)
    constants.append(("\(name).var", try arrays.vector(variance, count: mean.count)))
    let epsilon = try fields["epsilon"]?.float() ?? 1e-5
    guard epsilon >= 0 else { throw layer.refusal("epsilon \(epsilon)", "a number >= 0") }
    builder.add(
      "BatchNormalization", name: name, constants: constants,
      attributes: ["epsilon": .float(Double(epsilon))])
  }

  private func requireImage(_ layer: JSONNode) throws(InputError) {
    if rank != 3 {
      throw layer.refusal(
        "a layer for images after \(counted(rank, "dimension"))",
        "3: channels, height, width")
    }
  }
}
