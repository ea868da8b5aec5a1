import CKernels
import ReLUChain

/// What is known of a rewriting's maxima without the numbers that stand for them.
///
/// `max(a, b)` is written `a + relu(b - a)`, where `a >= 0` passes a ReLU of its own unchanged. A deployed
/// network takes the maximum itself, so that nobody computes these numbers, and for bounds of ReLUs' outputs,
/// `a` in `[la, ua]` and `b` in `[lb, ub]`, no row and no charge is needed:
/// - the sum is in `[max(la, lb), max(ua, ub)]`, where intervals of its parts end at `2 ua - la` for equals;
/// - a difference `b - a` is not positive where `ub <= la`, and not negative where `lb >= ua`: so where both
///   are 0, or one is, which is what ReLUs mostly make.
final class RewrittenMaxima: @unchecked Sendable {
  /// Sums of inputs less sums of others: weights are 1 or -1.
  private let rows: SparseRows
  private let start: FixedNumbers<Int32>
  private let terms: FixedNumbers<cm_term>
  /// What made the inputs, in front of their ReLUs; nil where that is no such operator.
  private let below: RewrittenMaxima?
  /// Whether two of its terms are a maximum somewhere.
  let hasMaxima: Bool
  /// The kernel's view of these: written once.
  private let view: UnsafeMutablePointer<cm_maxima>

  /// - Parameter below: the operator that made what goes into the ReLUs below.
  /// - Returns: nil for an operator that a deployed network computes, or that adds anything.
  init?(
    _ linear: LinearOperator, input: UnitLayout, output: UnitLayout, below: RewrittenMaxima?
  ) {
    guard linear.isVirtual, case .convolution(let c) = linear.kind, input == c.inputLayout,
      output == c.outputLayout, !linear.hasOffset, c.uncertainty == .none,
      c.weights.allSatisfy({ $0 == 0 || $0.magnitude == 1 })
    else { return nil }
    var rows = SparseRows(.grouped(c), input: input, output: output)
    rows.dropZeros()
    var (start, terms) = ([Int32(0)], [cm_term]())
    for unit in 0..<output.count {
      for isAdded in [true, false] {
        terms += Self.terms(of: unit, in: rows, isAdded: isAdded, below)
        start.append(Int32(terms.count))
      }
    }
    (self.rows, self.below) = (rows, below)
    hasMaxima = terms.contains { $0.compared >= 0 }
    self.start = FixedNumbers(start, zero: 0)
    self.terms = FixedNumbers(terms, zero: cm_term())
    view = .allocate(capacity: 1)
    view.initialize(
      to: cm_maxima(
        count: Int32(output.count), start: self.start.pointer, terms: self.terms.pointer,
        below: below.map { UnsafePointer($0.view) }))
  }

  deinit { view.deallocate() }

  /// What an output adds, or what it takes off.
  private static func terms(
    of unit: Int, in rows: SparseRows, isAdded: Bool, _ below: RewrittenMaxima?
  ) -> [cm_term] {
    var found = rows.entries(of: unit).filter { (rows.weight[$0] > 0) == isAdded }.map {
      cm_term(source: rows.column[$0], compared: -1)
    }
    guard let below else { return found }
    for compared in found.map(\.source) where below.takesOff(Int(compared)) {
      // It may stand for another `a` already.
      guard let other = found.firstIndex(where: { $0.source == compared && $0.compared < 0 }),
        let carried = found.firstIndex(where: {
          $0.compared < 0 && below.carries(Int($0.source), whatIsTakenOff: Int(compared))
        })
      else { continue }
      found[carried].compared = compared
      found.remove(at: other)
    }
    return found
  }

  private func takesOff(_ unit: Int) -> Bool {
    rows.entries(of: unit).contains { rows.weight[$0] < 0 }
  }

  /// Whether a unit is the sum of exactly what another one takes off.
  private func carries(_ unit: Int, whatIsTakenOff other: Int) -> Bool {
    let sum = rows.entries(of: unit)
    let taken = rows.entries(of: other).filter { rows.weight[$0] < 0 }
    return sum.count == taken.count
      && sum.allSatisfy { entry in
        rows.weight[entry] > 0 && taken.contains { rows.column[$0] == rows.column[entry] }
      }
  }

  /// Tightens the outputs' bounds, rounded outward.
  ///
  /// A maximum is no larger than its inputs, which its magnitude says, too, where no ReLU follows: rounding
  /// behind it is charged on that. What rows pay for the sum itself was charged before, on the numbers that
  /// stand for it.
  ///
  /// - Parameters:
  ///   - layers: those below, from the input on; the last of them is the one of the inputs.
  ///   - signsOnly: takes the sign from what is known, no number.
  func tighten(
    _ layer: LayerRelaxation, isReLU: Bool, on layers: [LayerRelaxation], signsOnly: Bool
  ) {
    var (depth, next) = (1, below)
    while let further = next { (depth, next) = (depth + 1, further.below) }
    let bounds = layers.suffix(depth).reversed().map(\.bounds)
    withUnsafePointer(to: layer.forward) { forward in
      cm_take_maxima(view, bounds, layer.bounds, isReLU ? nil : forward, signsOnly ? 1 : 0)
    }
  }
}

extension SparseRows {
  /// Where a row's entries are.
  fileprivate func entries(of row: Int) -> Range<Int> {
    Int(rowStart[row])..<Int(rowStart[row + 1])
  }
}
