import Attack
import Certification
import DualBounds
import Synchronization
import Threads

/// The search of a box by the signs of ReLUs: branch and bound for each open conjunction, on all cores.
///
/// A conjunction is excluded as soon as one of its rows, or a sum of them, is proved to be above 0 on the
/// whole box. Conjunctions take turns with budgets that grow, and do not know of each other within a turn, so
/// that what is found depends on the budget alone, and none that is easily met waits for one that is hard.
struct SignSearch {
  /// What a search came to.
  struct Result: Sendable {
    /// Nodes of all trees.
    var nodes = 0
    /// The most splits on the way to a part.
    var depth = 0
    /// The conjunctions that are neither excluded nor met.
    var open: [Int] = []
    var finding: PointSearch.Finding?
    /// Whether more nodes could decide what is open; otherwise rounding does, or there are too many units.
    var isOutOfBudget = false
    var isOutOfTime = false
    /// Whether the search of an open conjunction's row could not begin for the number of open units.
    var isTooLarge = false
  }

  let question: Question
  let network: GradientNetwork
  let options: VerificationOptions
  let isOver: @Sendable () -> Bool

  /// The first budget; a search begins anew with four times as many nodes, so that conjunctions, and the
  /// rows of each, get their turns.
  private static let firstBudget = 1024
  private static let growth = 4

  /// Searches the conjunctions that bounds leave open.
  ///
  /// - Parameter budget: the most nodes of one conjunction's row in one turn.
  func result(_ open: [Int], _ known: BallBounds, budget: Int) -> Result {
    var all = Result()
    var turns = open.map { Turn(conjunction: $0, rows: question.rows(of: $0, known.margins)) }
    var nodes = min(budget, Self.firstBudget)
    while true {
      for (place, turn) in zip(turns.indices, taken(turns, known, nodes)) {
        all.nodes += turn.nodes - turns[place].nodes
        all.depth = max(all.depth, turn.depth)
        all.finding = all.finding ?? turn.finding
        all.isOutOfTime = all.isOutOfTime || turn.isOutOfTime
        turns[place] = turn
        if all.finding != nil { break }
      }
      turns.removeAll(where: \.isExcluded)
      let isLast = nodes == budget || turns.allSatisfy(\.rows.isEmpty)
      guard !isLast, all.finding == nil, !all.isOutOfTime else { break }
      nodes = min(budget, nodes * Self.growth)
    }
    all.open = turns.map(\.conjunction)
    all.isOutOfBudget = turns.contains { !$0.rows.isEmpty }
    all.isTooLarge = turns.contains(where: \.isTooLarge)
    return all
  }

  /// One turn of every conjunction up to the first that is met; those behind it may have had theirs.
  private func taken(_ turns: [Turn], _ known: BallBounds, _ nodes: Int) -> [Turn] {
    let next = Mutex(0)
    let results = Mutex(turns)
    let end = Mutex(turns.count)
    let crew = options.threads > 1 ? Crew() : nil
    runWorkers(options.threads) {
      crew?.join()
      defer { crew?.help() }
      // A worker without a turn takes no memory of its own.
      lazy var worker = SignWorker(self, known, crew)
      while let place = next.withLock({ place in
        place += 1
        return place <= end.withLock { $0 } ? place - 1 : nil
      }) {
        var turn = turns[place]
        worker.take(&turn, nodes)
        results.withLock { [turn] in $0[place] = turn }
        if turn.finding != nil { end.withLock { $0 = min($0, place + 1) } }
      }
    }
    return results.withLock { $0 }
  }
}

/// How far the search of one conjunction is.
private struct Turn: Sendable {
  let conjunction: Int
  /// The rows that may still exclude it, those nearest to a proof first.
  var rows: [Int]
  var nodes = 0
  var depth = 0
  var isExcluded = false
  var finding: PointSearch.Finding?
  var isOutOfTime = false
  var isTooLarge = false
}

/// One worker of a search by signs.
private final class SignWorker {
  private let search: SignSearch
  private let known: BallBounds
  private let workspace: BoundWorkspace
  private let points: PointSearch

  init(_ search: SignSearch, _ known: BallBounds, _ crew: Crew?) {
    (self.search, self.known) = (search, known)
    workspace = BoundWorkspace(search.question.problem, rowsPerBlock: search.options.rowsPerBlock)
    workspace.crew = crew
    points = PointSearch(search.question, search.network, workspace)
  }

  /// Searches the rows of a conjunction, each with so many nodes.
  func take(_ turn: inout Turn, _ nodes: Int) {
    for row in turn.rows {
      if search.isOver() {
        turn.isOutOfTime = true
        return
      }
      let outcome = searched(row, turn.conjunction, nodes, &turn)
      turn.nodes += outcome.nodes
      turn.depth = max(turn.depth, outcome.depth)
      switch outcome.end {
      case .proved: turn.isExcluded = true
      case .falsified: break
      // More nodes do not decide this row.
      case .rounding: turn.rows.removeAll { $0 == row }
      case .budget where outcome.nodes == 0 && nodes > 0:
        turn.rows.removeAll { $0 == row }
        turn.isTooLarge = true
      case .budget: continue
      }
      if turn.isExcluded || turn.finding != nil { return }
    }
  }

  private func searched(
    _ row: Int, _ conjunction: Int, _ nodes: Int, _ turn: inout Turn
  ) -> SplitOutcome {
    let question = search.question
    let center = question.box.ball.center
    var found: PointSearch.Finding?
    let outcome = workspace.search(
      known.relaxation, own: question.zero, other: row, budget: nodes, isOver: search.isOver
    ) { way in
      let point = question.box.clamped(zip(center, way).map { $0 + $1 })
      found = points.descend(conjunction, from: point, in: question.box, steps: 8)
      return (found != nil, question.value(of: row, at: points.outputs(near: point)))
    }
    turn.finding = found
    return outcome
  }
}

extension Question {
  /// The rows that exclude a conjunction, those nearest to a proof first.
  func rows(of conjunction: Int, _ bounds: MarginBounds) -> [Int] {
    excludingRows(conjunction).filter { bounds.margins[$0].isFinite }.sorted {
      (-bounds.margins[$0], $0) < (-bounds.margins[$1], $1)
    }
  }
}

extension InputRegion {
  /// The point of the box that is nearest.
  func clamped(_ point: [Double]) -> [Double] {
    point.indices.map { min(max(point[$0], lower[$0]), upper[$0]) }
  }
}
