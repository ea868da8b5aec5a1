import CKernels

// How a folded network comes by its rows.
extension Relaxation {
  /// The active units of the first layer of ReLUs where it takes fewer numbers to have rows of them, too, than to
  /// have every later unit read the input: none elsewhere.
  func linearUnits(below units: [(layer: Int, unit: Int)]) -> [Int] {
    guard let first = problem.firstReLU else { return [] }
    let facts = layers[first].live.pointee
    let later = 1 + units.reduce(0) { $0 + ($1.layer > first ? 1 : 0) }
    let (count, inputs) = (Int(facts.count - facts.unstable_count), problem.inputCount)
    guard count * (inputs + later) < later * inputs,
      count + units.count <= FoldedNetwork.mostUnits
    else { return [] }
    let unstable = Set(layers[first].unstableUnits)
    return (0..<Int(facts.count)).map { Int(facts.unit[$0]) }.filter { !unstable.contains($0) }
  }
}

extension FoldedNetwork {
  /// Makes the rows.
  ///
  /// - Returns: false where the network is too large.
  func fill(_ relaxation: Relaxation, _ workspace: BoundWorkspace) -> Bool {
    let layers = relaxation.layers
    for (place, unit) in units.enumerated() {
      lower[place] = layers[unit.layer].bounds.lower[unit.unit]
      upper[place] = layers[unit.layer].bounds.upper[unit.unit]
    }
    let first = relaxation.problem.firstReLU ?? 0
    guard append(linear, of: first, relaxation, workspace) else { return false }
    for index in layers.indices {
      let own = units.filter { $0.layer == index }.map(\.unit)
      guard append(own, of: index, relaxation, workspace) else { return false }
    }
    let logits = layers[layers.count - 1]
    let writer = RowWriter(self, relaxation, downTo: linear.isEmpty ? 0 : first)
    workspace.rows.fold(.differences(own: own, others: [other]), downTo: writer.bottom, on: layers)
    {
      writer.write(
        $0, $1, padded: $2,
        values: [logits.forward.midpoint[own] - logits.forward.midpoint[other]])
    }
    return rows.count <= Self.limit
  }

  /// Appends the rows of units of one layer.
  private func append(
    _ list: [Int], of index: Int, _ relaxation: Relaxation, _ workspace: BoundWorkspace
  ) -> Bool {
    let (layers, first) = (relaxation.layers, relaxation.problem.firstReLU ?? 0)
    let writer = RowWriter(self, relaxation, downTo: linear.isEmpty || index <= first ? 0 : first)
    for (place, unit) in list.enumerated() { workspace.open[place] = Int32(unit) }
    _ = workspace.blocks(of: list.count, at: index, most: workspace.rows.most) { list, window in
      workspace.rows.fold(
        .units(list, of: index, window: window, bothWays: false), downTo: writer.bottom, on: layers
      ) { views, block, padded in
        let values = list.map { layers[index].forward.midpoint[Int($0)] }
        writer.write(views, block, padded: padded, values: values)
      }
      return rows.count <= Self.limit
    }
    return rows.count <= Self.limit
  }
}

/// Writes rows as they come from a block that went down to one layer.
private final class RowWriter {
  let bottom: Int
  private let network: FoldedNetwork
  private let layers: [LayerRelaxation]
  /// Where each layer's units begin in the network's.
  private var firsts: [Int] = []
  /// `[together][stride]`: the entries of rows one by one.
  private let entries: Buffer<Double>
  /// `[together]`: their constants.
  private let constants = Buffer<Double>(repeating: 0, count: together)
  /// Of units of the bottom layer by the kernels' numbers, the place in a row; -1 for none.
  private var places: [Int32]

  /// - Parameter bottom: the input, or the layer whose active units have rows.
  init(_ network: FoldedNetwork, _ relaxation: Relaxation, downTo bottom: Int) {
    (self.network, self.bottom, layers) = (network, bottom, relaxation.layers)
    entries = Buffer(repeating: 0, count: Self.together * network.stride)
    let inputs = Int32(network.net.inputs)
    if bottom == 0 {
      places = Array(0..<Int32(network.inputCount))
    } else {
      places = [Int32](repeating: -1, count: layers[bottom].count)
      for (place, unit) in network.linear.enumerated() { places[unit] = inputs + Int32(place) }
    }
    var unit = 0
    for index in layers.indices {
      while unit < network.units.count, network.units[unit].layer < index { unit += 1 }
      firsts.append(unit)
    }
  }

  /// So many rows are read together: what a block has of them lies side by side.
  private static let together = 8

  /// The rows of a block.
  ///
  /// - Parameter values: each one's in the midpoint network, which is one of the points of this one.
  func write(
    _ views: ArraySlice<RowView>, _ block: UnsafePointer<Double>, padded: Int, values: [Double]
  ) {
    for first in stride(from: 0, to: values.count, by: Self.together) {
      let count = min(Self.together, values.count - first)
      for column in 0..<count { constants[column] = values[first + column] }
      entries.pointer.update(repeating: 0, count: count * network.stride)
      read(views[bottom], block + first, padded: padded, count)
      for (index, view) in views.enumerated() where index >= bottom {
        read(view.lines, from: first, units: firsts[index], padded: padded, count)
      }
      for column in 0..<count {
        network.bias[network.rows.rowCount] = constants[column]
        network.rows.append(
          entries.pointer + column * network.stride, stride: network.stride,
          inputs: Int(network.net.inputs), layer: views.count)
      }
    }
  }

  /// The coefficients on the bottom layer.
  private func read(
    _ view: RowView, _ block: UnsafePointer<Double>, padded: Int, _ count: Int
  ) {
    let (stride, forward) = (network.stride, layers[bottom].forward)
    places.withUnsafeBufferPointer { places in
      view.forEachLive { unit, live in
        guard places[unit] >= 0 else { return }
        let (from, to) = (block + live * padded, entries.pointer + Int(places[unit]))
        for column in 0..<count { to[column * stride] = from[column] }
        guard bottom > 0 else { return }
        for column in 0..<count { constants[column] -= from[column] * forward.midpoint[unit] }
      }
    }
  }

  /// The coefficients of the unstable units of a layer.
  ///
  /// - Parameters:
  ///   - first: of the block's rows.
  ///   - units: where the layer's begin in the network's.
  private func read(
    _ block: LineBlock, from first: Int, units: Int, padded: Int, _ count: Int
  ) {
    let (stride, lines) = (network.stride, block.lines)
    let start = entries.pointer + Int(network.net.inputs) + network.linear.count
    var unit = units
    for line in 0..<Int(lines.count) {
      while network.units[unit].unit != block.unit(line) { unit += 1 }
      let (from, to) = (lines.coefficient + line * padded + first, start + unit)
      for column in 0..<count {
        to[column * stride] = from[column]
        constants[column] -= from[column] * lines.activation[line]
      }
    }
  }
}

extension RowView {
  /// The live units of the window by the kernels' numbers, and their places in the block.
  fileprivate func forEachLive(_ body: (_ unit: Int, _ live: Int) -> Void) {
    let (facts, window) = (view.pointee.layer.pointee, view.pointee.window)
    for y in Int(window.y0)..<Int(window.y1) {
      let row = facts.start + y * Int(facts.width)
      let (first, end) = (Int(row[Int(window.x0)]), Int(row[Int(window.x1)]))
      for slot in first..<end {
        body(Int(facts.unit[slot]), Int(view.pointee.row_base[y]) + slot - first)
      }
    }
  }
}
