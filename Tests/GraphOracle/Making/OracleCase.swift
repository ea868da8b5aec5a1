import Glibc
import NumberSupport

/// A random graph with examples, labels and a ball.
public struct OracleCase: Sendable {
  /// What it was drawn from.
  public var seed: UInt64
  /// The graph.
  public var graph: OracleGraph
  /// `[examples][features]`: numbers of the input's type.
  public var examples: [[Double]]
  /// A label an example.
  public var labels: [Int]
  /// The radius of the balls.
  public var epsilon: Double
  /// Their norm.
  public var norm: OracleBall.Norm
  /// The domain, if one is stated.
  public var domain: ClosedRange<Double>?
  /// The number of classes.
  public var classes: Int
  /// The narrowest type of the data's path.
  public var narrowest: OracleType

  /// The ball around an example.
  public func ball(_ index: Int, epsilon: Double? = nil) -> OracleBall {
    OracleBall(
      center: examples[index], epsilon: epsilon ?? self.epsilon, norm: norm, domain: domain)
  }

  /// The types that the network may be deployed in: its own, wider ones and narrower ones, but none
  /// finer than a Cast on the data's path.
  public var deployments: [DeployedFormat] {
    let own = narrowest.format ?? .binary32
    return DeployedFormat.allCases.filter { format in
      own.holds(format) || own == .binary32 && graph.inputType == .float32 && format == .binary64
    }
  }

  /// Draws a case.
  public init(seed: UInt64) {
    self.seed = seed
    var random = SeededGenerator(state: seed &* 0x9E37_79B9)
    let type = random.pick(
      [.float32, .float32, .float32, .float64, .float64, .float16, .bfloat16],
      or: OracleType.float32)
    let profile = random.pick(
      [.plain, .plain, .scaled, .special], or: GraphMaker.Profile.plain)
    var maker = GraphMaker(
      random: random, type: type, shape: Self.inputShape(using: &random),
      opset: random.pick([9, 11, 13, 15, 17, 18, 20], or: 17), profile: profile,
      computing: random.pick([0.1, 0.4, 0.7], or: 0.4))
    classes = random.chance(0.7) ? 2 : 3
    maker.network(classes: classes)
    narrowest = type
    (graph, labels, examples, epsilon) = (maker.graph, [], [], 0)
    graph.output = maker.data.name
    norm = random.chance(0.8) ? .linf : random.chance(0.5) ? .l2 : .l1
    drawExamples(using: &random)
    settle(&maker, using: &random)
    graph = graph.pruned
  }

  private static func inputShape(using random: inout SeededGenerator) -> [Int] {
    func size(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    switch size(0...9) {
    case 0, 1: return [size(2...4)]
    case 2...5: return [1, size(1...4)]
    case 6, 7: return [1, size(1...2), size(2...4)]
    default: return [1, size(1...2), size(2...3), size(2...3)]
    }
  }

  private mutating func drawExamples(using random: inout SeededGenerator) {
    let count = graph.inputShape.reduce(1, *)
    let format = graph.inputType.format ?? .binary32
    let size = random.pick([1, 1, 1, 8, 0x1p-10, 255], or: 1)
    examples = (0..<3).map { _ in
      (0..<count).map { _ in
        random.chance(0.1)
          ? random.pick([0, 1, -1, 0.5], or: 0)
          : format.rounded(Double.random(in: -1...1, using: &random) * size)
      }
    }
    let share = random.pick([0, 0, 0x1p-30, 0x1p-12, 0.01, 0.05, 0.3], or: 0)
    epsilon = share * size * (random.chance(0.5) ? 1 : Double.random(in: 0.5...1, using: &random))
    guard random.chance(0.15) else { return }
    domain = 0...size
    // Inside, at the ends, or a rounding of binary32 outside.
    let outside = format.rounded(size * (1 + 0x1p-24))
    examples = examples.map { example in
      example.map {
        random.pick([abs($0), abs($0), 0, size, outside, -size * 0x1p-24], or: abs($0))
      }.map { format.rounded($0) }
    }
    let slack = size * 0x1p-23
    examples = examples.map { $0.map { $0 > size + slack || $0 < -slack ? size : $0 } }
  }
}

extension OracleCase {
  /// Adds offsets to the logits so that the margins are interesting, and draws labels.
  private mutating func settle(_ maker: inout GraphMaker, using random: inout SeededGenerator) {
    var evaluator = GraphEvaluator(graph, ExactNumbers())
    let label = Int.random(in: 0..<classes, using: &random)
    let points = ball(0).exactPoints(epsilon > 0 ? 5 : 0, using: &random)
    let logits = points.compactMap { point -> [Rational]? in
      let values = evaluator.logits(at: point).map(ExactNumbers().finite)
      return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
    }
    if let first = logits.first, random.chance(0.9) {
      let size = first.map { abs($0.approximation) }.max() ?? 1
      let offsets = (0..<classes).map { other -> Double in
        guard other != label else { return 0 }
        let least = logits.map { ($0[label] - $0[other]).approximation }.min() ?? 0
        return least - Self.margin(size, using: &random)
      }
      if offsets.allSatisfy({ $0.isFinite && abs($0) < 1e30 }) {
        maker.addOffsets(offsets, classes)
        graph = maker.graph
        graph.output = maker.data.name
      }
    }
    drawLabels(label, using: &random)
  }

  /// Sure, or as small as one rounding or less of any type.
  private static func margin(_ size: Double, using random: inout SeededGenerator) -> Double {
    let unit = max(size, 0x1p-20)
    if random.chance(0.55) { return unit * exp2(Double.random(in: -4...1, using: &random)) }
    let digits = random.pick([8, 11, 24, 24, 53], or: 24)
    let share = exp2(-Double.random(in: 0...Double(digits + 3), using: &random))
    return unit * share * (random.chance(0.2) ? -1 : 1)
  }

  private mutating func drawLabels(_ label: Int, using random: inout SeededGenerator) {
    var evaluator = GraphEvaluator(graph, ExactNumbers())
    labels = [label]
    for example in examples.dropFirst() {
      let logits = evaluator.logits(at: example.map { Rational($0) }).map {
        ExactNumbers().finite($0)?.approximation ?? 0
      }
      let winner = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      labels.append(
        random.chance(0.75) ? winner : Int.random(in: 0..<classes, using: &random))
    }
  }
}

extension GraphMaker {
  /// Layers from the input to the logits.
  mutating func network(classes: Int) {
    let hidden = random.pick([0, 1, 1, 2], or: 1)
    for stage in 0...hidden {
      let steps = int(0...2)
      let place = int(0...steps)
      for index in 0...steps where stage < hidden || index < steps {
        if index == place { linear() } else { affineStep() }
      }
      if stage < hidden { bends() }
    }
    if data.shape.count != 2 && (data.shape.count != 1 || random.chance(0.5)) { flatten() }
    linear(isLast: true, outputs: classes)
    for _ in 0..<random.pick([0, 0, 1, 2], or: 0) { lastStep(classes) }
    if profile == .special, random.chance(0.15) {
      let largest = Double(Float.greatestFiniteMagnitude)
      data.name = clipped(data.name, low: -largest, high: largest, data.type)
    }
  }

  /// Rectifiers and what is like them, now and then with steps of one element between them: what a
  /// ReLU made is known to be above 0 only until something moves it.
  private mutating func bends() {
    rectifier()
    while random.chance(0.3) {
      for _ in 0..<int(0...2) { random.chance(0.8) ? elementwise() : move() }
      random.chance(0.7) ? rectifier() : bend()
    }
  }

  private mutating func lastStep(_ classes: Int) {
    let kept = data
    affineStep()
    // Steps may join elements: not here.
    if data.shape.reduce(1, *) != classes {
      data = kept
    }
  }

  /// One offset a class, taken away.
  mutating func addOffsets(_ offsets: [Double], _ classes: Int) {
    let negative = offsets.map { -$0 }
    if random.chance(0.5) {
      step("Add", [data.name, constant([classes], data.type, offsets, depth: 0)])
    } else {
      step("Sub", [data.name, constant([classes], data.type, negative, depth: 0)])
    }
  }
}
