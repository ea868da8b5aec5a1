import NumberSupport

/// Affine functions of the input, exactly, over one cell of a polytope of inputs: nil where a value is
/// none.
///
/// Whatever compares takes its outcome from the cell. Where the cell has points of both outcomes, it
/// shrinks to those of one of them, and the others are kept for another evaluation: that evaluation
/// finds every outcome up to there settled.
struct AffineNumbers: NumberSystem {
  /// The cell, and what was cut from it.
  final class Cell {
    fileprivate(set) var polytope: Polytope
    fileprivate(set) var rest: [Polytope] = []

    init(_ polytope: Polytope) { self.polytope = polytope }
  }

  var isFolding = false
  let cell: Cell
  private let exact = ExactNumbers()

  init(over polytope: Polytope) { cell = Cell(polytope) }

  private func fixed(_ value: Rational?) -> AffineForm? { value.map { AffineForm(offset: $0) } }

  private func constant(_ form: AffineForm?) -> Rational? {
    precondition(form?.isConstant ?? true, "a function of the data where a constant is expected")
    return form?.offset
  }

  func stored(_ value: Double) -> AffineForm? { fixed(exact.finite(exact.stored(value))) }
  func initial(_ value: Double, _ type: OracleType) -> AffineForm? { stored(value) }
  func negative(_ value: AffineForm?) -> AffineForm? { value.map { -Rational.one * $0 } }

  func sum(_ terms: [Term<AffineForm?>], _ role: Role) -> AffineForm? {
    var total = AffineForm(offset: .zero)
    for term in terms {
      switch term {
      case .number(let value):
        guard let value else { return nil }
        total = total + value
      case .product(let left, let right):
        guard let left, let right else { return nil }
        let (form, factor) = left.isConstant ? (right, left) : (left, right)
        precondition(factor.isConstant, "a product of data and data")
        total = total + factor.offset * form
      }
    }
    return total
  }

  func quotient(_ left: AffineForm?, _ right: AffineForm?, _ role: Role) -> AffineForm? {
    guard let left, let divisor = constant(right), !divisor.isZero else { return nil }
    return (Rational.one / divisor) * left
  }

  func root(_ value: AffineForm?, _ role: Role) -> AffineForm? {
    fixed(exact.root(constant(value), role))
  }

  func function(_ name: String, _ operands: [AffineForm?], _ role: Role) -> AffineForm? {
    fixed(exact.function(name, operands.map { constant($0) }, role))
  }

  func cast(_ value: AffineForm?, to role: Role) -> AffineForm? {
    role.isData ? value : fixed(exact.cast(constant(value), to: role))
  }

  func loaded(_ value: AffineForm?) -> AffineForm? { value }

  /// Whether the left number is the smaller one inside the cell; at its border they may be equal.
  func isLess(_ left: AffineForm?, _ right: AffineForm?) -> Bool {
    guard let left, let right else { return false }
    let difference = right - left
    if difference.isConstant { return difference.offset.sign > 0 }
    if let parts = cell.polytope.split(by: difference) {
      cell.polytope = parts.above
      cell.rest.append(parts.below)
      return true
    }
    return cell.polytope.range(of: difference).upperBound.sign > 0
  }

  func isNaN(_ value: AffineForm?) -> Bool { value == nil }
  func whole(_ value: AffineForm?, _ rule: FloatingPointRoundingRule) -> AffineForm? {
    fixed(exact.whole(constant(value), rule))
  }
  func integer(_ value: AffineForm?) -> Int { exact.integer(constant(value)) }
  func way(of count: Int) -> Int { 0 }
}
