import CKernels
import ReLUChain

/// Listed units that share a block of rows, and their window.
struct RowGroup {
  /// Their places in the list.
  var first: Int
  var end: Int
  /// The smallest that holds all of them.
  var window: cm_window

  /// The vectors that the rows take.
  var vectors: Int { (end - first + Int(CM_CHANNEL_QUANTUM) - 1) / Int(CM_CHANNEL_QUANTUM) }

  /// Together with those that follow, where a block has room for both.
  func joined(_ next: RowGroup, most: Int) -> RowGroup? {
    guard next.end - first <= most else { return nil }
    let (a, b) = (window, next.window)
    return RowGroup(
      first: first, end: next.end,
      window: cm_window(
        y0: min(a.y0, b.y0), y1: max(a.y1, b.y1), x0: min(a.x0, b.x0), x1: max(a.x1, b.x1)))
  }
}

// Which units' rows go together.
extension BoundWorkspace {
  /// Goes through the first listed units block by block, all rows of a block with one window: those of one
  /// grid position, and neighbours on a grid row while they fit one vector. Where sparse operators lie
  /// below, whose entries cost more to find than to multiply, also others, while what their windows have
  /// in common outweighs what each does not need. Ends where `body` says false, and says so.
  func blocks(
    of count: Int, at index: Int, most: Int,
    _ body: (UnsafeBufferPointer<Int32>, _ window: cm_window) -> Bool
  ) -> Bool {
    let readsSparsely = problem.layers[..<index].contains(where: \.isIndexed)
    var next = group(from: 0, of: count, at: index, most: most)
    while var block = next {
      next = group(from: block.end, of: count, at: index, most: most)
      while let other = next, let both = block.joined(other, most: most) {
        let sharesVector = both.window.y1 - both.window.y0 == 1 && both.vectors == 1
        let isCheaper =
          readsSparsely && price(both, index) <= price(block, index) + price(other, index)
        guard sharesVector || isCheaper else { break }
        block = both
        next = group(from: block.end, of: count, at: index, most: most)
      }
      let units = UnsafeBufferPointer(
        start: UnsafePointer(open.pointer) + block.first, count: block.end - block.first)
      guard body(units, block.window) else { return false }
    }
    return true
  }

  /// The listed units of one position from a place on.
  private func group(from first: Int, of count: Int, at index: Int, most: Int) -> RowGroup? {
    guard first < count else { return nil }
    let layout = problem.layers[index].layout
    let position = Int(open[first]) / layout.channels
    var end = first + 1
    while end < count, end - first < most, Int(open[end]) / layout.channels == position { end += 1 }
    return RowGroup(first: first, end: end, window: layout.cell(of: Int(open[first])))
  }

  /// What a block costs, about: something for itself, and at each position of its window below something
  /// for finding entries and for every vector of rows. Measured on a LeNet, where four times as much of
  /// either makes no difference.
  private func price(_ group: RowGroup, _ index: Int) -> Int {
    let window = problem.producer(index).inputWindow(
      group.window, everything: problem.layers[index - 1].layout.everything)
    let area = Int(window.y1 - window.y0) * Int(window.x1 - window.x0)
    return 64 + area * (2 + group.vectors)
  }

  /// The windows of the layers below, from the input on, that a unit reads by itself, whatever block it is in.
  func windows(of unit: Int, at index: Int) -> [cm_window] {
    var window = problem.layers[index].layout.cell(of: unit)
    var windows: [cm_window] = []
    for below in stride(from: index - 1, through: 0, by: -1) {
      window = problem.producer(below + 1).inputWindow(
        window, everything: problem.layers[below].layout.everything)
      windows.append(window)
    }
    return windows.reversed()
  }
}

extension UnitLayout {
  /// A unit's position.
  func cell(of unit: Int) -> cm_window {
    let position = unit / channels
    let (y, x) = (Int32(position / width), Int32(position % width))
    return cm_window(y0: y, y1: y + 1, x0: x, x1: x + 1)
  }
}
