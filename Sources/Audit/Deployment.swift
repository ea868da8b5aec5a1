import ProofRecords

/// The type of a network's deployment: what rounding to nearest in it can do.
package struct DeployedType: Sendable {
  /// The unit roundoff, the greatest number and the smallest positive one.
  let unit, greatest, tiny: Double
  /// Whether sums are accumulated in binary32, though numbers are stored in fewer bits.
  let sumsWide: Bool

  /// nil for exact arithmetic.
  package init?(_ name: String, sumsWide: Bool) {
    switch name {
    case "float64": (unit, greatest, tiny) = (0x1p-53, .greatestFiniteMagnitude, 0x1p-1074)
    case "float32": (unit, greatest, tiny) = (0x1p-24, 0x1.fffffep127, 0x1p-149)
    case "float16": (unit, greatest, tiny) = (0x1p-11, 65504, 0x1p-24)
    case "bfloat16": (unit, greatest, tiny) = (0x1p-8, 0x1.fep127, 0x1p-133)
    default: return nil
    }
    self.sumsWide = sumsWide && unit > 0x1p-24
  }

  var isHalf: Bool { unit > 0x1p-24 }
  /// What a value must stay below, so that neither it nor a difference of two overflows.
  var limit: Double { greatest / 4 }

  func holds(_ value: Double) -> Bool { value == 0 || rounded(value) == value }

  /// The nearest number of the type, for a value within its range.
  func rounded(_ value: Double) -> Double {
    if unit <= 0x1p-53 || value == 0 { return value }
    let spacing = max(value.ulp * (unit * 0x1p53), tiny)
    let nearest = (value / spacing).rounded(.toNearestOrEven) * spacing
    return nearest.magnitude <= greatest ? nearest : .infinity
  }

  /// What `stored` roundings of numbers and `summed` roundings of sums do together, relative to the sum
  /// of magnitudes: every path through a stage has at most so many factors `1 + theta`.
  func error(stored: Int, summed: Int) -> Double {
    func gamma(_ count: Int, _ unit: Double) -> Double {
      let product = Double(count) * unit
      return product < 1 ? (product / (1 - product).down).up : .infinity
    }
    guard sumsWide else { return gamma(stored + summed, unit) }
    let (a, b) = (gamma(stored, unit), gamma(summed, 0x1p-24))
    return ((a + b).up + (a * b).up).up
  }
}

/// What a deployed network's rounding costs at one operator (the manual, --arithmetic).
struct DeployedCost {
  /// Times the magnitude, at the last operator of a stage.
  var relative = 0.0
  /// Underflow of results, and of rounded weights times the inputs' magnitudes.
  var absolute = 0.0
  var perInput = 0.0
  /// Where the stage is one sum of products of numbers that the type has: `u`, not below `1 / (1 - n u)`
  /// for all of its terms, the offsets that come in here, and whether it ends here.
  ///
  /// What is 0 is no term. With `T` for the sum of magnitudes and `M` for the largest sum of some of them, `n`
  /// terms added up along any tree err by at most `u (T + (n - 1) M) / (1 - n u)` (Higham 2002, section 4.2,
  /// where M is T). For inputs in `[c - r, c + r]` the positive part of `w z` is at most
  /// `(|w| |c| + w c) / 2 + |w| r`: with `C = W c + b`, `R = |W| r`, `M <= (T + |C| + R) / 2`.
  var sum: (unit: Double, growth: Double, offsets: Int, ends: Bool)?

  /// The costs of a stage's operators, in any order of summation, fused or not, and also where operators
  /// were folded into each other: for each of which two roundings of a number are added, and an offset
  /// in front of a sum passes that sum twice.
  static func costs(
    of stage: [OperatorStatement], in type: DeployedType?, isRead: Bool
  ) -> [DeployedCost] {
    guard let type else { return stage.map { _ in DeployedCost() } }
    let counts = stage.map { $0.roundings(in: type) }
    let rounding = counts.count { $0.stored + $0.summed > 0 }
    var (stored, summed) = (counts.reduce(0) { $0 + $1.stored }, 0)
    if rounding > 1 { stored += 2 * rounding }
    var hasOffset = false
    for (statement, count) in zip(stage, counts) {
      summed += hasOffset ? 2 * count.summed : count.summed
      hasOffset = hasOffset || !statement.isVirtual && statement.hasOffset
    }
    let isHeld = isRead && stage.allSatisfy { $0.isHeld(in: type) }
    let isSum =
      isHeld && counts[0].stored == 0 && counts[0].summed > 0 && !type.sumsWide
      && stage.allSatisfy(\.isCertain) && stage.dropFirst().allSatisfy { $0.addsOffset(in: type) }
    // A change of sign adds no term.
    let additions = counts.dropFirst().count { $0.stored > 0 }
    let terms = Double(counts[0].summed + additions) * type.unit
    let growth = isSum && terms < 1 ? (1 / (1 - terms).down).up : nil
    return stage.indices.map { index in
      let isLast = index == stage.count - 1
      let steps = isLast ? stored + summed : counts[index].stored + counts[index].summed
      return DeployedCost(
        relative: isLast ? (isHeld ? type.error(stored: stored, summed: summed) : .infinity) : 0,
        absolute: Double(steps) * type.tiny, perInput: stage[index].underflow(in: type) * type.tiny,
        sum: growth.map {
          (type.unit, $0, index == 0 || counts[index].stored > 0 ? 1 : 0, isLast)
        })
    }
  }
}

extension OperatorStatement {
  /// Whether it gives every input, or its negative, and at most adds a number of the type.
  fileprivate func addsOffset(in type: DeployedType) -> Bool {
    guard !isVirtual, case .scaling(let scale, let shift, let magnitude) = map else { return false }
    let isSum = zip(shift, magnitude).allSatisfy { $0.magnitude == $1 }
    return scale.allSatisfy { $0.magnitude == 1 } && leastDivisor == .infinity
      && (roundings(in: type) == (0, 0) && !hasOffset || roundings(in: type) == (1, 0) && isSum)
  }

  fileprivate var hasOffset: Bool {
    switch map {
    case .dense(_, let bias), .convolution(_, _, let bias): bias.contains { $0 != 0 }
    case .scaling(_, _, let magnitude): magnitude.contains { $0 != 0 }
    case .selection(_, let constant): constant.contains { $0 != 0 }
    }
  }

  /// The numbers of the file of which the deployed network may have to round each first.
  private func rounded(in type: DeployedType) -> Int {
    func holds(_ lists: [Double]...) -> Bool { lists.allSatisfy { $0.allSatisfy(type.holds) } }
    switch map {
    case .dense(let weights, let bias), .convolution(_, let weights, let bias):
      return holds(weights, bias) ? 0 : 1
    case .scaling:
      let isHeld = sources.allSatisfy { $0.allSatisfy(type.holds) }
      return isHeld ? (type.isHalf && !isVirtual ? 1 : 0) : sourceRoundings
    case .selection: return 0
    }
  }

  /// Roundings on the way to one output.
  fileprivate func roundings(in type: DeployedType) -> (stored: Int, summed: Int) {
    if isVirtual { return (rounded(in: type), 0) }
    var (stored, summed) = (0, 0)
    switch map {
    case .dense: summed = inputCount + 1
    case .convolution(let c, _, _):
      summed = c.inputChannels / c.groups * c.kernelHeight * c.kernelWidth + 1
    case .scaling:
      stored = roundings
      // A subnormal divisor, what it is the sum of and the sum each err by half of the tiniest number.
      if leastDivisor < type.tiny / type.unit / 2 {
        let units = 2 * type.tiny / leastDivisor / type.unit
        stored += units < 0x1p60 ? Int(units.rounded(.up)) + 1 : 1 << 60
      }
    case .selection(_, let constant):
      return (constant.allSatisfy(type.holds) ? 0 : 1, 0)
    }
    guard stored + summed > 0 else { return (0, 0) }
    stored += rounded(in: type)
    if type.isHalf && type.sumsWide {
      stored += summed > 0 && hasOffset ? 2 : 1
    }
    return (stored, summed)
  }

  /// Whether the type has room for every number of the operator.
  fileprivate func isHeld(in type: DeployedType) -> Bool {
    func fits(_ lists: [Double]...) -> Bool {
      lists.allSatisfy { $0.allSatisfy { $0.magnitude <= type.limit } }
    }
    let own =
      switch map {
      case .dense(let weights, let bias), .convolution(_, let weights, let bias):
        fits(weights, bias)
      case .scaling(let scale, _, let magnitude): fits(scale, magnitude)
      case .selection(_, let constant): fits(constant)
      }
    return own
      && held.allSatisfy { $0.largest <= type.limit && ($0.least ?? .infinity) >= 8 * type.tiny }
  }

  /// What the tiniest number is multiplied by beside an input's magnitude, for weights that underflow.
  fileprivate func underflow(in type: DeployedType) -> Double {
    guard case .scaling(let scale, _, _) = map else { return rounded(in: type) > 0 ? 1 : 0 }
    guard roundings > 0 else { return 0 }
    let least = type.tiny / type.unit / 2
    let isSmall = scale.contains { $0 != 0 && $0.magnitude < least } || rounded(in: type) > 0
    return max(isSmall ? 1 : 0, constantUnderflow)
  }
}
