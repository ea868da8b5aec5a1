import PropertyFiles
import Verification

/// The few lines that a person reads after a verification, for standard error.
struct VerificationSummary {
  private let plan: VerificationPlan
  private let inputs: VerificationInputs
  private let result: VerificationResult
  private let answer: CompetitionResult

  init(
    _ plan: VerificationPlan, _ inputs: VerificationInputs, _ result: VerificationResult,
    _ answer: CompetitionResult
  ) {
    (self.plan, self.inputs, self.result, self.answer) = (plan, inputs, result, answer)
  }

  /// The lines.
  var lines: [String] {
    let cases = inputs.property.cases
    let disjuncts = cases.reduce(0) { $0 + $1.conjunctions.count }
    return [
      "\(plan.modelPath) on \(plan.propertyPath): arithmetic \(plan.arithmetic.rawValue)",
      "  boxes     \(cases.count) in the property, \(disjuncts) disjuncts",
      "  bounded   \(result.boxes) boxes, split up to \(result.depth) times",
      "  \(padded(answer.word, to: 10))\(words)",
    ]
  }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private var words: String {
    switch result.answer {
    case .holds: "the property holds: proved"
    case .violated: "the property does not hold: the counterexample is proved"
    case .undecided(.rounding):
      "what is left is too small to be split: rounding decides there"
    case .undecided(.range): "a value may leave the range in which bounds hold"
    case .undecided(.size): "more units are open than a search of their signs takes"
    case .outOfBudget(.splits): "--splits \(plan.splits) was used up"
    case .outOfBudget(.time): "--timeout was over"
    }
  }
}
