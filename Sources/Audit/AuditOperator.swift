import ProofRecords

/// One operator of the chain in the auditor's numbers, as plain loops.
struct AuditOperator<N: AuditNumber>: Sendable {
  let statement: OperatorStatement
  let cost: DeployedCost
  private let weights: [N]
  let bias: [N]
  /// What the offset counts for: its magnitude, or that of what it is computed of.
  let offset: [N]
  /// For each output that reads few inputs, all by weights of at least 0 with no offset below 0: the
  /// inputs. Where these cannot be negative the output is not, in any arithmetic.
  let nonNegativeOf: [Int: [Int]]
  /// The most products in one output, and the most outputs that read one input.
  let fanIn, fanOut: Int
  /// Whether an output is a function of several inputs.
  let mixes: Bool
  /// Whether every output is a sum of inputs less a sum of others, which a deployed network compares.
  let compares: Bool

  init(_ statement: OperatorStatement, _ cost: DeployedCost) {
    (self.statement, self.cost) = (statement, cost)
    // What a rewriting only carries or compares: its numbers are the network's own.
    let carries =
      statement.isVirtual && statement.relative == 0 && statement.perInput == 0
      && statement.perUnit == 0
    if case .convolution(_, let weights, let bias) = statement.map {
      compares =
        carries && bias.allSatisfy { $0 == 0 }
        && weights.allSatisfy { $0 == 0 || $0.magnitude == 1 }
    } else {
      compares = false
    }
    switch statement.map {
    case .dense(let weights, let bias):
      (self.weights, self.bias) = (weights.map { N($0) }, bias.map { N($0) })
      offset = self.bias.map(\.magnitude)
      (fanIn, fanOut, mixes) = (statement.inputCount, statement.outputCount, true)
      nonNegativeOf = carries ? Self.carried(statement, weights, bias) : [:]
    case .convolution(let c, let weights, let bias):
      self.weights = weights.map { N($0) }
      let area = c.outputHeight * c.outputWidth
      self.bias = bias.flatMap { [N](repeating: N($0), count: area) }
      offset = self.bias.map(\.magnitude)
      let taps = c.kernelHeight * c.kernelWidth
      fanIn = c.inputChannels / c.groups * taps
      (fanOut, mixes) = (c.outputChannels / c.groups * taps, true)
      nonNegativeOf = carries ? Self.carried(statement, c, weights, bias) : [:]
    case .scaling(let scale, let shift, let magnitude):
      (weights, bias) = (scale.map { N($0) }, shift.map { N($0) })
      offset = magnitude.map { N($0) }
      (fanIn, fanOut, mixes, nonNegativeOf) = (1, 1, false, [:])
    case .selection(let source, let constant):
      (weights, bias) = ([], constant.map { N($0) })
      offset = bias.map(\.magnitude)
      var readers = [Int](repeating: 0, count: statement.inputCount)
      for unit in source where unit >= 0 { readers[unit] += 1 }
      (fanIn, fanOut, mixes) = (1, max(1, readers.max() ?? 1), false)
      nonNegativeOf = Dictionary(
        uniqueKeysWithValues: source.indices.filter { source[$0] >= 0 || constant[$0] >= 0 }
          .map { ($0, source[$0] >= 0 ? [source[$0]] : []) })
    }
  }

  /// The outputs of a rewriting that only carry what is not negative.
  private static func carried(
    _ statement: OperatorStatement, _ weights: [Double], _ bias: [Double]
  ) -> [Int: [Int]] {
    var found: [Int: [Int]] = [:]
    let count = statement.inputCount
    for output in bias.indices where bias[output] >= 0 {
      let row = weights[output * count..<(output + 1) * count]
      let sources = row.indices.filter { row[$0] != 0 }
      guard sources.count <= 4, sources.allSatisfy({ row[$0] > 0 }) else { continue }
      found[output] = sources.map { $0 - output * count }
    }
    return found
  }

  private static func carried(
    _ statement: OperatorStatement, _ c: ConvolutionShape, _ weights: [Double], _ bias: [Double]
  ) -> [Int: [Int]] {
    var found: [Int: [Int]] = [:]
    let (area, taps) = (c.outputHeight * c.outputWidth, weights.count / c.outputChannels)
    for output in 0..<statement.outputCount where bias[output / area] >= 0 {
      let row = weights[output / area * taps..<(output / area + 1) * taps]
      guard row.count(where: { $0 != 0 }) <= 4, row.allSatisfy({ $0 >= 0 }) else { continue }
      var sources: [Int] = []
      forEachRun(statement, output) { input, weight, count, step in
        for k in 0..<count where weights[weight + k] != 0 { sources.append(input + k * step) }
      }
      found[output] = sources
    }
    return found
  }

  /// Calls `body` for every product: output, input, weight. The inner loop runs over inputs that lie
  /// side by side.
  @inline(__always)
  private static func forEachRun(
    _ statement: OperatorStatement, _ output: Int,
    _ body: (_ input: Int, _ weight: Int, _ count: Int, _ step: Int) -> Void
  ) {
    switch statement.map {
    case .dense: body(0, output * statement.inputCount, statement.inputCount, 1)
    case .scaling: body(output, output, 1, 1)
    case .selection: break
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

  /// Tightens bounds of differences of what ReLUs made to a side of 0 where comparisons decide it: with `a` in
  /// `[la, ua]` and `b` in `[lb, ub]`, `b - a >= 0` where `lb >= ua`, whatever its number is rounded to.
  ///
  /// - Parameters:
  ///   - low: `[inputs]` at least 0, as are `high`.
  func decideSigns(_ low: [N], _ high: [N], _ lower: inout [N], _ upper: inout [N]) {
    // A sum with 0 is exact.
    func down(_ a: N, _ b: N) -> N { a == .zero ? b : b == .zero ? a : (a + b).down }
    func up(_ a: N, _ b: N) -> N { a == .zero ? b : b == .zero ? a : (a + b).up }
    for output in lower.indices {
      var (added, taken) = ((low: N.zero, high: N.zero), (low: N.zero, high: N.zero))
      Self.forEachRun(statement, output) { input, weight, count, step in
        for k in 0..<count where weights[weight + k] != .zero {
          let unit = input + k * step
          if weights[weight + k] > .zero {
            added = (down(added.low, low[unit]), up(added.high, high[unit]))
          } else {
            taken = (down(taken.low, low[unit]), up(taken.high, high[unit]))
          }
        }
      }
      if added.high <= taken.low { upper[output] = min(upper[output], .zero) }
      if added.low >= taken.high { lower[output] = max(lower[output], .zero) }
    }
  }

  /// `W' lambda`, computed to nearest: off by at most `g(fanOut)` of the sum of magnitudes.
  func descend(_ lambda: [N], to mu: inout [N]) {
    mu.withUnsafeMutableBufferPointer { mu in
      for input in mu.indices { mu[input] = .zero }
      if case .selection(let source, _) = statement.map {
        for output in lambda.indices where source[output] >= 0 {
          mu[source[output]] = mu[source[output]] + lambda[output]
        }
        return
      }
      weights.withUnsafeBufferPointer { weights in
        for output in lambda.indices where lambda[output] != .zero {
          let factor = lambda[output]
          Self.forEachRun(statement, output) { input, weight, count, step in
            if step == 1 {
              for k in 0..<count { mu[input + k] = mu[input + k] + weights[weight + k] * factor }
            } else {
              for k in 0..<count {
                mu[input + k * step] = mu[input + k * step] + weights[weight + k] * factor
              }
            }
          }
        }
      }
    }
  }

  /// Sums over inputs in `[lower, upper]`, of magnitude at most `size`: the ends of `W x`, and
  /// `|W| size`, all to nearest.
  func ascend(
    _ lower: [N], _ upper: [N], _ size: [N]
  ) -> (lower: [N], upper: [N], size: [N]) {
    let count = statement.outputCount
    var result = (
      lower: [N](repeating: .zero, count: count), upper: [N](repeating: .zero, count: count),
      size: [N](repeating: .zero, count: count)
    )
    if case .selection(let source, _) = statement.map {
      for output in 0..<count where source[output] >= 0 {
        result.lower[output] = lower[source[output]]
        result.upper[output] = upper[source[output]]
        result.size[output] = size[source[output]]
      }
      return result
    }
    weights.withUnsafeBufferPointer { weights in
      lower.withUnsafeBufferPointer { lower in
        upper.withUnsafeBufferPointer { upper in
          size.withUnsafeBufferPointer { size in
            for output in 0..<count {
              var (low, high, all) = (N.zero, N.zero, N.zero)
              Self.forEachRun(statement, output) { input, weight, count, step in
                for k in 0..<count {
                  let (w, x) = (weights[weight + k], input + k * step)
                  low = low + w * (w >= .zero ? lower[x] : upper[x])
                  high = high + w * (w >= .zero ? upper[x] : lower[x])
                  all = all + w.magnitude * size[x]
                }
              }
              result.lower[output] = low
              result.upper[output] = high
              result.size[output] = all
            }
          }
        }
      }
    }
    return result
  }
}
