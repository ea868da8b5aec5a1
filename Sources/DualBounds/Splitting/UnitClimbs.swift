import Threads

/// Climbs rows of units under the hypothesis that the margin is not above 0.
struct UnitClimber {
  /// What a few units came to.
  struct Found {
    /// For each unit the rows that gain enough to be worth a proof.
    var guides: [[RowGuide]]
    /// The numbers of the network that were read.
    var work: Int
  }

  let network: FoldedNetwork
  /// Logits, by the kernels' numbers.
  let own, other: Int
  /// What rows start from.
  let choice: FoldedChoice
  /// The size of the margin's bound, by which weights are measured.
  let scale: Double

  /// The units of one block: two rows each.
  static let unitsTogether = FoldedBlock.most / 2

  /// Rows for the lower and the upper ends of so many units at most.
  func climb(_ units: [Int], _ block: FoldedBlock) -> Found {
    let starts = units.flatMap { unit in
      [1, -1].map { (sign: Float) in
        FoldedBlock.Start(
          unit: unit, sign: sign,
          firstWeight: Float(0.1 * (network.upper[unit] - network.lower[unit]) / scale))
      }
    }
    let (ends, work) = block.climb(starts, from: choice, passes: 6)
    let guides = units.indices.map { place in
      [2 * place, 2 * place + 1].compactMap { guide($0, starts[$0], ends[$0], block) }
    }
    return Found(guides: guides, work: work)
  }

  private func guide(
    _ row: Int, _ start: FoldedBlock.Start, _ end: FoldedBlock.End, _ block: FoldedBlock
  ) -> RowGuide? {
    let (lower, upper) = (network.lower[start.unit], network.upper[start.unit])
    let known = start.sign > 0 ? lower : -upper
    guard Double(end.bound) > known + 0.02 * (upper - lower) else { return nil }
    let (slopes, multipliers) = block.choice(of: row)
    return RowGuide(
      own: own, other: other, weight: Double(end.weight), unit: (start.unit, Double(start.sign)),
      sides: choice.sides, slopes: slopes, multipliers: multipliers)
  }
}

/// The rows of units, a block of them behind the other, for the thread that searches; those of its crew that have
/// nothing else to do climb those that are next. What the others read is changed inside of the crew's monitor
/// alone.
final class UnitClimbs: SharedWork, @unchecked Sendable {
  private let blocks: [(units: [Int], found: Ahead<UnitClimber.Found>)]
  private let climber: UnitClimber
  private let crew: Crew?
  /// How many were taken.
  private var taken = 0
  /// Scratch of threads that help, while none of them uses it.
  private var spare: [FoldedBlock] = []

  /// - Parameter crew: who helps; nil for nobody.
  init(_ units: [Int], _ climber: UnitClimber, _ crew: Crew?) {
    let together = UnitClimber.unitsTogether
    blocks = stride(from: 0, to: units.count, by: together).map {
      (Array(units[$0..<min($0 + together, units.count)]), Ahead())
    }
    (self.climber, self.crew) = (climber, crew)
  }

  /// Lets the crew help while `body` runs.
  func shared<Value>(during body: () -> Value) -> Value {
    crew?.share(self, during: body) ?? body()
  }

  /// The rows of the next units; nil behind the last.
  ///
  /// - Parameter block: the search's own, which climbs what was not climbed ahead.
  func take(_ block: FoldedBlock) -> UnitClimber.Found? {
    guard taken < blocks.count else { return nil }
    let (units, found) = blocks[taken]
    defer { crew?.change { taken += 1 } ?? (taken += 1) }
    return crew?.value(found, of: self) { climber.climb(units, block) }
      ?? climber.climb(units, block)
  }

  func next() -> (() -> Void)? {
    let soon = blocks[taken..<min(blocks.count, taken + Self.mostAhead)]
    guard let (units, found) = soon.first(where: { $0.found.isOpen }) else { return nil }
    let block = spare.popLast() ?? FoldedBlock(climber.network)
    return crew?.task(found, then: { self.spare.append(block) }) { [climber] in
      climber.climb(units, block)
    }
  }

  /// So many blocks lie ready at most.
  private static let mostAhead = 8
}
