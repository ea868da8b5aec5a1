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
///
/// Of lines 3 to 7 files have what their writers needed: `NNetNormalization` says what is made of it.
struct NNetFile {
  /// What was read, and what a person should know of it.
  struct Content {
    var graph: Graph
    var notes: [String]
    var warnings: [String]
  }

  private let file: String
  private let bytes: [UInt8]
  private let limits: ModelLimits
  private var at = 0
  private var line = 0

  static func read(
    _ bytes: [UInt8], file: String, limits: ModelLimits
  ) throws(InputError) -> Content {
    var reader = NNetFile(bytes, file: file, limits: limits)
    return try reader.network()
  }

  private init(_ bytes: [UInt8], file: String, limits: ModelLimits) {
    (self.bytes, self.file, self.limits) = (bytes, file, limits)
  }

  private mutating func network() throws(InputError) -> Content {
    let sizes = try layerSizes()
    let start = self
    do throws(InputError) {
      return try network(sizes, headerLines: 5)
    } catch {
      // Fewer lines before the weights are tried only where that many are missing.
      let body = sizes.dropFirst().reduce(0) { $0 + 2 * $1 }
      var counting = start
      var count = -body
      while counting.lineOrEnd() != nil { count += 1 }
      guard [0, 1, 4].contains(count) else { throw error }
      self = start
      do throws(InputError) {
        return try network(sizes, headerLines: count)
      } catch _ {
        throw error
      }
    }
  }

  private mutating func network(
    _ sizes: [Int], headerLines: Int
  ) throws(InputError) -> Content {
    let inputs = sizes[0]
    var normalization = NNetNormalization(inputCount: inputs)
    if headerLines == 1 || headerLines == 5 { _ = try nextLine("the flag of line 3") }
    if headerLines >= 4 {
      for what in ["least", "greatest"] {
        let line = try nextLine("the \(what) value of each input")
        normalization.noteBounds(what, line.isEmpty ? 0 : fieldCount(line))
      }
      let means = try numbers("the mean of each input and of the outputs")
      let meanLine = self.line
      let ranges = try numbers("the range of each input and of the outputs")
      try normalization.take(means, ranges, lines: (meanLine, self.line), file: file)
    } else {
      normalization.notes.append("the file states no means and ranges: nothing is normalised")
    }
    var builder = GraphBuilder(inputShape: [inputs], elementType: .float64)
    normalization.addInput(to: &builder)
    try addLayers(sizes, to: &builder)
    normalization.addOutput(to: &builder)
    if lineOrEnd() != nil { throw refusal("a line after the last bias", "the end of the file") }
    if headerLines >= 4 {
      normalization.notes.append(
        "inputs are not clipped to the least and greatest values that the file states")
    }
    return Content(
      graph: builder.graph(name: ""), notes: normalization.notes,
      warnings: normalization.warnings)
  }

  /// Lines 1 and 2.
  private mutating func layerSizes() throws(InputError) -> [Int] {
    let first = try nextLine("the numbers of layers, inputs and outputs")
    // Nothing needs the size of the largest layer.
    let header = try integers(
      first, count: fieldCount(first) == 3 ? 3 : 4,
      "the numbers of layers, inputs, outputs and units")
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

  /// The next line that is neither empty nor a comment, without its end; nil at the end of the file.
  private mutating func lineOrEnd() -> ArraySlice<UInt8>? {
    while at < bytes.count {
      line += 1
      let rest = bytes[at...]
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      at = end + 1
      let text = trimmed(bytes[rest.startIndex..<end])
      if !text.isEmpty, !text.starts(with: "//".utf8) { return text }
    }
    return nil
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

  /// The number of fields of a line; a comma may stand behind the last.
  private func fieldCount(_ line: ArraySlice<UInt8>) -> Int {
    let comma = UInt8(ascii: ",")
    // Counted first: a slice takes some dozen bytes, a comma one.
    return line.count { $0 == comma } + (line.last == comma || line.isEmpty ? 0 : 1)
  }

  private func fields(
    _ line: ArraySlice<UInt8>, count: Int, _ what: String
  ) throws(InputError) -> [ArraySlice<UInt8>] {
    let found = fieldCount(line)
    guard found == count else {
      throw refusal(counted(found, "number"), "\(count): \(what)")
    }
    let fields = line.split(
      separator: UInt8(ascii: ","), maxSplits: count, omittingEmptySubsequences: false)
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
    return try values(line, count: count, what)
  }

  /// The numbers of a line, however many there are.
  private mutating func numbers(_ what: String) throws(InputError) -> [Double] {
    let line = try nextLine(what)
    guard fieldCount(line) <= limits.tensorElements else {
      throw refusal("\(fieldCount(line)) numbers", what)
    }
    return try values(line, count: fieldCount(line), what)
  }

  private func values(
    _ line: ArraySlice<UInt8>, count: Int, _ what: String
  ) throws(InputError) -> [Double] {
    try fields(line, count: count, what).map { (field) throws(InputError) in
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
