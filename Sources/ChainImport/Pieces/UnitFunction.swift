/// A function of one number, the same for every unit, as the nodes of a file compute it: lines, each between two
/// places or at one.
struct UnitFunction: Equatable, Sendable {
  /// In increasing order.
  private(set) var places: [Double]
  /// `2 places + 1` lines: below the first place, at it, between it and the next, and so on.
  private(set) var cells: [UnitLine]

  static let variable = UnitFunction(places: [], cells: [.variable])

  static func constant(_ value: Double) -> UnitFunction {
    UnitFunction(places: [], cells: [.constant(value)])
  }

  private init(places: [Double], cells: [UnitLine]) {
    (self.places, self.cells) = (places, cells)
  }

  /// More places than any function that people write.
  private static let mostPlaces = 64

  /// The same function with more places.
  private func refined(at more: [Double]) throws(UnitObstacle) -> UnitFunction {
    let all = Set(places).union(more).sorted()
    guard all.count <= Self.mostPlaces else { throw .unfit }
    var cells = [self.cells[0]]
    var own = 0
    for place in all {
      if own < places.count, places[own] == place {
        cells += [self.cells[2 * own + 1], self.cells[2 * own + 2]]
        own += 1
      } else {
        let line = cells[cells.count - 1]
        cells += [line.fixed(at: place), line]
      }
    }
    return UnitFunction(places: all, cells: cells)
  }

  /// Some number of a cell.
  func sample(_ cell: Int) -> Double {
    if places.isEmpty { return 0 }
    if !cell.isMultiple(of: 2) { return places[cell / 2] }
    let (low, high) = (cell / 2 - 1, cell / 2)
    // Twice as far, and one beyond: some other number on that side.
    if low < 0 { return places[0] - places[0].magnitude - 1 }
    if high == places.count { return places[low] + places[low].magnitude + 1 }
    return places[low] / 2 + places[high] / 2
  }

  func mapped(_ change: (UnitLine) throws(UnitObstacle) -> UnitLine) throws(UnitObstacle)
    -> UnitFunction
  {
    var result = self
    for index in cells.indices { result.cells[index] = try change(cells[index]) }
    return result
  }

  /// Cell by cell.
  func combined(
    _ other: UnitFunction, _ change: (UnitLine, UnitLine) throws(UnitObstacle) -> UnitLine
  ) throws(UnitObstacle) -> UnitFunction {
    let (one, two) = (try refined(at: other.places), try other.refined(at: places))
    var result = one
    for index in one.cells.indices {
      result.cells[index] = try change(one.cells[index], two.cells[index])
    }
    return result
  }

  /// Cell by cell, with the order of the two lines, which is the same all over a cell.
  func compared(
    _ other: UnitFunction, _ change: (UnitLine, UnitLine, Int) throws(UnitObstacle) -> UnitLine
  ) throws(UnitObstacle) -> UnitFunction {
    var (one, two) = (try refined(at: other.places), try other.refined(at: places))
    var crossings: [Double] = []
    for cell in stride(from: 0, to: one.cells.count, by: 2) {
      guard let place = try one.cells[cell].crossing(two.cells[cell]) else { continue }
      let low = cell == 0 ? -Double.infinity : one.places[cell / 2 - 1]
      let high = cell / 2 == one.places.count ? Double.infinity : one.places[cell / 2]
      if place > low, place < high { crossings.append(place) }
    }
    (one, two) = (try one.refined(at: crossings), try two.refined(at: crossings))
    for index in one.cells.indices {
      let order = try one.cells[index].order(two.cells[index], at: one.sample(index))
      one.cells[index] = try change(one.cells[index], two.cells[index], order)
    }
    return one
  }

  /// 1 or 0 by a comparison of what nobody has rounded.
  func asks(
    _ other: UnitFunction, _ holds: (Int) -> Bool
  ) throws(UnitObstacle) -> UnitFunction {
    try compared(other) { (one, two, order) throws(UnitObstacle) in
      guard one.isExact, two.isExact else { throw .unfit }
      return .constant(holds(order) ? 1 : 0)
    }
  }

  func largest(_ other: UnitFunction) throws(UnitObstacle) -> UnitFunction {
    try compared(other) { (one, two, order) throws(UnitObstacle) in
      order >= 0 ? try one.winning(over: two) : try two.winning(over: one)
    }
  }

  func negated() -> UnitFunction {
    UnitFunction(places: places, cells: cells.map { $0.negated() })
  }

  func smallest(_ other: UnitFunction) throws(UnitObstacle) -> UnitFunction {
    try negated().largest(other.negated()).negated()
  }

  /// One of two by a function that is 1 or 0.
  func choosing(_ above: UnitFunction, _ below: UnitFunction) throws(UnitObstacle) -> UnitFunction {
    let flags = try refined(at: above.places + below.places)
    let (one, two) = (try above.refined(at: flags.places), try below.refined(at: flags.places))
    var result = flags
    for index in flags.cells.indices {
      guard let flag = flags.cells[index].number else { throw .unfit }
      result.cells[index] = flag != 0 ? one.cells[index] : two.cells[index]
    }
    return result
  }

  /// Refuses a function that jumps.
  func checkContinuity() throws(UnitObstacle) {
    for (index, place) in places.enumerated() {
      let at = cells[2 * index + 1]
      for other in [cells[2 * index], cells[2 * index + 2]]
      where try other.order(at, at: place) != 0 {
        let (left, right) = (cells[2 * index], cells[2 * index + 2])
        throw .jump(
          at: place, from: left.offset.addingProduct(left.slope, place),
          to: right.offset.addingProduct(right.slope, place))
      }
    }
  }
}
