import Synchronization
import Testing
import Threads

/// Numbers whose squares are asked for one by one, and computed ahead by whoever has time.
private final class Squares: SharedWork, @unchecked Sendable {
  private let squares: [Ahead<Int>]
  private let crew: Crew
  private var taken = 0
  /// How many were computed, and how many of them ahead.
  let counts = Mutex((all: 0, ahead: 0))

  init(_ count: Int, _ crew: Crew) {
    (squares, self.crew) = ((0..<count).map { _ in Ahead() }, crew)
  }

  private func square(_ number: Int) -> Int {
    counts.withLock { $0.all += 1 }
    return number * number
  }

  func take() -> Int? {
    guard taken < squares.count else { return nil }
    let number = taken
    defer { crew.change { taken += 1 } }
    return crew.value(squares[number], of: self) { square(number) }
  }

  func next() -> (() -> Void)? {
    guard let number = (taken..<squares.count).first(where: { squares[$0].isOpen }) else {
      return nil
    }
    return crew.task(squares[number], then: { self.counts.withLock { $0.ahead += 1 } }) {
      self.square(number)
    }
  }

  /// All of them, in order.
  func all() -> [Int] {
    var found: [Int] = []
    while let square = take() { found.append(square) }
    return found
  }
}

/// Whether nobody has had the turn.
private func takeTurn(_ isFree: borrowing Mutex<Bool>) -> Bool {
  isFree.withLock { isFree in
    defer { isFree = false }
    return isFree
  }
}

/// Threads that help each other.
@Suite struct CrewTests {
  @Test(
    "values come in the order in which they are asked for, each computed once, whoever does it",
    arguments: [1, 2, 3, 8])
  func orderOfValues(threads: Int) {
    for round in 0..<20 {
      let crew = Crew()
      let squares = Squares(500, crew)
      let owner = Mutex(true)
      let found = Mutex([Int]())
      runWorkers(threads) {
        crew.join()
        defer { crew.help() }
        guard takeTurn(owner) else { return }
        let all = crew.share(squares) { squares.all() }
        found.withLock { $0 = all }
      }
      #expect(found.withLock { $0 } == (0..<500).map { $0 * $0 }, "round \(round)")
      #expect(squares.counts.withLock { $0.all } == 500, "round \(round)")
    }
  }

  @Test("whoever has nothing left does work of another that waits for it")
  func help() {
    let crew = Crew()
    let squares = Squares(2, crew)
    let isFirst = Mutex(true)
    // The second thread arrives at nothing, and only its help lets the first go on.
    runWorkers(2) {
      crew.join()
      defer { crew.help() }
      guard takeTurn(isFirst) else { return }
      crew.share(squares) {
        while squares.counts.withLock({ $0.ahead }) < 2 {}
        #expect(squares.all() == [0, 1])
      }
    }
    #expect(squares.counts.withLock { $0 == (2, 2) })
  }

  @Test("several share their work at once, and all threads end")
  func manyOwners() {
    let crew = Crew()
    let sums = Mutex([Int]())
    let next = Mutex(0)
    runWorkers(4) {
      crew.join()
      defer { crew.help() }
      while true {
        let count = next.withLock { next in
          next += 1
          return next
        }
        guard count <= 50 else { return }
        let squares = Squares(count, crew)
        let sum = crew.share(squares) { squares.all().reduce(0, +) }
        sums.withLock { $0.append(sum) }
      }
    }
    let expected = (1...50).map { (0..<$0).reduce(0) { $0 + $1 * $1 } }
    #expect(sums.withLock { $0.sorted() } == expected)
  }
}
