import Attack
import Certification
import DualBounds
import PropertyFiles
import ReLUChain

/// Decides whether a network has a property: a proof, a counterexample, or neither within the budget.
///
/// Every case is looked at before any is searched: first the middles of all boxes, then each case as a whole
/// (bounds, then descents). What stays open is searched in the order of the property, by the signs of ReLUs,
/// and then by splitting the box of its inputs, where few of them move. The answer depends on neither the
/// number of workers nor the memory, but for what `isOver` says.
///
/// - Parameters:
///   - chain: ends in the network's outputs (`keepsValues`).
///   - isOver: whether the time is over; asked often, from any worker.
///   - progress: told, from any worker but one at a time, how many boxes were bounded, and how many wait.
public func verify(
  chain: ReLUChain, property: Property, options: VerificationOptions,
  isOver: @escaping @Sendable () -> Bool = { false },
  progress: @escaping @Sendable (_ boxes: Int, _ open: Int) -> Void = { _, _ in }
) -> VerificationResult {
  precondition(
    chain.inputCount == property.inputCount && chain.classCount == property.outputCount,
    "a property of another network")
  var verifier = Verifier(chain, property, options, isOver, progress)
  return verifier.verification()
}

/// The state of one verification.
struct Verifier {
  let chain: ReLUChain
  let property: Property
  let options: VerificationOptions
  let isOver: @Sendable () -> Bool
  let progress: @Sendable (_ boxes: Int, _ open: Int) -> Void
  let network: GradientNetwork
  var result = VerificationResult(answer: .holds)
  /// The first case that no budget would decide.
  var obstacle: Obstacle?
  /// Whether a case stays open for want of boxes or parts.
  var isOutOfSplits = false
  /// The case that was looked at last, where it is open: one at a time, for the sake of memory.
  var held: OpenCase?

  init(
    _ chain: ReLUChain, _ property: Property, _ options: VerificationOptions,
    _ isOver: @escaping @Sendable () -> Bool,
    _ progress: @escaping @Sendable (_ boxes: Int, _ open: Int) -> Void
  ) {
    (self.chain, self.property, self.options) = (chain, property, options)
    (self.isOver, self.progress) = (isOver, progress)
    network = GradientNetwork(chain)
  }

  mutating func verification() -> VerificationResult {
    guard let open = looked() else { return result }
    for index in open {
      guard !isOver() else {
        _ = end(.outOfBudget(.time))
        return result
      }
      let openCase = take(index)
      guard search(openCase) else { return result }
    }
    if isOutOfSplits {
      result.answer = .outOfBudget(.splits)
    } else if let obstacle {
      result.answer = .undecided(obstacle)
    }
    return result
  }

  func question(_ index: Int) -> Question {
    Question(chain, property.cases[index], index: index, options)
  }

  mutating func end(_ answer: Answer) -> Bool {
    result.answer = answer
    return false
  }

  func violation(_ finding: PointSearch.Finding, _ question: Question) -> Violation {
    let evaluation = NetworkEvaluation(
      chain, arithmetic: options.arithmetic, wideSums: options.wideSums)
    let values = question.points.values(finding.point)
    return Violation(
      caseIndex: question.caseIndex, conjunction: finding.conjunction, point: values,
      stated: question.points.stated(finding.point), outputs: evaluation.logits(at: values))
  }
}
