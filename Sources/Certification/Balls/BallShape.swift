import ReLUChain

/// What "within epsilon" means: the norm that a perturbation is measured in.
public enum BallShape: Sendable, Equatable {
  /// One of the norms.
  case norm(Norm)
  /// linf with a unit of its own for each feature, `[features]`, each >= 0 and finite: a
  /// perturbation is as large as the largest of its entries in units of theirs, and a feature of
  /// unit 0 does not move.
  case weighted([Double])

  /// The norm of the attack's steps.
  package var norm: Norm {
    switch self {
    case .norm(let norm): norm
    case .weighted: .linf
    }
  }

  /// Whether every feature moves for itself.
  var isBox: Bool { norm == .linf }

  /// How far one feature can move within `epsilon`, as binary64 numbers around the exact product.
  func reach(_ epsilon: Double, of feature: Int) -> (down: Double, up: Double) {
    guard case .weighted(let units) = self else { return (epsilon, epsilon) }
    let unit = units[feature]
    if unit == 0 || unit == 1 || epsilon == 1 {
      return unit == 0 ? (0, 0) : (unit * epsilon, unit * epsilon)
    }
    let product = unit * epsilon
    return (max(0, product.nextDown), product.nextUp)
  }
}
