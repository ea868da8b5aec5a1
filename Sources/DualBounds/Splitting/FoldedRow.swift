import CKernels

/// The choices that make a row of a folded network a bound, see `RowGuide`.
struct FoldedChoice: Sendable {
  var sides: [Int8]
  var slopes: [Double]
  var multipliers: [Double]

  init(count: Int) {
    sides = [Int8](repeating: 0, count: count)
    slopes = [Double](repeating: 0, count: count)
    multipliers = [Double](repeating: 0, count: count)
  }
}

/// Climbs the margin's row of one folded network: projected gradient ascent of slopes and multipliers together,
/// in resilient steps. The best choice of all passes is kept.
final class FoldedRow {
  private let network: FoldedNetwork
  private let kernels = cm_best_fold_kernels().pointee
  private let norms = RowNorms()
  private let sums: Buffer<Double>
  private let push: Buffer<Double>
  private let coefficients: Buffer<Double>
  private let point: Buffer<Double>
  private let values: Buffer<Double>
  /// The point once more, where the network is in binary32.
  private let near: Buffer<Float>
  /// The last derivatives and the next steps, of slopes and multipliers.
  private let derivatives: Buffer<Double>
  private let steps: Buffer<Double>
  /// The sum of the worst points since `forgetPoints`, and their number.
  private let pointSum: Buffer<Double>
  private(set) var pointCount = 0
  /// The numbers of the network that were read so far, those of one beyond a cache four times.
  private(set) var work = 0

  /// What `body` comes to, and the numbers that are read for it, which count as nothing here.
  func counting<Value>(_ body: () -> Value) -> (value: Value, work: Int) {
    let before = work
    let value = body()
    defer { work = before }
    return (value, work - before)
  }

  init(_ network: FoldedNetwork) {
    self.network = network
    let (units, stride) = (max(1, network.units.count), network.stride)
    sums = Buffer(repeating: 0, count: stride)
    push = Buffer(repeating: 0, count: units)
    coefficients = Buffer(repeating: 0, count: units)
    point = Buffer(repeating: 0, count: stride)
    values = Buffer(repeating: 0, count: network.linear.count + units)
    near = Buffer(repeating: 0, count: network.rows.isNarrow ? stride : 0)
    derivatives = Buffer(repeating: 0, count: 2 * units)
    steps = Buffer(repeating: 0, count: 2 * units)
    pointSum = Buffer(repeating: 0, count: network.inputCount)
  }

  /// The coefficient on a unit's activation in the last pass.
  func coefficient(_ unit: Int) -> Double { coefficients[unit] }
  /// A unit's pre-activation at the worst point of the last pass.
  func value(_ unit: Int) -> Double { values[network.linear.count + unit] }

  /// One pass backwards: the row's bound. `point` is then where the ball allows it.
  func bound(_ choice: FoldedChoice) -> Double {
    let (network, count) = (network, network.units.count)
    let net = network.net
    work += network.work
    for unit in 0..<count { push[unit] = -Double(choice.sides[unit]) * choice.multipliers[unit] }
    var bound = withUnsafePointer(to: net) { net in
      choice.withLines(push.pointer) {
        kernels.descend(net, $0, 1, sums.pointer, coefficients.pointer)
      }
    }
    bound += kernels.minimise(net.inputs, network.radius.pointer, sums.pointer, point.pointer)
    if let part = network.part { bound -= payNorm(part) }
    return bound
  }

  /// What the norm's part of the ball takes, and its way of the worst point.
  private func payNorm(_ part: NormPart) -> Double {
    let count = network.inputCount
    norms.measure(sums.pointer, count: count, padded: 1)
    let dual = norms.dual(of: part.norm, row: 0)
    guard dual > 0, dual.isFinite else { return 0 }
    if part.norm == .l2 {
      for entry in 0..<count { point[entry] -= part.extent * (sums[entry] / dual) }
    } else if let peak = (0..<count).first(where: { sums[$0].magnitude == dual }) {
      point[peak] += sums[peak] > 0 ? -part.extent : part.extent
    }
    return part.extent * dual
  }

  /// The pre-activations at the worst point of the last pass.
  private func ascend(_ choice: FoldedChoice) {
    let net = network.net
    work += network.work
    withUnsafePointer(to: net) { net in
      choice.withLines(push.pointer) {
        _ = kernels.ascend(
          net, $0, coefficients.pointer, point.pointer, values.pointer, near.pointer)
      }
    }
  }

  private static let stretch = 8

  /// How long a row climbs.
  struct Effort {
    var passes: Int
    /// A bound that is enough.
    var target = Double.infinity
    /// Whether a climb ends that does not come near the target.
    var endsEarly = false
  }

  /// The first step of a slope, and of a multiplier in units of the unit's coefficient.
  static let (firstStep, firstMultiplier) = (0.3, 0.3)

  /// Climbs from a choice, and leaves the best one in it.
  ///
  /// - Returns: the best bound.
  func climb(_ choice: inout FoldedChoice, _ effort: Effort) -> Double {
    let count = network.units.count
    derivatives.pointer.update(repeating: 0, count: 2 * count)
    var (current, best) = (choice, -Double.infinity)
    var (before, last) = (best, effort.passes)
    for pass in 1...effort.passes {
      let bound = bound(current)
      if pass == 1 { open() }
      if bound > best { (best, choice) = (bound, current) }
      if pass >= last || best > effort.target || bound.isNaN { break }
      if pass % Self.stretch == 0 {
        // At this rate it would not get there.
        let rest = Double((effort.passes - pass) / Self.stretch)
        if effort.endsEarly, best + rest * (best - before) < effort.target { last = pass }
        before = best
      }
      ascend(current)
      notePoint()
      step(&current)
    }
    return best
  }

  private func open() {
    let count = network.units.count
    for unit in 0..<count {
      steps[unit] = Self.firstStep
      steps[count + unit] = Self.firstMultiplier * max(coefficients[unit].magnitude, 1e-3)
    }
  }

  private func step(_ choice: inout FoldedChoice) {
    let count = network.units.count
    choice.sides.withUnsafeBufferPointer { sides in
      choice.slopes.withUnsafeMutableBufferPointer { slopes in
        choice.multipliers.withUnsafeMutableBufferPointer { multipliers in
          kernels.climb(
            Int32(count),
            cm_fold_climb(
              side: sides.baseAddress, slope: slopes.baseAddress,
              multiplier: multipliers.baseAddress, derivative: derivatives.pointer,
              step: steps.pointer), coefficients.pointer, values.pointer + network.linear.count)
        }
      }
    }
  }

  private func notePoint() {
    for entry in 0..<network.inputCount { pointSum[entry] += point[entry] }
    pointCount += 1
  }

  /// The mean of the worst points, as the way from the centre.
  func takeMeanPoint() -> [Double] {
    defer { forgetPoints() }
    return (0..<network.inputCount).map { pointSum[$0] / Double(max(1, pointCount)) }
  }

  func forgetPoints() {
    pointSum.pointer.update(repeating: 0, count: network.inputCount)
    pointCount = 0
  }

  /// The margin of the folded network itself at `d`, and its derivative by `d`.
  func margin(at d: [Double], derivative: inout [Double]) -> Double {
    let net = network.net
    point.pointer.update(repeating: 0, count: network.stride)
    for entry in d.indices { point[entry] = d[entry] }
    let margin = withUnsafePointer(to: net) {
      kernels.evaluate($0, point.pointer, values.pointer)
    }
    var choice = FoldedChoice(count: network.units.count)
    for unit in network.units.indices { choice.sides[unit] = value(unit) > 0 ? 1 : -1 }
    _ = bound(choice)
    for entry in derivative.indices { derivative[entry] = sums[entry] }
    return margin
  }
}

extension FoldedChoice {
  fileprivate func withLines<Result>(
    _ push: UnsafePointer<Double>, _ body: (cm_fold_lines) -> Result
  ) -> Result {
    sides.withUnsafeBufferPointer { sides in
      slopes.withUnsafeBufferPointer { slopes in
        body(cm_fold_lines(side: sides.baseAddress, slope: slopes.baseAddress, push: push))
      }
    }
  }
}
