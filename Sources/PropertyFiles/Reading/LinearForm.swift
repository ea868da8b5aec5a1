/// A variable of a property.
enum Variable: Hashable {
  case input(Int)
  case output(Int)

  /// `X_3` or `Y_0`.
  var name: String {
    switch self {
    case .input(let index): "X_\(index)"
    case .output(let index): "Y_\(index)"
    }
  }

  /// Inputs first, each by its number.
  fileprivate var rank: (Int, Int) {
    switch self {
    case .input(let index): (0, index)
    case .output(let index): (1, index)
    }
  }
}

/// A linear function of variables.
struct LinearForm {
  /// The factors, none of them 0 for certain.
  private(set) var coefficients: [Variable: Enclosure] = [:]
  /// What is added.
  var constant = Enclosure(0)

  /// A number.
  init(constant: Enclosure) { self.constant = constant }

  /// A variable itself.
  init(_ variable: Variable) { coefficients = [variable: Enclosure(1)] }

  /// Whether no variable is left.
  var isConstant: Bool { coefficients.isEmpty }

  /// The variables with their factors, inputs first, each by its number.
  var terms: [(variable: Variable, coefficient: Enclosure)] {
    coefficients.sorted { $0.key.rank < $1.key.rank }.map { ($0.key, $0.value) }
  }

  /// Whether every number is finite.
  var isFinite: Bool { constant.isFinite && coefficients.values.allSatisfy(\.isFinite) }

  mutating func add(_ other: LinearForm) {
    constant = constant + other.constant
    for (variable, coefficient) in other.coefficients {
      let sum = (coefficients[variable] ?? Enclosure(0)) + coefficient
      coefficients[variable] = sum.isZero ? nil : sum
    }
  }

  /// The form with every number changed.
  func mapped(_ change: (Enclosure) -> Enclosure) -> LinearForm {
    var result = LinearForm(constant: change(constant))
    result.coefficients = coefficients.mapValues(change).filter { !$0.value.isZero }
    return result
  }
}
