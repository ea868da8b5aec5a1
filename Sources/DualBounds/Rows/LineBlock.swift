import CKernels
import ReLUChain

/// The lower lines that rows were climbed to: for every layer the unstable units that a block of rows
/// reaches, and for each of them and every row a slope in [0, 1] (Theorem 1's alpha). Any numbers in
/// [0, 1] are a proof.
public struct LineChoice: Sendable, Equatable {
  /// The lines of one layer.
  package struct Layer: Sendable, Equatable {
    /// By the kernels' number, in increasing order.
    package var units: [Int32]
    /// `[units][rows]`.
    package var slopes: [Double]
  }

  /// From the input up to the layer that the rows start on.
  package var layers: [Layer]
  /// The number of rows.
  public internal(set) var rowCount: Int

  /// Whether rows take a number as the slope of a lower line; else they take 0.
  package static func isSlope(_ number: Double) -> Bool { number >= 0x1p-60 && number <= 1 }
}

/// One layer as a block of rows with lower lines of its own sees it: the unstable units of the window,
/// and for every row the slope of each unit's lower line (Theorem 1's alpha).
///
/// **Soundness.** `z = max(zhat, 0)` is at least `a zhat` for every `a` in [0, 1], so every choice is a
/// proof, a different one for every row. In the terms of `RoundingCharge` (`M` the midpoint network,
/// `Mz = s M + h + r` its activation, `|r| <= 2u (s |M| + h)`), for a coefficient `mu > 0`
///
///     mu (z - Mz) >= mu a (zhat - M) - mu ((s - a) M + h) - mu |r|
///
/// and for `mu < 0`, as ever, `mu (z - Mz) >= mu s (zhat - M) - |mu| h - |mu| |r|`. The coefficient
/// below is `a mu` or `s mu`, charged like any other; `r` costs `|mu| 2^-49 (s |M| + h)`. The rows'
/// sums hold `(s - a) M`, which has either sign, apart from what is never negative, with the sum of its
/// magnitudes, on which the rounding of the sums is charged.
package final class LineBlock {
  /// The kernels' view of it.
  package private(set) var lines = cm_lines()

  private let capacity: Int
  private let places: Buffer<Int32>
  private let units: Buffer<Int32>
  /// `[5][units]`: midpoint, slope, gap, charge, activation.
  private let numbers: Buffer<Double>
  /// `[4][rows of all unstable units of the window]`, grown as needed: what `lines` points to.
  private var rows = Buffer<Double>(repeating: 0, count: 0)
  /// `[rows of all unstable units of the window]`: the best lines so far, where they are kept.
  private let best = KeptLines.allCases.map { _ in BestLines() }
  private var padded = 0
  /// What guides say, see `take(guides:)`: `[units of the window][rows]`, grown as needed.
  private var sides = Buffer<Int8>(repeating: 0, count: 0)
  private var pushes = Buffer<Double>(repeating: 0, count: 0)

  /// - Parameter capacity: the units of the layer.
  init(capacity: Int) {
    self.capacity = capacity
    places = Buffer(repeating: 0, count: capacity)
    units = Buffer(repeating: 0, count: capacity)
    numbers = Buffer(repeating: 0, count: Self.numbersPerUnit * capacity)
  }

  private static let numbersPerUnit = 5
  /// Numbers that a block of rows takes for each unit and row at most.
  static let numbersPerLine = 6

  /// Bytes that a guide takes for each unit.
  static let bytesPerGuide = 9

  /// What this takes before any rows.
  static func bytes(_ capacity: Int) -> Int {
    2 * Buffer<Int32>.bytes(capacity) + Buffer<Double>.bytes(numbersPerUnit * capacity)
  }

  /// Lists the unstable units of the window of a block of rows, every lower line by area: slope 1 where
  /// the unit reaches further up than down, else 0.
  package func open(
    _ layer: LayerRelaxation, _ view: cm_view, padded: Int, firstStep: Double
  ) {
    let (facts, window) = (layer.live.pointee, view.window)
    let (channels, width) = (Int(facts.channels), Int(facts.width))
    let rows = Int(window.y0) * width * channels..<Int(window.y1) * width * channels
    var count = 0
    for index in 0..<Int(facts.unstable_count) {
      let slot = Int(facts.unstable[index])
      let unit = Int(facts.unit[slot])
      // In the order of units.
      guard unit >= rows.lowerBound else { continue }
      guard unit < rows.upperBound else { break }
      guard window.contains(unit, of: facts) else { continue }
      let y = unit / channels / width
      let first = facts.start[y * width + Int(window.x0)]
      places[count] = view.row_base[y] + Int32(truncatingIfNeeded: slot) - first
      units[count] = Int32(truncatingIfNeeded: unit)
      let slope = facts.slope[slot]
      numbers[count] = layer.forward.midpoint[unit]
      numbers[capacity + count] = slope
      // Not below the relaxation's own.
      numbers[2 * capacity + count] =
        0.5 * (slope * -layer.bounds.lower[unit]) * (1 + 0x1p-49) + 0x1p-1021
      numbers[3 * capacity + count] =
        layer.bounds.own_charge[unit] + layer.bounds.deployed_charge[unit]
      numbers[4 * capacity + count] = facts.values[4 * slot]
      count += 1
    }
    lay(count, padded)
    for index in 0..<count {
      // s > 1/2 says that u > -l.
      let line: Double = numbers[capacity + index] > 0.5 ? 1 : 0
      (lines.lower + index * padded).update(repeating: line, count: padded)
    }
    lines.derivative?.update(repeating: 0, count: count * padded)
    lines.step?.update(repeating: firstStep, count: count * padded)
  }

  private func lay(_ count: Int, _ padded: Int) {
    let size = count * padded
    self.padded = padded
    for kept in best.indices { best[kept].isCurrent = false }
    if rows.count < 4 * size {
      rows = Buffer(repeating: 0, count: Self.numbersPerLine * size)
    }
    lines = cm_lines(
      count: Int32(truncatingIfNeeded: count), place: places.pointer, midpoint: numbers.pointer,
      slope: numbers.pointer + capacity, gap: numbers.pointer + 2 * capacity,
      charge: numbers.pointer + 3 * capacity, activation: numbers.pointer + 4 * capacity,
      lower: rows.pointer,
      coefficient: rows.pointer + size, derivative: rows.pointer + 2 * size,
      step: rows.pointer + 3 * size)
  }

  /// Starts from given lines, for the units that they know; others keep those by area.
  func take(_ given: LineChoice.Layer, rows: Int) {
    precondition(rows <= padded, "more rows than the block has")
    var from = 0
    for index in 0..<Int(lines.count) {
      while from < given.units.count, given.units[from] < units[index] { from += 1 }
      guard from < given.units.count, given.units[from] == units[index] else { continue }
      for row in 0..<rows {
        lines.lower[index * padded + row] = Self.slope(given.slopes[from * rows + row])
      }
    }
  }

  /// Takes what guides say of the layer's unstable units, of which the first has number `first` in them.
  func take(_ guides: [RowGuide], first: Int) -> cm_splits {
    let size = Int(lines.count) * padded
    if sides.count < size {
      sides = Buffer(repeating: 0, count: size)
      pushes = Buffer(repeating: 0, count: size)
    }
    sides.pointer.update(repeating: 0, count: size)
    pushes.pointer.update(repeating: 0, count: size)
    for index in 0..<Int(lines.count) {
      for (row, guide) in guides.enumerated() {
        let place = index * padded + row
        sides[place] = guide.sides[first + index]
        pushes[place] = guide.push(first + index)
        lines.lower[place] = Self.slope(guide.slopes[first + index])
      }
    }
    return cm_splits(side: sides.pointer, push: pushes.pointer)
  }

  /// Leaves unstable units out of rows, which then end with the coefficients on their activations.
  func fold() {
    lines.slope.update(repeating: 0, count: Int(lines.count))
    lines.lower.update(repeating: 0, count: Int(lines.count) * padded)
  }

  /// What is no slope of a lower line, or so small that it might vanish in a product
  /// (`RoundingCharge`), is 0.
  private static func slope(_ given: Double) -> Double {
    LineChoice.isSlope(given) ? given : 0
  }

  /// The units that the lines are of, by the kernels' number.
  func unit(_ index: Int) -> Int { Int(units[index]) }

  /// Keeps the lines of a row as its best so far.
  func keep(_ row: Int, _ kind: KeptLines) {
    let best = current(kind)
    for index in 0..<Int(lines.count) {
      best[index * padded + row] = lines.lower[index * padded + row]
    }
  }

  /// Rows that nothing improves keep those that they have now.
  private func current(_ kind: KeptLines) -> UnsafeMutablePointer<Double> {
    let (size, best) = (Int(lines.count) * padded, best[kind.rawValue])
    if !best.isCurrent {
      if best.slopes.count < size { best.slopes = Buffer(repeating: 0, count: size) }
      if size > 0 { best.slopes.pointer.update(from: lines.lower, count: size) }
      best.isCurrent = true
    }
    return best.slopes.pointer
  }

  /// The best lines of the block's first rows.
  func kept(rows: Int, _ kind: KeptLines) -> LineChoice.Layer {
    let best = current(kind)
    return LineChoice.Layer(
      units: (0..<Int(lines.count)).map { units[$0] },
      slopes: (0..<Int(lines.count)).flatMap { index in
        (0..<rows).map { best[index * padded + $0] }
      })
  }
}

/// Which of a row's bounds its kept lines are the best for.
package enum KeptLines: Int, CaseIterable {
  case deployed, real
}

/// Lines that are kept: `[units of the window][rows]`.
private final class BestLines {
  var slopes = Buffer<Double>(repeating: 0, count: 0)
  /// Whether they are the current block's.
  var isCurrent = false
}

/// How the current block of rows sees one layer: a worker's scratch.
package final class RowView {
  package let view: UnsafeMutablePointer<cm_view>
  /// Made when rows first have lines of their own.
  package private(set) lazy var lines = LineBlock(capacity: count)

  private let count: Int
  private let bases: Buffer<Int32>
  private let places: Buffer<Int32>
  private let runs: Buffer<cm_run>
  private let ones: FixedNumbers<Double>

  package init(_ layer: BoundProblem.Layer, ones: FixedNumbers<Double>) {
    let layout = layer.layout
    (count, self.ones) = (layout.count, ones)
    bases = Buffer(repeating: 0, count: layout.height)
    places = Buffer(repeating: -1, count: layer.isIndexed ? layout.count : 0)
    runs = Buffer(repeating: cm_run(), count: layout.height)
    var view = cm_view()
    view.row_base = bases.pointer
    view.places = layer.isIndexed ? places.pointer : nil
    view.runs = runs.pointer
    self.view = .allocate(capacity: 1)
    self.view.initialize(to: view)
  }

  deinit { view.deallocate() }

  /// What this takes, lines aside.
  static func bytes(_ layout: UnitLayout) -> Int {
    Buffer<Int32>.bytes(layout.height) + Buffer<Int32>.bytes(layout.count)
      + Buffer<cm_run>.bytes(layout.height) + MemoryLayout<cm_view>.stride
  }

  /// Looks at a layer, with the relaxation's own slopes or with slope 1 and unstable units free of cost:
  /// what they cost a row is then for its own lines to say.
  package func take(_ layer: LayerRelaxation, ownLines: Bool) {
    let facts = layer.live.pointee
    view.pointee.layer = UnsafePointer(layer.live)
    view.pointee.slope = ownLines ? ones.pointer : UnsafePointer(facts.slope)
    view.pointee.cost = UnsafePointer(ownLines ? facts.stable_cost : facts.cost)
  }

  /// The number of live units in the window.
  var openCount: Int {
    let (layer, window) = (view.pointee.layer.pointee, view.pointee.window)
    return (Int(window.y0)..<Int(window.y1)).reduce(0) { count, y in
      let row = layer.start + y * Int(layer.width)
      return count + Int(row[Int(window.x1)] - row[Int(window.x0)])
    }
  }
}

extension cm_window {
  /// Whether a unit of a layer lies in the window.
  func contains(_ unit: Int, of layer: cm_layer) -> Bool {
    let (channels, width) = (Int(layer.channels), Int(layer.width))
    let (y, x) = (unit / channels / width, unit / channels % width)
    return y >= y0 && y < y1 && x >= x0 && x < x1
  }
}

extension UnitLayout {
  /// The window of all positions.
  var everything: cm_window { cm_window(y0: 0, y1: Int32(height), x0: 0, x1: Int32(width)) }
}
