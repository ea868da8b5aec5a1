import Certification
import DualBounds
import Threads

// The search of one case that the first look left open.
extension Verifier {
  /// Searches one case; false where that is the end of all.
  mutating func search(_ given: OpenCase) -> Bool {
    let (moving, ways) = (given.question.box.movingCount, options.ways)
    var open = given.open
    if moving > ways.fewInputs {
      guard let left = searchSigns(given, splitsFollow: moving <= ways.mostSplitInputs) else {
        return result.answer == .holds
      }
      open = left
    }
    if open.isEmpty {
      result.decidedCases += 1
      return true
    }
    return searchBoxes(given.question, open)
  }

  /// Searches by the signs of ReLUs.
  ///
  /// - Parameter splitsFollow: whether what stays open gets another search.
  /// - Returns: what stays open; nil where there is nothing more to do for the case.
  private mutating func searchSigns(_ given: OpenCase, splitsFollow: Bool) -> [Int]? {
    guard given.bounds.relaxation.isKnown else {
      obstacle = obstacle ?? .range
      return nil
    }
    let most = splitsFollow ? options.ways.signNodesBeforeSplits : options.splits
    let found = SignSearch(
      question: given.question, network: network, options: options, isOver: isOver
    ).result(given.open, given.bounds, budget: min(most, options.splits))
    result.boxes += found.nodes
    result.depth = max(result.depth, found.depth)
    if let finding = found.finding {
      result.answer = .violated(violation(finding, given.question))
    } else if found.isOutOfTime {
      result.answer = .outOfBudget(.time)
    } else if found.open.isEmpty || splitsFollow {
      return found.open
    } else if found.isOutOfBudget {
      // Another case may still be violated.
      isOutOfSplits = true
    } else {
      obstacle = obstacle ?? (found.isTooLarge ? .size : .rounding)
    }
    return nil
  }

  private mutating func searchBoxes(_ question: Question, _ open: [Int]) -> Bool {
    let (before, progress) = (result.boxes, progress)
    let board = RoundBoard(
      OpenBox(region: question.box, open: open, depth: 0), budget: options.splits - before,
      isOver: isOver, progress: { progress(before + $0, $1) })
    runWorkers(options.threads) { [network, options] in
      let worker = BoxWorker(question, network, options)
      board.work(worker.outcome)
    }
    let found = board.result
    result.boxes += found.boxes
    result.depth = max(result.depth, found.depth)
    if let finding = found.finding { return end(.violated(violation(finding, question))) }
    if found.isOutOfTime { return end(.outOfBudget(.time)) }
    isOutOfSplits = isOutOfSplits || found.isOutOfBudget
    obstacle = obstacle ?? found.obstacle
    if found.obstacle == nil && !found.isOutOfBudget { result.decidedCases += 1 }
    return true
  }
}
