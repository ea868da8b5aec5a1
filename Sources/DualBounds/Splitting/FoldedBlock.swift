import CKernels

/// Climbs rows of units of one folded network together, as `FoldedRow` does one: what is read of the network
/// serves all of them. Each number of a row stands beside those of the others, `[..][most]`, and is binary32.
final class FoldedBlock {
  /// The most rows.
  static let most = Int(CM_FOLD_ROWS)

  private let network: FoldedNetwork
  private let kernels = cm_best_fold_kernels().pointee
  private let norms = RowNorms()
  private let sums, point: Buffer<Float>
  private let coefficients, values, push: Buffer<Float>
  /// The choices of the next pass, and the best of all passes.
  private let slopes, multipliers, bestSlopes, bestMultipliers: Buffer<Float>
  /// The last derivatives and the next steps of slopes, of multipliers, and of weights.
  private let derivatives, steps: Buffer<Float>
  private let weights, bounds, margins: Buffer<Float>
  /// 1 for rows that a pass was the best of so far.
  private let improved: Buffer<Float>
  /// The rows' coefficients on the input, where the ball is one of a norm.
  private let inputs: Buffer<Double>

  /// What it takes, of a network with such a stride and so many units.
  static func bytes(inputs: Int, stride: Int, units: Int) -> Int {
    most * (2 * Buffer<Float>.bytes(stride) + 11 * Buffer<Float>.bytes(units + 1))
      + most * Buffer<Double>.bytes(inputs) + RowNorms.bytes
  }

  init(_ network: FoldedNetwork) {
    self.network = network
    let (units, stride) = (Self.most * max(1, network.units.count), Self.most * network.stride)
    func zeros(_ count: Int) -> Buffer<Float> { Buffer(repeating: 0, count: count) }
    sums = zeros(stride)
    point = zeros(stride)
    coefficients = zeros(units)
    values = zeros(Self.most * network.linear.count + units)
    push = zeros(units)
    slopes = zeros(units)
    multipliers = zeros(units)
    bestSlopes = zeros(units)
    bestMultipliers = zeros(units)
    derivatives = zeros(2 * units + Self.most)
    steps = zeros(2 * units + Self.most)
    weights = zeros(Self.most)
    bounds = zeros(Self.most)
    margins = zeros(Self.most)
    improved = zeros(Self.most)
    inputs = Buffer(repeating: 0, count: network.part == nil ? 0 : Self.most * network.inputCount)
  }

  /// A row to climb: of a unit's pre-activation, or of what is opposite to it.
  struct Start {
    var unit: Int
    var sign: Float
    /// The first step of the weight of the margin.
    var firstWeight: Float
  }

  /// What a row came to: its best bound, and the margin's weight there.
  typealias End = (bound: Float, weight: Float)

  /// Climbs rows from a choice, each until its bound is above 0; `choice` has the best ones then.
  ///
  /// - Parameters:
  ///   - starts: at most `most`.
  ///   - choice: where all of them start, with a weight of 0; its sides are everybody's.
  /// - Returns: what became of each row, and the numbers of the network that were read.
  func climb(
    _ starts: [Start], from choice: FoldedChoice, passes: Int
  ) -> (ends: [End], work: Int) {
    begin(starts, choice)
    var (ends, work) = ([End](repeating: (-.infinity, 0), count: starts.count), 0)
    var open = Array(starts.indices)
    for pass in 1...passes {
      bound(starts, choice)
      work += network.blockWork
      if pass == 1 { firstSteps(starts) }
      improved.pointer.update(repeating: 0, count: Self.most)
      for row in open where bounds[row] > ends[row].bound {
        ends[row] = (bounds[row], weights[row])
        improved[row] = 1
      }
      keepImproved()
      open.removeAll { ends[$0].bound > 0 || bounds[$0].isNaN }
      if pass == passes || open.isEmpty { break }
      ascend(choice)
      work += network.blockWork
      step(starts, choice)
    }
    return (ends, work)
  }

  /// The best choice of a row of the last climb.
  func choice(of row: Int) -> (slopes: [Double], multipliers: [Double]) {
    let places = network.units.indices.map { $0 * Self.most + row }
    return (places.map { Double(bestSlopes[$0]) }, places.map { Double(bestMultipliers[$0]) })
  }

  private func begin(_ starts: [Start], _ choice: FoldedChoice) {
    let count = network.units.count
    for unit in 0..<count {
      for row in 0..<Self.most {
        slopes[unit * Self.most + row] = Float(choice.slopes[unit])
        multipliers[unit * Self.most + row] = Float(choice.multipliers[unit])
      }
    }
    derivatives.pointer.update(repeating: 0, count: Self.most * (2 * count + 1))
    for row in 0..<Self.most { weights[row] = 0 }
  }

  private func keepImproved() {
    let count = Int32(network.units.count)
    kernels.keep_block(count, improved.pointer, slopes.pointer, bestSlopes.pointer)
    kernels.keep_block(count, improved.pointer, multipliers.pointer, bestMultipliers.pointer)
  }

  /// One pass backwards.
  private func bound(_ starts: [Start], _ choice: FoldedChoice) {
    for unit in network.units.indices {
      let side = -Float(choice.sides[unit])
      for row in unit * Self.most..<(unit + 1) * Self.most {
        push[row] = side == 0 ? 0 : side * multipliers[row]
      }
    }
    for (row, start) in starts.enumerated() { push[start.unit * Self.most + row] += start.sign }
    let net = network.net
    withUnsafePointer(to: net) { net in
      withLines(choice) {
        kernels.descend_block(
          net, $0, weights.pointer, sums.pointer, coefficients.pointer, bounds.pointer)
      }
    }
    kernels.minimise_block(
      net.inputs, network.radius.pointer, sums.pointer, point.pointer, margins.pointer)
    for row in starts.indices { bounds[row] += margins[row] }
    if let part = network.part { payNorm(part, starts.count) }
  }

  /// See `FoldedRow.payNorm`.
  private func payNorm(_ part: NormPart, _ rows: Int) {
    let count = network.inputCount
    for place in 0..<Self.most * count { inputs[place] = Double(sums[place]) }
    norms.measure(inputs.pointer, count: count, padded: Self.most)
    for row in 0..<rows {
      let exact = norms.dual(of: part.norm, row: row)
      guard exact > 0, exact.isFinite else { continue }
      let (dual, extent) = (Float(exact), Float(part.extent))
      bounds[row] -= extent * dual
      let places = stride(from: row, to: Self.most * count, by: Self.most)
      if part.norm == .l2 {
        for place in places { point[place] -= extent * (sums[place] / dual) }
      } else if let peak = places.first(where: { inputs[$0].magnitude == exact }) {
        point[peak] += sums[peak] > 0 ? -extent : extent
      }
    }
  }

  /// The pre-activations at the worst points of the last pass, and the margins there.
  private func ascend(_ choice: FoldedChoice) {
    let net = network.net
    withUnsafePointer(to: net) { net in
      withLines(choice) {
        kernels.ascend_block(
          net, $0, coefficients.pointer, point.pointer, values.pointer, margins.pointer)
      }
    }
  }

  private func firstSteps(_ starts: [Start]) {
    let end = Self.most * network.units.count
    for place in 0..<end {
      steps[place] = Float(FoldedRow.firstStep)
      steps[end + place] =
        Float(FoldedRow.firstMultiplier) * max(coefficients[place].magnitude, 1e-3)
    }
    for (row, start) in starts.enumerated() { steps[2 * end + row] = start.firstWeight }
  }

  private func step(_ starts: [Start], _ choice: FoldedChoice) {
    choice.sides.withUnsafeBufferPointer { sides in
      kernels.climb_block(
        Int32(network.units.count),
        cm_fold_block_climb(
          side: sides.baseAddress, slope: slopes.pointer, multiplier: multipliers.pointer,
          derivative: derivatives.pointer, step: steps.pointer),
        coefficients.pointer, values.pointer + Self.most * network.linear.count)
    }
    let first = 2 * Self.most * network.units.count
    for row in starts.indices {
      weights[row] = max(weights[row] + move(first + row, margins[row]), 0)
    }
  }

  /// A weight's resilient step along its derivative.
  private func move(_ place: Int, _ derivative: Float) -> Float {
    let agreement = derivative * derivatives[place]
    let size = steps[place] * (agreement > 0 ? 1.3 : agreement < 0 ? 0.5 : 1)
    (steps[place], derivatives[place]) = (size, derivative)
    return derivative > 0 ? size : derivative < 0 ? -size : 0
  }

  private func withLines(_ choice: FoldedChoice, _ body: (cm_fold_block) -> Void) {
    choice.sides.withUnsafeBufferPointer { sides in
      body(cm_fold_block(side: sides.baseAddress, slope: slopes.pointer, push: push.pointer))
    }
  }
}
