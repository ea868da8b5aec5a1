import ProofRecords

/// The network in the auditor's numbers.
struct AuditNetwork<N: AuditNumber>: Sendable {
  let stages: [[AuditOperator<N>]]
  let inputCount: Int
  let limit: N
  private let maxima: [AuditMaxima?]

  init(_ statement: ChainStatement, _ deployed: DeployedType?) {
    var stages = statement.stages.map { stage in
      let costs = DeployedCost.costs(of: stage, in: deployed, isRead: statement.isRead)
      return zip(stage, costs).map { AuditOperator<N>($0, $1) }
    }
    // A clip is two of them: high - relu(high - low - z).
    for stage in stages.indices.dropFirst(2) {
      // What stands in front of it in its stage gives it numbers that are not negative.
      let below = stages[stage - 1]
      guard let last = below.last, below.dropLast().allSatisfy(\.isCarrying) else { continue }
      if let caps = last.caps { stages[stage][0].know(caps: caps) }
    }
    self.stages = stages
    var maxima: [AuditMaxima?] = []
    for stage in stages.indices {
      let below = stage > 0 && stages[stage - 1].count == 1 ? maxima[stage - 1] : nil
      let isOne = stage > 0 && stages[stage][0].compares
      maxima.append(isOne ? AuditMaxima(stages[stage][0], below: below) : nil)
    }
    self.maxima = maxima
    inputCount = statement.inputCount
    limit = N(min(deployed?.limit ?? .infinity, 0x1p200))
  }

  /// The layers of ReLUs.
  var hidden: Int { stages.count - 1 }
  var classCount: Int { stages[hidden].last?.statement.outputCount ?? 0 }

  /// Whether a stage reads what a rewriting compares, right behind ReLUs.
  func compares(_ stage: Int) -> Bool { maxima[stage] != nil }
}

/// What rows pay at each output of one operator: what the auditor's own rounding costs on the way down,
/// with numbers that are not known exactly, and what the deployed network's costs.
typealias OperatorCharge<N> = [(own: N, deployed: N)]

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
  /// What holds there besides, so that the bounds speak of no point on another side of one of these.
  var splits: [SplitSide] = []
  /// Whether two bounds contradict each other: nothing is left of the part.
  var isEmpty = false

  init(_ ball: AuditBall<N>) { self.ball = ball }

  /// The layers below one, shared.
  func below(_ layer: Int) -> AuditLayers {
    var shared = self
    shared.lower = Array(lower[..<layer])
    shared.upper = Array(upper[..<layer])
    shared.slope = Array(slope[..<layer])
    shared.charges = Array(charges[..<layer])
    return shared
  }

  /// Takes a layer's bounds.
  mutating func add(_ lower: [N], _ upper: [N]) {
    self.lower.append(lower)
    self.upper.append(upper)
    slope.append(zip(lower, upper).map { $0 < .zero && $1 > .zero ? .slope($0, $1) : .zero })
  }
}

extension AuditNetwork {
  /// Interval bounds of a stage's outputs, from those of the layer below, and its charges; nil where a
  /// magnitude may overflow.
  func intervals(
    _ stage: Int, on layers: inout AuditLayers<N>
  ) -> (lower: [N], upper: [N], isCarried: [Bool])? {
    let ball = layers.ball
    let inputs =
      stage == 0
      ? (0..<inputCount).map(ball.extent)
      : zip(layers.lower[stage - 1], layers.upper[stage - 1]).map { l, u in
        let (low, high) = (max(l, .zero), max(u, .zero))
        return Extent(lower: low, upper: high, size: high, isCarried: true)
      }
    guard stage > 0 || inputs.allSatisfy({ $0.size <= limit }) else { return nil }
    var (outputs, charges) = (inputs, [OperatorCharge<N>]())
    for op in stages[stage] {
      guard let charge = step(op, &outputs) else { return nil }
      if charges.isEmpty { AuditMaxima.tighten(&outputs, maxima, stage, layers) }
      charges.append(charge)
    }
    layers.charges.append(charges)
    return (outputs.map(\.lower), outputs.map(\.upper), outputs.map(\.isCarried))
  }

  /// From an operator's inputs to its outputs, and what rows pay for it; nil where one may overflow.
  ///
  /// For a sum of `m` products computed to nearest `|computed - exact| <= g(m + 1) A`, where
  /// `A = |W| zbar + |b|` and `zbar` bounds the input's magnitudes. Rows err on their way down by
  /// `|e|' zbar`, `|e| <= g(fanOut + 1) |W|' |lambda|`, that is `g(fanOut + 1) |lambda|' |W| zbar`. A deployed
  /// stage errs by its relative cost times the magnitude pushed through all of its operators.
  private func step(_ op: AuditOperator<N>, _ values: inout [Extent<N>]) -> OperatorCharge<N>? {
    let (below, statement) = (values, op.statement)
    guard op.cost.relative < .infinity else { return nil }
    values = op.ascend(below)
    let (up, down) = (N.gamma(op.fanIn + 2), N.gamma(op.fanOut + 1))
    let (relative, rounding) = (N(statement.relative), N(op.cost.relative))
    // One input is as good as the largest, where an output has no more.
    let reached = below.reduce(N.zero) { op.fanIn > 1 ? ($0 + $1.size).up : max($0, $1.size) }
    let unknown = ((N(statement.perInput) * reached).up + N(statement.perUnit)).up
    let tiny = ((N(op.cost.perInput) * reached).up + N(op.cost.absolute)).up
    let most = min(limit, N(min(statement.outputLimit, 0x1p200)))
    var charge: OperatorCharge<N> = []
    for unit in values.indices {
      // A sum of nothing but zeros is 0 in any arithmetic.
      if values[unit].isZero, op.offset[unit] == .zero, statement.isCertain {
        values[unit] = Extent(lower: .zero, upper: .zero, size: .zero, isCarried: true)
        charge.append((.zero, .zero))
        continue
      }
      // Not below `|W| zbar`, whatever the rounding of its sum.
      let products = ((values[unit].size * (N(1) + up).up).up + .tiny).up
      let magnitude = (products + op.offset[unit]).up
      let doubt = ((relative * magnitude).up + unknown).up
      let whole = (magnitude + doubt).up
      let (low, high) = (values[unit].lower + op.bias[unit], values[unit].upper + op.bias[unit])
      var rounded = (rounding * whole).up
      if let sum = op.cost.sum {
        values[unit].terms += sum.offsets
        // `|C| + R` is the larger of the ends.
        let most = (whole + (max(low.magnitude, high.magnitude) + (up * magnitude).up).up).up
        let part = min(whole, (N(0.5) * most).up)
        let sums = (N(Double(max(values[unit].terms - 1, 0))) * part).up
        let all = ((N(sum.unit) * (whole + sums).up).up * N(sum.growth)).up
        if sum.ends { rounded = min(rounded, all) }
      }
      let deployed = (rounded + tiny).up
      guard (whole + deployed).up < most else { return nil }
      let error = (((up * magnitude).up + (doubt + .tiny).up).up + deployed).up
      values[unit].lower = (low - error).down
      values[unit].upper = (high + error).up
      if let sources = op.nonNegativeOf[unit], sources.allSatisfy({ below[$0].isCarried }) {
        values[unit].isCarried = true
        values[unit].lower = max(values[unit].lower, .zero)
      }
      // The next operator of the stage reads what underflow added, too.
      values[unit].size = (whole + deployed).up
      charge.append((((down * products).up + doubt).up, deployed))
    }
    return charge
  }
}
