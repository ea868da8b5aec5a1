import GraphOracle
import NumberSupport

/// The logits of one evaluation at one point.
struct Sample {
  /// What was evaluated, for messages.
  var how: String
  /// `[features]`.
  var point: [Double]
  /// Exact values; nil for infinities and NaN.
  var logits: [Rational?]

  /// Whether a class is above another one, both being numbers.
  func isAbove(_ own: Int, _ other: Int) -> Bool {
    guard let own = logits[own], let other = logits[other] else { return false }
    return own > other
  }

  /// The difference; nil where one of the two is no number.
  func difference(_ own: Int, _ other: Int) -> Rational? {
    guard let own = logits[own], let other = logits[other] else { return nil }
    return own - other
  }

  /// The class above all others, the lowest index of equals; nil where a logit is no number.
  var winner: Int? {
    guard !logits.contains(where: { $0 == nil }) else { return nil }
    return logits.indices.first { own in
      logits.indices.allSatisfy { other in
        own == other || isAbove(own, other) || own < other && !isAbove(other, own)
      }
    }
  }

  /// Whether the class above all others is so strictly.
  var isStrict: Bool {
    guard let winner else { return false }
    return logits.indices.allSatisfy { $0 == winner || isAbove(winner, $0) }
  }

  /// Whether two logits lie within an eighth of the largest of each other.
  func isClose(_ one: Int, _ other: Int) -> Bool {
    guard let difference = difference(one, other) else { return true }
    let size = logits.compactMap { $0?.magnitude }.max() ?? .zero
    return difference.magnitude * Rational(8) < size
  }

  var description: String {
    let values = logits.map { $0.map { "\($0.approximation)" } ?? "none" }
    return "\(how): logits \(values.joined(separator: ", ")) at \(point)"
  }
}

/// A graph in exact arithmetic, its constants exact or computed in their types.
struct ExactEvaluations {
  private var evaluators: [(how: String, run: GraphEvaluator<ExactNumbers>)] = []

  init(_ graph: OracleGraph, using random: inout SeededGenerator) {
    evaluators.append(("constants unrounded", GraphEvaluator(graph, ExactNumbers())))
    for count in 0..<2 {
      var deployment = Deployment(data: .binary64, summed: .binary64)
      if count > 0 {
        deployment = Deployment(data: .binary64, summed: .binary64, using: &random)
        if deployment.constants == .converted { deployment.constants = .ofFile }
      }
      let typed = GraphEvaluator(graph, DeployedNumbers(deployment, random: random))
      _ = random.next()
      let constants = typed.constants { ExactNumbers().stored($0) }
      evaluators.append(
        (
          "constants in their types (\(deployment.order), fusing \(deployment.fusing))",
          GraphEvaluator(graph, ExactNumbers(), constants: constants)
        ))
    }
  }

  /// Where the network, its constants exact, bends between two points.
  func bends(_ graph: OracleGraph, from start: [Rational], to end: [Rational]) -> [[Rational]] {
    graph.bends(from: start, to: end, constants: evaluators[0].run.constants { $0 }) ?? []
  }

  mutating func samples(at points: [[Rational]]) -> [Sample] {
    var samples: [Sample] = []
    for index in evaluators.indices {
      for point in points {
        samples.append(
          Sample(
            how: evaluators[index].how, point: point.map(\.approximation),
            logits: evaluators[index].run.logits(at: point).map(ExactNumbers().finite)))
      }
    }
    return samples
  }
}

/// A graph as deployed, in many ways.
struct DeployedEvaluations {
  private var evaluators: [(how: String, run: GraphEvaluator<DeployedNumbers>)] = []

  init(
    _ graph: OracleGraph, _ format: DeployedFormat, wideSums: Bool, count: Int,
    using random: inout SeededGenerator
  ) {
    let summed = wideSums && DeployedFormat.binary32.holds(format) ? .binary32 : format
    // Constants computed exactly, too, and rounded when the data meet them.
    let exact = GraphEvaluator(graph, ExactNumbers()).constants { value in
      value.map { DeployedFormat.binary64.rounded($0) } ?? .nan
    }
    for index in 0..<count {
      let deployment =
        index == 0
        ? Deployment(data: format, summed: summed)
        : Deployment(data: format, summed: summed, using: &random)
      let folded = index > 0 && random.chance(0.5) ? graph.folded(using: &random) : nil
      let system = DeployedNumbers(deployment, random: random)
      _ = random.next()
      let isExact = index == 1
      let run =
        isExact
        ? GraphEvaluator(graph, system, constants: exact)
        : GraphEvaluator(folded ?? graph, system)
      guard !run.system.leftModel else { continue }
      let how = isExact ? ", constants unrounded" : folded == nil ? "" : ", folded"
      evaluators.append(("\(deployment)" + how, run))
    }
  }

  mutating func samples(at points: [[Double]]) -> [Sample] {
    var samples: [Sample] = []
    for index in evaluators.indices {
      for point in points {
        let logits = evaluators[index].run.logits(at: point)
        samples.append(
          Sample(
            how: evaluators[index].how, point: point,
            logits: logits.map { $0.isFinite ? Rational($0) : nil }))
      }
    }
    return samples
  }
}
