import DualBounds
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Deployed networks in which every rounding goes to the same side, from the graph on: what such a one
/// computes, operation by operation, lies within the bounds, and a charge that is forgotten shows.
@Suite struct WorstDeploymentTests {
  /// A deployed type, with what its roundings are worst at.
  struct Kind: Sendable, CustomTestStringConvertible {
    var arithmetic: Arithmetic
    var format: DeployedFormat
    /// The bits of the significand.
    var digits: Int

    /// Half of the last place of 1: 1 and this are 1.
    var sliver: Double { Kind.power(-digits) }
    /// Two numbers, a little above 1, whose product lies half of a last place above one of the format.
    var factors: (Double, Double) {
      (1 + Kind.power(-(digits / 2)), 1 + Kind.power(-(digits - digits / 2)))
    }
    var testDescription: String { arithmetic.rawValue }

    static func power(_ exponent: Int) -> Double {
      Double(sign: .plus, exponent: exponent, significand: 1)
    }

    static let all = [
      Kind(arithmetic: .float32, format: .binary32, digits: 24),
      Kind(arithmetic: .float16, format: .binary16, digits: 11),
      Kind(arithmetic: .bfloat16, format: .bfloat16, digits: 8),
    ]

    /// The sum from left to right.
    func sum(_ numbers: [Double]) -> Double { numbers.dropFirst().reduce(numbers[0], format.sum) }
  }

  private static func exactSum(_ numbers: [Double]) -> Rational {
    numbers.reduce(.zero) { $0 + Rational($1) }
  }

  private static func ones(_ count: Int) -> [Double] { [Double](repeating: 1, count: count) }

  @Test("a convolution's sum runs over all channels of its group", arguments: Kind.all, [1, 2])
  func channels(kind: Kind, groups: Int) throws {
    let count = 48
    var maker = NetworkMaker([1, groups * count, 1, 1])
    let point = (0..<groups * count).map { $0 % count == 0 ? 1 : kind.sliver }
    maker.then(
      "Conv", [maker.floats([2, count, 1, 1], Self.ones(2 * count))],
      ["group": .int(Int64(groups))])
    let bounds = try GraphBounds(of: maker, at: point, kind.arithmetic, wideSums: false)
    let terms = Array(point[..<count])
    #expect(kind.sum(terms) == 1)
    for unit in 0..<2 {
      #expect(bounds.contain(.one, unit: unit) && bounds.contain(Self.exactSum(terms), unit: unit))
      #expect(bounds.areNarrower(than: 1, unit: unit))
    }
  }

  @Test(
    "an offset in front of a sum, folded into its bias, is rounded by both sums",
    arguments: Kind.all, ["MatMul", "Conv"])
  func foldedOffsets(kind: Kind, type: String) throws {
    // The bias is the sum of the offsets, 1 and slivers; behind it come the slivers of the data.
    let count = 40
    let offsets = [1] + [Double](repeating: kind.sliver, count: count - 1)
    let point = [0] + offsets.dropFirst()
    let shape = type == "Conv" ? [1, count, 1, 1] : [1, count]
    var maker = NetworkMaker(shape)
    maker.then("Add", [maker.floats(shape, offsets)])
    let weight = type == "Conv" ? [1, count, 1, 1] : [count, 1]
    maker.then(type, [maker.floats(weight, Self.ones(count))])
    let bounds = try GraphBounds(of: maker, at: point, kind.arithmetic, wideSums: false)
    #expect(kind.sum([kind.sum(offsets)] + point) == 1)
    #expect(bounds.contain(.one))
    #expect(bounds.contain(Self.exactSum(offsets + point)))
    #expect(bounds.areNarrower(than: 4))
  }

  @Test("of a sum of as many terms as lose all of it nothing is said that is false")
  func hopelessSums() throws {
    let kind = Kind.all[2]
    for count in [200, 255, 256, 257, 512] {
      let point = [1] + [Double](repeating: kind.sliver, count: count - 1)
      var maker = NetworkMaker([1, count])
      maker.then("MatMul", [maker.floats([count, 1], Self.ones(count))])
      let bounds = try GraphBounds(of: maker, at: point, .bfloat16, wideSums: false)
      #expect(kind.sum(point) == 1)
      #expect(bounds.contain(.one) && bounds.contain(Self.exactSum(point)), "\(count) terms")
    }
  }

  @Test("sums of sums, each rounded up, err by more than their roundings add up to")
  func sumsOfSums() throws {
    // Every unit of a layer sums up the same: 1, and behind it what is a little more than half of a last
    // place. The units' errors grow like interest.
    let (kind, depth, count) = (Kind.all[1], 24, 64)
    let least = kind.format.neighbour(of: kind.sliver, up: true)
    var (computed, exact) = (1.0, Rational.one)
    var maker = NetworkMaker([1, count + 1])
    for layer in 1...depth {
      let large = Self.leastFactor(of: computed, reaching: 1, kind.format)
      let small = Self.leastFactor(of: computed, reaching: least, kind.format)
      exact = exact * (Rational(large) + Rational(count) * Rational(small))
      computed = kind.sum(
        [kind.format.product(computed, large)]
          + [Double](repeating: kind.format.product(computed, small), count: count))
      let width = layer == depth ? 1 : count + 1
      let weights = (0...count).flatMap {
        [Double](repeating: $0 == 0 ? large : small, count: width)
      }
      maker.then("MatMul", [maker.floats([count + 1, width], weights)])
    }
    let point = [Double](repeating: 1, count: count + 1)
    let bounds = try GraphBounds(of: maker, at: point, .float16, wideSums: false)
    #expect(bounds.contain(Rational(computed)) && bounds.contain(exact))
    // A product and a sum for each term of each layer, and more to spare than any fold needs.
    let roundings = Rational(depth * (count + 4)) * Rational(kind.sliver)
    #expect(roundings < .one && Rational(computed) > exact * (.one + roundings))
  }

  /// The least number of a format whose product with another one is rounded to no less than `value`.
  private static func leastFactor(
    of other: Double, reaching value: Double, _ format: DeployedFormat
  ) -> Double {
    var factor = format.rounded(value / other)
    while format.product(factor, other) < value {
      factor = format.neighbour(of: factor, up: true)
    }
    while format.product(format.neighbour(of: factor, up: false), other) >= value {
      factor = format.neighbour(of: factor, up: false)
    }
    return factor
  }

  @Test("sums in binary32 round as well, however small their last places are")
  func wideSums() throws {
    let count = 1 << 14
    let point = [0x1p10] + [Double](repeating: 0x1p-14, count: count - 1)
    var maker = NetworkMaker([1, count])
    maker.then("MatMul", [maker.floats([count, 1], Self.ones(count))])
    let bounds = try GraphBounds(of: maker, at: point, .float16)
    let stored = DeployedFormat.binary16.rounded(Kind.all[0].sum(point))
    #expect(stored == 0x1p10)
    #expect(bounds.contain(Rational(stored)) && bounds.contain(Self.exactSum(point)))
    #expect(bounds.areNarrower(than: 4))
  }

  @Test(
    "half precision stores a sum, and once more what a bias makes of it", arguments: Kind.all[1...],
    ["Gemm", "Conv"])
  func lateBiases(kind: Kind, type: String) throws {
    let (a, b) = kind.factors
    let shape = type == "Conv" ? [1, 1, 1, 1] : [1, 1]
    var maker = NetworkMaker(shape)
    maker.then(type, [maker.floats(shape, [b]), maker.floats([1], [kind.sliver])])
    let bounds = try GraphBounds(of: maker, at: [a], kind.arithmetic)
    let stored = kind.format.sum(kind.format.rounded(a * b), kind.sliver)
    let exact = Rational(a) * Rational(b) + Rational(kind.sliver)
    #expect(exact - Rational(stored) == Rational(2 * kind.sliver))
    #expect(bounds.contain(Rational(stored)) && bounds.contain(exact))
    #expect(bounds.areNarrower(than: 16 * kind.sliver))
  }

  @Test("products of an elementwise operator are rounded, in every spelling", arguments: Kind.all)
  func elementwise(kind: Kind) throws {
    let (a, b) = kind.factors
    let product = kind.format.product(a, b)
    let exact = Rational(a) * Rational(b)
    #expect(exact - Rational(product) == Rational(kind.sliver))
    func check(
      _ point: Double, _ exact: Rational, _ computed: Double,
      _ build: (inout NetworkMaker) -> Void
    ) throws {
      var maker = NetworkMaker([1, 1])
      maker.then("Neg")
      maker.then("Neg")
      build(&maker)
      let bounds = try GraphBounds(of: maker, at: [point], kind.arithmetic)
      #expect(bounds.contain(Rational(computed)) && bounds.contain(exact))
      #expect(bounds.areNarrower(than: 32 * kind.sliver))
    }
    try check(a, exact, product) { $0.then("Mul", [$0.floats([], [b])]) }
    try check(-a, -exact, -product) { $0.then("LeakyRelu", [], ["alpha": .float(b)]) }
    try check(-a, -exact, -product) { $0.then("PRelu", [$0.floats([], [b])]) }
    // Both roundings of a product and a sum, scaled into 0...1.
    let sum = kind.format.sum(product / 4, kind.sliver / 4)
    let exactSum = (exact + Rational(kind.sliver)) / Rational(4)
    #expect(exactSum - Rational(sum) == Rational(kind.sliver / 2))
    try check(a, exactSum, sum) {
      $0.then("HardSigmoid", [], ["alpha": .float(b / 4), "beta": .float(kind.sliver / 4)])
    }
  }

  @Test("ends that the deployed format does not have are rounded first", arguments: Kind.all)
  func endsRoundedFirst(kind: Kind) throws {
    // A little more than half of a last place above 1.
    let end = 1 + kind.sliver * 1.125
    let stored = kind.format.rounded(end)
    #expect(stored == 1 + 2 * kind.sliver)
    func check(_ point: Double, _ sign: Double, _ build: (inout NetworkMaker, String) -> Void)
      throws
    {
      var maker = NetworkMaker([1, 1], type: .float64)
      let constant = maker.doubles([], [sign * end])
      build(&maker, constant)
      let bounds = try GraphBounds(of: maker, at: [point], kind.arithmetic)
      #expect(bounds.contain(Rational(sign * end)) && bounds.contain(Rational(sign * stored)))
      #expect(bounds.areNarrower(than: 16 * kind.sliver))
    }
    try check(5, 1) { $0.then("Min", [$1]) }
    try check(0.25, 1) { $0.then("Max", [$1]) }
    try check(-5, -1) { $0.then("Max", [$1]) }
    try check(5, 1) { $0.then("Clip", [$0.doubles([], [-1]), $1]) }
    try check(-5, -1) { $0.then("Clip", [$1, $0.doubles([], [1])]) }
    try check(5, 1) { $0.then("Clip", ["", $1]) }
  }

  @Test("a divisor that is subnormal in the deployed format loses more than a unit roundoff")
  func subnormalDivisors() throws {
    // That of a batch-norm, whose root is a normal number again.
    let half = DeployedFormat.binary16
    for steps in [10.5, 11.5, 33.5] {
      let variance = steps * half.least
      for wideSums in [false, true] {
        var maker = NetworkMaker([1, 1])
        let numbers = [1, 0, 0, variance].map { maker.floats([1], [$0]) }
        maker.then("BatchNormalization", numbers, ["epsilon": .float(0)])
        let bounds = try GraphBounds(of: maker, at: [1], .float16, wideSums: wideSums)
        let stored = half.rounded(variance)
        #expect(abs(stored - variance) == half.least / 2)
        #expect(bounds.contain(Rational(half.quotient(1, half.root(stored)))), "\(steps)")
        #expect(bounds.areNarrower(than: 1000))
      }
    }
  }

  @Test("a batch-norm's folded factor may underflow where neither of its parts does")
  func foldedFactors() throws {
    let half = DeployedFormat.binary16
    // gamma / sigma lies between two subnormal numbers, and meets a large input.
    let (sigma, x) = (64.0, 0x1p12)
    let gamma = 8.5 * half.least * sigma
    #expect(half.rounded(gamma) == gamma)
    for wideSums in [false, true] {
      var maker = NetworkMaker([1, 1])
      let numbers = [gamma, 0, 0, sigma * sigma].map { maker.floats([1], [$0]) }
      maker.then("BatchNormalization", numbers, ["epsilon": .float(0)])
      let bounds = try GraphBounds(of: maker, at: [x], .float16, wideSums: wideSums)
      #expect(bounds.contain(Rational(half.rounded(half.rounded(gamma / sigma) * x))))
      #expect(bounds.contain(Rational(gamma) / Rational(sigma) * Rational(x)))
      #expect(bounds.areNarrower(than: gamma / sigma * x))
    }
  }

  @Test("of constants that were computed in another format nothing is known")
  func anotherFormat() throws {
    var maker = NetworkMaker([1, 1])
    maker.then(
      "Add", [maker.node("Mul", [maker.floats([1, 1], [0.1]), maker.floats([], [3])])])
    for arithmetic in [Arithmetic.float16, .bfloat16] {
      #expect(try !GraphBounds(of: maker, at: [1], arithmetic).isKnown)
      let read = try GraphBounds(of: maker, at: [1], arithmetic, deployed: arithmetic.elementType)
      #expect(read.isKnown)
    }
    #expect(try GraphBounds(of: maker, at: [1], .float32).isKnown)
    #expect(try GraphBounds(of: maker, at: [1], .real).isKnown)
  }

  @Test("maxima of what a ReLU made: what is carried is above 0, the differences are not")
  func maximaBehindReLU() throws {
    for values in [[3, 1], [1, 3], [0, 0], [2, 5, 1, 4, 3], [5, 4, 3, 2, 1]] as [[Double]] {
      // Two channels, the second one backwards and larger.
      let rows = [values, values.reversed().map { $0 + 4 }]
      for inFront in [false, true] {
        var maker = NetworkMaker([1, 2, values.count])
        if !inFront { maker.then("Relu") }
        maker.then("MaxPool", [], ["kernel_shape": .ints([Int64(values.count)])])
        if inFront { maker.then("Relu") }
        maker.then("Add", [maker.floats([], [-1])])
        for radius in [0, 0.5, 1.5] {
          for arithmetic in Arithmetic.allCases {
            let bounds = try GraphBounds(
              of: maker, at: rows.flatMap(\.self), radius: radius, arithmetic)
            for (unit, row) in rows.enumerated() {
              for most in Self.maxima(around: row, radius) {
                #expect(
                  bounds.contain(Rational(max(most, 0) - 1), unit: unit),
                  "\(values) within \(radius), \(arithmetic)")
              }
              #expect(bounds.areNarrower(than: 40, unit: unit))
            }
          }
        }
      }
    }
  }

  /// The maximum at every corner of a box.
  private static func maxima(around row: [Double], _ radius: Double) -> Set<Double> {
    var found: Set<Double> = []
    for corner in 0..<1 << row.count {
      let point = row.enumerated().map { $1 + (corner >> $0 & 1 == 0 ? -radius : radius) }
      found.formUnion(point.max().map { [$0] } ?? [])
    }
    return found
  }
}
