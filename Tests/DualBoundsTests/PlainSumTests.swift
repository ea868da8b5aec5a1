import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What a stage that is one sum is charged with: never less than any tree of sums may err by, each rounding as
/// bad as it can be, and a multiple less than all of its terms in one direction.
@Suite struct PlainSumTests {
  /// Terms `w z` with `z` in `[c - r, c + r]`, and offsets.
  private struct Terms {
    var weights, centers, radii, offsets: [Double]

    init(_ count: Int, using random: inout SeededGenerator) {
      func number(_ random: inout SeededGenerator) -> Double {
        Double(Int.random(in: -64...64, using: &random)) / 16
      }
      weights = (0..<count).map { _ in random.chance(0.1) ? 0 : number(&random) }
      // What ReLUs made, or features.
      let isHidden = random.chance(0.7)
      radii = weights.map { _ in random.chance(0.4) ? 0 : number(&random).magnitude }
      centers = radii.map { $0 + number(&random) }
      if isHidden { centers = zip(centers, radii).map { max($0, $1) } }
      offsets = (0..<Int.random(in: 0...2, using: &random)).map { _ in number(&random) }
    }

    private func sum(_ terms: [Double]) -> Double { terms.reduce(0, +) }

    /// `A = |W| (|c| + r) + |b|`; exact, the numbers being short.
    var magnitude: Double {
      sum(zip(weights, zip(centers, radii)).map { $0.magnitude * ($1.0.magnitude + $1.1) })
        + sum(offsets.map(\.magnitude))
    }

    /// `|C| + R`.
    var signed: Double {
      let center = sum(zip(weights, centers).map { $0 * $1 }) + sum(offsets)
      return center.magnitude + sum(zip(weights, radii).map { $0.magnitude * $1 })
    }

    /// At some point: products that are not 0, and offsets that are not.
    func values(using random: inout SeededGenerator) -> (products: [Double], offsets: [Double]) {
      let products = weights.indices.map { unit in
        weights[unit] * (centers[unit] + random.pick([-1, 0, 1], or: 0) * radii[unit])
      }
      return (products.filter { $0 != 0 }, offsets.filter { $0 != 0 })
    }
  }

  /// The sums of a random tree, and how far its root may lie from what it stands for where every rounding is
  /// as large as `unit` allows: the worst of all ways in which they can fall.
  private func worstError(
    _ terms: (products: [Double], offsets: [Double]), _ unit: Rational,
    using random: inout SeededGenerator
  ) -> Rational {
    var parts = terms.products.map { value in
      (sum: Rational(value), error: unit * Rational(value.magnitude))
    }
    parts += terms.offsets.map { (Rational($0), .zero) }
    // In any order, or one after the other: what is positive first, or what is negative.
    let isOneByOne = random.chance(0.7)
    let sign = random.chance(0.5) ? Rational.one : -Rational.one
    if isOneByOne {
      parts.sort { $0.sum * sign < $1.sum * sign }
    } else {
      parts.shuffle(using: &random)
    }
    while parts.count > 1 {
      let left = parts.removeLast()
      let other = isOneByOne ? parts.count - 1 : Int.random(in: parts.indices, using: &random)
      let right = parts.remove(at: other)
      let (sum, error) = (left.sum + right.sum, left.error + right.error)
      parts.append((sum, error + unit * (sum.magnitude + error)))
    }
    return parts.first?.error ?? .zero
  }

  @Test("no tree of sums errs by more", arguments: seeds(60))
  func anyTree(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for unit in [0x1p-4, 0x1p-8, 0x1p-24] {
      let count = Int.random(in: 1...9, using: &random)
      let terms = Terms(count, using: &random)
      let sum = PlainSum(products: count, offsets: terms.offsets.count, behind: 0, unit: unit)
      for _ in 0..<20 {
        let values = terms.values(using: &random)
        let charge = sum.charge(
          terms: values.products.count, magnitude: terms.magnitude, signed: terms.signed)
        let error = worstError(values, Rational(unit), using: &random)
        #expect(charge == .infinity || Rational(charge) >= error, "seed \(seed)")
      }
    }
  }

  @Test("what is not 0 counts, half of it where it cancels, and no more than g(n) T")
  func size() {
    let unit = 0x1p-24
    let sum = PlainSum(products: 1000, offsets: 1, behind: 0, unit: unit)
    let all = Double(1001) * unit / (1 - 1001 * unit)
    // `T = 64`; all of one sign, or half of either.
    let whole = sum.charge(terms: 1000, magnitude: 64, signed: 64)
    #expect(whole >= 64 * all * (1 - 0x1p-50) && whole < 64 * all * 1.0001)
    #expect(sum.charge(terms: 1000, magnitude: 64, signed: .infinity) <= whole * (1 + 0x1p-40))
    #expect(sum.charge(terms: 1000, magnitude: 64, signed: 0) < 0.502 * whole)
    #expect(sum.charge(terms: 99, magnitude: 64, signed: 64) < 0.1001 * whole)
    #expect(sum.charge(terms: 99, magnitude: 64, signed: 0) < 0.0511 * whole)
    // A kernel may lie over more than an output reads.
    #expect(sum.charge(terms: 5000, magnitude: 64, signed: 64) == whole)
  }

  @Test(
    "more terms than a format has digits for are charged without end", arguments: [256, 257, 9999])
  func hopeless(count: Int) {
    let sum = PlainSum(products: count, offsets: 0, behind: 0, unit: 0x1p-8)
    #expect(sum.charge(terms: 1, magnitude: 1, signed: 1) == .infinity)
  }

  @Test(
    "units that are 0 cost a deployed network no rounding, whatever the operator",
    arguments: WorstDeploymentTests.Kind.all, ["MatMul", "Conv", "grouped Conv"])
  func unitsAtZero(kind: WorstDeploymentTests.Kind, type: String) throws {
    // 1 and slivers that vanish beside it; around them what a ReLU makes 0.
    let (live, dead) = (9, 40)
    let point =
      [1] + [Double](repeating: kind.sliver, count: live - 1)
      + [Double](repeating: -1, count: dead)
    let count = live + dead
    let isGrouped = type == "grouped Conv"
    let shape = type == "MatMul" ? [1, count] : [1, isGrouped ? 2 * count : count, 1, 1]
    var maker = NetworkMaker(shape)
    maker.then("Relu")
    let ones = [Double](repeating: 1, count: isGrouped ? 2 * count : count)
    let weights = type == "MatMul" ? [count, 1] : [isGrouped ? 2 : 1, count, 1, 1]
    maker.then(
      type == "MatMul" ? type : "Conv", [maker.floats(weights, ones)],
      type == "MatMul" ? [:] : ["group": .int(isGrouped ? 2 : 1)])
    let bounds = try GraphBounds(
      of: maker, at: isGrouped ? point + point : point, kind.arithmetic, wideSums: false)
    let values = point.map { max($0, 0) }
    #expect(kind.sum(values) == 1)
    let exact = values.reduce(Rational.zero) { $0 + Rational($1) }
    for unit in 0..<(isGrouped ? 2 : 1) {
      #expect(bounds.contain(.one, unit: unit) && bounds.contain(exact, unit: unit))
      // Twice the charge of the units that are not 0, and their own rounding as inputs.
      #expect(bounds.areNarrower(than: 3.5 * Double(live) * kind.sliver, unit: unit))
    }
  }

  @Test(
    "an offset that is added behind a product is a term, also where signs change",
    arguments: WorstDeploymentTests.Kind.all, [false, true])
  func offsetsBehind(kind: WorstDeploymentTests.Kind, isNegated: Bool) throws {
    let slivers = [Double](repeating: kind.sliver, count: 6)
    var maker = NetworkMaker([1, 6])
    let ones = [Double](repeating: 1, count: 6)
    maker.then("MatMul", [maker.floats([6, 1], ones)])
    if isNegated { maker.then("Neg") }
    maker.then("Add", [maker.floats([1, 1], [isNegated ? -1 : 1])])
    let bounds = try GraphBounds(of: maker, at: slivers, kind.arithmetic, wideSums: false)
    // The offset first, as the bias that a runtime makes of it: every sliver is lost.
    let exact = Rational(6) * Rational(kind.sliver) + .one
    let sign = isNegated ? -Rational.one : .one
    #expect(kind.sum([1] + slivers) == 1)
    #expect(bounds.contain(sign) && bounds.contain(sign * exact))
    // In half precision what is added to is stored first: no plain sum.
    #expect(kind.arithmetic.isHalf || bounds.areNarrower(than: 3.5 * 7 * kind.sliver))
  }

  @Test("factors behind a product may be folded into its weights, each with a rounding of its own")
  func factorsBehind() throws {
    var random = SeededGenerator(state: 1)
    func rounded(_ product: Double) -> Double { Double(Float(product)) }
    // Two weights that nearly cancel: of each factor's roundings, nearly the worst for both.
    let weights = [1 + 0x1p-10, -1 - 0x3p-10]
    var (folded, factors) = (weights, [Double]())
    func error(_ factor: Double) -> Double {
      folded.reduce(0) { $0 + (rounded($1 * factor) - $1 * factor) }
    }
    var exact = Rational(weights[0]) + Rational(weights[1])
    for _ in 0..<32 {
      let drawn = (0..<2000).map { _ in rounded(.random(in: 0.97...1.03, using: &random)) }
        .filter { factor in
          folded.allSatisfy { (1..<1.05).contains(($0 * factor).magnitude) }
        }
      let factor = try #require(drawn.max { error($0) < error($1) })
      folded = folded.map { rounded($0 * factor) }
      exact = exact * Rational(factor)
      factors.append(factor)
    }
    var maker = NetworkMaker([1, 2])
    maker.then("MatMul", [maker.floats([2, 1], weights)])
    for factor in factors { maker.then("Mul", [maker.floats([1, 1], [factor])]) }
    let bounds = try GraphBounds(of: maker, at: [1, 1], .float32, wideSums: false)
    #expect(bounds.isKnown && bounds.contain(exact))
    // Numbers next to each other have an exact difference.
    #expect(bounds.contain(Rational(folded[0]) + Rational(folded[1])))
  }
}
