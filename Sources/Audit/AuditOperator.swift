import ProofRecords

/// What is known of one value: its ends, a bound of its magnitude, in a deployed network, too, and whether
/// no arithmetic makes it negative.
struct Extent<N: AuditNumber> {
  var lower, upper, size: N
  var isCarried = false
  /// How many inputs of a sum may be other than 0.
  var terms = 0
  /// Whether all products of a sum are 0, in any arithmetic.
  var isZero = true
}

/// One operator of the chain in the auditor's numbers, as plain loops.
struct AuditOperator<N: AuditNumber>: Sendable {
  let statement: OperatorStatement
  let cost: DeployedCost
  private let weights: [N]
  /// For every output.
  let bias: [N]
  /// What the offset counts for: its magnitude, or that of what it is computed of.
  let offset: [N]
  /// For each output that reads few inputs, all by weights above 0 with no offset below 0: the inputs.
  /// Where these cannot be negative the output is not, in any arithmetic.
  private(set) var nonNegativeOf: [Int: [Int]] = [:]
  /// What outputs cannot exceed in any arithmetic: those `shift - x` of a rewriting, where `x` is not negative.
  var caps: [N]? { isReflection ? bias : nil }
  /// Whether no output is negative where no input is, in any arithmetic.
  var isCarrying: Bool { bias.indices.allSatisfy { nonNegativeOf[$0] != nil } }
  /// Whether it is a rewriting's `shift_i - x_i`.
  private var isReflection = false
  /// The most products in one output, and the most outputs that read one input.
  let fanIn, fanOut: Int
  /// Whether an output is a function of several inputs.
  let mixes: Bool
  /// Whether every output is a sum of inputs less a sum of others, which a deployed network compares.
  private(set) var compares = false

  init(_ statement: OperatorStatement, _ cost: DeployedCost) {
    (self.statement, self.cost) = (statement, cost)
    var (carries, magnitudes) = (statement.isPlain, [Double]?.none)
    switch statement.map {
    case .dense(let weights, let bias):
      (self.weights, self.bias) = (weights.map { N($0) }, bias.map { N($0) })
      (fanIn, fanOut, mixes) = (statement.inputCount, statement.outputCount, true)
    case .convolution(let c, let weights, let bias):
      self.weights = weights.map { N($0) }
      self.bias = bias.flatMap { [N](repeating: N($0), count: c.outputHeight * c.outputWidth) }
      let taps = c.kernelHeight * c.kernelWidth
      (fanIn, fanOut) = (c.inputChannels / c.groups * taps, c.outputChannels / c.groups * taps)
      mixes = true
      compares =
        carries && bias.allSatisfy { $0 == 0 }
        && weights.allSatisfy { $0 == 0 || $0.magnitude == 1 }
    case .scaling(let scale, let shift, let magnitude):
      (weights, bias) = (scale.map { N($0) }, shift.map { N($0) })
      (fanIn, fanOut, mixes) = (1, 1, false)
      (carries, magnitudes) = (false, magnitude)
      isReflection = statement.isPlain && scale.allSatisfy { $0 == -1 }
    case .selection(let source, let constant):
      (weights, bias) = ([N(1)], constant.map { N($0) })
      var readers = [Int](repeating: 0, count: statement.inputCount)
      for unit in source where unit >= 0 { readers[unit] += 1 }
      (fanIn, fanOut, mixes) = (1, max(1, readers.max() ?? 1), false)
      carries = statement.isCertain
    }
    offset = magnitudes.map { $0.map { N($0) } } ?? bias.map(\.magnitude)
    guard carries else { return }
    for output in bias.indices where bias[output] >= .zero {
      nonNegativeOf[output] = carried(by: output)
    }
  }

  /// Learns that outputs of a rewriting's `shift - x` cannot be negative: nowhere is `x` above its cap, or 0.
  mutating func know(caps: [N]) {
    guard isReflection else { return }
    for unit in bias.indices where bias[unit] >= max(caps[unit], .zero) { nonNegativeOf[unit] = [] }
  }

  /// The inputs of an output, where they are few and all weights above 0.
  private func carried(by output: Int) -> [Int]? {
    var (sources, isCarried) = ([Int](), true)
    forEachRun(output) { input, weight, count, step in
      for k in 0..<count where isCarried && weights[weight + k] != .zero {
        sources.append(input + k * step)
        isCarried = sources.count <= 4 && weights[weight + k] > .zero
      }
    }
    return isCarried ? sources : nil
  }

  /// Calls `body` for inputs that lie side by side, or `step` apart, and their weights.
  @inline(__always)
  private func forEachRun(
    _ output: Int, _ body: (_ input: Int, _ weight: Int, _ count: Int, _ step: Int) -> Void
  ) {
    switch statement.map {
    case .dense: body(0, output * statement.inputCount, statement.inputCount, 1)
    case .scaling: body(output, output, 1, 1)
    case .selection(let source, _): if source[output] >= 0 { body(source[output], 0, 1, 1) }
    case .convolution(let c, _, _):
      let (area, depth) = (c.outputHeight * c.outputWidth, c.inputChannels / c.groups)
      let (channel, position) = (output / area, output % area)
      let top = position / c.outputWidth * c.strideY - c.padTop
      let left = position % c.outputWidth * c.strideX - c.padLeft
      // The taps that fall inside the image.
      let first = left >= 0 ? 0 : (c.dilationX - 1 - left) / c.dilationX
      let end = min(c.kernelWidth, (c.inputWidth - left + c.dilationX - 1) / c.dilationX)
      guard first < end else { return }
      let group = channel / (c.outputChannels / c.groups)
      for below in 0..<depth {
        for ky in 0..<c.kernelHeight {
          let y = top + ky * c.dilationY
          guard y >= 0, y < c.inputHeight else { continue }
          let row = ((group * depth + below) * c.inputHeight + y) * c.inputWidth + left
          let tap = ((channel * depth + below) * c.kernelHeight + ky) * c.kernelWidth
          body(row + first * c.dilationX, tap + first, end - first, c.dilationX)
        }
      }
    }
  }

  /// `W' lambda`, computed to nearest: off by at most `g(fanOut)` of the sum of magnitudes.
  func descend(_ lambda: [N]) -> [N] {
    var mu = [N](repeating: .zero, count: statement.inputCount)
    mu.withUnsafeMutableBufferPointer { mu in
      weights.withUnsafeBufferPointer { weights in
        for output in lambda.indices where lambda[output] != .zero {
          let factor = lambda[output]
          forEachRun(output) { input, weight, count, step in
            if step == 1 {
              for k in 0..<count { mu[input + k].add(weights[weight + k], times: factor) }
            } else {
              for k in 0..<count { mu[input + k * step].add(weights[weight + k], times: factor) }
            }
          }
        }
      }
    }
    return mu
  }

  /// For every output the ends of `W x`, and `|W| size`, all to nearest.
  func ascend(_ inputs: [Extent<N>]) -> [Extent<N>] {
    weights.withUnsafeBufferPointer { weights in
      inputs.withUnsafeBufferPointer { inputs in
        bias.indices.map { output in
          var sum = Extent(lower: N.zero, upper: .zero, size: .zero)
          forEachRun(output) { input, weight, count, step in
            for k in 0..<count {
              let (w, x) = (weights[weight + k], inputs[input + k * step])
              sum.lower.add(w, times: w >= .zero ? x.lower : x.upper)
              sum.upper.add(w, times: w >= .zero ? x.upper : x.lower)
              sum.size.add(w.magnitude, times: x.size)
              guard x.size != .zero else { continue }
              sum.terms += mixes ? 1 : x.terms
              sum.isZero = sum.isZero && w == .zero
            }
          }
          return sum
        }
      }
    }
  }

  /// The inputs that an output adds, and those that it takes off, where it compares.
  func terms(of output: Int) -> (added: [Int], taken: [Int]) {
    var (added, taken) = ([Int](), [Int]())
    forEachRun(output) { input, weight, count, step in
      for k in 0..<count where weights[weight + k] > .zero { added.append(input + k * step) }
      for k in 0..<count where weights[weight + k] < .zero { taken.append(input + k * step) }
    }
    return (added, taken)
  }
}

extension OperatorStatement {
  /// Whether a rewriting only carries or compares here: its numbers are the network's own.
  fileprivate var isPlain: Bool { isVirtual && isCertain }
  var isCertain: Bool { relative == 0 && perInput == 0 && perUnit == 0 }
}
