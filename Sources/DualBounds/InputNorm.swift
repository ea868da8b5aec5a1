import CKernels
import ReLUChain

/// The part of a ball that is no box: `||d|| <= extent`.
package struct NormPart {
  let norm: Norm
  let extent: Double

  /// Nil where the ball is a box.
  package init?(_ ball: Ball) {
    guard ball.extent != 0 else { return nil }
    (norm, extent) = (ball.norm, ball.extent)
  }
}

/// The dual norms of the rows of the first layer of ReLUs, composed down to the input: they depend on
/// the network only, so a workspace learns them once.
package struct LeadingNorms {
  /// What they are the dual of; nil where none were learned.
  var norm: Norm?
  /// `[units]`, rounded up.
  package var values: [Double] = []
  /// What the rounding of the rows adds to each, as a part of the unit's magnitude.
  var error = 0.0
}

/// The norms of the rows of one block.
package final class RowNorms {
  private let sum = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let largest = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let squares = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// For the rounding of a sum of all entries, and of what is made of it.
  private var inflation = 1.0

  package init() {}

  /// Takes a block, `[count][padded]`.
  package func measure(_ rows: UnsafePointer<Double>, count: Int, padded: Int) {
    cm_row_norms(
      Int64(count), rows, Int32(padded), sum.pointer, largest.pointer, squares.pointer)
    inflation = 1 + Double(count + 16) * 0x1p-52
  }

  /// Takes note that a row's largest entry was met: no other equals it from now on.
  func spend(_ row: Int) { largest[row] = .infinity }

  /// What `lambda' d` can reach where `||d|| <= 1`, rounded up; infinity where an entry is not
  /// finite.
  package func dual(of norm: Norm, row: Int) -> Double {
    guard sum[row] < .infinity else { return .infinity }
    let peak = largest[row]
    switch norm {
    case .linf: return sum[row] * inflation
    case .l1: return peak
    case .l2:
      if peak == 0 { return 0 }
      // Beyond these the squares may have lost something; the sum of magnitudes is not below.
      guard peak > 0x1p-400, peak < 0x1p400 else { return sum[row] * inflation }
      return squares[row].squareRoot() * inflation
    }
  }
}

// What the norm of the ball asks of rows: at the input `lambda' d >= -extent ||lambda||_dual`, and
// linf is l1's dual, l2 its own.
//
// Rounding of the coefficients costs nothing here: `RoundingCharge` charges the error `e` of a step
// against `|z - Mz| <= 2 zbar`, and at the input `z - Mz = d + r` with `|d_j| <= extent`, which
// zbar contains.
extension BoundWorkspace {
  /// Adds what the norm of the ball takes from each row of a block on the input, rounded up, to the
  /// row's cost; nothing where the ball is a box. The box has been paid for by the last step.
  ///
  /// - Parameters:
  ///   - rows: `[inputs of the window][padded]`.
  ///   - input: the input layer with the rows' window.
  ///   - cost: `[padded]`; not finite where a coefficient is not.
  package func payNorm(
    _ rows: UnsafePointer<Double>, over input: cm_layer, padded: Int,
    cost: UnsafeMutablePointer<Double>
  ) {
    guard let normPart else { return }
    rowNorms.measure(rows, count: input.openInputs, padded: padded)
    for row in 0..<padded {
      cost[row] += normPart.extent * rowNorms.dual(of: normPart.norm, row: row) * (1 + 0x1p-50)
    }
  }

  /// Replaces coefficients on the input by the way from the centre to where their linear function is
  /// smallest over the ball; not rounded to any side.
  ///
  /// - Parameters:
  ///   - rows: `[inputs of the window][padded]`.
  ///   - input: the input layer with the rows' window, and radii as its costs.
  package func minimise(_ rows: UnsafeMutablePointer<Double>, over input: cm_layer, padded: Int) {
    if normPart != nil { rowNorms.measure(rows, count: input.openInputs, padded: padded) }
    var entries = rows
    for y in Int(input.window.y0)..<Int(input.window.y1) {
      let starts = input.start + y * Int(input.width)
      for slot in Int(starts[Int(input.window.x0)])..<Int(starts[Int(input.window.x1)]) {
        let radius = input.cost[slot]
        for row in 0..<padded {
          let coefficient = entries[row]
          entries[row] = coefficient > 0 ? -radius : coefficient < 0 ? radius : 0
          if let normPart { entries[row] += move(normPart, row, coefficient) }
        }
        entries += padded
      }
    }
  }

  /// One entry of the norm's own part of a minimiser.
  private func move(_ normPart: NormPart, _ row: Int, _ coefficient: Double) -> Double {
    let dual = rowNorms.dual(of: normPart.norm, row: row)
    guard coefficient != 0, dual.isFinite else { return 0 }
    if normPart.norm == .l2 { return -normPart.extent * (coefficient / dual) }
    guard coefficient.magnitude == dual else { return 0 }
    rowNorms.spend(row)
    return coefficient > 0 ? -normPart.extent : normPart.extent
  }

  /// Whether the intervals of a layer would be its exact range over a box, but are not over this
  /// ball: where an elementwise stage comes first, its units move each for itself in a box, while a
  /// norm binds them together, of which intervals know nothing.
  ///
  /// There every unit gets its row, as without the elementwise stage every unit has its norm.
  func normBindsUnits(at index: Int) -> Bool {
    guard normPart != nil, problem.layers[index].mixing == 1 else { return false }
    return problem.layers[..<index].last(where: \.isReLU)?.mixing == 0
  }

  /// Adds what the norm part reaches to the interval bounds of the first layer of ReLUs; false where
  /// that overflows. The layers before it have bounds of the box part only, which nobody asks for.
  ///
  /// With `P` the product of the operators up to here, as they are stored, intervals bound
  /// `zhat - P d`: they are those of the box with the magnitudes, and so the charges, of the whole
  /// ball. `|P_j d| <= extent ||P_j||_dual`, where a computed row errs by at most
  /// `g(steps) |W_r| ... |W_1|`, and that times the extent is at most `g(steps) A_j`.
  package func widenByNorm(at index: Int) -> Bool {
    guard let normPart, index == problem.firstReLU else { return true }
    learnNorms(of: normPart.norm, at: index)
    let state = states[index]
    var isInRange = true
    for unit in 0..<state.count {
      let more = reach(of: normPart, at: state, unit)
      isInRange = isInRange && more < RoundingCharge.magnitudeLimit
      state.bounds.lower[unit] = (state.bounds.lower[unit] - more).nextDown
      state.bounds.upper[unit] = (state.bounds.upper[unit] + more).nextUp
    }
    return isInRange
  }

  /// Not below `extent ||P_j||_dual`, for a unit of the first layer of ReLUs, whose norms are known.
  package func reach(of normPart: NormPart, at state: LayerState, _ unit: Int) -> Double {
    let reach = normPart.extent * leadingNorms.values[unit] * (1 + 0x1p-50)
    let error = leadingNorms.error
    return (reach + error * state.forward.magnitude[unit] + problem.rowSlack).nextUp.nextUp
  }

  private func learnNorms(of norm: Norm, at index: Int) {
    guard leadingNorms.norm != norm else { return }
    let count = states[index].count
    leadingNorms.values = [Double](repeating: .infinity, count: count)
    leadingNorms.norm = norm
    // The first step of a row copies stored numbers; each one below sums, and scales by 1.
    let steps = problem.layers[1..<index].reduce(0) { $0 + ($1.compiled?.charge.fanOut ?? 0) + 1 }
    leadingNorms.error = RoundingCharge.gamma(steps, 0x1p-53) * 1.01
    for unit in 0..<count { open[unit] = Int32(truncatingIfNeeded: unit) }
    var first = 0
    while first < count {
      let end = blockEnd(first, count, problem.layers[index].layout, most: rowsPerBlock)
      let padded = paddedRows(end - first)
      start(
        UnsafeBufferPointer(start: open.pointer + first, count: end - first), padded: padded,
        window: window(from: open[first], through: open[end - 1], at: index), at: index,
        keepsInput: true)
      for layer in stride(from: index - 1, to: 0, by: -1) {
        step(from: layer, padded: padded, keepsInput: true)
      }
      rowNorms.measure(block(0), count: states[0].live.pointee.openInputs, padded: padded)
      for row in 0..<end - first {
        leadingNorms.values[first + row] = rowNorms.dual(of: norm, row: row)
      }
      first = end
    }
  }
}

extension cm_layer {
  /// The number of inputs in the window of the input layer: all of a window are live.
  fileprivate var openInputs: Int {
    let (rows, columns) = (window.y1 - window.y0, window.x1 - window.x0)
    return Int(rows * columns * channels)
  }
}
