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

  init(seed: UInt64, style: NumberStyle) throws {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (2, 4, 1...3)
    chains.mixesKinds = seed % 3 == 0
    chain = chains.chain()
    exact = ExactChain(chain)
    var lines = (0..<chain.inputCount).map { "(declare-const X_\($0) Real)" }
    lines += (0..<chain.classCount).map { "(declare-const Y_\($0) Real)" }
    for feature in 0..<chain.inputCount {
      let low = Int.random(in: -30...20, using: &chains.random)
      let high = low + Int.random(in: 1...20, using: &chains.random)
      lower.append(Rational(low, over: 10))
      upper.append(Rational(high, over: 10))
      lines.append("(assert (>= X_\(feature) \(Self.decimal(low))))")
      lines.append("(assert (<= X_\(feature) \(Self.decimal(high))))")
    }
    // Constants about as large as outputs are: the property is decided by neither alone.
    let middle = zip(lower, upper).map { ($0 + $1) * Rational(1, over: 2) }
    let size = exact.logits(at: middle).reduce(Rational.zero) { max($0, $1.magnitude) }
    var disjuncts: [String] = []
    for _ in 0..<Int.random(in: 1...2, using: &chains.random) {
      var conjunction: [ExactFeasibility.Constraint] = []
      var texts: [String] = []
      for _ in 0..<Int.random(in: 1...3, using: &chains.random) {
        var factors = (0..<chain.classCount).map { _ in
          chains.random.chance(0.5) ? Int.random(in: -9...9, using: &chains.random) : 0
        }
        if factors.allSatisfy({ $0 == 0 }) { factors[0] = 10 }
        let share = Int.random(in: -12...12, using: &chains.random)
        let constant = Double(share) / 10 * size.approximation
        let terms = factors.enumerated().map { "(* \(Self.decimal($1)) Y_\($0))" }
        texts.append("(<= (+ \(terms.joined(separator: " ")) \(constant)) 0)")
        conjunction.append(
          ExactFeasibility.Constraint(
            factors: factors.map { Rational($0, over: 10) },
            constant: try #require(Rational(decimal: "\(constant)"))))
      }
      conjunctions.append(conjunction)
      disjuncts.append("(and \(texts.joined(separator: " ")))")
    }
    lines.append("(assert (or \(disjuncts.joined(separator: "\n  "))))")
    text = lines.joined(separator: "\n") + "\n"
    property = try PropertyFile.decode(Array(text.utf8), file: "random.vnnlib")
  }

  /// Tenths as a decimal.
  private static func decimal(_ tenths: Int) -> String {
    (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
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
