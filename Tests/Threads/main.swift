// What `Tests/Threads/run` asks the thread sanitizer first: whether it is silent about what is guarded, and
// whether it still finds what is not. Compiled together with Sources/Threads.

import Synchronization

/// Numbers that all workers change.
final class Counter: @unchecked Sendable {
  let guarded = Mutex(0)
  let monitor = Monitor()
  var bare = 0

  func inMutex() { guarded.withLock { $0 += 1 } }
  func inMonitor() { monitor.locked { bare += 1 } }
  func inNothing() { bare += 1 }
}

/// Made by the worker that comes first.
enum Constants {
  static let squares = (0..<1000).map { $0 * $0 }
}

/// A sum of pieces; others do some of them ahead.
final class Sums: SharedWork, @unchecked Sendable {
  let crew: Crew
  static let count = 2000
  let pieces = (0..<count).map { _ in Ahead<[Int]>() }
  let isGuarded: Bool
  /// What the others read inside of the crew's monitor; changed there where that is guarded.
  var taken = 0

  init(_ crew: Crew, isGuarded: Bool) { (self.crew, self.isGuarded) = (crew, isGuarded) }

  func next() -> (() -> Void)? {
    guard let place = (taken..<pieces.count).first(where: { pieces[$0].isOpen }) else { return nil }
    return crew.task(pieces[place], then: {}) { Self.piece(place) }
  }

  static func piece(_ place: Int) -> [Int] { (0..<2000).map { $0 &* place } }

  func take() -> Int {
    var sum = 0
    for (place, piece) in pieces.enumerated() {
      if isGuarded { crew.change { taken = place } } else { taken = place }
      sum &+= crew.value(piece, of: self) { Self.piece(place) }.reduce(0, &+)
    }
    return sum
  }
}

func count(_ change: @escaping @Sendable () -> Void) {
  runWorkers(4) { for _ in 0..<20_000 { change() } }
}

func share(isGuarded: Bool) {
  let crew = Crew()
  let searches = Mutex(0)
  let total = Mutex(0)
  runWorkers(4) {
    crew.join()
    let isFirst = searches.withLock { number in
      defer { number += 1 }
      return number == 0
    }
    if isFirst {
      let sums = Sums(crew, isGuarded: isGuarded)
      let sum = crew.share(sums) { sums.take() }
      total.withLock { $0 &+= sum }
    }
    crew.help()
  }
  precondition(total.withLock(\.self) == (0..<Sums.count).reduce(0) { $0 + 1999 * 1000 * $1 })
}

let counter = Counter()
switch CommandLine.arguments.dropFirst().first {
case "mutex":
  count(counter.inMutex)
  precondition(counter.guarded.withLock(\.self) == 80_000)
case "once": count { precondition(Constants.squares[31] == 961) }
case "monitor":
  count(counter.inMonitor)
  precondition(counter.bare == 80_000)
case "crew": share(isGuarded: true)
case "counter-race": count(counter.inNothing)
case "crew-race": share(isGuarded: false)
default: preconditionFailure("mutex, once, monitor, crew, counter-race or crew-race")
}
