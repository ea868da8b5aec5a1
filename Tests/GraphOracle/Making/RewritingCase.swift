import NumberSupport

/// A small network with rewritings, of numbers with few digits.
public struct RewritingCase: Sendable {
  /// The file, its examples and the ball; the labels are the exact predictions.
  public var instance: OracleCase
  /// The graph up to the scores.
  public var core: OracleGraph
  /// What stands behind them.
  public var end: ScoreEnd
  /// What is rewritten.
  public var kind: Rewriting

  /// Draws a case with one rewriting, now and then another one behind it.
  public init(_ kind: Rewriting, _ end: ScoreEnd, seed: UInt64) {
    let place = UInt64(Rewriting.allCases.firstIndex(of: kind) ?? 0)
    let last = UInt64(ScoreEnd.allCases.firstIndex(of: end) ?? 0)
    var random = SeededGenerator(state: seed &* 0x1_0001 &+ place &* 0x5851_F42D &+ last)
    let isBytes = kind.readsBytes
    let type: OracleType = isBytes ? .uint8 : random.chance(0.7) ? .float32 : .float64
    let inputs = Int.random(in: 1...3, using: &random)
    var maker = GraphMaker(
      random: random, type: type, shape: [1, inputs],
      opset: kind == .byteEnds ? 13 : random.pick([10, 13, 17], or: 17),
      profile: .plain, computing: 0)
    let classes = end.isBinary ? 2 : Int.random(in: 2...3, using: &random)
    maker.network(kind, outputs: end.isBinary ? 1 : classes)
    let scores = maker.end(end)
    core = maker.graph
    core.output = scores
    core = core.pruned
    (self.end, self.kind) = (end, kind)
    maker.graph.output = maker.data.name
    instance = OracleCase(seed: seed, graph: maker.graph.pruned, classes: classes)
    instance.narrowest = isBytes ? .float32 : type
    instance.drawBalls(using: &random)
    label()
  }

  /// The exact minima over a ball around an example.
  ///
  /// - Returns: nil where there are more cells than `limit`.
  public func margins(_ index: Int, radius: Rational, limit: Int = 300) -> ExactMargins? {
    guard let polytope = instance.ball(index).polytope(radius: radius) else { return nil }
    return ExactMargins(core, over: polytope, limit: limit, scores: end.scores)
  }

  private mutating func label() {
    instance.labels = instance.examples.indices.map { index in
      var scores = GraphEvaluator(core, ExactNumbers())
      let values = scores.logits(at: instance.examples[index].map { Rational($0) })
      let forms = end.scores(values.map { AffineForm(offset: $0 ?? .zero) }).map(\.offset)
      return forms.indices.first { own in forms.allSatisfy { $0 <= forms[own] } } ?? 0
    }
  }
}

extension GraphMaker {
  /// A dense layer of small numbers.
  private mutating func dense(_ outputs: Int) {
    let inputs = data.shape[1]
    let weights = stored([inputs, outputs], data.type, quarters(inputs * outputs))
    let bias = stored([outputs], data.type, quarters(outputs))
    step("Gemm", [data.name, weights, bias], shape: [1, outputs])
  }

  fileprivate mutating func network(_ kind: Rewriting, outputs: Int) {
    let isFirst = kind.readsBytes || kind == .scaler
    if isFirst { rewriting(kind) }
    let shape = kind.shape(using: &random)
    if shape != nil || random.chance(0.85) {
      let units = shape?.reduce(1, *) ?? int(2...4)
      dense(units)
      if let shape, shape.count > 2 {
        step("Reshape", [data.name, integers(shape)], shape: shape)
      }
    }
    if random.chance(0.2) { step("Relu", [data.name]) }
    if !isFirst { rewriting(kind) }
    // Where nothing else bends, and where what is below 0 has to be kept for it.
    if kind.isLinear || kind == .upperClip && random.chance(0.5) { step("Relu", [data.name]) }
    if data.shape.count != 2 { step("Flatten", [data.name], shape: [1, data.shape.reduce(1, *)]) }
    if random.chance(0.35) {
      dense(2)
      rewriting(random.pick([.clip, .choiceOfSlope, .absoluteValue, .smallest], or: .clip))
    }
    dense(outputs)
  }
}

extension OracleCase {
  /// A graph without examples.
  init(seed: UInt64, graph: OracleGraph, classes: Int) {
    (self.seed, self.graph, self.classes) = (seed, graph, classes)
    (examples, labels, epsilon, norm, narrowest) = ([], [], 0, .linf, .float32)
  }

  /// Two examples, a radius, and a norm whose balls are polytopes.
  fileprivate mutating func drawBalls(using random: inout SeededGenerator) {
    let count = graph.inputShape.reduce(1, *)
    let isBytes = graph.inputType == .uint8
    norm = random.chance(0.75) ? .linf : .l1
    if norm == .linf, !isBytes, random.chance(0.3) { domain = 0...1 }
    let least = isBytes || domain != nil ? 0 : -8
    examples = (0..<2).map { _ in
      (0..<count).map { _ in
        Double(Int.random(in: least...8, using: &random)) / (isBytes ? 1 : 8)
      }
    }
    epsilon = random.pick([0.03125, 0.125, 0.25, 0.5, 1], or: 0.25) * (isBytes ? 16 : 1)
  }
}
