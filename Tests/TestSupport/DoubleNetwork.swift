import ReLUChain

/// A chain in plain binary64, rounded as it comes: for searches, never for truth.
public struct DoubleNetwork: Sendable {
  private let stages: [[[Taps]]]

  /// Prepares a chain.
  public init(_ chain: ReLUChain) {
    stages = chain.stages.map { $0.operators.map(\.taps) }
  }

  /// The logits at one point.
  public func logits(at point: [Double]) -> [Double] {
    var values = point
    for (index, stage) in stages.enumerated() {
      if index > 0 { values = values.map { max($0, 0) } }
      for taps in stage {
        values = taps.map { tap in
          tap.terms.reduce(tap.offset) { $0 + $1.weight * values[$1.source] }
        }
      }
    }
    return values
  }
}
