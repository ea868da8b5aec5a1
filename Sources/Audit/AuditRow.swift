import ProofRecords

/// What a row takes from a proof, unit by unit; scratch of one worker.
struct RowChoices<N: AuditNumber> {
  /// `[layer][unit]`: slopes of lower lines; nil for parallel slopes.
  var slopes: [[N]]?
  /// By layer and unit: on which side of 0 the pre-activation is, and the multiplier of that.
  var sides: [[Int: (isActive: Bool, multiplier: N)]] = []
  /// A unit whose pre-activation is added to what the row bounds, or taken off.
  var target: (layer: Int, unit: Int, sign: N)?

  /// Parallel slopes.
  static var parallel: RowChoices { RowChoices() }
}

/// What a row came to: bounds of `lambda' zhat` over the part of the ball, or `lower` alone.
struct RowBounds<N: AuditNumber> {
  /// In exact arithmetic.
  var lower: N
  var upper: N
  /// What the deployed network's rounding takes off.
  var deployed: N

  var deployedLower: N { (lower - deployed).down }
  var deployedUpper: N { (upper + deployed).up }
}

extension AuditNetwork {
  /// One row backwards (eqs. 3, 7, 10): whatever is chosen, the result is a bound.
  ///
  /// Going down through `y = W x + b`, `lambda' y = (W' lambda)' x + lambda' b`; what is not computed exactly, and
  /// what a deployed network adds, is paid by the operator's charges. At a unit:
  /// - fixed: `z` is 0, or `zhat`, which its bounds say where they leave no choice, and else its side: so `m z` is
  ///   `o zhat`, and that is `(o - beta) zhat + beta zhat` with `beta zhat >= 0` on an active side, and
  ///   `(o + beta) zhat - beta zhat` with `-beta zhat >= 0` on an inactive one. What is computed is `o` with some
  ///   other multiplier, not below 0 as rounding is monotone: as good a proof.
  /// - unstable, `m >= 0`: `z >= a zhat` for every `a` in [0, 1]; the computed `a m` is `a' m` for such an `a'`.
  /// - unstable, `m < 0`: `z <= s zhat + t` for `s` in [0, 1] and `t >= max(-s l, u - s u)`. With the computed
  ///   `p = s m`, `|m| t = max(|p| (-l), (|m| - |p|) u)`.
  ///
  /// - Parameters:
  ///   - lambda: `[outputs of the stage]`.
  ///   - bothWays: with parallel slopes, also the upper bound, whose row is the same.
  func bound(
    _ lambda: [N], from stage: Int, on layers: AuditLayers<N>,
    _ choices: RowChoices<N> = .parallel, bothWays: Bool = false
  ) -> RowBounds<N> {
    var sums = RowBounds<N>(lower: .zero, upper: .zero, deployed: .zero)
    var row = lambda
    for index in stride(from: stage, through: 0, by: -1) {
      for (op, charge) in zip(stages[index], layers.charges[index]).reversed() {
        for output in row.indices where row[output] != .zero {
          let (factor, size, cost) = (row[output], row[output].magnitude, charge[output])
          sums.lower = .addDown(.addDown(sums.lower, factor, op.bias[output]), -size, cost.own)
          sums.deployed = .addUp(sums.deployed, size, cost.deployed)
          if bothWays {
            sums.upper = .addUp(.addUp(sums.upper, factor, op.bias[output]), size, cost.own)
          }
        }
        sums.lower = (sums.lower - .slack).down
        sums.upper = (sums.upper + .slack).up
        row = op.descend(row)
      }
      if index > 0 { relax(&row, index - 1, layers, choices, bothWays, &sums) }
    }
    sums.lower = (sums.lower + layers.ball.least(row)).down
    if bothWays { sums.upper = (sums.upper - layers.ball.least(row.map { -$0 })).up }
    return sums
  }

  /// From activations to pre-activations of a layer of ReLUs.
  private func relax(
    _ row: inout [N], _ layer: Int, _ layers: AuditLayers<N>, _ choices: RowChoices<N>,
    _ bothWays: Bool, _ sums: inout RowBounds<N>
  ) {
    let (lower, upper, slope) = (layers.lower[layer], layers.upper[layer], layers.slope[layer])
    let given = choices.slopes?[layer] ?? slope
    let sides = choices.sides.isEmpty ? [:] : choices.sides[layer]
    let fixed = sides.map { unit, side in
      let isActive = upper[unit] <= .zero ? false : lower[unit] >= .zero ? true : side.isActive
      let own = isActive ? row[unit] : .zero
      return (unit, side.isActive ? own - side.multiplier : own + side.multiplier)
    }
    for (unit, _) in fixed { row[unit] = .zero }
    for unit in row.indices where row[unit] != .zero {
      let (m, l, u) = (row[unit], lower[unit], upper[unit])
      if l >= .zero { continue }
      if u <= .zero { row[unit] = .zero }
      guard u > .zero else { continue }
      let p = m * (m > .zero ? given[unit] : slope[unit])
      row[unit] = p
      guard m < .zero || bothWays else { continue }
      let rest = (m.magnitude - p.magnitude).up
      let intercept = max((p.magnitude * -l).up, (rest * u).up)
      if m < .zero {
        sums.lower = (sums.lower - intercept).down
      } else {
        sums.upper = (sums.upper + intercept).up
      }
    }
    for (unit, coefficient) in fixed { row[unit] = coefficient }
    guard let target = choices.target, target.layer == layer else { return }
    let moved = row[target.unit] + target.sign
    row[target.unit] = moved
    let (l, u) = (lower[target.unit], upper[target.unit])
    let error = (moved.up - moved).up
    sums.lower = (sums.lower - (error * max(l.magnitude, u.magnitude)).up).down
  }
}
