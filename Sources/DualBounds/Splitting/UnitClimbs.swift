import Threads

/// Climbs rows of units under the hypothesis that the margin is not above 0.
struct UnitClimber {
  /// A row for one end of a unit's bounds.
  struct End {
    /// nil where it gains too little to be worth a proof.
    var guide: RowGuide?
    /// The numbers of the network that were read for it.
    var work: Int
  }

  let network: FoldedNetwork
  /// Logits, by the kernels' numbers.
  let own, other: Int
  /// What rows start from.
  let choice: FoldedChoice
  /// The size of the margin's bound, by which weights are measured.
  let scale: Double

  /// Rows for the lower and the upper end.
  func ends(of unit: Int, _ row: FoldedRow) -> [End] {
    [1.0, -1.0].map { sign in
      let (guide, work) = row.counting { climb(unit, sign, row) }
      return End(guide: guide, work: work)
    }
  }

  private func climb(_ unit: Int, _ sign: Double, _ row: FoldedRow) -> RowGuide? {
    let (lower, upper) = (network.lower[unit], network.upper[unit])
    let known = sign > 0 ? lower : -upper
    var choice = choice
    choice.weight = 0
    let effort = FoldedRow.Effort(
      passes: 6, target: 0, firstWeight: 0.1 * (upper - lower) / scale)
    let found = row.climb(.unit(unit, sign: sign), &choice, effort)
    guard found > known + 0.02 * (upper - lower) else { return nil }
    return RowGuide(
      own: own, other: other, weight: choice.weight, unit: (unit, sign), sides: choice.sides,
      slopes: choice.slopes, multipliers: choice.multipliers)
  }
}

/// The rows of units one behind the other, for the thread that searches; those of its crew that have nothing else
/// to do climb those that are next. What the others read is changed inside of the crew's monitor alone.
final class UnitClimbs: SharedWork, @unchecked Sendable {
  private let units: [(unit: Int, ends: Ahead<[UnitClimber.End]>)]
  private let climber: UnitClimber
  private let crew: Crew?
  /// How many were taken.
  private var taken = 0
  /// Scratch of threads that help, while none of them uses it.
  private var spare: [FoldedRow] = []

  /// - Parameter crew: who helps; nil for nobody.
  init(_ units: [Int], _ climber: UnitClimber, _ crew: Crew?) {
    self.units = units.map { ($0, Ahead()) }
    (self.climber, self.crew) = (climber, crew)
  }

  /// Lets the crew help while `body` runs.
  func shared<Value>(during body: () -> Value) -> Value {
    crew?.share(self, during: body) ?? body()
  }

  /// The rows of the next unit; nil behind the last.
  ///
  /// - Parameter row: the search's own, which climbs what was not climbed ahead.
  func take(_ row: FoldedRow) -> [UnitClimber.End]? {
    guard taken < units.count else { return nil }
    let (unit, ends) = units[taken]
    defer { crew?.change { taken += 1 } ?? (taken += 1) }
    return crew?.value(ends, of: self) { climber.ends(of: unit, row) }
      ?? climber.ends(of: unit, row)
  }

  func next() -> (() -> Void)? {
    let soon = units[taken..<min(units.count, taken + SearchTree.mostAhead)]
    guard let (unit, ends) = soon.first(where: { $0.ends.isOpen }) else { return nil }
    let row = spare.popLast() ?? FoldedRow(climber.network)
    return crew?.task(ends, then: { self.spare.append(row) }) { [climber] in
      climber.ends(of: unit, row)
    }
  }
}
