import FileAccess
import NetworkGraph
import Numbers
import ReLUChain

/// A chain in the plain JSON form, with exactly its numbers: what a program of a hundred lines in any
/// language can read.
package struct PlainNetwork {
  private let chain: ReLUChain
  private let isNarrow: Bool
  /// The pieces of the text.
  package private(set) var pieces: [String] = []
  /// The shape of the value so far.
  private var shape: [Int]
  private var isFirst = true

  /// - Throws: where the plain form has nothing that computes exactly the same.
  package init(_ chain: ReLUChain, path: String) throws(InputError) {
    (self.chain, shape) = (chain, chain.inputShape)
    isNarrow = chain.stages.allSatisfy { $0.operators.allSatisfy(\.isNarrow) }
    pieces.append(
      "{\"format\": \"certify-weights\", \"version\": 1, \"dtype\": \"\(isNarrow ? "float32" : "float64")\",\n"
        + " \"input\": {\"shape\": \(shape)},\n \"layers\": [")
    for (index, stage) in chain.stages.enumerated() {
      if index > 0 { layer("{\"type\": \"relu\"}") }
      for linear in stage.operators {
        guard linear.uncertainty == .none else {
          throw refusal(
            linear, path, "numbers that are known within an interval only, as those of a root are")
        }
        try add(linear, path)
      }
    }
    pieces.append("]}\n")
  }

  private func refusal(_ linear: LinearOperator, _ path: String, _ found: String) -> InputError {
    InputError(
      file: path, place: "node '\(linear.name)' (\(linear.operatorType))", found: found,
      expected: "an operator that the plain form has",
      remedy: "Fold it into its neighbour where the network is made.")
  }

  private mutating func layer(_ text: String) {
    pieces.append((isFirst ? "\n  " : ",\n  ") + text)
    isFirst = false
  }

  private mutating func flatten() {
    if shape.count != 1 { layer("{\"type\": \"flatten\"}") }
    shape = [shape.reduce(1, *)]
  }

  private mutating func add(_ linear: LinearOperator, _ path: String) throws(InputError) {
    switch linear.kind {
    case .dense(let dense):
      flatten()
      layer(Self.dense(rows(dense.weights, linear.inputCount), dense.bias))
      shape = [linear.outputCount]
    case .convolution(let c): try convolve(c, linear, path)
    case .scaling(let scaling):
      let channels = shape.count == 3 ? shape[0] : 0
      let area = channels > 0 ? linear.inputCount / channels : 1
      func isEven(_ values: [Double]) -> Bool {
        values.indices.allSatisfy { values[$0] == values[$0 / area * area] }
      }
      if channels > 0, isEven(scaling.scale), isEven(scaling.shift) {
        func first(_ values: [Double]) -> [Double] { (0..<channels).map { values[$0 * area] } }
        let weights = first(scaling.scale).map { "[[[\(Self.text($0))]]]" }.joined(separator: ", ")
        layer(
          "{\"type\": \"conv2d\", \"groups\": \(channels), \"weights\": [\(weights)], \"bias\": \(Self.list(first(scaling.shift)))}"
        )
        return
      }
      try addRows(linear, path) { output in
        [(output, scaling.scale[output])]
      } bias: {
        scaling.shift[$0]
      }
    case .selection(let selection):
      try addRows(linear, path) { output in
        selection.source[output] < 0 ? [] : [(selection.source[output], 1)]
      } bias: {
        selection.constant[$0]
      }
    }
  }

  /// A sparse map as a full matrix, behind which nothing needs an image.
  private mutating func addRows(
    _ linear: LinearOperator, _ path: String, _ row: (Int) -> [(Int, Double)],
    bias: (Int) -> Double
  ) throws(InputError) {
    guard linear.inputCount * linear.outputCount <= 1 << 24 else {
      throw refusal(
        linear, path, "\(linear.inputCount) by \(linear.outputCount) entries of a sparse matrix")
    }
    flatten()
    var lists: [[Double]] = []
    for output in 0..<linear.outputCount {
      var list = [Double](repeating: 0, count: linear.inputCount)
      for (input, weight) in row(output) { list[input] = weight }
      lists.append(list)
    }
    layer(Self.dense(lists, (0..<linear.outputCount).map(bias)))
    shape = [linear.outputCount]
  }

  private mutating func convolve(
    _ c: Convolution, _ linear: LinearOperator, _ path: String
  ) throws(InputError) {
    func size(_ input: Int, _ kernel: Int, _ stride: Int, _ pad: Int, _ dilation: Int) -> Int {
      (input + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1
    }
    let height = size(c.inputHeight, c.kernelHeight, c.strideY, c.padTop, c.dilationY)
    let width = size(c.inputWidth, c.kernelWidth, c.strideX, c.padLeft, c.dilationX)
    guard shape == [c.inputChannels, c.inputHeight, c.inputWidth] else {
      throw refusal(linear, path, "an image made of a flat value")
    }
    guard height == c.outputHeight, width == c.outputWidth else {
      throw refusal(linear, path, "another padding behind an image than in front of it")
    }
    let taps = c.kernelHeight * c.kernelWidth
    let depth = c.inputChannels / c.groups
    let kernels = (0..<c.outputChannels).map { output in
      let planes = (0..<depth).map { input in
        let first = (output * depth + input) * taps
        let plane = Array(c.weights[first..<first + taps])
        return "[" + rows(plane, c.kernelWidth).map(Self.list).joined(separator: ", ") + "]"
      }
      return "[" + planes.joined(separator: ", ") + "]"
    }
    layer(
      "{\"type\": \"conv2d\", \"stride\": [\(c.strideY), \(c.strideX)], "
        + "\"padding\": [\(c.padTop), \(c.padLeft)], \"dilation\": [\(c.dilationY), \(c.dilationX)], "
        + "\"groups\": \(c.groups),\n   \"weights\": [\(kernels.joined(separator: ",\n    "))],\n"
        + "   \"bias\": \(Self.list(c.bias))}")
    shape = [c.outputChannels, c.outputHeight, c.outputWidth]
  }

  private func rows(_ values: [Double], _ count: Int) -> [[Double]] {
    stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
  }

  private static func dense(_ rows: [[Double]], _ bias: [Double]) -> String {
    "{\"type\": \"dense\",\n   \"weights\": [\(rows.map(list).joined(separator: ",\n    "))],\n"
      + "   \"bias\": \(list(bias))}"
  }

  private static func list(_ values: [Double]) -> String {
    "[" + values.map(text).joined(separator: ", ") + "]"
  }

  /// The shortest decimal that reads back as the number, in binary64 and so in a narrower type. A negative zero
  /// has a point: written as an integer it has no sign for many readers.
  private static func text(_ value: Double) -> String {
    value == 0 && value.sign == .minus ? "-0.0" : DirectedDecimal.nearest(value) ?? "0"
  }
}

extension LinearOperator {
  /// Whether binary32 has all of its numbers.
  fileprivate var isNarrow: Bool {
    let numbers: [[Double]] =
      switch kind {
      case .dense(let dense): [dense.weights, dense.bias]
      case .convolution(let c): [c.weights, c.bias]
      case .scaling(let scaling): [scaling.scale, scaling.shift]
      case .selection(let selection): [selection.constant]
      }
    return numbers.allSatisfy { $0.allSatisfy(FloatFormat.binary32.represents) }
  }
}
