import DualBounds
import ReLUChain
import TestSupport
import Testing

/// The coefficients that rounding is charged with, held in exact arithmetic to the terms that their
/// derivations add up (`RoundingCharge`, `StageCharges`): none is below them, and none far above.
@Suite struct RoundingChargeTests {
  private static let counts = [1, 2, 3, 65, 4096, 1_000_003]

  /// `g(m) = m u / (1 - m u)`.
  private static func gamma(_ count: Int, _ unit: Double = 0x1p-53) -> Rational {
    let product = Rational(count) * Rational(unit)
    return product / (.one - product)
  }

  /// `bound` is not below `exact`, and less than a thousandth above.
  private static func covers(_ bound: Double, _ exact: Rational) -> Bool {
    bound.isFinite && Rational(bound) >= exact
      && Rational(bound) <= exact * Rational(1001, over: 1000)
  }

  @Test("this program's coefficient", arguments: counts, counts)
  func own(fanIn: Int, fanOut: Int) {
    for (relative, deployed) in [(0, 0), (0x1p-24, 0), (0, 0x1.3p-12), (0.1, 3)] {
      let uncertainty = Uncertainty(relative: relative, perInput: 0.25, perUnit: 0.75)
      let charge = RoundingCharge(
        fanIn: fanIn, fanOut: fanOut, uncertainty: uncertainty,
        deployed: DeployedCharge(relative: deployed, reach: deployed))
      let rounding =
        Rational(2) * Self.gamma(fanOut) + Rational(3) * Self.gamma(fanIn + 2)
        + Rational(40) * Rational(0x1p-53)
      let (more, reach) = (Rational.one + Rational(relative), Rational.one + Rational(deployed))
      // `A` is a computed sum, and so is what it is made of.
      let computed = Rational.one + Self.gamma(fanIn + 8)
      let raise = computed * computed
      let exact = (rounding * more + Rational(relative)) * reach * raise
      #expect(Self.covers(charge.own, exact))
      #expect(Self.covers(charge.rounding, rounding * more * reach * raise))
      #expect(Self.covers(charge.deployed.relative, Rational(deployed) * more * raise))
      // Whatever multiplies `A` multiplies these, too.
      let absolute = (Rational.one + exact) * reach * raise
      #expect(Self.covers(charge.ownAbsolute, Rational(0.75) * absolute))
      #expect(Self.covers(charge.ownPerInput, Rational(0.25) * absolute))
    }
  }

  @Test("a deployed network's relative error", arguments: [1, 2, 5, 20], [0, 1, 90, 1001])
  func relativeError(stored: Int, summed: Int) {
    let roundings = DeployedRoundings(stored: stored, summed: summed)
    for arithmetic in Arithmetic.allCases {
      guard let format = arithmetic.format else { continue }
      let wide = roundings.relativeError(format, wideSums: true)
      let narrow = roundings.relativeError(format, wideSums: false)
      let sums = arithmetic.isHalf ? FloatFormat.binary32 : format
      let ofStored = Rational.one + Self.gamma(stored, format.roundoff)
      let ofSummed = Rational.one + Self.gamma(summed, sums.roundoff)
      if arithmetic.isHalf {
        #expect(Self.covers(wide, ofStored * ofSummed - .one), "\(arithmetic)")
      } else {
        #expect(wide == narrow)
      }
      if Double(stored + summed) * format.roundoff < 1 {
        #expect(Self.covers(narrow, Self.gamma(stored + summed, format.roundoff)), "\(arithmetic)")
      } else {
        #expect(narrow == .infinity, "\(arithmetic)")
      }
    }
  }

  @Test("the rounding of a row's sum, and of the few products in each term", arguments: counts)
  func rowInflation(terms: Int) {
    let exact = Rational.one / (.one - Self.gamma(terms + 8))
    #expect(Rational(RoundingCharge.rowInflation(terms: terms)) >= exact)
  }
}
