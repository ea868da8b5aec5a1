import Attack
import Certification
import DualBounds
import Synchronization

/// The search of a box by the signs of ReLUs: branch and bound for each open conjunction, on all cores.
///
/// A conjunction is excluded as soon as one of its rows, or a sum of them, is proved to be above 0 on the
/// whole box. Conjunctions do not know of each other, so that what is found depends on the budget alone.
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
    /// Whether more nodes could decide what is open; otherwise rounding does.
    var isOutOfBudget = false
    var isOutOfTime = false
  }

  let question: Question
  let network: GradientNetwork
  let options: VerificationOptions
  let isOver: @Sendable () -> Bool

  /// Searches the conjunctions that bounds leave open.
  ///
  /// - Parameter budget: the most nodes of one conjunction.
  func result(_ open: [Int], _ known: BallBounds, budget: Int) -> Result {
    let next = Mutex(0)
    let results = Mutex([Result?](repeating: nil, count: open.count))
    runWorkers(min(options.threads, open.count)) {
      let worker = SignWorker(self, known)
      while let place = next.withLock({ place in
        place += 1
        return place <= open.count ? place - 1 : nil
      }) {
        let result = worker.result(open[place], budget: budget)
        results.withLock { $0[place] = result }
      }
    }
    return zip(open, results.withLock { $0 }).reduce(into: Result()) { all, entry in
      // What nobody came to is as open as it was.
      let result = entry.1 ?? Result(open: [entry.0], isOutOfTime: true)
      all.nodes += result.nodes
      all.depth = max(all.depth, result.depth)
      all.open += result.open
      all.finding = all.finding ?? result.finding
      all.isOutOfBudget = all.isOutOfBudget || result.isOutOfBudget
      all.isOutOfTime = all.isOutOfTime || result.isOutOfTime
    }
  }
}

/// One worker of a search by signs.
private final class SignWorker {
  private let search: SignSearch
  private let known: BallBounds
  private let workspace: BoundWorkspace
  private let points: PointSearch

  init(_ search: SignSearch, _ known: BallBounds) {
    (self.search, self.known) = (search, known)
    workspace = BoundWorkspace(search.question.problem, rowsPerBlock: search.options.rowsPerBlock)
    points = PointSearch(search.question, search.network, workspace)
  }

  /// The first budget; a search begins anew with four times as many nodes, so that rows of a
  /// conjunction get their turns.
  private static let firstBudget = 1024
  private static let growth = 4

  func result(_ conjunction: Int, budget: Int) -> SignSearch.Result {
    var result = SignSearch.Result(open: [conjunction])
    var rows = search.question.rows(of: conjunction, known.margins)
    var nodes = min(budget, Self.firstBudget)
    while !rows.isEmpty {
      for row in rows {
        if search.isOver() {
          result.isOutOfTime = true
          return result
        }
        let outcome = searched(row, conjunction, nodes, &result)
        result.nodes += outcome.nodes
        result.depth = max(result.depth, outcome.depth)
        switch outcome.end {
        case .proved: result.open = []
        case .falsified: break
        // More nodes do not decide this row.
        case .rounding: rows.removeAll { $0 == row }
        case .budget: continue
        }
        if result.open.isEmpty || result.finding != nil { return result }
      }
      if nodes == budget {
        result.isOutOfBudget = !rows.isEmpty
        return result
      }
      nodes = min(budget, nodes * Self.growth)
    }
    return result
  }

  private func searched(
    _ row: Int, _ conjunction: Int, _ nodes: Int, _ result: inout SignSearch.Result
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
    result.finding = found
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
