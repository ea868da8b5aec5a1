import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// The numbers of an operator lie as near to those that are meant as its uncertainty says, in exact
/// rationals: nothing but the uncertainty pays for what lies between.
@Suite struct UncertaintyTests {
  /// How far a number with this uncertainty may lie from the one that is meant.
  private static func reach(_ value: Double, _ relative: Double, _ absolute: Double) -> Rational {
    Rational(relative) * Rational(value).magnitude + Rational(absolute)
  }

  private static func holds(_ uncertainty: Uncertainty, weight: Double, for meant: Rational) -> Bool
  {
    (Rational(weight) - meant).magnitude
      <= reach(weight, uncertainty.relative, uncertainty.perInput)
  }

  private static func holds(_ scaling: Scaling, unit: Int = 0, shift meant: Rational) -> Bool {
    (Rational(scaling.shift[unit]) - meant).magnitude
      <= reach(
        scaling.shiftMagnitude[unit], scaling.uncertainty.relative, scaling.uncertainty.perUnit)
  }

  private static func scalings(_ chain: ReLUChain) -> [Scaling] {
    chain.stages.flatMap(\.operators).compactMap {
      if case .scaling(let scaling) = $0.kind { scaling } else { nil }
    }
  }

  @Test(
    "every error of a constant is held, of whatever size it and the number are",
    arguments: seeds(200))
  func errorsOfWeights(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    func size(_ exponents: ClosedRange<Int>) -> Double {
      Double(
        sign: .plus, exponent: random.draw(exponents),
        significand: Double.random(in: 1..<2, using: &random))
    }
    // Relative errors only, or some that are larger than their numbers, or numbers that are 0.
    let kind = seed % 3
    let weights = (0..<8).map { _ in
      kind == 2 && random.chance(0.3) ? 0 : size(-30...30) * (random.chance(0.5) ? 1 : -1)
    }
    let errors = weights.map { weight in
      random.chance(0.3) ? 0 : kind == 0 ? weight.magnitude * size(-52 ... -6) : size(-60...20)
    }
    let uncertainty = Uncertainty(weights: weights, errors: errors)
    for (weight, error) in zip(weights, errors) {
      #expect(
        Rational(error) <= Self.reach(weight, uncertainty.relative, uncertainty.perInput),
        "seed \(seed): \(weight) with \(error)")
    }
    let offsets = Uncertainty(weights: [], errors: nil, offsets: weights, offsetErrors: errors)
    for error in errors { #expect(Rational(error) <= Rational(offsets.perUnit)) }
  }

  @Test("roundings and uncertainties add up", arguments: seeds(100))
  func sums(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    func part() -> Double {
      random.chance(0.2) ? 0 : Double.random(in: 1..<2, using: &random) * 0x1p-53
    }
    let (a, b) = (
      Uncertainty(relative: part(), perInput: part(), perUnit: part()),
      Uncertainty(relative: part(), perInput: part(), perUnit: part())
    )
    let both = a + b
    for path in [\Uncertainty.relative, \.perInput, \.perUnit] {
      #expect(
        Rational(both[keyPath: path]) >= Rational(a[keyPath: path]) + Rational(b[keyPath: path]))
    }
    let count = random.draw(0...12)
    // (1 + 2^-53)^count - 1: every rounding to the same side.
    var grown = Rational.one
    for _ in 0..<count { grown = grown * (.one + Rational(0x1p-53)) }
    #expect(Rational(Uncertainty(roundings: count).relative) >= grown - .one)
  }

  @Test("decimals of --mean and --std are those that were typed", arguments: seeds(100))
  func typedDecimals(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (mean, std) = (random.draw(1...9999), random.draw(1...9999))
    var maker = NetworkMaker([1, 2])
    maker.then("Relu")
    let chain = try maker.chain().normalizing(
      mean: [Double(mean) / 10000], std: [Double(std) / 10000])
    let found = Self.scalings(chain)
    #expect(Self.holds(found[0], shift: Rational(-mean, over: 10000)), "seed \(seed)")
    #expect(
      Self.holds(found[1].uncertainty, weight: found[1].scale[0], for: Rational(10000, over: std)),
      "seed \(seed)")
  }

  @Test(
    "means divide by their count, also where binary64 has no reciprocal of it", arguments: 1...40)
  func counts(count: Int) throws {
    for type in ["ReduceMean", "AveragePool", "GlobalAveragePool"] {
      var maker = NetworkMaker([1, 2, count])
      let attributes: [String: Attribute] =
        switch type {
        case "ReduceMean": ["axes": .ints([2]), "keepdims": .int(0)]
        case "AveragePool": ["kernel_shape": .ints([Int64(count)])]
        default: [:]
        }
      maker.then(type, [], attributes)
      let found = try #require(Self.scalings(try maker.flatChain()).last)
      for scale in found.scale {
        #expect(
          Self.holds(found.uncertainty, weight: scale, for: Rational(1, over: count)),
          "\(type) of \(count)")
      }
    }
  }

  @Test("quotients by stored numbers are quotients", arguments: seeds(60))
  func quotients(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let divisor = Double.random(in: 0.1...10, using: &random)
    var maker = NetworkMaker([1, 2], type: .float64)
    maker.then("Div", [maker.doubles([2], [divisor, -divisor])])
    let found = try #require(Self.scalings(try maker.chain()).first)
    for (scale, sign) in zip(found.scale, [Rational.one, -.one]) {
      #expect(
        Self.holds(found.uncertainty, weight: scale, for: sign / Rational(divisor)), "seed \(seed)")
    }
  }

  @Test("a batch-norm's numbers are those of its statistics", arguments: seeds(60))
  func batchNorms(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (mean, variance) = (
      Double.random(in: -2...2, using: &random), Double.random(in: 0.1...4, using: &random)
    )
    var maker = NetworkMaker([1, 1], type: .float64)
    let numbers = [1, 0, mean, variance].map { maker.doubles([1], [$0]) }
    maker.then("BatchNormalization", numbers, ["epsilon": .float(0x1p-10)])
    let found = try #require(Self.scalings(try maker.chain()).first)
    // The scale s is meant to be 1 / sqrt(v): squared, s (1 -+ r) has to lie on either side of it.
    let sum = Rational(variance) + Rational(0x1p-10)
    let relative = Rational(found.uncertainty.relative)
    let (low, high) = (
      Rational(found.scale[0]) * (.one - relative), Rational(found.scale[0]) * (.one + relative)
    )
    #expect(low * low * sum <= .one && high * high * sum >= .one, "seed \(seed)")
    // And the shift -mean / sqrt(v), likewise.
    let shift = Rational(found.shift[0]).magnitude
    let (near, far) = (shift * (.one - relative), shift * (.one + relative))
    let meant = Rational(mean) * Rational(mean)
    #expect(near * near * sum <= meant && far * far * sum >= meant, "seed \(seed)")
  }

  @Test("the room between a Clip's ends is the difference of its ends", arguments: seeds(60))
  func ends(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let low = Double.random(in: -2...0, using: &random)
    let high = Double.random(in: 0.1...3, using: &random)
    var maker = NetworkMaker([1, 2], type: .float64)
    maker.then("Clip", [maker.doubles([], [low]), maker.doubles([], [high])])
    // x - low, room - relu, high - relu.
    let found = Self.scalings(try maker.chain())
    #expect(Self.holds(found[1], shift: Rational(high) - Rational(low)), "seed \(seed)")
    #expect(found[0].shift[0] == -low && found[2].shift[0] == high)
  }
}
