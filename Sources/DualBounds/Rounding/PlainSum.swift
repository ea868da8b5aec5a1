import ReLUChain

/// A stage of which every output is a sum of stored numbers, each times an input or alone: what its rounding
/// costs by the terms that are not 0, and by how large partial sums can get.
///
/// Let `t_1 ... t_n` be the exact terms of an output that may be other than 0, `T >= sum |t_i|`, and `M` not
/// below the magnitude of the sum of any of them. A deployed network adds them up along some tree, fused or
/// not; terms that are 0 (inactive units, padding, no offset) change nothing. With the roundoff `u` a product
/// errs by at most `u |t_i|`, and the computed sum of two parts that err by `e` and `f`, with the exact sum
/// `s`, by at most `e + f + u (|s| + e + f)`. By induction over the tree an output errs by at most
/// `(1 + u)^(n - 1) (u T + (n - 1) u M) <= u (T + (n - 1) M) / (1 - n u)`: `g(n) T` (Higham 2002, section
/// 4.2) with `M` for `T`. Underflow is charged besides.
///
/// *M.* For `z` in `[c - r, c + r]` the positive part of `w z` is at most that of `w c`, which is
/// `(|w| |c| + w c) / 2`, and `|w| r`; of an offset it is `(|b| + b) / 2`. So with `A >= |W| (|c| + r) + |b|`,
/// `C = W c + b` and `R = |W| r` positive terms add up to at most `(A + C + R) / 2`, negative ones to at most
/// `(A - C + R) / 2`, and `T = A`.
package struct PlainSum: Sendable, Equatable {
  /// The offsets of an output.
  let offsets: Int
  /// How many operators of the stage stand behind the one that multiplies.
  let behind: Int
  /// The most terms of an output.
  let most: Int
  /// `u / (1 - n u)` and what computing `T` and `M` may lack, for the most terms.
  private let factor: Double
  /// What computing `M` may lack besides, relative to `A`.
  private let slack: Double

  /// - Parameters:
  ///   - products: the most products in one output.
  ///   - offsets: how many offsets are added to them.
  ///   - unit: the roundoff of products and sums.
  package init(products: Int, offsets: Int, behind: Int, unit: Double) {
    (self.offsets, self.behind) = (offsets, behind)
    most = products + offsets
    // `A`, `C` and `R` err by at most `g(products + 8) A` each, as `RoundingCharge` has it.
    slack = 4 * RoundingCharge.gamma(most + 8, 0x1p-53)
    let product = Double(most) * unit
    factor = product < 1 ? unit / (1 - product) * (1 + slack) * (1 + 0x1p-40) : .infinity
  }

  /// Not below what rounding moves an output by, underflow aside.
  ///
  /// - Parameters:
  ///   - terms: how many products of it may be other than 0.
  ///   - magnitude: `A`, computed.
  ///   - signed: `|C| + R`, computed; infinity where nothing is known of it.
  package func charge(terms: Int, magnitude: Double, signed: Double) -> Double {
    let partial = min(magnitude, 0.5 * (magnitude + signed) + slack * magnitude)
    return (magnitude + Double(min(terms + offsets, most) - 1) * partial) * factor
  }
}

extension StageCharges {
  /// The plain sum that a stage is; nil for any other.
  ///
  /// Products of a full matrix or a convolution, offsets added behind them, and changes of sign, of numbers
  /// that the format has: whatever is folded, reordered or fused, what is computed is a sum of these terms.
  func plainSum(
    _ operators: [LinearOperator], _ own: [DeployedRoundings], _ format: FloatFormat
  ) -> PlainSum? {
    guard !(arithmetic.isHalf && wideSums), own[0].stored == 0, own[0].summed > 0 else {
      return nil
    }
    let areExact = operators.allSatisfy {
      $0.uncertainty == .none && $0.nonNegativeOutputs.isEmpty && !$0.isVirtual
    }
    let behind = zip(operators, own).dropFirst()
    guard areExact, behind.allSatisfy(Self.addsOffset) else { return nil }
    let additions = behind.count { _, own in !own.isExact }
    return PlainSum(
      products: own[0].summed - 1, offsets: 1 + additions, behind: operators.count - 1,
      unit: format.roundoff)
  }

  /// Whether an operator gives every input, or its negative, and at most adds a number of the format.
  private static func addsOffset(_ linear: LinearOperator, _ own: DeployedRoundings) -> Bool {
    guard case .scaling(let scaling) = linear.kind else { return false }
    let isSum = zip(scaling.shift, scaling.shiftMagnitude).allSatisfy { $0.magnitude == $1 }
    return scaling.scale.allSatisfy { $0.magnitude == 1 } && scaling.leastDivisor == .infinity
      && (own.isExact && !linear.hasOffset || own == DeployedRoundings(stored: 1) && isSum)
  }
}
