/// Which network a bound speaks of.
public enum Arithmetic: String, Sendable, CaseIterable {
  /// The network in exact arithmetic, over every real point of the ball.
  case real
  /// The network as deployed in binary32, sums in any order, fused or not.
  case float32
}

extension Arithmetic {
  /// The unit roundoff of the deployed network's operations; nil where it makes none.
  var unitRoundoff: Double? {
    switch self {
    case .real: nil
    case .float32: 0x1p-24
    }
  }

  /// The largest finite value of the deployed network's type.
  var greatestFinite: Double {
    switch self {
    case .real: .infinity
    case .float32: Double(Float.greatestFiniteMagnitude)
    }
  }

  /// The most that one deployed operation can lose to underflow.
  var underflow: Double {
    switch self {
    case .real: 0
    case .float32: 0x1p-149
    }
  }
}
