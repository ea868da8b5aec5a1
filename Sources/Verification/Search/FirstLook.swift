import Attack
import DualBounds

// The first look at all cases, before any is searched.
extension Verifier {
  /// Looks at every case.
  ///
  /// - Returns: those that stay open; nil where that is the end of all.
  mutating func looked() -> [Int]? {
    if let (question, finding) = violatedMiddle() {
      _ = end(.violated(violation(finding, question)))
      return nil
    }
    var open: [Int] = []
    for index in property.cases.indices {
      guard !isOver() else {
        _ = end(.outOfBudget(.time))
        return nil
      }
      held = nil
      let question = question(index)
      let whole = WholeBox(question, network, options)
      let (conjunctions, bounds) = whole.open(slopes(question))
      result.boxes += 1
      guard !conjunctions.isEmpty else {
        result.decidedCases += 1
        continue
      }
      if let finding = whole.counterexample(conjunctions, bounds, isOver: isOver) {
        _ = end(.violated(violation(finding, question)))
        return nil
      }
      open.append(index)
      held = OpenCase(question: question, open: conjunctions, bounds: bounds)
    }
    return open
  }

  /// The first case that the middle of its box violates.
  private func violatedMiddle() -> (Question, PointSearch.Finding)? {
    let gradients = GradientWorkspace(network)
    for index in property.cases.indices {
      guard !isOver() else { return nil }
      guard property.cases[index].seemsMet(atMiddleBy: gradients, options.arithmetic) else {
        continue
      }
      let question = question(index)
      if let finding = WholeBox(question, network, options).middle() { return (question, finding) }
    }
    return nil
  }

  private func slopes(_ question: Question) -> Slopes {
    question.box.movingCount <= options.ways.fewInputs ? .parallel : .optimized
  }

  /// An open case, bounded again unless it was the last one.
  mutating func take(_ index: Int) -> OpenCase {
    defer { held = nil }
    if let held, held.question.caseIndex == index { return held }
    held = nil
    let question = question(index)
    let (open, bounds) = WholeBox(question, network, options).open(slopes(question))
    return OpenCase(question: question, open: open, bounds: bounds)
  }
}
