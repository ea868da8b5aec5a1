import DualBounds
import PropertyFiles
import ReLUChain
import TestSupport
import Testing
import Verification

/// Answers against the exact truth, from the text of the property on.
@Suite struct OracleTests {
  @Test(
    "in exact arithmetic no answer is wrong, and what is no near tie is answered",
    arguments: [false, true])
  func exactArithmetic(isNear: Bool) throws {
    var (unsat, sat, open, clear, searched) = (0, 0, 0, 0, 0)
    for style in [NumberStyle.smallIntegers, .dyadic, .singles, .doubles, .nearOne] {
      for seed in seeds(40) {
        let instance = try RandomProperty(seed: seed, style: style, isNear: isNear)
        let place = "\(style), seed \(seed)\n\(instance.text)"
        let result = verify(
          chain: instance.chain, property: instance.property,
          options: VerificationOptions(arithmetic: .real, splits: 3_000, threads: 2))
        let truth = feasibility(instance, .zero)
        switch result.answer {
        case .holds:
          unsat += 1
          #expect(!truth.isFeasible, "called unsat: \(place)")
        case .violated(let violation):
          sat += 1
          try check(violation, instance, place)
        case .undecided, .outOfBudget: open += 1
        }
        guard isClear(instance) else { continue }
        clear += 1
        if result.boxes > 2 { searched += 1 }
        let isDecided = result.answer == .holds || truth.isFeasible && isViolated(result.answer)
        #expect(isDecided, "\(result.answer), truly feasible: \(truth.isFeasible): \(place)")
      }
    }
    print("exact: \(unsat) unsat, \(sat) sat, \(open) open; \(clear) clear, \(searched) searched")
    #expect(unsat > 20 && sat > 20 && clear > 40 && searched > (isNear ? 15 : -1))
  }

  private func isViolated(_ answer: Answer) -> Bool {
    if case .violated = answer { true } else { false }
  }

  private func feasibility(
    _ instance: RandomProperty, _ slack: Rational
  ) -> (isFeasible: Bool, hasTie: Bool) {
    instance.conjunctions.reduce((false, false)) { known, conjunction in
      let found = ExactFeasibility(
        instance.exact, over: instance.polytope, conjunction, slack: slack)
      return (known.0 || found.isFeasible, known.1 || found.hasTie)
    }
  }

  /// Whether the answer is the same with constraints a little looser and a little tighter.
  private func isClear(_ instance: RandomProperty) -> Bool {
    // A network that is constant there leaves no room at all.
    let size = instance.conjunctions.joined().reduce(Rational.one) {
      max($0, $1.constant.magnitude)
    }
    guard instance.slack > size * Rational(0x1p-20) else { return false }
    let (loose, tight) = (
      feasibility(instance, instance.slack), feasibility(instance, -instance.slack)
    )
    return loose.isFeasible == tight.isFeasible && !loose.hasTie && !tight.hasTie
  }

  /// A counterexample lies in the box and meets its conjunction, exactly; so do its numerals.
  private func check(_ violation: Violation, _ instance: RandomProperty, _ place: String) throws {
    let box = instance.property.cases[violation.caseIndex].box
    let points = [
      violation.point.map { Rational($0) },
      try violation.stated.enumerated().map {
        try #require(Rational(decimal: box.numeral(of: $1, feature: $0)))
      },
    ]
    for point in points {
      for (value, ends) in zip(point, zip(instance.lower, instance.upper)) {
        #expect(ends.0 <= value && value <= ends.1, "\(place)")
      }
      let outputs = instance.exact.logits(at: points[0])
      #expect(instance.isMet(violation.conjunction, at: outputs), "\(place)")
    }
  }

  @Test(
    "of a deployed network no answer is wrong in any order of summation", arguments: [false, true])
  func deployed(isNear: Bool) throws {
    var (unsat, sat) = (0, 0)
    for style in [NumberStyle.dyadic, .singles, .spread, .nearOne, .doubles] {
      for seed in seeds(30) {
        let instance = try RandomProperty(seed: seed + 1000, style: style, isNear: isNear)
        let network = DeployedNetwork(instance.chain)
        var random = SeededGenerator(state: seed)
        let place = "\(style), seed \(seed)\n\(instance.text)"
        let result = verify(
          chain: instance.chain, property: instance.property,
          options: VerificationOptions(arithmetic: .float32, splits: 1_500, threads: 2))
        func evaluated(_ point: [Double]) -> [Rational]? {
          let order = random.pick(SummationOrder.allCases, or: .forward)
          let evaluation = Evaluation(
            order: order, fusing: random.pick([0, 0.5, 1], or: 0), isFolded: random.chance(0.3))
          let outputs = network.preActivations(at: point, evaluation, using: &random).last ?? []
          return outputs.allSatisfy(\.isFinite) ? outputs.map { Rational($0) } : nil
        }
        switch result.answer {
        case .holds:
          unsat += 1
          // A proof for the deployed network is one for the exact one, too.
          #expect(!feasibility(instance, .zero).isFeasible, "called unsat: \(place)")
          for _ in 0..<60 {
            let point = zip(instance.lower, instance.upper).map { low, high in
              let share = random.pick([0, 1, Double.random(in: 0...1, using: &random)], or: 0)
              let value = low.approximation + share * (high.approximation - low.approximation)
              return Double(Float(min(max(value, low.approximation), high.approximation)))
            }
            guard let outputs = evaluated(point) else { continue }
            for conjunction in instance.conjunctions.indices {
              #expect(!instance.isMet(conjunction, at: outputs), "\(point): \(place)")
            }
          }
        case .violated(let violation):
          sat += 1
          for (value, ends) in zip(violation.point, zip(instance.lower, instance.upper)) {
            #expect(ends.0 <= Rational(value) && Rational(value) <= ends.1, "\(place)")
            #expect(Double(Float(value)) == value)
          }
          for _ in 0..<30 {
            guard let outputs = evaluated(violation.point) else {
              Issue.record("no number: \(place)")
              continue
            }
            #expect(instance.isMet(violation.conjunction, at: outputs), "\(place)")
          }
        case .undecided, .outOfBudget: break
        }
      }
    }
    print("deployed: \(unsat) unsat, \(sat) sat")
    #expect(unsat > 20 && sat > 20)
  }
}
