import NumberSupport
import PropertyFiles
import Testing

/// Random formulas, read and written out as cases, against their meaning at points, exactly.
@Suite struct MeaningTests {
  /// A formula that evaluates itself.
  private indirect enum Truth {
    case compare(index: Int, isInput: Bool, isUpper: Bool, value: Rational, text: String)
    case difference(Int, Int, factor: Rational, text: String)
    case all([Truth])
    case any([Truth])

    func holds(_ inputs: [Rational], _ outputs: [Rational]) -> Bool {
      switch self {
      case .compare(let index, let isInput, let isUpper, let value, _):
        let left = isInput ? inputs[index] : outputs[index]
        return isUpper ? left <= value : left >= value
      case .difference(let first, let second, let factor, _):
        return outputs[first] <= factor * outputs[second]
      case .all(let parts): return parts.allSatisfy { $0.holds(inputs, outputs) }
      case .any(let parts): return parts.contains { $0.holds(inputs, outputs) }
      }
    }

    var text: String {
      switch self {
      case .compare(_, _, _, _, let text), .difference(_, _, _, let text): text
      case .all(let parts): "(and \(parts.map(\.text).joined(separator: " ")))"
      case .any(let parts): "(or \(parts.map(\.text).joined(separator: "\n ")))"
      }
    }
  }

  private static func number(_ random: inout SeededGenerator) -> (text: String, value: Rational) {
    let tenths = Int.random(in: -20...20, using: &random)
    let text = (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    return (text, Rational(tenths, over: 10))
  }

  private static func truth(_ depth: Int, _ random: inout SeededGenerator) -> Truth {
    if depth > 0, random.chance(0.6) {
      let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in truth(depth - 1, &random) }
      return random.chance(0.5) ? .all(parts) : .any(parts)
    }
    let (text, value) = number(&random)
    if random.chance(0.3) {
      let (first, second) = (Int.random(in: 0..<2, using: &random), 2)
      return .difference(
        first, second, factor: value, text: "(<= (- Y_\(first) (* \(text) Y_\(second))) 0)")
    }
    let (isInput, isUpper) = (random.chance(0.4), random.chance(0.5))
    let index = Int.random(in: 0..<(isInput ? 2 : 3), using: &random)
    let name = (isInput ? "X_" : "Y_") + "\(index)"
    return .compare(
      index: index, isInput: isInput, isUpper: isUpper, value: value,
      text: random.chance(0.5)
        ? "(\(isUpper ? "<=" : ">=") \(name) \(text))"
        : "(\(isUpper ? ">=" : "<=") \(text) \(name))")
  }

  /// Whether a point is in one of the cases; nil where a rounding decides.
  private static func isIn(
    _ property: Property, _ inputs: [Rational], _ outputs: [Rational]
  ) -> Bool? {
    var isUnsure = false
    func isBelow(_ value: Rational, _ end: Enclosure) -> Bool {
      if value <= Rational(end.lower) { return true }
      if value <= Rational(end.upper) { isUnsure = true }
      return false
    }
    let found = property.cases.contains { propertyCase in
      let isInside = inputs.indices.allSatisfy {
        isBelow(inputs[$0], propertyCase.box.upper[$0])
          && isBelow(-inputs[$0], -propertyCase.box.lower[$0])
      }
      return isInside
        && propertyCase.conjunctions.contains { conjunction in
          conjunction.allSatisfy { constraint in
            let sum = constraint.terms.reduce(Rational.zero) {
              $0 + Rational($1.coefficient.nearest) * outputs[$1.output]
            }
            // Decimals are rounded once each: points are nowhere near as close to a border.
            let gap = sum + Rational(constraint.constant.nearest)
            if gap.magnitude < Rational(0x1p-40) { isUnsure = true }
            return gap.sign <= 0
          }
        }
    }
    return isUnsure ? nil : found
  }

  @Test("a formula means at every point what its cases mean", arguments: seeds(200))
  func meaning(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.truth(3, &random) }
    let output = Self.number(&random)
    // A bound of outputs of its own, so that every disjunct has one.
    let last = Truth.compare(
      index: 0, isInput: false, isUpper: true, value: output.value, text: "(<= Y_0 \(output.text))")
    let all = Truth.all(parts + [last])
    let source = text(
      inputs: 2, outputs: 3, (parts + [last]).map { "(assert \($0.text))" }.joined(separator: "\n"))
    guard let property = try? property(source) else {
      // Nothing but a box that is empty in every disjunct is refused.
      #expect(refusal(source)?.contains("contradict each other") == true, "\(source)")
      return
    }
    var decided = 0
    for _ in 0..<200 {
      let inputs = (0..<2).map { _ in Rational(Int.random(in: 0...100, using: &random), over: 100) }
      let outputs = (0..<3).map { _ in
        Rational(Int.random(in: -300...300, using: &random), over: 137)
      }
      guard let found = Self.isIn(property, inputs, outputs) else { continue }
      decided += 1
      #expect(
        found == all.holds(inputs, outputs), "seed \(seed), \(inputs), \(outputs):\n\(source)")
    }
    #expect(decided > 50)
  }
}
