import GraphOracle
import NumberSupport
import Testing

/// The exact oracle itself, against hand calculation and against evaluations at points.
@Suite struct ExactMarginsTests {
  /// `max(x1, x2, -1) - clip(x1 + x2, -1, 1)` and 0, which a hand can follow.
  private var graph: OracleGraph {
    var graph = OracleGraph(inputType: .float32, inputShape: [1, 2], opset: 17)
    graph.initializers = [
      "low": OracleTensor([], .float32, [-1]), "high": OracleTensor([], .float32, [1]),
      "ones": OracleTensor([2, 1], .float32, [1, 1]),
      "shape": OracleTensor([3], .int64, [1, 1, 2]),
      "flat": OracleTensor([2], .int64, [1, 1]),
      "zero": OracleTensor([1, 1], .float32, [0]),
    ]
    graph.nodes = [
      OracleNode("Reshape", ["x", "shape"], ["image"]),
      OracleNode("MaxPool", ["image"], ["pooled"], ["kernel_shape": .ints([2])]),
      OracleNode("Max", ["pooled", "low"], ["most"]),
      OracleNode("Reshape", ["most", "flat"], ["row"]),
      OracleNode("MatMul", ["x", "ones"], ["sum"]),
      OracleNode("Clip", ["sum", "low", "high"], ["clipped"]),
      OracleNode("Sub", ["row", "clipped"], ["z"]),
      OracleNode("Concat", ["z", "zero"], ["y"], ["axis": .int(1)]),
    ]
    graph.output = "y"
    return graph
  }

  @Test("minima worked out by hand, over a box and an l1 ball")
  func hand() throws {
    func number(_ value: Int) -> Rational { Rational(value) }
    // Over [-2, 2]^2: where x1 + x2 = 1 and both are 1/2, max is 1/2 and the clip 1: -1/2. And the
    // greatest: (2, -2) gives 2 - 0, (2, -4) lies outside, and (2, -2) moved to x1 + x2 = -1, that is
    // (1, -2), gives 1 + 1 = 2, too.
    let box = Polytope(from: [number(-2), number(-2)], to: [number(2), number(2)])
    let margins = try #require(ExactMargins(graph, over: box, limit: 100))
    #expect(margins.least[0][1] == Rational(-1, over: 2))
    #expect(margins.least[1][0] == number(-2))
    #expect(margins.cellCount > 4)
    // |x1| + |x2| <= 1/2: max - sum = -min(x1, x2), least -1/4 at (1/4, 1/4), greatest 1/2.
    let ball = Polytope(around: [.zero, .zero], l1Radius: Rational(1, over: 2))
    let inner = try #require(ExactMargins(graph, over: ball, limit: 100))
    #expect(inner.least[0][1] == Rational(-1, over: 4))
    #expect(inner.least[1][0] == Rational(-1, over: 2))
    #expect(ExactMargins(graph, over: box, limit: 2) == nil, "a limit that is kept")
  }

  @Test(
    "a minimum is taken at its place, and no point of the ball lies below",
    arguments: Rewriting.allCases)
  func attained(kind: Rewriting) throws {
    for seed in seeds(3) {
      let instance = RewritingCase(kind, .none, seed: seed)
      let radius = Rational(instance.instance.epsilon)
      guard let truth = instance.margins(0, radius: radius) else { continue }
      var run = GraphEvaluator(instance.core, ExactNumbers())
      var random = SeededGenerator(state: seed)
      let points = instance.instance.ball(0).exactPoints(10, using: &random)
      for (own, others) in truth.least.enumerated() {
        for (other, least) in others.enumerated() where other != own {
          func difference(_ point: [Rational]) -> Rational {
            let values = run.logits(at: point).map { $0 ?? .zero }
            return values[own] - values[other]
          }
          #expect(difference(truth.places[own][other]) == least, "\(kind), seed \(seed)")
          #expect(points.allSatisfy { difference($0) >= least }, "\(kind), seed \(seed)")
        }
      }
    }
  }
}
