import CKernels
import ReLUChain

/// The part of a ball that is no box: `||d|| <= extent`.
package struct NormPart: Sendable {
  let norm: Norm
  let extent: Double

  /// Nil where the ball is a box.
  package init?(_ ball: Ball) {
    guard ball.extent != 0 else { return nil }
    (norm, extent) = (ball.norm, ball.extent)
  }
}

/// The norms of the rows of one block.
package final class RowNorms {
  private let sum = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let largest = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let squares = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// For the rounding of a sum of all entries, and of what is made of it.
  private var inflation = 1.0

  package init() {}

  /// What this takes.
  static let bytes = 3 * Buffer<Double>.bytes(Int(CM_MAX_ROWS))

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
extension RowNorms {
  /// Adds what the norm of the ball takes from each row of a block on the input, rounded up, to the
  /// row's cost. The box has been paid for by the last step.
  ///
  /// - Parameters:
  ///   - rows: `[inputs of the window][padded]`.
  ///   - input: the input layer with the rows' window.
  ///   - cost: `[padded]`; not finite where a coefficient is not.
  package func pay(
    _ part: NormPart, _ rows: UnsafePointer<Double>, over input: cm_view, padded: Int,
    cost: UnsafeMutablePointer<Double>
  ) {
    measure(rows, count: input.openInputs, padded: padded)
    for row in 0..<padded {
      cost[row] += part.extent * dual(of: part.norm, row: row) * (1 + 0x1p-50)
    }
  }

  /// Replaces coefficients on the input by the way from the centre to where their linear function is
  /// smallest over the ball; not rounded to any side.
  ///
  /// - Parameters:
  ///   - part: nil for a box.
  ///   - rows: `[inputs of the window][padded]`.
  ///   - input: the input layer with the rows' window, and radii as its costs.
  package func minimise(
    _ part: NormPart?, _ rows: UnsafeMutablePointer<Double>, over input: cm_view, padded: Int
  ) {
    if part != nil { measure(rows, count: input.openInputs, padded: padded) }
    let layer = input.layer.pointee
    var entries = rows
    for y in Int(input.window.y0)..<Int(input.window.y1) {
      let starts = layer.start + y * Int(layer.width)
      for slot in Int(starts[Int(input.window.x0)])..<Int(starts[Int(input.window.x1)]) {
        let radius = input.cost[slot]
        for row in 0..<padded {
          let coefficient = entries[row]
          entries[row] = coefficient > 0 ? -radius : coefficient < 0 ? radius : 0
          if let part { entries[row] += move(part, row, coefficient) }
        }
        entries += padded
      }
    }
  }

  /// One entry of the norm's own part of a minimiser.
  private func move(_ part: NormPart, _ row: Int, _ coefficient: Double) -> Double {
    let dual = dual(of: part.norm, row: row)
    guard coefficient != 0, dual.isFinite else { return 0 }
    if part.norm == .l2 { return -part.extent * (coefficient / dual) }
    guard coefficient.magnitude == dual else { return 0 }
    spend(row)
    return coefficient > 0 ? -part.extent : part.extent
  }
}

extension cm_view {
  /// The number of inputs in the window of the input layer: all of a window are live.
  var openInputs: Int {
    let (rows, columns) = (window.y1 - window.y0, window.x1 - window.x0)
    return Int(rows * columns * layer.pointee.channels)
  }
}
