import CMachine
import ReLUChain

/// The part of a ball that is no box: `||d|| <= extent`.
struct NormPart {
  let norm: Norm
  let extent: Double

  /// Nil where the ball is a box.
  init?(_ ball: Ball) {
    guard ball.extent != 0 else { return nil }
    (norm, extent) = (ball.norm, ball.extent)
  }
}

/// The dual norms of the rows of the first layer of ReLUs, composed down to the input: they depend on
/// the network only, so a workspace learns them once.
struct LeadingNorms {
  /// What they are the dual of; nil where none were learned.
  var norm: Norm?
  /// `[units]`, rounded up.
  var values: [Double] = []
}

/// The norms of the rows of one block.
final class RowNorms {
  private let sum = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let largest = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let squares = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// For the rounding of a sum of all entries, and of what is made of it.
  private var inflation = 1.0

  /// Takes a block, `[count][padded]`.
  func measure(_ rows: UnsafePointer<Double>, count: Int, padded: Int) {
    cm_row_norms(
      Int64(count), rows, Int32(padded), sum.pointer, largest.pointer, squares.pointer)
    inflation = 1 + Double(count + 16) * 0x1p-52
  }

  /// What `lambda' d` can reach where `||d|| <= 1`, rounded up; infinity where an entry is not
  /// finite.
  func dual(of norm: Norm, row: Int) -> Double {
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
  ///   - rows: `[live inputs of the window][padded]`.
  ///   - cost: `[padded]`; not finite where a coefficient is not.
  func payNorm(_ rows: UnsafePointer<Double>, padded: Int, cost: UnsafeMutablePointer<Double>) {
    guard let normPart else { return }
    rowNorms.measure(rows, count: openInputs, padded: padded)
    for row in 0..<padded {
      cost[row] += normPart.extent * rowNorms.dual(of: normPart.norm, row: row) * (1 + 0x1p-50)
    }
  }

  /// Where a linear function is smallest over the ball, as the way there from the centre; not
  /// rounded to any side.
  ///
  /// - Parameters:
  ///   - rows: `[live inputs of the window][padded]`.
  ///   - moves: the same shape, overwritten.
  func minimise(
    _ rows: UnsafePointer<Double>, padded: Int, moves: UnsafeMutablePointer<Double>
  ) {
    let input = states[0].live.pointee
    var entry = 0
    for y in input.window.y0..<input.window.y1 {
      let start = (y * input.width + input.window.x0) * input.channels
      let end = (y * input.width + input.window.x1) * input.channels
      for unit in Int(start)..<Int(end) {
        for row in entry..<entry + padded {
          let sign: Double = rows[row] > 0 ? -1 : rows[row] < 0 ? 1 : 0
          moves[row] = sign * input.cost[unit]
        }
        entry += padded
      }
    }
    guard let normPart else { return }
    rowNorms.measure(rows, count: openInputs, padded: padded)
    for row in 0..<padded {
      let length = rowNorms.dual(of: normPart.norm, row: row)
      guard length > 0, length.isFinite else { continue }
      move(rows, moves, row: row, padded: padded, normPart, dual: length)
    }
  }

  private func move(
    _ rows: UnsafePointer<Double>, _ moves: UnsafeMutablePointer<Double>, row: Int, padded: Int,
    _ part: NormPart, dual: Double
  ) {
    for entry in stride(from: row, to: openInputs * padded, by: padded) {
      let coefficient = rows[entry]
      if part.norm == .l2 {
        moves[entry] -= part.extent * (coefficient / dual)
      } else if coefficient.magnitude == dual {
        moves[entry] += coefficient > 0 ? -part.extent : part.extent
        return
      }
    }
  }

  /// Adds what the norm part reaches to the interval bounds of the first layer of ReLUs; false where
  /// that overflows. The layers before it have bounds of the box part only, which nobody asks for.
  ///
  /// With `P` the product of the operators up to here, as they are stored, intervals bound
  /// `zhat - P d`: they are those of the box with the magnitudes, and so the charges, of the whole
  /// ball. `|P_j d| <= extent ||P_j||_dual`, where a computed row errs by at most
  /// `g(steps) |W_r| ... |W_1|`, and that times the extent is at most `g(steps) A_j`.
  func widenByNorm(at index: Int) -> Bool {
    guard let normPart, index == problem.firstReLU else { return true }
    learnNorms(of: normPart.norm, at: index)
    // The first step of a row copies stored numbers; each one below sums, and scales by 1.
    let steps = problem.layers[1..<index].reduce(0) { $0 + ($1.compiled?.charge.fanOut ?? 0) + 1 }
    let error = RoundingCharge.gamma(steps, 0x1p-53) * 1.01
    let state = states[index]
    var isInRange = true
    for unit in 0..<state.count {
      let reach = normPart.extent * leadingNorms.values[unit] * (1 + 0x1p-50)
      let more = (reach + error * state.forward.magnitude[unit] + problem.rowSlack).nextUp.nextUp
      isInRange = isInRange && more < RoundingCharge.magnitudeLimit
      state.bounds.lower[unit] = (state.bounds.lower[unit] - more).nextDown
      state.bounds.upper[unit] = (state.bounds.upper[unit] + more).nextUp
    }
    return isInRange
  }

  private func learnNorms(of norm: Norm, at index: Int) {
    guard leadingNorms.norm != norm else { return }
    let count = states[index].count
    leadingNorms.values = [Double](repeating: .infinity, count: count)
    leadingNorms.norm = norm
    for unit in 0..<count { open[unit] = Int32(truncatingIfNeeded: unit) }
    var first = 0
    while first < count {
      let end = blockEnd(first, count, problem.layers[index].layout)
      let padded = paddedRows(end - first)
      start(
        UnsafeBufferPointer(start: open.pointer + first, count: end - first), padded: padded,
        window: states[index].window(of: open[first]...open[end - 1]), at: index, keepsInput: true)
      for layer in stride(from: index - 1, to: 0, by: -1) {
        step(from: layer, padded: padded, keepsInput: true)
      }
      rowNorms.measure(block(0), count: openInputs, padded: padded)
      for row in 0..<end - first {
        leadingNorms.values[first + row] = rowNorms.dual(of: norm, row: row)
      }
      first = end
    }
  }

  /// The number of inputs in the window: all of a window are live.
  private var openInputs: Int {
    let input = states[0].live.pointee
    let (rows, columns) = (input.window.y1 - input.window.y0, input.window.x1 - input.window.x0)
    return Int(rows * columns * input.channels)
  }
}
