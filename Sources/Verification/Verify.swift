import Attack
import Certification
import DualBounds
import PropertyFiles
import ReLUChain

/// Decides whether a network has a property: a proof, a counterexample, or neither within the budget.
///
/// Cases are taken in the order of the property, each first as a whole (bounds, then descents), and then by
/// splitting the box of its inputs, where few of them move. The answer depends on neither the number of
/// workers nor the memory, but for what `isOver` says.
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

/// So many moving inputs are split; more are not.
private let mostSplitInputs = 24

private struct Verifier {
  private let chain: ReLUChain
  private let property: Property
  private let options: VerificationOptions
  private let isOver: @Sendable () -> Bool
  private let progress: @Sendable (_ boxes: Int, _ open: Int) -> Void
  private let network: GradientNetwork
  private var result = VerificationResult(answer: .holds)
  /// The first case that no budget would decide.
  private var obstacle: Obstacle?

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
    for (index, propertyCase) in property.cases.enumerated() {
      guard !isOver() else {
        result.answer = .outOfBudget(.time)
        return result
      }
      guard decide(Question(chain, propertyCase, index: index, options)) else { return result }
    }
    if let obstacle { result.answer = .undecided(obstacle) }
    return result
  }

  /// Decides one case; false where that is the end of all.
  private mutating func decide(_ question: Question) -> Bool {
    let splitsInputs = question.box.movingCount <= mostSplitInputs
    let whole = WholeBox(question, network, options)
    let (open, bounds) = whole.open(splitsInputs ? .parallel : .optimized)
    result.boxes += 1
    if open.isEmpty {
      result.decidedCases += 1
      return true
    }
    if let finding = whole.counterexample(open, bounds, isOver: isOver) {
      return end(.violated(violation(finding, question)))
    }
    guard splitsInputs else {
      obstacle = obstacle ?? (bounds.relaxation.isKnown ? .manyInputs : .range)
      return true
    }
    return search(question, open)
  }

  private mutating func search(_ question: Question, _ open: [Int]) -> Bool {
    let (before, progress) = (result.boxes, progress)
    let board = RoundBoard(
      OpenBox(region: question.box, open: open, depth: 0), budget: options.splits - before,
      isOver: isOver, progress: { progress(before + $0, $1) })
    runWorkers(options.threads) { [network, options] in
      let worker = BoxWorker(question, network, rowsPerBlock: options.rowsPerBlock)
      board.work(worker.outcome)
    }
    let found = board.result
    result.boxes += found.boxes
    result.depth = max(result.depth, found.depth)
    if let finding = found.finding { return end(.violated(violation(finding, question))) }
    if found.isOutOfTime { return end(.outOfBudget(.time)) }
    if found.isOutOfBudget { return end(.outOfBudget(.splits)) }
    obstacle = obstacle ?? found.obstacle
    if found.obstacle == nil { result.decidedCases += 1 }
    return true
  }

  private mutating func end(_ answer: Answer) -> Bool {
    result.answer = answer
    return false
  }

  private func violation(_ finding: PointSearch.Finding, _ question: Question) -> Violation {
    let evaluation = NetworkEvaluation(
      chain, arithmetic: options.arithmetic, wideSums: options.wideSums)
    let values = question.points.values(finding.point)
    return Violation(
      caseIndex: question.caseIndex, conjunction: finding.conjunction, point: values,
      stated: question.points.stated(finding.point), outputs: evaluation.logits(at: values))
  }
}
