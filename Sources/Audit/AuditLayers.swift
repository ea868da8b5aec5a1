import ProofRecords

/// The network in the auditor's numbers.
struct AuditNetwork<N: AuditNumber>: Sendable {
  let stages: [[AuditOperator<N>]]
  let inputCount: Int
  let limit: N

  init(_ statement: ChainStatement, _ deployed: DeployedType?) {
    stages = statement.stages.map { stage in
      let costs = DeployedCost.costs(of: stage, in: deployed, isRead: statement.isRead)
      return zip(stage, costs).map { AuditOperator($0, $1) }
    }
    inputCount = statement.inputCount
    limit = N(min(deployed?.limit ?? .infinity, 0x1p200))
  }

  /// The layers of ReLUs.
  var hidden: Int { stages.count - 1 }
  var classCount: Int { stages[hidden].last?.statement.outputCount ?? 0 }
}

/// What rows pay at the outputs of one operator: what the auditor's own rounding costs on the way down,
/// with numbers that are not known exactly, and what the deployed network's costs.
struct OperatorCharge<N: AuditNumber> {
  var own: [N]
  var deployed: [N]
}

/// The relaxation of every layer over one ball, or over a part of it.
struct AuditLayers<N: AuditNumber> {
  let ball: AuditBall<N>
  /// For every layer of ReLUs bounds of the pre-activations.
  var lower: [[N]] = []
  var upper: [[N]] = []
  /// The slopes of the upper lines of unstable units.
  var slope: [[N]] = []
  /// For every stage and operator.
  var charges: [[OperatorCharge<N>]] = []
  /// The rival that does not lose where the bounds hold; nil where they hold in the whole ball.
  var hypothesis: Int?
  /// Whether two bounds contradict each other: nothing is left of the part.
  var isEmpty = false

  init(_ ball: AuditBall<N>) { self.ball = ball }

  /// The layers below one, shared.
  func below(_ layer: Int) -> AuditLayers {
    var shared = AuditLayers(ball)
    shared.lower = Array(lower[..<layer])
    shared.upper = Array(upper[..<layer])
    shared.slope = Array(slope[..<layer])
    shared.charges = Array(charges[..<layer])
    shared.hypothesis = hypothesis
    return shared
  }

  /// Takes a layer's bounds.
  mutating func add(_ lower: [N], _ upper: [N]) {
    self.lower.append(lower)
    self.upper.append(upper)
    slope.append(
      zip(lower, upper).map { l, u in
        l < .zero && u > .zero ? min(u / (u - l), N(1)) : .zero
      })
  }
}

extension AuditNetwork {
  /// Interval bounds of a stage's outputs, from those of the layer below, and its charges; nil where a
  /// magnitude may overflow.
  ///
  /// For a sum of `m` products computed to nearest `|computed - exact| <= g(m + 1) A`, where
  /// `A = |W| zbar + |b|` and `zbar` bounds the input's magnitudes. Rows err on their way down by
  /// `|e|' zbar`, `|e| <= g(fanOut + 1) |W|' |lambda|`, that is `g(fanOut + 1) |lambda|' |W| zbar`. A deployed
  /// stage errs by its relative cost times the magnitude pushed through all of its operators.
  func intervals(
    _ stage: Int, on layers: inout AuditLayers<N>
  ) -> (lower: [N], upper: [N])? {
    let ball = layers.ball
    var (lower, upper, size, carried) = ([N](), [N](), [N](), [Bool]())
    if stage == 0 {
      size = (0..<inputCount).map(ball.size)
      lower = ball.extent == .zero ? ball.lower : ball.lower.map { ($0 - ball.extent).down }
      upper = ball.extent == .zero ? ball.upper : ball.upper.map { ($0 + ball.extent).up }
      carried = size.map { _ in false }
      guard size.allSatisfy({ $0 <= limit }) else { return nil }
    } else {
      lower = layers.lower[stage - 1].map { max($0, .zero) }
      upper = layers.upper[stage - 1].map { max($0, .zero) }
      (size, carried) = (upper, upper.map { _ in true })
    }
    var charges: [OperatorCharge<N>] = []
    let below = (lower, upper)
    for op in stages[stage] {
      guard let next = step(op, lower, upper, size, carried) else { return nil }
      (lower, upper, size, carried) = (next.lower, next.upper, next.size, next.carried)
      charges.append(next.charge)
    }
    layers.charges.append(charges)
    if compares(stage) { stages[stage][0].decideSigns(below.0, below.1, &lower, &upper) }
    return (lower, upper)
  }

  /// Whether a stage is what a rewriting compares, right behind ReLUs.
  func compares(_ stage: Int) -> Bool {
    stage > 0 && stages[stage].count == 1 && stages[stage][0].compares
  }

  private func step(
    _ op: AuditOperator<N>, _ lower: [N], _ upper: [N], _ size: [N], _ carried: [Bool]
  ) -> (lower: [N], upper: [N], size: [N], carried: [Bool], charge: OperatorCharge<N>)? {
    let sums = op.ascend(lower, upper, size)
    let statement = op.statement
    let (up, down) = (N.gamma(op.fanIn + 2), N.gamma(op.fanOut + 1))
    let relative = N(statement.relative)
    // One input is as good as the largest, where an output has no more.
    let reached = size.reduce(N.zero) { op.fanIn > 1 ? ($0 + $1).up : max($0, $1) }
    let unknown = ((N(statement.perInput) * reached).up + N(statement.perUnit)).up
    let tiny = ((N(op.cost.perInput) * reached).up + N(op.cost.absolute)).up
    let (slack, most) = (N.tiny, min(limit, N(min(statement.outputLimit, 0x1p200))))
    let count = statement.outputCount
    var result = (
      lower: sums.lower, upper: sums.upper, size: sums.size,
      carried: [Bool](repeating: false, count: count),
      charge: OperatorCharge<N>(own: sums.size, deployed: sums.size)
    )
    for unit in 0..<count {
      // Not below `|W| zbar`, whatever the rounding of its sum.
      let products = ((sums.size[unit] * (N(1) + up).up).up + slack).up
      let magnitude = (products + op.offset[unit]).up
      let doubt = ((relative * magnitude).up + unknown).up
      let whole = (magnitude + doubt).up
      let deployed = ((N(op.cost.relative) * whole).up + tiny).up
      guard (whole + deployed).up < most else { return nil }
      let own = ((up * magnitude).up + (doubt + slack).up).up
      let error = (own + deployed).up
      result.lower[unit] = ((sums.lower[unit] + op.bias[unit]) - error).down
      result.upper[unit] = ((sums.upper[unit] + op.bias[unit]) + error).up
      if let sources = op.nonNegativeOf[unit], sources.allSatisfy({ carried[$0] }) {
        result.carried[unit] = true
        result.lower[unit] = max(result.lower[unit], .zero)
      }
      // The next operator of the stage reads what underflow added, too.
      result.size[unit] = (whole + deployed).up
      result.charge.own[unit] = ((down * products).up + doubt).up
      result.charge.deployed[unit] = deployed
    }
    return result
  }
}
