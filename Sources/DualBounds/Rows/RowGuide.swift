/// Everything that one row needs to be a proof, whatever the numbers are: the weak dual of
///
///     min over the part of the ball of  weight (zhat_own - zhat_other) + sign zhat_unit
///
/// where the part is that in which every split holds. A split's constraint `sigma zhat >= 0` enters with
/// a multiplier of at least 0: `min f >= min (f - multiplier sigma zhat)`. Where a split fixes a sign the
/// unit's activation is linear; it is so in the deployed network, too, whose own zhat is split.
///
/// With `sign` 0 and weight 1 the row bounds a margin. With a sign and any weight of at least 0 it
/// bounds a pre-activation on that part of the ball where the margin is not above 0 (there the weighted
/// margin is not above 0 either), which is all that has to be looked at to prove that it is.
package struct RowGuide: Sendable {
  /// Logits, by the kernels' numbers.
  package var own: Int
  package var other: Int
  package var weight = 1.0
  /// A unit by its place in the lists below, and 1 or -1.
  package var unit: (place: Int, sign: Double)?
  /// Of every unstable unit, layer by layer, each in the kernels' order: 0 where it is free, 1 where its
  /// pre-activation is not negative, -1 where it is not positive.
  package var sides: [Int8]
  /// The slopes of the lower lines of free ones; what is none counts as 0.
  package var slopes: [Double]
  /// The multipliers of the splits.
  package var multipliers: [Double]

  package init(
    own: Int, other: Int, weight: Double = 1, unit: (place: Int, sign: Double)? = nil,
    sides: [Int8], slopes: [Double], multipliers: [Double]
  ) {
    precondition(weight == 1 || unit != nil, "a margin counts once")
    precondition(sides.count == slopes.count && sides.count == multipliers.count)
    (self.own, self.other, self.weight, self.unit) = (own, other, weight, unit)
    (self.sides, self.slopes, self.multipliers) = (sides, slopes, multipliers)
  }

  /// A number that is one, at least 0, not so small that it might vanish in a product and not so large
  /// that it might overflow (`RoundingCharge`): any such number is as good a proof.
  package static func multiplier(_ given: Double) -> Double {
    given >= 0x1p-60 ? min(given, 0x1p60) : 0
  }

  package var boundedWeight: Double { Self.multiplier(weight) }

  /// What is added to the coefficient on a unit's pre-activation.
  func push(_ place: Int) -> Double {
    let split = -Double(sides[place]) * Self.multiplier(multipliers[place])
    guard let unit, unit.place == place else { return split }
    return split + (unit.sign > 0 ? 1 : -1)
  }
}
