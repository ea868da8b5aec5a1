import Threads

/// The parts of a search that wait, and the visits to them: depth first by the thread that searches, ahead of it
/// by those of its crew that have nothing else to do.
///
/// Every part that waits is visited sooner or later, unless the search ends before, and a visit is a function of its
/// part: the search finds the same, whoever made it. One thread searches; what the others read is changed
/// inside of the crew's monitor alone.
final class SearchTree: SharedWork, @unchecked Sendable {
  private let network: FoldedNetwork
  private let crew: Crew?
  /// Those that are visited next last.
  private var stack: [SearchPart]
  /// Visits that were begun ahead and that the search has not come to.
  private var ahead = 0
  /// Scratch of threads that help, while none of them uses it.
  private var spare: [FoldedRow] = []

  /// So many visits lie ready at most, those to parts that wait themselves aside.
  static let mostAhead = 32

  /// - Parameter crew: who helps; nil for nobody.
  init(_ root: MarginSearch.Node, _ network: FoldedNetwork, _ crew: Crew?) {
    (self.network, self.crew) = (network, crew)
    stack = [SearchPart(root)]
  }

  var count: Int { stack.count }

  func pop() -> SearchPart? { change { stack.popLast() } }

  func push(_ parts: [SearchPart]) { change { stack += parts } }

  private func change<Value>(_ body: () -> Value) -> Value { crew?.change(body) ?? body() }

  /// Lets the crew help while `body` runs.
  func shared<Value>(during body: () -> Value) -> Value {
    crew?.share(self, during: body) ?? body()
  }

  /// The visit to a part that was taken off.
  ///
  /// - Parameter row: the search's own, which reads what was not read ahead.
  func visit(_ part: SearchPart, _ row: FoldedRow, keepsMean: Bool) -> NodeVisit {
    let visitor = NodeVisitor(network: network, row: row)
    guard let crew else { return visitor.visit(part.node, keepsMean: keepsMean) }
    var isAhead = true
    let visit = crew.value(part.visit, of: self) {
      isAhead = false
      return visitor.visit(part.node, keepsMean: keepsMean)
    }
    if isAhead { crew.change { ahead -= 1 } }
    return visit
  }

  func next() -> (() -> Void)? {
    guard ahead < stack.count + Self.mostAhead, let part = firstOpen(stack) else { return nil }
    ahead += 1
    let row = spare.popLast() ?? FoldedRow(network)
    let visitor = NodeVisitor(network: network, row: row)
    return crew?.task(part.visit, then: { self.spare.append(row) }) {
      visitor.visit(part.node, keepsMean: true)
    }
  }

  /// The part that the search comes to first of those that nobody has begun: what lies behind a visited one
  /// comes when that does.
  private func firstOpen(_ parts: [SearchPart]) -> SearchPart? {
    for part in parts.reversed() {
      if part.visit.isOpen { return part }
      if let visit = part.visit.value, let found = firstOpen(visit.children) { return found }
    }
    return nil
  }
}
