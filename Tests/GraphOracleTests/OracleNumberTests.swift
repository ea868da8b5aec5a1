import Foundation
import GraphOracle
import NumberSupport
import Testing

/// The oracle's own numbers, against the machine's.
@Suite struct OracleNumberTests {
  @Test("an exact number is rounded to a format as the machine rounds it", arguments: seeds(200))
  func rounding(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<50 {
      // Every exponent of binary64, and numbers about the ends of the narrower formats.
      let wide = Double(bitPattern: random.next())
      let narrow = Double(
        sign: random.chance(0.5) ? .plus : .minus,
        exponent: Int.random(in: -160...130, using: &random),
        significand: 1 + Double.random(in: 0..<1, using: &random))
      for value in [wide, narrow, Double(Float(narrow)).nextUp] where value.isFinite {
        let exact = Rational(value)
        #expect(DeployedFormat.binary64.rounded(exact) == value)
        #expect(DeployedFormat.binary32.rounded(exact) == Double(Float(value)), "\(value)")
        #expect(DeployedFormat.binary16.rounded(exact) == Double(Float16(value)), "\(value)")
        #expect(
          DeployedFormat.bfloat16.rounded(exact) == DeployedFormat.bfloat16.rounded(value),
          "\(value)")
      }
    }
  }

  @Test("half way between two numbers the even one is nearest")
  func ties() {
    let half = Rational(1, over: 2)
    for format in DeployedFormat.allCases {
      let (one, next) = (1.0, format.neighbour(of: 1, up: true))
      #expect(format.rounded((Rational(one) + Rational(next)) * half) == one)
      let third = format.neighbour(of: next, up: true)
      #expect(format.rounded((Rational(next) + Rational(third)) * half) == third)
      #expect(format.rounded(Rational(format.least) * half) == 0)
      #expect(format.rounded(Rational(format.least) * Rational(3, over: 4)) == format.least)
      #expect(format.rounded(Rational(format.greatest) * Rational(2)) == .infinity)
    }
  }

  @Test("elementary functions agree with the machine's", arguments: seeds(50))
  func functions(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let numbers = ExactNumbers()
    let role = Role(.float64, isData: false)
    let x = Double.random(in: 0.01...20, using: &random)
    func close(_ name: String, _ operands: [Double], _ expected: Double) throws {
      let found = try #require(numbers.function(name, operands.map { numbers.stored($0) }, role))
      // The machine's functions err by a unit or two.
      #expect(abs(found.approximation - expected) <= 4 * expected.ulp, "\(name) of \(operands)")
    }
    try close("Exp", [x], exp(x))
    try close("Log", [x], log(x))
    try close("Pow", [x, 0.5], x.squareRoot())
    try close("Pow", [x, -1], 1 / x)
  }

  @Test("a graph worked out by hand")
  func hand() {
    // relu((x + 1/4) W + b) with W = [[1, -1], [2, 3]], b = [-3, 0] at x = (1, 1/2): (-1/4, 1).
    var graph = OracleGraph(inputType: .float32, inputShape: [1, 2], opset: 13)
    graph.initializers["c"] = OracleTensor([], .float32, [0.25])
    graph.initializers["w"] = OracleTensor([2, 2], .float32, [1, -1, 2, 3])
    graph.initializers["b"] = OracleTensor([2], .float32, [-3, 0])
    graph.nodes = [
      OracleNode("Add", ["x", "c"], ["s"]), OracleNode("Gemm", ["s", "w", "b"], ["g"]),
      OracleNode("Relu", ["g"], ["y"]),
    ]
    for (output, expected) in [("g", [-0.25, 1]), ("y", [0, 1])] {
      graph.output = output
      var exact = GraphEvaluator(graph, ExactNumbers())
      #expect(exact.logits(at: [1, 0.5].map { Rational($0) }) == expected.map { Rational($0) })
      for format in DeployedFormat.allCases {
        let deployment = Deployment(data: format, summed: format)
        var rounded = GraphEvaluator(
          graph, DeployedNumbers(deployment, random: SeededGenerator(state: 1)))
        #expect(rounded.logits(at: [1, 0.5]) == expected)
      }
    }
  }
}
