import CKernels
import ReLUChain

/// The unstable units of a relaxation and one margin, everything that is linear between them composed
/// away: a small network that a search evaluates in microseconds.
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
  /// The features, in the kernels' order.
  let inputCount: Int
  let part: NormPart?
  /// The radii of the ball's box, padded.
  let radius: Buffer<Double>
  private(set) var net = cm_folded()

  private let rows: FoldedRows
  private let bias: Buffer<Double>
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
  var lower: UnsafeMutablePointer<Double> { bounds.pointer }
  var upper: UnsafeMutablePointer<Double> { bounds.pointer + max(1, units.count) }

  /// A unit's coefficients on `[d | z]`; those of the margin behind the last unit.
  func coefficients(_ unit: Int) -> [Double] { rows.row(unit, stride: stride) }
  func offset(_ unit: Int) -> Double { bias[unit] }

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

  /// The most units of a folded network, and its most numbers: 12 MiB of them.
  static let mostUnits = 2048
  static let limit = 3 << 19
  /// Beyond so many numbers they are binary32 whatever is asked about: passes cost what they read, and a row
  /// that proves less than was promised is climbed again.
  private static let large = 1 << 17

  private static func padded(_ count: Int) -> Int {
    (count + Int(CM_FOLD_QUANTUM) - 1) / Int(CM_FOLD_QUANTUM) * Int(CM_FOLD_QUANTUM)
  }

  /// What the folded networks of a search and its nodes take at most.
  static func bytes(inputs: Int, units: Int) -> Int {
    let count = min(units, mostUnits)
    let stride = padded(inputs) + padded(count)
    // The next network is made beside the last one; a node for each split on the way down, and what others
    // find there, whose two sides share all but signs.
    let open = min(count, MarginSearch.mostOpen)
    // A side, a slope and a multiplier for each unit, and the way there: through regions, and down a tree.
    let node = 17 * count + MemoryLayout<SplitSide>.stride * min(count, 2 * MarginSearch.mostOpen)
    return 2 * FoldedRows.bytes(rows: count + 1, stride: stride, limit: limit)
      + node * (2 * open + MarginSearch.provedTogether + SearchTree.mostAhead)
      + 2 * count * (open + SearchTree.mostAhead)
      + 18 * Buffer<Double>.bytes(stride + count)
      + FoldedBlock.bytes(inputs: inputs, stride: stride, units: count)
  }

  /// - Returns: nil where the network would be larger than `limit`.
  init?(_ relaxation: Relaxation, own: Int, other: Int, _ workspace: BoundWorkspace) {
    let problem = relaxation.problem
    (self.own, self.other, part) = (own, other, relaxation.normPart)
    units = relaxation.unstableUnits
    inputCount = problem.inputCount
    let padded = Self.padded
    let isLarge = units.count * (padded(inputCount) + padded(units.count)) > Self.large
    rows = FoldedRows(
      isNarrow: isLarge || (problem.arithmetic.format?.roundoff ?? 0) >= 0x1p-24)
    guard units.count <= Self.mostUnits else { return nil }
    radius = Buffer(repeating: 0, count: padded(inputCount))
    bias = Buffer(repeating: 0, count: units.count + 1)
    bounds = Buffer(repeating: 0, count: 2 * max(1, units.count))
    for feature in 0..<inputCount {
      radius[feature] = relaxation.layers[0].live.pointee.cost[feature]
    }
    net.inputs = Int32(padded(inputCount))
    net.units = Int32(padded(units.count))
    guard fill(relaxation, workspace) else { return nil }
    rows.end()
    net = cm_folded(
      inputs: net.inputs, units: net.units, count: Int32(units.count),
      run_start: rows.runStart.baseAddress, runs: rows.runs.baseAddress,
      rows: rows.numbers.baseAddress, narrow: rows.isNarrow ? 1 : 0, bias: bias.pointer,
      lower: lower, upper: upper)
  }

  /// - Returns: false where the network is too large.
  private func fill(_ relaxation: Relaxation, _ workspace: BoundWorkspace) -> Bool {
    var firsts: [Int] = []
    for index in relaxation.layers.indices {
      firsts.append(units.firstIndex { $0.layer >= index } ?? units.count)
    }
    let layers = relaxation.layers
    let scratch = Buffer<Double>(repeating: 0, count: stride)
    for (place, unit) in units.enumerated() {
      lower[place] = layers[unit.layer].bounds.lower[unit.unit]
      upper[place] = layers[unit.layer].bounds.upper[unit.unit]
    }
    for index in layers.indices {
      let first = firsts[index]
      let end = index + 1 < firsts.count ? firsts[index + 1] : units.count
      guard end > first else { continue }
      for place in first..<end { workspace.open[place - first] = Int32(units[place].unit) }
      var row = first
      _ = workspace.blocks(of: end - first, at: index, most: workspace.rows.most) { list, window in
        workspace.rows.fold(
          .units(list, of: index, window: window, bothWays: false), on: layers
        ) { views, input, padded in
          for column in list.indices {
            write(
              row + column, views, input, padded, column, firsts, scratch.pointer,
              value: layers[index].forward.midpoint[Int(list[column])])
          }
        }
        row += list.count
        return rows.count <= Self.limit
      }
      guard rows.count <= Self.limit else { return false }
    }
    let logits = layers[layers.count - 1]
    workspace.rows.fold(.differences(own: own, others: [other]), on: layers) {
      write(
        units.count, $0, $1, $2, 0, firsts, scratch.pointer,
        value: logits.forward.midpoint[own] - logits.forward.midpoint[other])
    }
    return rows.count <= Self.limit
  }

  /// One row of a block.
  ///
  /// - Parameter row: `[stride]`, for the row's entries one by one.
  private func write(
    _ place: Int, _ views: ArraySlice<RowView>, _ input: UnsafePointer<Double>, _ padded: Int,
    _ column: Int, _ firsts: [Int], _ row: UnsafeMutablePointer<Double>, value: Double
  ) {
    row.update(repeating: 0, count: stride)
    let view = views[0].view.pointee
    let (layer, window) = (view.layer.pointee, view.window)
    for y in Int(window.y0)..<Int(window.y1) {
      let first = (y * Int(layer.width) + Int(window.x0)) * Int(layer.channels)
      let end = (y * Int(layer.width) + Int(window.x1)) * Int(layer.channels)
      let from = input + Int(view.row_base[y]) * padded + column
      for unit in first..<end { row[unit] = from[(unit - first) * padded] }
    }
    // The midpoint network is one of the points of this one.
    var constant = value
    for (index, view) in views.enumerated() {
      let lines = view.lines.lines
      var target = firsts[index]
      for line in 0..<Int(lines.count) {
        while units[target].unit != view.lines.unit(line) { target += 1 }
        let coefficient = lines.coefficient[line * padded + column]
        row[Int(net.inputs) + target] = coefficient
        constant -= coefficient * lines.activation[line]
      }
    }
    bias[place] = constant
    rows.append(row, stride: stride, inputs: Int(net.inputs))
  }
}
