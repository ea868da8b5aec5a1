import FileAccess
import NetworkGraph

/// Reads `.nnet`, the text format of the ACAS Xu networks.
///
/// After comment lines that start with `//`, numbers in lines, separated by commas:
/// 1. number of layers, of inputs, of outputs, largest layer; 2. the size of every layer, the input
/// first; 3. a flag that is no longer used; 4., 5. the least and greatest value of each input;
/// 6., 7. the mean and range of each input, and one for all outputs; then for each layer one line a
/// row of weights and one line a bias. The network computes
/// `range_out * net((x - mean) / range) + mean_out`, with a ReLU between layers.
struct NNetFile {
  private let file: String
  private let bytes: [UInt8]
  private let limits: ModelLimits
  private var at = 0
  private var line = 0

  static func read(
    _ bytes: [UInt8], file: String, limits: ModelLimits
  ) throws(InputError) -> (graph: Graph, notes: [String]) {
    var reader = NNetFile(bytes, file: file, limits: limits)
    return try reader.network()
  }

  private init(_ bytes: [UInt8], file: String, limits: ModelLimits) {
    self.bytes = bytes
    self.file = file
    self.limits = limits
  }

  private mutating func network() throws(InputError) -> (graph: Graph, notes: [String]) {
    let sizes = try layerSizes()
    let inputs = sizes[0]
    _ = try nextLine("the flag of line 3")
    _ = try numbers(inputs, "the least value of each input")
    _ = try numbers(inputs, "the greatest value of each input")
    let means = try numbers(inputs + 1, "the mean of each input and of the outputs")
    let ranges = try numbers(inputs + 1, "the range of each input and of the outputs")
    if let zero = ranges.firstIndex(where: { $0 == 0 }) {
      throw refusal("range \(zero) is 0", "a range other than 0")
    }
    var builder = GraphBuilder(inputShape: [inputs], elementType: .float64)
    func vector(_ values: some Sequence<Double>) -> Tensor {
      let values = Array(values)
      return Tensor(shape: [values.count], elementType: .float64, elements: .double(values))
    }
    // Where nothing is normalised, no node stands for it: 0 and 1 change no number.
    if means.dropLast().contains(where: { $0 != 0 })
      || ranges.dropLast().contains(where: { $0 != 1 })
    {
      builder.add("Sub", name: "means", constants: [("means", vector(means.dropLast()))])
      builder.add("Div", name: "ranges", constants: [("ranges", vector(ranges.dropLast()))])
    }
    try addLayers(sizes, to: &builder)
    if means[inputs] != 0 || ranges[inputs] != 1 {
      builder.add(
        "Mul", name: "output range", constants: [("output range", vector([ranges[inputs]]))])
      builder.add("Add", name: "output mean", constants: [("output mean", vector([means[inputs]]))])
    }
    while let rest = lineOrEnd() {
      if !rest.isEmpty { throw refusal("a line after the last bias", "the end of the file") }
    }
    let note = "inputs are not clipped to the least and greatest values that the file states"
    return (builder.graph(name: ""), [note])
  }

  /// Lines 1 and 2.
  private mutating func layerSizes() throws(InputError) -> [Int] {
    var first = try nextLine("the numbers of layers, inputs and outputs")
    while first.starts(with: "//".utf8) {
      first = try nextLine("the numbers of layers, inputs and outputs")
    }
    let header = try integers(first, count: 4, "the numbers of layers, inputs, outputs and units")
    // Every layer takes at least four bytes of the file, so no count from it costs more than that.
    guard header[0] <= bytes.count else {
      throw refusal("\(header[0]) layers", "as many as the file holds")
    }
    try limits.checkNodes(header[0], "layer", file: file, place: "line \(line)")
    let second = try nextLine("the size of every layer")
    let sizes = try integers(second, count: header[0] + 1, "the size of every layer")
    guard sizes.first == header[1], sizes.last == header[2] else {
      throw refusal(
        "layers of \(shapeText(sizes)) units", "\(header[1]) first and \(header[2]) last, as above")
    }
    for (inputs, outputs) in zip(sizes, sizes.dropFirst()) {
      let product = inputs.multipliedReportingOverflow(by: outputs)
      guard !product.overflow, product.partialValue <= limits.tensorElements else {
        throw InputError(
          .limit, file: file, place: "line \(line)", found: "a layer of [\(outputs), \(inputs)]",
          expected: "at most \(limits.tensorElements) weights")
      }
    }
    return sizes
  }

  private mutating func addLayers(
    _ sizes: [Int], to builder: inout GraphBuilder
  ) throws(InputError) {
    for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
      if index > 0 { builder.add("Relu", name: "layer \(index) relu") }
      var weights: [Double] = []
      for row in 0..<outputs {
        weights += try numbers(inputs, "row \(row) of the weights of layer \(index + 1)")
      }
      var bias: [Double] = []
      for row in 0..<outputs { bias += try numbers(1, "bias \(row) of layer \(index + 1)") }
      let name = "layer \(index + 1)"
      builder.add(
        "Gemm", name: name,
        constants: [
          (
            "\(name) weights",
            Tensor(shape: [outputs, inputs], elementType: .float64, elements: .double(weights))
          ),
          (
            "\(name) biases",
            Tensor(shape: [outputs], elementType: .float64, elements: .double(bias))
          ),
        ], attributes: ["transB": .int(1)])
    }
  }

  // MARK: Lines and numbers

  /// The next line without its end; nil at the end of the file.
  private mutating func lineOrEnd() -> ArraySlice<UInt8>? {
    guard at < bytes.count else { return nil }
    line += 1
    let rest = bytes[at...]
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    at = end + 1
    return trimmed(bytes[rest.startIndex..<end])
  }

  private mutating func nextLine(_ what: String) throws(InputError) -> ArraySlice<UInt8> {
    guard let line = lineOrEnd() else {
      throw refusal("the end of the file", what)
    }
    return line
  }

  private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }

  /// The fields of a line; a comma may stand behind the last.
  private func fields(
    _ line: ArraySlice<UInt8>, count: Int, _ what: String
  ) throws(InputError) -> [ArraySlice<UInt8>] {
    let comma = UInt8(ascii: ",")
    // Counted first: a slice takes some dozen bytes, a comma one.
    let found = line.count { $0 == comma } + (line.last == comma || line.isEmpty ? 0 : 1)
    guard found == count else {
      throw refusal(counted(found, "number"), "\(count): \(what)")
    }
    let fields = line.split(
      separator: comma, maxSplits: count, omittingEmptySubsequences: false)
    return fields.prefix(count).map(trimmed)
  }

  private func integers(
    _ line: ArraySlice<UInt8>, count: Int, _ what: String
  ) throws(InputError) -> [Int] {
    try fields(line, count: count, what).map { (field) throws(InputError) in
      let text = String(decoding: field, as: UTF8.self)
      guard let value = Int(text), value >= 1, value <= Int(Int32.max) else {
        throw refusal(named(text), "a count of 1 or more")
      }
      return value
    }
  }

  private mutating func numbers(_ count: Int, _ what: String) throws(InputError) -> [Double] {
    let line = try nextLine(what)
    return try fields(line, count: count, what).map { (field) throws(InputError) in
      let text = String(decoding: field, as: UTF8.self)
      // Swift also reads hexadecimal digits, "inf" and "nan", which the format does not have.
      let plain = field.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
      guard plain, let value = Double(text), value.isFinite else {
        throw refusal(named(text), "a finite number")
      }
      return value
    }
  }

  private func refusal(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: "line \(line)", found: found, expected: expected)
  }
}
