import ReLUChain

/// A number that a chain is evaluated in: what sums are made of, and what they become.
protocol EvaluationNumber {
  static var zero: Self { get }
  /// A number of the file, or of the input after rounding.
  init(_ exact: Double)
  /// Adds `weight * value`.
  mutating func add(_ weight: Double, times value: Self)
  /// Adds a number of the file.
  mutating func add(_ number: Double)
  /// The sum as the next operator reads it.
  var stored: Self { get }
  /// Nothing below zero; NaN stays.
  var rectified: Self { get }
  /// Nothing beyond the ends, as far as the type has them; NaN stays.
  func clipped(_ ends: ClosedRange<Double>) -> Self
  /// The nearest binary64.
  var value: Double { get }
  /// An operator of a rewriting, which the network itself does not compute: without its roundings.
  static func virtual(_ linear: LinearOperator, to input: [Self]) -> [Self]
}

extension EvaluationNumber {
  /// The logits at a point.
  static func evaluate(_ chain: ReLUChain, at input: [Double]) -> [Double] {
    var values = input.map { Self($0).stored }
    for (index, stage) in chain.stages.enumerated() {
      if index > 0 { values = values.map(\.rectified) }
      for linear in stage.operators {
        values = linear.isVirtual ? virtual(linear, to: values) : applied(linear, to: values)
        if linear.outputLimit < .infinity { values = values.map { $0.clipped(linear.outputClip) } }
      }
    }
    return values.map(\.value)
  }

  static func applied(_ linear: LinearOperator, to input: [Self]) -> [Self] {
    switch linear.kind {
    case .dense(let dense): return applied(dense, to: input)
    case .convolution(let convolution): return applied(convolution, to: input)
    case .scaling(let scaling):
      return input.indices.map { unit in
        var sum = Self.zero
        sum.add(scaling.scale[unit], times: input[unit])
        sum.add(scaling.shift[unit])
        return sum.stored
      }
    case .selection(let selection):
      return zip(selection.source, selection.constant).map { $0 < 0 ? Self($1) : input[$0] }
    }
  }

  private static func applied(_ dense: Dense, to input: [Self]) -> [Self] {
    dense.weights.withUnsafeBufferPointer { weights in
      input.withUnsafeBufferPointer { input in
        dense.bias.indices.map { row in
          var sum = Self.zero
          let start = row * input.count
          for column in 0..<input.count { sum.add(weights[start + column], times: input[column]) }
          sum.add(dense.bias[row])
          return sum.stored
        }
      }
    }
  }

  /// One kernel element at a time, each a row of shifted sums.
  private static func applied(_ convolution: Convolution, to input: [Self]) -> [Self] {
    let area = convolution.outputHeight * convolution.outputWidth
    var output = (0..<convolution.outputCount).map { Self(convolution.bias[$0 / max(1, area)]) }
    output.withUnsafeMutableBufferPointer { output in
      input.withUnsafeBufferPointer { input in
        for channel in 0..<convolution.outputChannels {
          add(convolution, channel: channel, from: input, to: output)
        }
      }
    }
    return output.map(\.stored)
  }

  private static func add(
    _ c: Convolution, channel: Int, from input: UnsafeBufferPointer<Self>,
    to output: UnsafeMutableBufferPointer<Self>
  ) {
    let depth = c.inputChannels / c.groups
    let group = channel / (c.outputChannels / c.groups)
    for place in 0..<depth * c.kernelHeight * c.kernelWidth {
      let (source, element) = place.quotientAndRemainder(dividingBy: c.kernelHeight * c.kernelWidth)
      let (ky, kx) = element.quotientAndRemainder(dividingBy: c.kernelWidth)
      let weight = c.weights[channel * depth * c.kernelHeight * c.kernelWidth + place]
      let (firstRow, firstColumn) = (ky * c.dilationY - c.padTop, kx * c.dilationX - c.padLeft)
      for y in 0..<c.outputHeight {
        let row = firstRow + y * c.strideY
        guard row >= 0, row < c.inputHeight else { continue }
        let from = ((group * depth + source) * c.inputHeight + row) * c.inputWidth
        let to = (channel * c.outputHeight + y) * c.outputWidth
        for x in 0..<c.outputWidth {
          let column = firstColumn + x * c.strideX
          guard column >= 0, column < c.inputWidth else { continue }
          output[to + x].add(weight, times: input[from + column])
        }
      }
    }
  }
}

/// A number of a deployed network.
struct RoundedEvaluation<Rounded: RoundedType>: EvaluationNumber {
  var value: Double
  /// What a rewriting has beyond that until it ends: its numbers are not the network's.
  private var rest = 0.0

  static var zero: Self { Self(0) }

  init(_ exact: Double) { value = exact }

  mutating func add(_ weight: Double, times factor: Self) {
    value = Rounded.summed(value + Rounded.summed(weight * factor.value))
  }

  mutating func add(_ number: Double) { value = Rounded.summed(value + number) }

  var stored: Self { Self(Rounded.stored(value)) }

  static func virtual(_ linear: LinearOperator, to input: [Self]) -> [Self] {
    PreciseNumber.virtual(linear, to: input.map { PreciseNumber($0.value, rest: $0.rest) }).map {
      var result = Self($0.value)
      result.rest = $0.rest
      return result
    }
  }

  var rectified: Self { value <= 0 ? .zero : self }

  func clipped(_ ends: ClosedRange<Double>) -> Self {
    let (low, high) = (Rounded.stored(ends.lowerBound), Rounded.stored(ends.upperBound))
    return value < low ? Self(low) : value > high ? Self(high) : self
  }
}

/// The sum of two binary64, the second within half a place of the first: about 106 bits.
struct PreciseNumber: EvaluationNumber {
  var value: Double
  fileprivate var rest: Double

  static var zero: Self { Self(0) }

  init(_ exact: Double) { (value, rest) = (exact, 0) }

  fileprivate init(_ value: Double, rest: Double) { (self.value, self.rest) = (value, rest) }

  mutating func add(_ weight: Double, times factor: Self) {
    let product = weight * factor.value
    guard product.isFinite else { return add(product, 0) }
    add(
      product,
      (-product).addingProduct(weight, factor.value).addingProduct(weight, factor.rest))
  }

  mutating func add(_ number: Double) { add(number, 0) }

  private mutating func add(_ high: Double, _ low: Double) {
    let sum = value + high
    // An infinity has no rest; its difference from another would be NaN.
    guard sum.isFinite else { return (value, rest) = (sum, 0) }
    let part = sum - value
    let error = (value - (sum - part)) + (high - part) + rest + low
    value = sum + error
    rest = error - (value - sum)
  }

  var stored: Self { self }

  static func virtual(_ linear: LinearOperator, to input: [Self]) -> [Self] {
    guard case .scaling(let scaling) = linear.kind, scaling.sources.count == 2 else {
      return applied(linear, to: input)
    }
    // The room between the ends of a clip, which may be no number of binary64.
    return input.indices.map { unit in
      var sum = zero
      sum.add(scaling.scale[unit], times: input[unit])
      sum.add(scaling.sources[0][unit])
      sum.add(-scaling.sources[1][unit])
      return sum
    }
  }

  var rectified: Self { value < 0 ? .zero : self }

  func clipped(_ ends: ClosedRange<Double>) -> Self {
    value < ends.lowerBound
      ? Self(ends.lowerBound) : value > ends.upperBound ? Self(ends.upperBound) : self
  }
}
