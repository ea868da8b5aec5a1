/// What is asserted, before it is written out as a list of cases.
indirect enum Formula {
  case bound(InputBound)
  case constraint(OutputConstraint)
  case all([Formula])
  case any([Formula])
}

/// A bound of one input.
struct InputBound {
  var input: Int
  /// Whether the input lies below.
  var isUpper: Bool
  var value: Enclosure
}

/// One disjunct: bounds and constraints that hold together.
struct Disjunct {
  var bounds: [InputBound] = []
  var constraints: [OutputConstraint] = []

  /// How much it holds.
  var size: Int { bounds.count + constraints.count }

  mutating func add(_ other: Disjunct) {
    bounds += other.bounds
    constraints += other.constraints
  }
}

/// Writes formulas out as disjuncts, within limits.
struct NormalForm {
  /// More than these are too many.
  let limits: PropertyLimits

  /// A limit that was passed.
  enum Excess: Error {
    case disjuncts, constraints
  }

  /// The disjuncts of a formula, in the order of the text.
  func disjuncts(of formula: Formula) throws(Excess) -> [Disjunct] {
    switch formula {
    case .bound(let bound): return [Disjunct(bounds: [bound])]
    case .constraint(let constraint): return [Disjunct(constraints: [constraint])]
    case .any(let parts):
      var all: [Disjunct] = []
      var size = 0
      for part in parts {
        let more = try disjuncts(of: part)
        size += more.reduce(0) { $0 + $1.size }
        all += more
        try check(count: all.count, size: size)
      }
      return all
    case .all(let parts):
      var all = [Disjunct()]
      for part in parts { all = try product(all, try disjuncts(of: part)) }
      return all
    }
  }

  /// Every disjunct of one list together with every one of the other.
  func product(_ left: [Disjunct], _ right: [Disjunct]) throws(Excess) -> [Disjunct] {
    if right.count == 1 {
      var all = left
      for index in all.indices { all[index].add(right[0]) }
      return all
    }
    let (count, overflow) = left.count.multipliedReportingOverflow(by: right.count)
    guard !overflow, count <= limits.disjuncts else { throw .disjuncts }
    var all: [Disjunct] = []
    var size = 0
    for first in left {
      for second in right {
        var both = first
        both.add(second)
        size += both.size
        guard size <= limits.constraints else { throw .constraints }
        all.append(both)
      }
    }
    return all
  }

  private func check(count: Int, size: Int) throws(Excess) {
    guard count <= limits.disjuncts else { throw .disjuncts }
    guard size <= limits.constraints else { throw .constraints }
  }
}
