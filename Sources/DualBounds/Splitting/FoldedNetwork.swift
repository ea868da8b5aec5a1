import CKernels
import ReLUChain

/// The unstable units of a relaxation and one margin, everything that is linear between them composed
/// away: a small network that a search evaluates in microseconds. Where there are many inputs and few active
/// units in the first layer, those stay: later units read them in the inputs' place.
///
/// Composition rounds, and nothing here pays for it: what a search finds on it is a choice of splits,
/// slopes and multipliers, which the row pass on the network itself turns into a proof. Nothing of it changes
/// once it is made: any thread may read it.
final class FoldedNetwork {
  /// Unstable units by the kernels' numbers, layer by layer.
  let units: [(layer: Int, unit: Int)]
  /// Logits, by the kernels' numbers.
  let own: Int
  let other: Int
  /// Active units of the first layer of ReLUs, by the kernels' numbers, that have rows of their own.
  let linear: [Int]
  /// The features, in the kernels' order.
  let inputCount: Int
  let part: NormPart?
  /// The radii of the ball's box, padded.
  let radius: Buffer<Double>
  private(set) var net = cm_folded()

  let rows: FoldedRows
  let bias: Buffer<Double>
  private let bounds: Buffer<Double>

  /// The entries of a row, padding included.
  var stride: Int { Int(net.inputs + net.units) }
  /// What a pass costs, in numbers that are read: those beyond a cache of 2 MiB take four times as long.
  var work: Int {
    let bytes = rows.count * (rows.isNarrow ? 4 : 8)
    return bytes > 1 << 21 ? 4 * rows.count : rows.count
  }
  /// What a pass of a block costs in the same measure, which is not what it reads but what it computes.
  var blockWork: Int { 6 * rows.count }
  /// What it cost to make this network, in the same measure: 100 to 190 passes on dense networks, by the clock.
  var foldingWork: Int { 128 * rows.count }
  var lower: UnsafeMutablePointer<Double> { bounds.pointer }
  var upper: UnsafeMutablePointer<Double> { bounds.pointer + max(1, units.count) }

  /// The coefficients of a row on `[d | z]`: linear units, unstable units, and the margin.
  func coefficients(_ row: Int) -> [Double] { rows.row(row, stride: stride) }
  func offset(_ row: Int) -> Double { bias[row] }

  /// The point of the box that is nearest.
  func clamped(_ way: [Double]) -> [Double] {
    way.indices.map { min(max(way[$0], -radius[$0]), radius[$0]) }
  }

  /// The value of the line that stands for a unit's activation where its coefficient has a sign.
  ///
  /// - Parameter lower: the slope of the lower line.
  func line(_ unit: Int, _ coefficient: Double, lower slope: Double, at value: Double) -> Double {
    let (l, u) = (lower[unit], upper[unit])
    return coefficient < 0 ? u / (u - l) * (value - l) : slope * value
  }

  /// The most units of a folded network, and its most numbers: 12 MiB of them, in binary32.
  static let mostUnits = 8192
  static let limit = 3 << 20
  /// Beyond so many numbers they are binary32 whatever is asked about: passes cost what they read, and a row
  /// that proves less than was promised is climbed again.
  private static let large = 1 << 17

  private static func padded(_ count: Int) -> Int {
    (count + Int(CM_FOLD_QUANTUM) - 1) / Int(CM_FOLD_QUANTUM) * Int(CM_FOLD_QUANTUM)
  }

  /// What the folded networks of a search and its nodes take at most.
  static func bytes(inputs: Int, units: Int) -> Int {
    // Of more units fewer parts wait: it is most at one of the ends.
    [MarginSearch.unitsOfMostOpen, mostUnits].reduce(0) {
      max($0, bytes(inputs: inputs, unstable: min(units, $1)))
    }
  }

  private static func bytes(inputs: Int, unstable count: Int) -> Int {
    let stride = padded(inputs) + padded(count)
    // The next network is made beside the last one; a node for each split on the way down, and what others
    // find there, whose two sides share all but signs.
    let most = MarginSearch.mostOpen(of: count)
    let open = min(count, most)
    // A side, a slope and a multiplier for each unit, and the way there: through regions, and down a tree.
    let node = 17 * count + MemoryLayout<SplitSide>.stride * min(count, 2 * most)
    // Rows of linear units are there where all rows take no more with them.
    return 2 * FoldedRows.bytes(rows: count + 1, stride: stride, limit: limit, wide: 2 * large)
      + node * (2 * open + MarginSearch.provedTogether + SearchTree.mostAhead)
      + 2 * count * (open + SearchTree.mostAhead)
      + 26 * Buffer<Double>.bytes(stride + count)
      + FoldedBlock.bytes(inputs: inputs, stride: stride, units: count)
  }

  /// - Returns: nil where the network would be larger than `limit`.
  init?(_ relaxation: Relaxation, own: Int, other: Int, _ workspace: BoundWorkspace) {
    let problem = relaxation.problem
    (self.own, self.other, part) = (own, other, relaxation.normPart)
    units = relaxation.unstableUnits
    inputCount = problem.inputCount
    linear = relaxation.linearUnits(below: units)
    let padded = Self.padded
    let isLarge = units.count * (padded(inputCount) + padded(units.count)) > Self.large
    rows = FoldedRows(
      isNarrow: isLarge || (problem.arithmetic.format?.roundoff ?? 0) >= 0x1p-24)
    guard units.count <= Self.mostUnits else { return nil }
    radius = Buffer(repeating: 0, count: padded(inputCount))
    bias = Buffer(repeating: 0, count: linear.count + units.count + 1)
    bounds = Buffer(repeating: 0, count: 2 * max(1, units.count))
    for feature in 0..<inputCount {
      radius[feature] = relaxation.layers[0].live.pointee.cost[feature]
    }
    net.inputs = Int32(padded(inputCount))
    net.units = Int32(padded(linear.count + units.count))
    guard fill(relaxation, workspace) else { return nil }
    rows.end()
    net = cm_folded(
      inputs: net.inputs, units: net.units, linear: Int32(linear.count), count: Int32(units.count),
      run_start: rows.runStart.baseAddress, runs: rows.runs.baseAddress,
      shape: rows.shapes.baseAddress, rows: rows.numbers.baseAddress, narrow: rows.isNarrow ? 1 : 0,
      bias: bias.pointer,
      lower: lower, upper: upper)
  }
}
