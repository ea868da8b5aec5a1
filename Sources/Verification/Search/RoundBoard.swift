import Threads

/// The boxes of a search, handed out to workers in rounds.
///
/// A round is a fixed number of boxes from the end of the list, and what comes out of them is entered by
/// their places once all are done: what is searched, and found, does not depend on how many workers
/// there are. The list grows by a round for each time a box can be split, no more.
final class RoundBoard: @unchecked Sendable {
  /// How many boxes a round has.
  static let roundSize = 128
  /// So many boxes are bounded behind one that cannot be split, however early that came.
  private static let leastBehindObstacle = 4096

  private let monitor = Monitor()
  private let isOver: @Sendable () -> Bool
  private let progress: @Sendable (_ boxes: Int, _ open: Int) -> Void

  // All below belongs to whoever is inside of the monitor.
  private var budget: Int
  private var waiting: [OpenBox]
  private var round: [OpenBox] = []
  private var outcomes: [BoxOutcome?] = []
  private var next = 0
  private var done = 0
  private var hasEnded = false
  /// Whether the budget is what an obstacle leaves of it.
  private var isCut = false
  private(set) var result = SearchResult()

  /// - Parameters:
  ///   - budget: the most boxes.
  ///   - isOver: whether the time is over; asked before every box.
  init(
    _ first: OpenBox, budget: Int, isOver: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (_ boxes: Int, _ open: Int) -> Void
  ) {
    (waiting, self.budget) = ([first], budget)
    (self.isOver, self.progress) = (isOver, progress)
    begin()
  }

  /// Works until nothing is left to do; `number` counts the boxes of all rounds.
  func work(_ outcome: (OpenBox, _ number: Int) -> BoxOutcome) {
    while let (place, number, box) = take() {
      put(isOver() ? .skipped : outcome(box, number), place)
    }
  }

  /// The next box of the round; waits for the next round where all are taken.
  private func take() -> (place: Int, number: Int, box: OpenBox)? {
    monitor.locked {
      while !hasEnded, next == round.count { monitor.wait() }
      guard !hasEnded else { return nil }
      next += 1
      return (next - 1, result.boxes + next - 1, round[next - 1])
    }
  }

  private func put(_ outcome: BoxOutcome, _ place: Int) {
    monitor.locked {
      outcomes[place] = outcome
      done += 1
      guard done == round.count else { return }
      enter()
      begin()
      monitor.wake()
    }
  }

  /// Enters what came out of a round.
  private func enter() {
    for (box, outcome) in zip(round, outcomes) {
      result.depth = max(result.depth, box.depth)
      switch outcome {
      case .violated(let finding): result.finding = result.finding ?? finding
      case .split(let parts): waiting += parts
      case .stuck(let obstacle): meet(obstacle)
      case .skipped, nil: result.isOutOfTime = true
      case .proved: break
      }
    }
    result.boxes += round.count
    progress(result.boxes, waiting.count)
  }

  /// Behind a box that cannot be split no proof is left, and as many boxes again may show a counterexample.
  private func meet(_ obstacle: Obstacle) {
    guard result.obstacle == nil else { return }
    result.obstacle = obstacle
    let most = 2 * (result.boxes + round.count) + Self.leastBehindObstacle
    (budget, isCut) = (min(budget, most), most < budget)
  }

  /// Begins the next round, or ends the search.
  private func begin() {
    let count = min(Self.roundSize, waiting.count, budget - result.boxes)
    if result.finding != nil || result.isOutOfTime || count <= 0 {
      result.isOutOfBudget = !waiting.isEmpty && count <= 0 && !isCut
      hasEnded = true
      return
    }
    round = Array(waiting.suffix(count))
    waiting.removeLast(count)
    outcomes = [BoxOutcome?](repeating: nil, count: count)
    (next, done) = (0, 0)
  }
}

/// What a search of boxes came to.
struct SearchResult: Sendable {
  /// Boxes that were bounded.
  var boxes = 0
  var depth = 0
  var finding: PointSearch.Finding?
  /// Why a box could not be split.
  var obstacle: Obstacle?
  var isOutOfTime = false
  /// Whether boxes are left that were not bounded.
  var isOutOfBudget = false
}
