import CKernels

/// One layer as rows with lower lines of their own see it: the unstable units of the current window,
/// and for every row the slope of each unit's lower line (Theorem 1's alpha).
///
/// **Soundness.** `z = max(zhat, 0)` is at least `a zhat` for every `a` in [0, 1], so every choice is a
/// proof, a different one for every row. In the terms of `RoundingCharge` (`M` the midpoint network,
/// `Mz = s M + h + r` its activation, `|r| <= 2u (s |M| + h)`), for a coefficient `mu > 0`
///
///     mu (z - Mz) >= mu a (zhat - M) - mu ((s - a) M + h) - mu |r|
///
/// and for `mu < 0`, as ever, `mu (z - Mz) >= mu s (zhat - M) - |mu| h - |mu| |r|`. The coefficient
/// below is `a mu` or `s mu`, charged like any other; `r` costs `|mu| 2^-49 (s |M| + h)`. The rows'
/// sums hold `(s - a) M`, which has either sign, apart from what is never negative, with the sum of its
/// magnitudes, on which the rounding of the sums is charged.
package final class LowerLines {
  /// The kernels' view of the layer with slope 1 everywhere and unstable units free of cost: what
  /// they cost a row is for its own lines to say.
  let plain: UnsafeMutablePointer<cm_layer>
  /// The unstable units of the window, and the rows' lines.
  package private(set) var lines = cm_lines()

  private let state: LayerState
  private let ones: Buffer<Double>
  private let costs: Buffer<Double>
  private let places: Buffer<Int32>
  /// `[4][units]`: midpoint, slope, gap, charge.
  private let numbers: Buffer<Double>
  /// `[4][rows of all unstable units of the window]`, grown as needed.
  private var rows = Buffer<Double>(repeating: 0, count: 0)
  /// The unstable live units of the whole layer.
  private let unstable: Buffer<Int32>
  private var unstableCount = 0

  package init(_ state: LayerState) {
    self.state = state
    ones = Buffer(repeating: 1, count: state.count + 1)
    costs = Buffer(repeating: 0, count: state.count + 1)
    places = Buffer(repeating: 0, count: state.count)
    unstable = Buffer(repeating: 0, count: state.count + 1)
    numbers = Buffer(repeating: 0, count: 4 * state.count)
    plain = .allocate(capacity: 1)
    plain.initialize(to: state.live.pointee)
  }

  deinit { plain.deallocate() }

  /// Takes over the live units of the layer, after its relaxation.
  package func prepare(isReLU: Bool) {
    plain.pointee = state.live.pointee
    plain.pointee.slope = ones.pointer
    plain.pointee.cost = costs.pointer
    unstableCount = 0
    for slot in 0..<Int(plain.pointee.count) {
      let isUnstable = isReLU && state.bounds.lower[Int(plain.pointee.unit[slot])] < 0
      costs[slot] = isUnstable ? 0 : state.live.pointee.cost[slot]
      unstable[unstableCount] = Int32(truncatingIfNeeded: slot)
      unstableCount += isUnstable ? 1 : 0
    }
  }

  /// Opens a window for a block of rows and lists the unstable units in it, every lower line by area
  /// ("adaptive"): slope 1 where the unit reaches further up than down, else 0.
  package func open(_ window: cm_window, padded: Int, firstStep: Double) {
    cm_open_window(plain, window)
    let layer = plain.pointee
    let capacity = state.count
    var count = 0
    for index in 0..<unstableCount {
      let slot = Int(unstable[index])
      let unit = Int(layer.unit[slot])
      let position = unit / Int(layer.channels)
      let (y, x) = (position / Int(layer.width), position % Int(layer.width))
      guard y >= window.y0, y < window.y1, x >= window.x0, x < window.x1 else { continue }
      let first = layer.start[y * Int(layer.width) + Int(window.x0)]
      places[count] = layer.row_base[y] + Int32(truncatingIfNeeded: slot) - first
      let slope = state.live.pointee.slope[slot]
      numbers[count] = state.forward.midpoint[unit]
      numbers[capacity + count] = slope
      // Not below the relaxation's own.
      numbers[2 * capacity + count] =
        0.5 * (slope * -state.bounds.lower[unit]) * (1 + 0x1p-49) + 0x1p-1021
      numbers[3 * capacity + count] =
        state.bounds.own_charge[unit] + state.bounds.deployed_charge[unit]
      count += 1
    }
    lay(count, padded)
    for index in 0..<count {
      // s > 1/2 says that u > -l.
      let line: Double = numbers[capacity + index] > 0.5 ? 1 : 0
      (lines.lower + index * padded).update(repeating: line, count: padded)
    }
    lines.derivative?.update(repeating: 0, count: count * padded)
    lines.step?.update(repeating: firstStep, count: count * padded)
  }

  private func lay(_ count: Int, _ padded: Int) {
    let size = count * padded
    if rows.count < 4 * size { rows = Buffer(repeating: 0, count: 6 * size) }
    lines = cm_lines(
      count: Int32(truncatingIfNeeded: count), place: places.pointer, midpoint: numbers.pointer,
      slope: numbers.pointer + state.count, gap: numbers.pointer + 2 * state.count,
      charge: numbers.pointer + 3 * state.count, lower: rows.pointer,
      coefficient: rows.pointer + size, derivative: rows.pointer + 2 * size,
      step: rows.pointer + 3 * size)
  }
}
