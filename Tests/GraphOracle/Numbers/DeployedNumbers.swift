import NumberSupport

/// One way in which a runtime may go about a graph.
public struct Deployment: Sendable, CustomStringConvertible {
  /// In which types constants are computed before the network runs.
  public enum Constants: Sendable, CaseIterable {
    /// In those of the file; what the data meet is rounded to the deployed type.
    case ofFile
    /// In those of the file, but half precision in binary32, without a rounding in between: what
    /// runtimes do that lack the kernels. A Cast rounds.
    case widened
    /// The file's types, but none finer than the deployed one.
    case converted
  }

  /// The order of the terms of every sum.
  public enum Order: Sendable, CaseIterable {
    case forward, backward, shuffled, tree
  }

  /// The type that data are stored in.
  public var data: DeployedFormat
  /// The type that sums of the data are accumulated in.
  public var summed: DeployedFormat
  /// How constants are computed.
  public var constants = Constants.ofFile
  /// Whether sums of half-precision constants are accumulated in binary32.
  public var sumsConstantsWide = false
  /// The order of sums.
  public var order = Order.forward
  /// The probability that a product is fused into a sum.
  public var fusing = 0.0
  /// The probability that the result of an elementwise operation is not stored in between.
  public var keeping = 0.0
  /// Whether any of the equivalent ways of computing an operator is taken.
  public var varies = false

  /// The usual way: as the file says, in order.
  public init(data: DeployedFormat, summed: DeployedFormat) {
    (self.data, self.summed) = (data, summed)
  }

  /// Draws one.
  public init(
    data: DeployedFormat, summed: DeployedFormat, using random: inout SeededGenerator
  ) {
    self.init(data: data, summed: summed)
    constants = random.pick(Constants.allCases, or: .ofFile)
    sumsConstantsWide = random.chance(0.5)
    order = random.pick(Order.allCases, or: .forward)
    fusing = random.pick([0, 0, 0.5, 1], or: 0)
    keeping = random.pick([0, 0.5, 1], or: 0)
    varies = random.chance(0.8)
  }

  /// For messages.
  public var description: String {
    "\(data), sums in \(summed), \(order), fusing \(fusing), constants \(constants)"
      + (sumsConstantsWide ? " summed in binary32" : "") + ", keeping \(keeping)"
      + (varies ? ", varied" : "")
  }
}

/// Numbers of floating-point formats, every operation rounded to nearest; held in binary64.
public struct DeployedNumbers: NumberSystem, Sendable {
  /// The way that is gone.
  public let deployment: Deployment
  /// Draws what the deployment leaves open.
  public var random: SeededGenerator
  /// Whether the operation at hand is one that a folding runtime adds.
  public var isFolding = false
  /// Whether a constant that a runtime folds underflowed or overflowed, which is outside the model
  /// of deployment.
  public private(set) var leftModel = false

  /// Creates the system.
  public init(_ deployment: Deployment, random: SeededGenerator) {
    (self.deployment, self.random) = (deployment, random)
  }

  /// The number itself.
  public func stored(_ value: Double) -> Double { value }

  /// The number as the constants' types have it.
  public func initial(_ value: Double, _ type: OracleType) -> Double {
    // A stored number has no more digits than its type, whatever the operations have.
    type.format == nil ? value : formats(Role(type, isData: false)).stored.rounded(value)
  }

  /// The negative.
  public func negative(_ value: Double) -> Double { -value }

  /// The format that an operation accumulates in, and the one that its result is stored in.
  private func formats(_ role: Role) -> (summed: DeployedFormat, stored: DeployedFormat) {
    if role.isData { return (deployment.summed, deployment.data) }
    var own = role.type.format ?? .binary64
    if isFolding, role.type.format != nil {
      // Runtimes fold in the deployed type, or in a finer one.
      let finer: DeployedFormat =
        DeployedFormat.binary32.holds(deployment.data) && deployment.data != .binary32
        ? .binary32 : .binary64
      own = deployment.constants == .widened ? finer : deployment.data
      return (own, own)
    }
    if deployment.constants == .converted && !deployment.data.holds(own) { own = deployment.data }
    let isHalf = own != .binary32 && DeployedFormat.binary32.holds(own)
    if isHalf && deployment.constants == .widened { return (.binary32, .binary32) }
    return (isHalf && deployment.sumsConstantsWide ? .binary32 : own, own)
  }

  private mutating func store(_ value: Double, _ role: Role, isZero: Bool) -> Double {
    let (summed, stored) = formats(role)
    if role.isData, role.isElementwise, random.chance(deployment.keeping) {
      return summed.rounded(value)
    }
    let result = stored.rounded(value)
    if isFolding, !isZero, !(result.magnitude >= stored.leastNormal && result.isFinite) {
      leftModel = true
    }
    return result
  }

  /// The sum in the deployment's order.
  public mutating func sum(_ terms: [Term<Double>], _ role: Role) -> Double {
    let format = formats(role).summed
    var items = terms
    switch deployment.order {
    case .forward: break
    case .backward: items.reverse()
    case .shuffled: items.shuffle(using: &random)
    case .tree:
      while items.count > 1 {
        let left = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        let right = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        items.append(.number(added(left, right, format)))
      }
    }
    var total = items[0]
    for item in items.dropFirst() { total = .number(added(total, item, format)) }
    let value = single(total, format)
    return store(value, role, isZero: value == 0 && terms.allSatisfy { $0.isExactlyZero(value) })
  }

  private func single(_ term: Term<Double>, _ format: DeployedFormat) -> Double {
    switch term {
    case .number(let value): value
    case .product(let left, let right): format.product(left, right)
    }
  }

  private mutating func added(
    _ left: Term<Double>, _ right: Term<Double>, _ format: DeployedFormat
  ) -> Double {
    let fuses = random.chance(deployment.fusing)
    if fuses, case .product(let a, let b) = right {
      return format.fused(single(left, format), a, b)
    }
    if fuses, case .product(let a, let b) = left {
      return format.fused(single(right, format), a, b)
    }
    return format.sum(single(left, format), single(right, format))
  }

  /// The rounded quotient.
  public mutating func quotient(_ left: Double, _ right: Double, _ role: Role) -> Double {
    store(formats(role).summed.quotient(left, right), role, isZero: left == 0)
  }

  /// The rounded root.
  public mutating func root(_ value: Double, _ role: Role) -> Double {
    store(formats(role).summed.root(value), role, isZero: value == 0)
  }

  /// An elementary function, up to two units in the last place away.
  public mutating func function(_ name: String, _ operands: [Double], _ role: Role) -> Double {
    let exact = ExactNumbers()
    guard let result = exact.function(name, operands.map { exact.stored($0) }, role) else {
      return .nan
    }
    let format = formats(role).stored
    var value = format.rounded(result)
    let isExact = exact.stored(value) == result
    guard deployment.varies, !isExact, value.isFinite else { return value }
    let steps = Int.random(in: -2...2, using: &random)
    for _ in 0..<abs(steps) where value.isFinite {
      value = format.neighbour(of: value, up: steps > 0)
    }
    return value
  }

  /// Rounded to the target, and where data pass, to the deployed type.
  public mutating func cast(_ value: Double, to role: Role) -> Double {
    guard let target = role.type.format else { return value.rounded(.towardZero) }
    if role.isData { return value }
    let own = formats(role).stored
    return target.holds(own) ? own.rounded(value) : target.rounded(value)
  }

  /// Rounded to the deployed type.
  public mutating func loaded(_ value: Double) -> Double { deployment.data.rounded(value) }

  /// Compares.
  public func isLess(_ left: Double, _ right: Double) -> Bool { left < right }

  /// Whether it is NaN.
  public func isNaN(_ value: Double) -> Bool { value.isNaN }

  /// Rounds to an integer.
  public func whole(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
    value.rounded(rule)
  }

  /// The number as an integer.
  public func integer(_ value: Double) -> Int { Int(value) }

  /// Any way where the deployment varies.
  public mutating func way(of count: Int) -> Int {
    deployment.varies ? Int.random(in: 0..<count, using: &random) : 0
  }
}

extension Term<Double> {
  /// Whether a total of 0 needs no underflow to be one: no term has lost what it was made of.
  fileprivate func isExactlyZero(_ total: Double) -> Bool {
    switch self {
    case .number: true
    case .product(let left, let right): left == 0 || right == 0
    }
  }
}
