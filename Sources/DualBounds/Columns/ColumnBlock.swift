import CKernels
import ReLUChain

/// Algorithm 1 in its own direction: columns carried forward, one for every input feature and every
/// unstable unit so far, instead of rows carried back.
///
/// Cheaper than rows where inputs are few. With `D = zhat - M`, the difference between the true and
/// the midpoint network's pre-activation, the invariant of a layer is
/// `D = sum over the columns of column_k eta_k + eps`, `|eta_k| <= weight_k`, `|eps| <= error`:
///
/// - at the input a column for each feature, its weight the feature's radius, and no error;
/// - through a ReLU `z - Mz = s D + d + r` with `|d| <= h` (see `RoundingCharge`): every column is
///   scaled by `s`, and each unstable unit adds a column, the unit vector, of weight `h`;
/// - through an operator `D = W (z - Mz) + delta - f`: the columns are multiplied by `W`, each with
///   an error of `g(fanIn + 3) |W| |s column_k|`, so that
///   `error = |W| (s error + own v) + q + slack`, `v = sum of |s column_k| weight_k + s error + h`.
///   `q` covers `delta`, `f` and `W r`, `own >= 3 g(fanIn + 2) + 40 u` the columns' rounding.
///
/// A unit's bounds are `M -+ (sum of |column_k| weight_k + error)`: the row's, but for rounding, whose
/// errors add up here without cancelling.
package final class ColumnBlock {
  /// The most columns that are ever carried.
  package static let most = 256

  /// `[units][columns]` before an activation, and `[live units][columns]` behind it.
  private let before: Buffer<Double>
  private let behind: Buffer<Double>
  /// `[columns]`.
  package let weight: Buffer<Double>
  /// `[units]`: the error, before an activation and behind it.
  package let error: Buffer<Double>
  /// `[units]`: not below the sum of |column| times weight, before an activation and behind it.
  package let reach: Buffer<Double>
  private let charged: Buffer<Double>
  private let problem: BoundProblem
  /// Multiply-adds of all operators so far, which a row would have to pass.
  private var passed = 0.0
  private var count = 0
  private var layer = 0
  private var isCarried = false

  init(_ problem: BoundProblem, widest: Int) {
    self.problem = problem
    before = Buffer(repeating: 0, count: widest * Self.most)
    behind = Buffer(repeating: 0, count: widest * Self.most)
    weight = Buffer(repeating: 0, count: Self.most)
    error = Buffer(repeating: 0, count: widest + 8)
    reach = Buffer(repeating: 0, count: widest + 8)
    charged = Buffer(repeating: 0, count: 4 * widest)
  }

  /// What a block takes.
  static func bytes(widest: Int) -> Int {
    2 * Buffer<Double>.bytes(widest * most) + Buffer<Double>.bytes(most)
      + 2 * Buffer<Double>.bytes(widest + 8) + Buffer<Double>.bytes(4 * widest)
  }

  /// The most columns for a problem; 0 where rows are expected to be cheaper throughout.
  static func limit(for layers: [BoundProblem.Layer]) -> Int {
    let widths = layers.filter(\.isReLU).map(\.layout.count)
    return isWorthwhile(inputs: layers[0].layout.count, widths: widths) ? most : 0
  }

  /// Whether columns may pay: few features beside every layer, and a second layer to bound.
  static func isWorthwhile(inputs: Int, widths: [Int]) -> Bool {
    guard widths.count > 1, let narrowest = widths.min() else { return false }
    return inputs <= 64 && 2 * inputs <= narrowest
  }

  private var padded: Int { (count + 3) / 4 * 4 }

  /// Starts over: a column for each feature. Weights of columns are those of a box: any other ball
  /// takes rows.
  ///
  /// - Precondition: no more features than `most`.
  package func enter(_ ball: Ball, _ input: LayerRelaxation) {
    precondition(input.count <= Self.most, "more features than columns")
    (count, layer, passed, isCarried) = (input.count, 0, 0, ball.extent == 0)
    let width = padded
    behind.pointer.update(repeating: 0, count: input.count * width)
    weight.pointer.update(repeating: 0, count: Self.most)
    for unit in 0..<input.count {
      behind[unit * width + unit] = 1
      let radius = input.live.pointee.cost[unit]
      (weight[unit], reach[unit], error[unit]) = (radius, radius, 0)
    }
  }

  /// Carries the columns through an operator and bounds the open units of the layer that it produces.
  ///
  /// - Parameters:
  ///   - view: scratch that looks at `below`.
  ///   - index: the layer's number.
  ///   - open: the units to bound.
  /// - Returns: false where rows are to do it: they are cheaper, or a number left its range.
  package func ascend(
    from below: LayerRelaxation, seen view: UnsafePointer<cm_view>, to above: LayerRelaxation,
    _ index: Int, _ kernels: cm_kernels, open: UnsafeBufferPointer<Int32>
  ) -> Bool {
    guard isCarried else { return false }
    let producer = problem.producer(index)
    passed += producer.operations
    let isDear = Double(count) * producer.operations > Double(open.count) * passed
    if !open.isEmpty, isDear, problem.direction == .automatic {
      isCarried = false
      return false
    }
    charge(below, own: producer.charge.rounding)
    var passing = below.live.pointee
    passing.values = charged.pointer
    producer.forward(
      kernels, from: &passing,
      to: cm_forward(
        midpoint: before.pointer, center: before.pointer, radius: error.pointer,
        magnitude: before.pointer))
    producer.ascendColumns(
      kernels, from: view, behind.pointer, padded: Int32(padded), to: above.live, before.pointer)
    layer = index
    isCarried = finish(above, producer.charge.rounding)
    guard isCarried else { return false }
    let intersects = problem.layers[index].readsMaxima
    for unit in open { bound(above, Int(unit), intersects: intersects) }
    return true
  }

  /// `s error + own v` for every live unit below, in the place of the interval radius, which the
  /// forward pass multiplies by `|W|`.
  private func charge(_ below: LayerRelaxation, own: Double) {
    for unit in 0..<Int(below.live.pointee.count) {
      charged[4 * unit] = 0
      charged[4 * unit + 1] = 0
      charged[4 * unit + 2] = (error[unit] + own * (reach[unit] + error[unit])) * (1 + 0x1p-50)
      charged[4 * unit + 3] = 0
    }
  }

  /// Adds the layer's own charges to the error, and sums what the columns reach; false where a
  /// number left its range.
  private func finish(_ above: LayerRelaxation, _ own: Double) -> Bool {
    cm_column_reach(
      Int32(above.count), before.pointer, Int32(padded), weight.pointer, reach.pointer)
    var isInRange = true
    for unit in 0..<above.count {
      let charge = above.bounds.own_charge[unit] + above.bounds.deployed_charge[unit]
      error[unit] = (error[unit] * (1 + own) + charge) * (1 + 0x1p-50) + problem.rowSlack
      reach[unit] *= problem.rowInflation
      // False for NaN, too.
      isInRange = isInRange && error[unit] + reach[unit] < RoundingCharge.magnitudeLimit
    }
    return isInRange
  }

  private func bound(_ state: LayerRelaxation, _ unit: Int, intersects: Bool) {
    let half = (reach[unit] + error[unit]) * (1 + 0x1p-50)
    let (bounds, midpoint) = (state.bounds, state.forward.midpoint[unit])
    let (lower, upper) = (bounds.lower[unit], bounds.upper[unit])
    bounds.lower[unit] = intersects ? max(lower, midpoint - half) : midpoint - half
    bounds.upper[unit] = intersects ? min(upper, midpoint + half) : midpoint + half
  }

  /// Carries the columns through the activation of the layer that they stand before.
  package func settle(_ state: LayerRelaxation) {
    guard isCarried else { return }
    let live = state.live.pointee
    let old = padded
    let unstable = (0..<Int(live.count)).filter { isUnstable(state, Int(live.unit[$0])) }
    guard count + unstable.count <= Self.most else {
      isCarried = false
      return
    }
    let first = count
    count += unstable.count
    let width = padded
    for slot in 0..<Int(live.count) {
      let unit = Int(live.unit[slot])
      let slope = live.slope[slot]
      let (source, target) = (before.pointer + unit * old, behind.pointer + slot * width)
      for column in 0..<width { target[column] = column < first ? source[column] * slope : 0 }
      // In place: a live unit's slot is never behind its number.
      error[slot] = slope * error[unit] * (1 + 0x1p-50)
      reach[slot] = slope * reach[unit] * (1 + 0x1p-50)
    }
    for (place, slot) in unstable.enumerated() {
      behind[slot * width + first + place] = 1
      let half = gap(state, slot)
      weight[first + place] = half
      reach[slot] = (reach[slot] + half) * (1 + 0x1p-50)
    }
  }

  private func isUnstable(_ state: LayerRelaxation, _ unit: Int) -> Bool {
    problem.layers[layer].isReLU && state.bounds.lower[unit] < 0
  }

  /// Not below `h = t/2` as the relaxation holds it: its value is `s M + h`.
  private func gap(_ state: LayerRelaxation, _ slot: Int) -> Double {
    let unit = Int(state.live.pointee.unit[slot])
    let slope = state.live.pointee.slope[slot]
    return 0.5 * (slope * -state.bounds.lower[unit]) * (1 + 0x1p-49) + 0x1p-1021
  }
}
