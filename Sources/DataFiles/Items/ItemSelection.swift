/// Which items of a file are read: neighbours, or some, in increasing order.
enum ItemSelection: Sendable {
  case range(Range<Int>)
  case list([Int])

  /// Takes positions in increasing order.
  init(_ positions: [Int]) {
    if let first = positions.first, let last = positions.last, last - first == positions.count - 1 {
      self = .range(first..<last + 1)
    } else {
      self = .list(positions)
    }
  }

  var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let list): list.count
    }
  }

  /// The position of each, in order.
  var positions: [Int] {
    switch self {
    case .range(let range): Array(range)
    case .list(let list): list
    }
  }

  func isAll(of total: Int) -> Bool {
    if case .range(let range) = self { range == 0..<total } else { false }
  }

  /// Neighbours together.
  var runs: [Range<Int>] {
    guard case .list(let list) = self else {
      if case .range(let range) = self { return [range] }
      return []
    }
    var runs: [Range<Int>] = []
    for item in list {
      if let last = runs.last, last.upperBound == item {
        runs[runs.count - 1] = last.lowerBound..<item + 1
      } else {
        runs.append(item..<item + 1)
      }
    }
    return runs
  }

  /// The place of an item among those that are read; nil for one that is not.
  func slot(of item: Int) -> Int? {
    switch self {
    case .range(let range): return range.contains(item) ? item - range.lowerBound : nil
    case .list(let list):
      var (low, high) = (0, list.count)
      while low < high {
        let middle = (low + high) / 2
        if list[middle] < item { low = middle + 1 } else { high = middle }
      }
      return low < list.count && list[low] == item ? low : nil
    }
  }
}
