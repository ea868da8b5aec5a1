import ReLUChain

/// What rounding can cost one row at one operator: the derivation, and the one coefficient that
/// pays for it.
///
/// Let `u = 2^-53`, `g(m) = m u / (1 - m u)`, and for a layer `i` with operator `W, b`:
/// - `z`: the true activation below (of the exact or of the deployed network), `|z| <= zbar`; at the
///   input `zbar = |center| + radius + extent`, which holds for a ball of any norm;
/// - `M`: the midpoint network's computed pre-activation, `Mz = fl(s M + h)` its activation,
///   `|Mz| <= zbar` (zbar is *made* the larger of the two), `h = t/2`, `t = -s l`;
/// - `A = |W| zbar + |b|`; `zhat` the true pre-activation, so `|zhat| <= A` up to its own rounding.
///
/// **Claim.** For computed coefficients `lambda` on layer `i`,
/// `|lambda' (zhat - M)| <= sum over the layers below of |mu|' h + |lambda|' q`, plus the input's
/// `|mu|' radius + extent ||mu||_dual`, where `q = kappa A + tiny`: there `z - Mz = d + r` is what
/// the ball allows, and at most zbar. `mu` is the computed one throughout.
///
/// 1. *Forward.* `M = W Mz + b + f`, `|f| <= g(fanIn + 2) (|W| |Mz| + |b|) <= g(fanIn + 2) A`: any
///    order of summation, fused or not.
/// 2. *Deployed network.* See `StageCharges`: `zhat = W z + b + delta` with
///    `|delta| <= deployed A + absolute`, zero for exact arithmetic (`PlainSum` often knows less). Hence
///    `zhat - M = W (z - Mz) + delta - f`.
/// 3. *Row step.* The computed `mu = W' lambda + e`, `|e| <= g(fanOut) |W|' |lambda|`, so
///    `lambda' W (z - Mz) = mu' (z - Mz) - e' (z - Mz)` and, as `|z - Mz| <= 2 zbar`,
///    `|e' (z - Mz)| <= 2 g(fanOut) |lambda|' |W| zbar <= 2 g(fanOut) |lambda|' A`.
/// 4. *Relaxation.* For each unit `z = s zhat + h + d` with `|d| <= h` (the two lines of eq. (3)
///    with the slope of eq. (8), `s >= u/(u-l)`), and `Mz = s M + h + r`,
///    `|r| <= 2u (|s M| + h)`. So `mu (z - Mz) = s mu (zhat - M) + mu (d - r)`. The stored
///    `lambda_below = fl(s mu)` differs from `s mu` by `u |s mu|`, times
///    `|zhat - M| <= 2.1 A_below`. Both go into the charge of the layer below: `r` costs
///    `|mu| (2.2 u s A_below + 2u h)`, the product `|s mu| 2.1 u A_below`.
/// 5. *Weights.* Stored numbers that lie from those that are meant by `Uncertainty`'s `relative`,
///    `perInput` and `perUnit` move `zhat` by at most `relative A + perInput sum |z| + perUnit`, which
///    is charged as it is; whatever multiplies `A` multiplies at most `(1 + relative) A` and that
///    absolute term. Where a unit has one input, the largest `|z|` stands for the sum.
/// 6. *Intervals.* `C = fl(W zc + b)` and `R = fl(|W| zr)` err by at most `2 g(fanIn + 2) A`.
/// 7. The last sums `M -+ rest` round by `u |M| + u rest`: `u A` here, the rest by
///    `RoundingCharge.rowInflation`.
///
/// All of it is at most `kappa A` with
/// `kappa = ((2 g(fanOut) + 3 g(fanIn + 2) + 40 u) (1 + relative) + relative) (1 + deployed)
/// + deployed (1 + relative)`, the factor because `|zhat| <= (1 + deployed) (1 + relative) A` for a
/// deployed network; `A` itself is computed, so kappa is raised by `g(fanIn + 8)` twice.
///
/// Behind an operator without an activation the next one's `zbar` is `A` and all of its charges:
/// `A` alone does not contain what underflow and uncertain numbers add (`pass_layer`).
///
/// **Underflow.** Each operation may err by `2^-1074` besides. In the forward pass that is
/// `(fanIn + 8) 2^-1074` of a pre-activation: the absolute term `2^-960` of `q` covers it, slopes
/// being kept above `2^-60` so that `s q` cannot vanish. In a row it is an error of a *coefficient*,
/// of at most `(fanOut + 1) 2^-1074`, which multiplies `|z - Mz|` or `|zhat - M|` however small the
/// other coefficients are: nothing proportional to `lambda` pays for it. Everything stays below
/// `magnitudeLimit = 2^200` (what does not, or is not finite, ends as "nothing known"), so each
/// costs at most `2^-1074 2^202`; `rowSlack` is the sum over all coefficients of a row.
package struct RoundingCharge: Sendable {
  /// The most outputs that read one input.
  let fanOut: Int
  /// The coefficient of `A` for this program's own rounding and for uncertain numbers.
  package let own: Double
  /// The same without uncertain numbers.
  package let rounding: Double
  /// The absolute term for this program's own rounding and for uncertain offsets.
  package let ownAbsolute: Double
  /// The term for uncertain weights: times the sum of the input's magnitudes, or the largest of them.
  package let ownPerInput: Double
  /// Whether every output has one input at most, so that the largest stands for their sum.
  let readsOneInput: Bool
  /// What the deployed network's rounding costs besides.
  package let deployed: DeployedCharge

  /// - Parameters:
  ///   - fanIn: the most products in one output.
  ///   - fanOut: the most outputs that read one input.
  ///   - uncertainty: of the stored numbers.
  package init(
    fanIn: Int, fanOut: Int, uncertainty: Uncertainty = .none, deployed: DeployedCharge
  ) {
    self.fanOut = fanOut
    readsOneInput = fanIn <= 1
    let unit = 0x1p-53
    let inflation = 1 + 2 * Self.gamma(fanIn + 8, unit)
    let base =
      2 * Self.gamma(fanOut, unit) + 3 * Self.gamma(fanIn + 2, unit) + 40 * unit
    let raise = inflation * (1 + deployed.reach) * 1.0001
    rounding = base * (1 + uncertainty.relative) * raise
    own = (base * (1 + uncertainty.relative) + uncertainty.relative) * raise
    let absolute = (1 + own) * raise
    ownAbsolute = 0x1p-960 + uncertainty.perUnit * absolute
    ownPerInput = uncertainty.perInput * absolute
    // Where nothing but underflow is charged, an audit in binary64 rounds it up, too.
    let spare = 1 + 0x1p-40
    self.deployed = DeployedCharge(
      relative: deployed.relative * (1 + uncertainty.relative) * inflation * spare,
      reach: deployed.reach, absolute: deployed.absolute * spare,
      absolutePerInput: deployed.absolutePerInput * spare, sum: deployed.sum)
  }

  /// `g(m) = m u / (1 - m u)`, +infinity unless `m u < 1`; rounded up by the callers' inflation.
  package static func gamma(_ count: Int, _ unit: Double) -> Double {
    let product = Double(count) * unit
    return product < 1 ? product / (1 - product) : .infinity
  }

  /// The factor on a row's summed cost for the rounding of that sum: `terms` fused steps, all of
  /// one sign, and the few products in each.
  package static func rowInflation(terms: Int) -> Double {
    1 + 4 * Double(terms + 64) * 0x1p-53
  }

  /// What a magnitude must stay below for the charges to hold.
  static let magnitudeLimit = 0x1p200

  /// What underflow of `operations` multiply-adds can cost one row.
  static func rowSlack(operations: Double) -> Double {
    max(0x1p-800, operations * 0x1p-860)
  }
}
