import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// The binary64 numbers around an exact one.
func around(_ exact: Rational) -> (down: Double, up: Double) {
  var (down, up) = (exact.approximation, exact.approximation)
  while Rational(down) > exact { down = down.nextDown }
  while Rational(down.nextUp) <= exact { down = down.nextUp }
  while Rational(up) < exact { up = up.nextUp }
  while Rational(up.nextDown) >= exact { up = up.nextDown }
  return (down, up)
}

/// The binary64 nearest to an exact number.
func nearest(_ exact: Rational) -> Double {
  let (down, up) = around(exact)
  return exact - Rational(down) < Rational(up) - exact ? down : up
}

/// An example, an epsilon and a domain as they were typed, exactly, and as the certifier has them.
struct TypedCase {
  var center: [Rational]
  /// 3000 times epsilon.
  var parts: Int
  var domain: (lower: Rational, upper: Rational)?
  var isExact: Bool
  var units: [Double]?

  init(_ random: inout SeededGenerator, weighted: Bool) {
    isExact = random.chance(0.5)
    let denominator = isExact ? 256 : 255
    center = []
    for _ in 0..<6 {
      center.append(Rational(Int.random(in: 0...denominator, using: &random), over: denominator))
    }
    parts = Int.random(in: 1...997, using: &random)
    if random.chance(0.7) {
      domain = (
        Rational(Int.random(in: -200...0, using: &random), over: 1000),
        Rational(Int.random(in: 1000...1200, using: &random), over: 1000)
      )
    }
    if weighted {
      units = []
      for _ in center { units?.append(Double.random(in: 0.1...2, using: &random)) }
    }
  }

  var epsilon: Rational { Rational(parts, over: 3000) }
  var magnitude: Numeral { get throws { try Numeral("\(parts)/3000") } }

  func ball(_ arithmetic: Arithmetic, _ norm: Norm = .linf) -> ExampleBall {
    ExampleBall(
      center: center.map(nearest), isExact: isExact, arithmetic: arithmetic,
      domain: domain.map {
        let (low, high) = (around($0.lower), around($0.upper))
        return Domain(lower: low.down, upper: high.up, inner: (low.up, high.down))
      }, shape: units.map { .weighted($0) } ?? .norm(norm))
  }

  /// The exact range of one feature of an linf ball.
  func range(_ feature: Int) -> (lower: Rational, upper: Rational) {
    let x = center[feature]
    let reach = epsilon * (units.map { Rational($0[feature]) } ?? .one)
    guard let domain else { return (x - reach, x + reach) }
    // The domain reaches up to the example.
    let (low, high) = (min(domain.lower, x), max(domain.upper, x))
    return (max(x - reach, low), min(x + reach, high))
  }
}

@Suite struct ExampleBallTests {
  static func contains(_ ball: Ball, _ feature: Int, _ value: Rational) -> Bool {
    (value - Rational(ball.center[feature])).magnitude <= Rational(ball.radius[feature])
  }

  @Test(
    "in exact arithmetic a ball has both exact ends of every feature, clip and epsilon as typed",
    arguments: [false, true])
  func exactEnds(weighted: Bool) throws {
    for seed in seeds(400) {
      var random = SeededGenerator(state: seed)
      let typed = TypedCase(&random, weighted: weighted)
      let ball = typed.ball(.real).ball(try typed.magnitude)
      for feature in typed.center.indices {
        let range = typed.range(feature)
        #expect(Self.contains(ball, feature, range.lower), "seed \(seed)")
        #expect(Self.contains(ball, feature, range.upper), "seed \(seed)")
        // And hardly more: the domain does cut.
        let width = (range.upper - range.lower).approximation
        #expect(2 * ball.radius[feature] <= width * (1 + 0x1p-40) + 0x1p-45)
      }
    }
  }

  @Test(
    "a deployed network's ball has both ends rounded to its type, those of the domain, too",
    arguments: [Arithmetic.float32, .float16, .bfloat16])
  func deployedEnds(arithmetic: Arithmetic) throws {
    let format: DeployedFormat =
      [.float16: .binary16, .bfloat16: .bfloat16][arithmetic] ?? .binary32
    for seed in seeds(400) {
      var random = SeededGenerator(state: seed)
      var typed = TypedCase(&random, weighted: false)
      // A wide ball, so that the domain decides.
      if random.chance(0.5) { typed.parts = 6000 }
      let ball = typed.ball(arithmetic).ball(try typed.magnitude)
      for feature in typed.center.indices {
        let range = typed.range(feature)
        for end in [range.lower, range.upper] {
          let rounded = Rational(format.rounded(nearest(end)))
          #expect(Self.contains(ball, feature, rounded), "seed \(seed), feature \(feature)")
        }
      }
    }
  }

  @Test("a radius beside which the rounding of the data vanishes is larger than typed all the same")
  func largeRadii() {
    for numerator in 1..<255 {
      let exact = Rational(numerator, over: 255)
      let example = ExampleBall(
        center: [nearest(exact)], isExact: false, arithmetic: .real, domain: nil,
        shape: .norm(.linf))
      for epsilon in [2, 3, 1000, 0x1p40] {
        let ball = example.ball(epsilon)
        #expect(Self.contains(ball, 0, exact - Rational(epsilon)), "\(numerator)/255, \(epsilon)")
        #expect(Self.contains(ball, 0, exact + Rational(epsilon)), "\(numerator)/255, \(epsilon)")
      }
    }
  }

  @Test("an l2 or l1 ball is not smaller than typed", arguments: [Norm.l2, .l1])
  func norms(norm: Norm) throws {
    for seed in seeds(200) {
      var random = SeededGenerator(state: seed)
      let typed = TypedCase(&random, weighted: false)
      let ball = typed.ball(.real, norm).ball(try typed.magnitude)
      #expect(Rational(ball.extent) >= typed.epsilon)
      for (feature, x) in typed.center.enumerated() {
        #expect(Self.contains(ball, feature, x), "seed \(seed)")
      }
    }
  }

  @Test(
    "an example just outside its domain is in its ball, whatever the radius",
    arguments: Arithmetic.allCases)
  func outside(arithmetic: Arithmetic) {
    for seed in seeds(200) {
      var random = SeededGenerator(state: seed)
      let slack = Double.random(in: 0...0x1p-23, using: &random)
      let x = random.chance(0.5) ? -slack : 1 + slack
      let example = ExampleBall(
        center: [x], isExact: true, arithmetic: arithmetic,
        domain: Domain(lower: 0, upper: 1, inner: (0, 1)), shape: .norm(.linf))
      #expect(example.firstOutside() == nil)
      for epsilon in [0, 1e-12, 1e-8, 0.1] {
        let ball = example.ball(epsilon)
        #expect(ball.radius[0] >= 0)
        #expect(Self.contains(ball, 0, Rational(x)), "seed \(seed), epsilon \(epsilon)")
        // Towards the domain all of the radius counts.
        let (exact, reach) = (Rational(x), Rational(epsilon))
        let inner = x < 0 ? min(exact + reach, .one) : max(exact - reach, .zero)
        #expect(Self.contains(ball, 0, inner), "seed \(seed), epsilon \(epsilon)")
      }
    }
  }

  @Test("no point that a counterexample may use lies outside the ball or the domain, as typed")
  func membership() throws {
    for seed in seeds(400) {
      for shape in ShapeKind.allCases {
        var random = SeededGenerator(state: seed)
        let typed = TypedCase(&random, weighted: shape == .weighted)
        let norm: Norm = shape == .l2 ? .l2 : shape == .l1 ? .l1 : .linf
        let region = ExampleRegion(typed.ball(.real, norm), try typed.magnitude)
        let reach = typed.epsilon.approximation * (norm == .linf ? 1.2 : 0.5)
        let point = typed.center.enumerated().map { feature, x in
          nearest(x) + (typed.units?[feature] ?? 1)
            * random.pick([0, 1, Double.random(in: -1...1, using: &random)], or: 0) * reach
        }
        guard let distance = region.distance(to: point) else { continue }
        var (largest, sum, squares) = (Rational.zero, Rational.zero, Rational.zero)
        for (feature, (value, x)) in zip(point, typed.center).enumerated() {
          if let domain = typed.domain {
            #expect(domain.lower <= Rational(value) && Rational(value) <= domain.upper)
          }
          let unit = typed.units.map { Rational($0[feature]) } ?? .one
          let change = (Rational(value) - x).magnitude / unit
          largest = max(largest, change)
          (sum, squares) = (sum + change, squares + change * change)
        }
        let found = Rational(distance)
        #expect(found <= typed.epsilon, "seed \(seed)")
        switch norm {
        case .linf: #expect(largest <= found, "seed \(seed)")
        case .l1: #expect(sum <= found, "seed \(seed)")
        case .l2: #expect(squares <= found * found, "seed \(seed)")
        }
      }
    }
  }

  @Test("points beyond the domain, the ball, or NaN, have no distance")
  func outsiders() {
    let example = ExampleBall(
      center: [0.5, 0.5], isExact: true, arithmetic: .real,
      domain: Domain(lower: 0, upper: 1, inner: (0, 1)), shape: .norm(.linf))
    let region = ExampleRegion(example: example, epsilon: 1)
    #expect(region.distance(to: [0.5, 1]) != nil)
    for value in [(1.0).nextUp, -0x1p-1074, 2, .nan, .infinity] {
      #expect(region.distance(to: [0.5, value]) == nil, "\(value)")
    }
    let near = ExampleRegion(example: example, epsilon: 0.25)
    #expect(near.distance(to: [0.5, (0.75).nextDown.nextDown]) != nil)
    #expect(near.distance(to: [0.5, (0.75).nextUp]) == nil)
  }
}
