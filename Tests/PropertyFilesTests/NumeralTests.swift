import NumberSupport
import PropertyFiles
import Testing

@Suite struct NumeralTests {
  @Test("a sum, product and quotient contain the exact one, and are exact where it is a number")
  func enclosures() {
    var random = SeededGenerator(state: 7)
    for _ in 0..<2000 {
      let a = number(&random), b = number(&random)
      let (x, y) = (Rational(a), Rational(b))
      let results =
        [
          (Enclosure(a) + Enclosure(b), x + y), (Enclosure(a) * Enclosure(b), x * y),
        ] + (b == 0 ? [] : [(Enclosure(a) / Enclosure(b), x / y)])
      for (found, exact) in results where found.isFinite {
        #expect(Rational(found.lower) <= exact && exact <= Rational(found.upper), "\(a), \(b)")
        #expect(found.upper <= found.lower.nextUp.nextUp)
        if found.nearest.magnitude > 0x1p-900, Rational(found.nearest) == exact {
          #expect(found.isExact, "\(a), \(b)")
        }
      }
    }
  }

  private func number(_ random: inout SeededGenerator) -> Double {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: Double(Int.random(in: -8...8, using: &random))
    case 1: Double.random(in: -1...1, using: &random)
    case 2: Double(Float.random(in: -1...1, using: &random)) * 0x1p-500
    default: Double.random(in: -1...1, using: &random) * 0x1p-560
    }
  }

  @Test("a numeral lies in the box where the number does, and reads back as the number")
  func numerals() throws {
    var random = SeededGenerator(state: 11)
    for _ in 0..<300 {
      let value = Float(bitPattern: UInt32.random(in: 0..<0x7f00_0000, using: &random))
      let number = Double(random.chance(0.5) ? value : -value)
      // Both ends at the number itself: only all of its digits lie between them.
      for box in [
        InputBox(lower: [Enclosure(number)], upper: [Enclosure(number)]),
        InputBox(lower: [Enclosure(-1e39)], upper: [Enclosure(1e39)]),
      ] {
        let numeral = box.numeral(of: number, feature: 0)
        let exact = try #require(Rational(decimal: numeral), "\(numeral)")
        #expect(
          exact >= Rational(box.lower[0].upper) && exact <= Rational(box.upper[0].lower),
          "\(numeral)")
        #expect(Double(numeral) == number)
      }
    }
    let tenth = InputBox(lower: [Enclosure(0.1)], upper: [Enclosure(0.2)])
    #expect(
      tenth.numeral(of: 0.1, feature: 0)
        == "0.1000000000000000055511151231257827021181583404541015625")
    #expect(tenth.numeral(of: 0.15, feature: 0) == "0.15")
  }

  @Test("results are written as the competition has them")
  func results() {
    #expect(CompetitionResult.unsat.text == "unsat\n")
    #expect(
      CompetitionResult.sat(inputs: ["0.5", "-1.0"], outputs: ["2.0"]).text
        == "sat\n((X_0 0.5)\n(X_1 -1.0)\n(Y_0 2.0))\n")
    #expect(CompetitionResult.timeout.word == "timeout")
  }
}
