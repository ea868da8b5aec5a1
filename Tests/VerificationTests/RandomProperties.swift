import PropertyFiles
import ReLUChain
import TestSupport
import Testing
import Verification

/// A small network and a property of it, drawn at random, exactly and as texts.
struct RandomProperty {
  let chain: ReLUChain
  let exact: ExactChain
  let text: String
  let property: Property
  /// `[inputs]`.
  private(set) var lower: [Rational] = []
  private(set) var upper: [Rational] = []
  private(set) var conjunctions: [[ExactFeasibility.Constraint]] = []

  /// By how much constraints may be looser or tighter for the answer to be called clear.
  private(set) var slack = Rational.zero

  /// - Parameter isNear: the first constraint lies just below or above the least value that it takes, so
  ///   that neither bounds of the whole nor any point decide.
  init(seed: UInt64, style: NumberStyle, isNear: Bool = false) throws {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = isNear ? (2, 6, 3...3) : (2, 4, 1...3)
    chains.mixesKinds = !isNear && seed % 3 == 0
    chain = chains.chain()
    exact = ExactChain(chain)
    for _ in 0..<chain.inputCount {
      let low = Int.random(in: -30...20, using: &chains.random)
      lower.append(Rational(low, over: 10))
      upper.append(Rational(low + Int.random(in: 1...20, using: &chains.random), over: 10))
    }
    // Constants about as large as outputs are: the property is decided by neither alone.
    let middle = zip(lower, upper).map { ($0 + $1) * Rational(1, over: 2) }
    let size = exact.logits(at: middle).reduce(Rational.zero) { max($0, $1.magnitude) }
    let outputs = chain.classCount
    slack = max(size, .one) * Rational(1, over: 50)
    for _ in 0..<(isNear ? 1 : Int.random(in: 1...2, using: &chains.random)) {
      conjunctions.append(
        (0..<Int.random(in: 1...3, using: &chains.random)).map { _ in
          var factors = (0..<outputs).map { _ in
            chains.random.chance(0.5) ? Int.random(in: -9...9, using: &chains.random) : 0
          }
          if factors.allSatisfy({ $0 == 0 }) { factors[0] = 10 }
          let share = Int.random(in: isNear ? -50...0 : -12...12, using: &chains.random)
          return ExactFeasibility.Constraint(
            factors: factors.map { Rational($0, over: 10) },
            constant: Rational(Double(share) / 10 * size.approximation))
        })
    }
    if isNear {
      let box = Polytope(from: lower, to: upper)
      let (constant, gap) = Self.nearLeast(
        conjunctions[0][0], exact, box, isMet: chains.random.chance(0.5))
      conjunctions[0][0].constant = constant
      slack = gap * Rational(1, over: 4)
    }
    let disjuncts = conjunctions.map { conjunction in
      "(and \(conjunction.map(Self.text).joined(separator: " ")))"
    }
    var lines = (0..<chain.inputCount).map { "(declare-const X_\($0) Real)" }
    lines += (0..<chain.classCount).map { "(declare-const Y_\($0) Real)" }
    for (feature, ends) in zip(lower, upper).enumerated() {
      lines.append("(assert (>= X_\(feature) \(Self.decimal(ends.0))))")
      lines.append("(assert (<= X_\(feature) \(Self.decimal(ends.1))))")
    }
    lines.append("(assert (or \(disjuncts.joined(separator: "\n  "))))")
    text = lines.joined(separator: "\n") + "\n"
    property = try PropertyFile.decode(Array(text.utf8), file: "random.vnnlib")
  }

  /// A constraint's constant with which it is met by a fiftieth of its range, or missed by that much.
  private static func nearLeast(
    _ constraint: ExactFeasibility.Constraint, _ chain: ExactChain, _ box: Polytope, isMet: Bool
  ) -> (constant: Rational, gap: Rational) {
    var ranges: [ClosedRange<Rational>] = []
    forEachCell(of: chain, over: box) { outputs, cell in
      ranges.append(cell.range(of: constraint.form(outputs)))
    }
    let least = ranges.map(\.lowerBound).min() ?? .zero
    let gap = ((ranges.map(\.upperBound).max() ?? .zero) - least) * Rational(1, over: 50)
    let constant = constraint.constant - least + (isMet ? -gap : gap)
    // A number that a text can hold.
    return (Rational(constant.approximation), gap)
  }

  private static func text(_ constraint: ExactFeasibility.Constraint) -> String {
    let terms = constraint.factors.enumerated().map { "(* \(decimal($1)) Y_\($0))" }
    return "(<= (+ \(terms.joined(separator: " ")) \(exactly(constraint.constant))) 0)"
  }

  /// All digits of a binary fraction.
  private static func exactly(_ value: Rational) -> String {
    InputBox(lower: [Enclosure(value.approximation)], upper: [Enclosure(value.approximation)])
      .numeral(of: value.approximation, feature: 0)
  }

  /// A number of tenths as a decimal.
  private static func decimal(_ value: Rational) -> String {
    let tenths = Int((value.approximation * 10).rounded())
    return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// The box as a polytope.
  var polytope: Polytope { Polytope(from: lower, to: upper) }

  /// The conjunction that is met at outputs; nil where none is.
  func isMet(_ conjunction: Int, at outputs: [Rational]) -> Bool {
    conjunctions[conjunction].allSatisfy { constraint in
      zip(constraint.factors, outputs).reduce(constraint.constant) { $0 + $1.0 * $1.1 }.sign <= 0
    }
  }
}
