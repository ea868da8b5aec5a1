/// What a stage's first operator says of maxima without a number of its own.
///
/// Of what ReLUs made, `a` in `[la, ua]` and `b` in `[lb, ub]`, a deployed network takes the maximum itself,
/// which is in `[max(la, lb), max(ua, ub)]`. A rewriting says `a + relu(b - a)`: `b - a` in front of a
/// ReLU, and `a >= 0`, which passes one unchanged, beside it. And `b - a >= 0` where `lb >= ua`, whatever its
/// number is rounded to.
struct AuditMaxima: Sendable {
  /// By output the inputs that are added, and those that are taken off.
  private let added, taken: [[Int]]
  /// The `a` beside which an input is `relu(b - a)`, in the same sum; found by output.
  private let partners: [[Int: Int]]

  /// - Parameter below: of the stage below, where it has no other operator.
  init<N>(_ op: AuditOperator<N>, below: AuditMaxima?) {
    let terms = (0..<op.statement.outputCount).map(op.terms)
    (added, taken) = (terms.map(\.added), terms.map(\.taken))
    partners = terms.map { terms in
      var found: [Int: Int] = [:]
      for side in [terms.added, terms.taken] {
        for q in side where !(below?.taken[q].isEmpty ?? true) {
          found[q] = side.first { a in
            !found.values.contains(a) && found[a] == nil && below?.taken[a] == []
              && below?.added[a] == below?.taken[q]
          }
        }
      }
      return found
    }
  }

  /// Tightens bounds of the outputs of a stage's first operator.
  static func tighten<N>(
    _ outputs: inout [Extent<N>], _ maxima: [AuditMaxima?], _ stage: Int, _ layers: AuditLayers<N>
  ) {
    guard let own = maxima[stage] else { return }
    for output in outputs.indices {
      let added = ends(own.added[output], own.partners[output], maxima, stage, layers)
      let taken = ends(own.taken[output], own.partners[output], maxima, stage, layers)
      var least = taken.high == .zero ? added.low : (added.low - taken.high).down
      var most = taken.low == .zero ? added.high : (added.high - taken.low).up
      if added.low >= taken.high { least = max(least, .zero) }
      if added.high <= taken.low { most = min(most, .zero) }
      outputs[output].lower = max(outputs[output].lower, least)
      outputs[output].upper = min(outputs[output].upper, most)
      // Whatever comes next reads the network's own number.
      let size = max(outputs[output].lower.magnitude, outputs[output].upper.magnitude)
      outputs[output].size = min(outputs[output].size, size)
    }
  }

  /// The ends of a sum of inputs of a stage; one with 0 is exact.
  private static func ends<N>(
    _ inputs: [Int], _ partners: [Int: Int], _ maxima: [AuditMaxima?], _ stage: Int,
    _ layers: AuditLayers<N>
  ) -> (low: N, high: N) {
    func plus(_ x: (low: N, high: N), _ y: (low: N, high: N)) -> (low: N, high: N) {
      (
        x.low == .zero || y.low == .zero ? x.low + y.low : (x.low + y.low).down,
        x.high == .zero || y.high == .zero ? x.high + y.high : (x.high + y.high).up
      )
    }
    func value(_ unit: Int) -> (low: N, high: N) {
      (max(layers.lower[stage - 1][unit], .zero), max(layers.upper[stage - 1][unit], .zero))
    }
    let carried = Set(partners.values)
    var sum = (low: N.zero, high: N.zero)
    for input in inputs where !carried.contains(input) {
      guard let partner = partners[input], let below = maxima[stage - 1] else {
        sum = plus(sum, value(input))
        continue
      }
      let (a, both) = (value(partner), plus(value(partner), value(input)))
      let b = ends(below.added[input], below.partners[input], maxima, stage - 1, layers)
      sum = plus(sum, (max(both.low, b.low), min(both.high, max(a.high, b.high))))
    }
    return sum
  }
}
