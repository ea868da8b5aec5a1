import Attack
import Certification
import DualBounds
import PropertyFiles
import ReLUChain

/// Decides whether a network has a property: a proof, a counterexample, or neither within the budget.
///
/// Cases are taken in the order of the property, each first as a whole (bounds, then descents), then by the
/// signs of ReLUs, and then by splitting the box of its inputs, where few of them move. The answer depends on neither the number of
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
    let (moving, ways) = (question.box.movingCount, options.ways)
    let whole = WholeBox(question, network, options)
    var (open, bounds) = whole.open(moving <= ways.fewInputs ? .parallel : .optimized)
    result.boxes += 1
    if !open.isEmpty, let finding = whole.counterexample(open, bounds, isOver: isOver) {
      return end(.violated(violation(finding, question)))
    }
    if !open.isEmpty, moving > ways.fewInputs {
      guard
        let left = searchSigns(question, open, bounds, splitsFollow: moving <= ways.mostSplitInputs)
      else { return result.answer == .holds }
      open = left
    }
    if open.isEmpty {
      result.decidedCases += 1
      return true
    }
    return search(question, open)
  }

  /// Searches by the signs of ReLUs.
  ///
  /// - Parameter splitsFollow: whether what stays open gets another search.
  /// - Returns: what stays open; nil where there is nothing more to do for the case.
  private mutating func searchSigns(
    _ question: Question, _ open: [Int], _ bounds: BallBounds, splitsFollow: Bool
  ) -> [Int]? {
    guard bounds.relaxation.isKnown else {
      obstacle = obstacle ?? .range
      return nil
    }
    let most = splitsFollow ? options.ways.signNodesBeforeSplits : options.splits
    let found = SignSearch(
      question: question, network: network, options: options, isOver: isOver
    ).result(open, bounds, budget: min(most, options.splits))
    result.boxes += found.nodes
    result.depth = max(result.depth, found.depth)
    if let finding = found.finding {
      result.answer = .violated(violation(finding, question))
    } else if found.isOutOfTime {
      result.answer = .outOfBudget(.time)
    } else if found.open.isEmpty || splitsFollow {
      return found.open
    } else if found.isOutOfBudget {
      result.answer = .outOfBudget(.splits)
    } else {
      obstacle = obstacle ?? .rounding
    }
    return nil
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
