import CKernels
import ReLUChain

/// The relaxation of one layer over one ball: bounds, charges, slopes and costs of every unit.
///
/// Written by the worker that makes it; from when it is handed out as a part of a `Relaxation` it is
/// only read, by any worker.
package final class LayerRelaxation: @unchecked Sendable {
  /// The number of units.
  let count: Int
  /// The kernels' view of the live units.
  package let live: UnsafeMutablePointer<cm_layer>
  /// Midpoint, centre, radius and magnitude of every pre-activation.
  package let forward: cm_forward
  /// The bounds of every pre-activation, and the rounding charged at each.
  package let bounds: cm_bounds
  /// The number of units that are unstable in the ball; every unit where nothing is known.
  var unstable = 0

  private let numbers: Buffer<Double>
  private let offsets: Buffer<Int64>
  private let integers: Buffer<Int32>

  init(_ layer: BoundProblem.Layer) {
    let layout = layer.layout
    count = layout.count
    let padded = Self.padded(count)
    numbers = Buffer(repeating: 0, count: Self.numbersPerUnit * padded)
    offsets = Buffer(repeating: 0, count: 2 * padded)
    integers = Buffer(repeating: 0, count: Self.integerCount(layout))
    let base = numbers.pointer
    func part(_ index: Int) -> UnsafeMutablePointer<Double> { base + index * padded }
    forward = cm_forward(
      midpoint: part(0), center: part(1), radius: part(2), magnitude: part(3))
    bounds = cm_bounds(
      lower: part(4), upper: part(5), own_charge: part(6), deployed_charge: part(7))
    var facts = cm_layer()
    facts.height = Int32(layout.height)
    facts.width = Int32(layout.width)
    facts.channels = Int32(layout.channels)
    facts.unit = integers.pointer
    facts.unstable = integers.pointer + padded
    facts.index = layer.isIndexed ? integers.pointer + 2 * padded : nil
    facts.start = integers.pointer + 3 * padded
    facts.input_offset = offsets.pointer
    facts.output_offset = offsets.pointer + padded
    facts.unit_input_offset = layer.offsets.input.pointer
    facts.unit_output_offset = layer.offsets.output.pointer
    facts.slope = part(8)
    facts.cost = part(9)
    facts.stable_cost = part(10)
    facts.values = part(11)
    live = .allocate(capacity: 1)
    live.initialize(to: facts)
  }

  deinit { live.deallocate() }

  private static let numbersPerUnit = 15

  /// Forward kernels write whole vectors, and lists one entry behind the last.
  private static func padded(_ count: Int) -> Int {
    (count + 2 * Int(CM_CHANNEL_QUANTUM)) / 8 * 8
  }

  private static func integerCount(_ layout: UnitLayout) -> Int {
    3 * padded(layout.count) + layout.positions + 1
  }

  /// What the relaxation of a layer takes.
  static func bytes(_ layout: UnitLayout) -> Int {
    Buffer<Double>.bytes(numbersPerUnit * padded(layout.count))
      + Buffer<Int64>.bytes(2 * padded(layout.count))
      + Buffer<Int32>.bytes(integerCount(layout)) + MemoryLayout<cm_layer>.stride
  }

  /// The window of the whole grid.
  package var everything: cm_window {
    cm_window(y0: 0, y1: live.pointee.height, x0: 0, x1: live.pointee.width)
  }

  /// Nothing is known of the layer: every value is possible, every unit may be unstable.
  func forget() {
    for unit in 0..<count { (bounds.lower[unit], bounds.upper[unit]) = (-.infinity, .infinity) }
    unstable = count
  }

  /// The unstable units by the kernels' numbers, in their order.
  package var unstableUnits: [Int] {
    let facts = live.pointee
    return (0..<Int(facts.unstable_count)).map { Int(facts.unit[Int(facts.unstable[$0])]) }
  }

  /// The sum of the magnitudes that the live units can have.
  func totalMagnitude() -> Double {
    (0..<Int(live.pointee.count)).reduce(0) { $0 + live.pointee.values[4 * $1 + 3] }
  }

  /// The largest of them; NaN where one is.
  func largestMagnitude() -> Double {
    (0..<Int(live.pointee.count)).reduce(0) { largest, unit in
      let magnitude = live.pointee.values[4 * unit + 3]
      return magnitude <= largest ? largest : magnitude
    }
  }
}

/// A worker's store of layers: one that nobody refers to any more is written anew, so that nothing is
/// allocated in steady state.
struct LayerStore {
  private let problem: BoundProblem
  private var kept: [[LayerRelaxation]]

  init(_ problem: BoundProblem) {
    self.problem = problem
    kept = problem.layers.map { _ in [] }
  }

  /// A layer to write to.
  mutating func layer(_ index: Int) -> LayerRelaxation {
    for place in kept[index].indices where isKnownUniquelyReferenced(&kept[index][place]) {
      return kept[index][place]
    }
    let made = LayerRelaxation(problem.layers[index])
    kept[index].append(made)
    return made
  }
}
