import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import Synchronization
import TestSupport
import Testing

/// A random network with examples of its own, and what a run says of them.
struct PredictionCase {
  var chain: ReLUChain
  /// `[examples][features]`, exact.
  var examples: [[Double]]
  var labels: [Int]
  var random: SeededGenerator

  init(seed: UInt64, style: NumberStyle, depths: ClosedRange<Int> = 1...4, count: Int = 6) {
    var chains = RandomChains(seed: seed, style: style)
    chains.depths = depths
    chain = chains.chain()
    examples = []
    for _ in 0..<count { examples.append((0..<chain.inputCount).map { _ in chains.number() }) }
    random = chains.random
    labels = []
    for _ in 0..<count { labels.append(Int.random(in: 0..<chain.classCount, using: &random)) }
  }

  func source(_ order: [Int]? = nil) -> ExampleSource {
    let (examples, labels) = (examples, labels)
    let order = order ?? Array(examples.indices)
    return ExampleSource(
      featureCount: chain.inputCount, isExact: true, label: { labels[order[$0]] },
      copyFeatures: { index, target in
        for (feature, value) in examples[order[index]].enumerated() { target[feature] = value }
      })
  }

  func options(_ arithmetic: Arithmetic, _ epsilons: [Double] = [0]) -> CertificationOptions {
    CertificationOptions(
      epsilons: epsilons.map { Numeral(exactly: $0) },
      arithmetic: arithmetic)
  }

  func certificates(_ options: CertificationOptions) throws -> [Certificate] {
    try certify(
      chain: chain, source: source(), indices: Array(examples.indices), options: options)[0]
  }
}

@Suite struct PredictionTests {
  static let styles: [NumberStyle] = [.singles, .doubles, .spread, .dyadic, .nearOne]

  @Test("in exact arithmetic `misclassified` is true, and what is certified wins, both exactly")
  func exact() throws {
    var counts: [Verdict: Int] = [:]
    for seed in seeds(250) {
      let instance = PredictionCase(seed: seed, style: Self.styles[Int(seed % 5)])
      let chain = ExactChain(instance.chain)
      for certificate in try instance.certificates(instance.options(.real)) {
        let place = "seed \(seed), example \(certificate.index)"
        let label = instance.labels[certificate.index]
        let logits = chain.logits(at: instance.examples[certificate.index].map { Rational($0) })
        let others = logits.indices.filter { $0 != label }
        let loses = others.contains {
          logits[$0] > logits[label] || logits[$0] == logits[label] && $0 < label
        }
        counts[certificate.verdict, default: 0] += 1
        switch certificate.verdict {
        case .misclassified: #expect(loses, "\(place)")
        case .certified: #expect(others.allSatisfy { logits[$0] < logits[label] }, "\(place)")
        case .falsified: Issue.record("no attack")
        // What is wide apart is decided.
        case .unknown: break
        }
        let best = logits.max() ?? .zero
        let gap = best - logits[certificate.prediction]
        #expect(gap <= best.magnitude * Rational(0x1p-50), "\(place)")
      }
    }
    #expect(counts[.misclassified] ?? 0 > 400 && counts[.certified] ?? 0 > 100, "\(counts)")
  }

  @Test(
    "deployed, `misclassified` is true in every order of summation, and predictions are the evaluation's",
    arguments: [Arithmetic.float32, .float16, .bfloat16])
  func deployed(arithmetic: Arithmetic) throws {
    let format: DeployedFormat =
      [.float16: .binary16, .bfloat16: .bfloat16][arithmetic] ?? .binary32
    var counts: [Verdict: Int] = [:]
    for seed in seeds(120) {
      var instance = PredictionCase(seed: seed, style: Self.styles[Int(seed % 5)])
      let network = DeployedNetwork(instance.chain, stored: format, summed: .binary32)
      let evaluation = NetworkEvaluation(instance.chain, arithmetic: arithmetic)
      for certificate in try instance.certificates(instance.options(arithmetic)) {
        let place = "seed \(seed), example \(certificate.index)"
        let (example, label) = (
          instance.examples[certificate.index], instance.labels[certificate.index]
        )
        counts[certificate.verdict, default: 0] += 1
        #expect(
          certificate.prediction
            == NetworkEvaluation.prediction(of: evaluation.logits(at: example)),
          "\(place)")
        guard certificate.verdict == .misclassified || certificate.verdict == .certified else {
          continue
        }
        for order in SummationOrder.allCases {
          let logits =
            network.preActivations(
              at: example.map(format.rounded), Evaluation(order: order, fusing: 0.5),
              using: &instance.random
            ).last ?? []
          let loses = logits.indices.contains {
            logits[$0] > logits[label] || logits[$0] == logits[label] && $0 < label
          }
          #expect(loses == (certificate.verdict == .misclassified), "\(place)")
        }
      }
    }
    #expect(counts[.misclassified] ?? 0 > 100 && counts[.certified] ?? 0 > 30, "\(counts)")
  }

  @Test(
    "a deep network's own predictions are never misclassified, whatever rounding hides",
    arguments: [Arithmetic.float32, .float16, .bfloat16], [true, false])
  func deep(arithmetic: Arithmetic, wideSums: Bool) throws {
    for seed in seeds(6) {
      var random = SeededGenerator(state: seed)
      let width = 16
      func rows(_ count: Int) -> [[Double]] {
        (0..<count).map { _ in
          (0..<width).map { _ in Double(Float.random(in: -0.6...0.6, using: &random)) }
        }
      }
      var stages: [(rows: [[Double]], bias: [Double])] = []
      for _ in 0..<18 { stages.append((rows(width), rows(1)[0])) }
      stages.append((rows(3), [0, 0, 0]))
      let chain = denseChain(stages)
      var instance = PredictionCase(seed: seed, style: .singles)
      instance.chain = chain
      instance.examples = rows(5)
      let evaluation = NetworkEvaluation(chain, arithmetic: arithmetic, wideSums: wideSums)
      let predictions = instance.examples.map {
        NetworkEvaluation.prediction(of: evaluation.logits(at: $0))
      }
      instance.labels = predictions
      var options = instance.options(arithmetic)
      options.accumulation = wideSums ? .float32 : .same
      for certificate in try instance.certificates(options) {
        #expect(certificate.verdict != .misclassified, "seed \(seed)")
        #expect(certificate.prediction == predictions[certificate.index], "seed \(seed)")
      }
    }
  }

  @Test(
    "what is said of an example depends on nothing but the example: not on neighbours, order or workers",
    arguments: [Arithmetic.real, .float32, .bfloat16], [SlopeChoice.auto, .fixed(.parallel)])
  func independence(arithmetic: Arithmetic, slopes: SlopeChoice) throws {
    for seed in seeds(40) {
      var instance = PredictionCase(
        seed: seed, style: Self.styles[Int(seed % 5)], depths: 1...3, count: 8)
      // Numbers that overflow, here and where the network runs, or that are none.
      let extremes = [1e38, -3e38, 1e61, 1e300, 0x1p-140, 65504, 1e5]
      for place in stride(from: 1, to: 8, by: 2) {
        let feature = Int.random(in: 0..<instance.chain.inputCount, using: &instance.random)
        instance.examples[place][feature] = instance.random.pick(extremes, or: 1)
      }
      if seed % 3 == 0 {
        instance.chain = Self.scaled(instance.chain, by: seed % 2 == 0 ? 1e37 : 1e180)
      }
      var options = instance.options(arithmetic, [0.01, 0.3])
      options.slopes = slopes
      options.radii = RadiusOptions(tolerance: 0.1, cap: 2)
      options.attack = AttackOptions(steps: 4, restarts: 1, seed: seed)
      options.detects = true
      func run(_ order: [Int], _ indices: [Int], threads: Int = 1) throws -> [[Certificate]] {
        options.threads = threads
        return try certify(
          chain: instance.chain, source: instance.source(order), indices: indices,
          options: options)
      }
      let usual = Array(instance.examples.indices)
      let whole = try run(usual, usual)
      #expect(try run(usual, usual, threads: 3) == whole, "seed \(seed)")
      for index in usual {
        let alone = try run(usual, [index])
        #expect(alone.map { $0[0] } == whole.map { $0[index] }, "seed \(seed), example \(index)")
      }
      // Backwards, each example at the position that it had: only its neighbours change.
      let backwards = try run(usual, usual.reversed())
      #expect(backwards.map { Array($0.reversed()) } == whole, "seed \(seed)")
    }
  }

  private static func scaled(_ chain: ReLUChain, by factor: Double) -> ReLUChain {
    chain.mapOperators { linear in
      guard case .dense(var dense) = linear.kind else { return linear }
      dense.weights = dense.weights.map { $0 * factor }
      return linear.computing(.dense(dense))
    }
  }

  @Test("Corollary 2 of a misclassified example is decided by the margin of its prediction")
  func detection() throws {
    // z = (x, -x, 0.9): class 0 wins beyond 0.9.
    let chain = denseChain([(rows: [[1], [-1], [0]], bias: [0, 0, 0.9])])
    var instance = PredictionCase(seed: 0, style: .singles, count: 3)
    instance.chain = chain
    (instance.examples, instance.labels) = ([[2], [1], [0]], [1, 1, 1])
    var options = instance.options(.real, [0.5])
    options.detects = true
    let found = try instance.certificates(options)
    #expect(found.map(\.verdict) == [.misclassified, .misclassified, .misclassified])
    #expect(found.map(\.prediction) == [0, 0, 2])
    #expect(found.map(\.detection) == [.cleared, .flagged, .cleared])
    for (certificate, margin) in zip(found, [0.6, -0.4, 0.4]) {
      let detected = try #require(certificate.detectionMargin)
      #expect(detected <= margin && detected > margin - 1e-9)
      #expect(certificate.margin < -0.8)
    }
  }

  @Test("where an evaluation contradicts a proof, the proof counts")
  func proofOverEvaluation() {
    // Class 2 loses against two that tie; the evaluation is said to find it first.
    let chain = denseChain([(rows: [[1], [1], [0]], bias: [0, 0, 0])])
    let workspace = BoundWorkspace(BoundProblem(chain))
    var search = CenterSearch(
      label: 2, ball: Ball(center: [1], radius: [0]), workspace: workspace)
    let findings = search.findings { 2 }
    #expect(findings.labelLoses && findings.prediction != 2)
    // Of what nothing is proved, the evaluation stands.
    var tie = CenterSearch(
      label: 1, ball: Ball(center: [1], radius: [0]), workspace: workspace)
    let open = tie.findings { 1 }
    #expect(!open.labelLoses && open.prediction == 1)
  }

  @Test("the first refusal ends a run: nothing behind it is looked at")
  func refusal() throws {
    let chain = denseChain([(rows: [[1], [0]], bias: [0, 0])])
    let source = ExampleSource(
      featureCount: 1, isExact: true, label: { _ in 0 },
      copyFeatures: { index, target in target[0] = index == 1 ? 7 : 0.5 })
    let options = CertificationOptions(
      epsilons: [Numeral(exactly: 0)],
      domain: Domain(lower: 0, upper: 1))
    let seen = Mutex<[Int]>([])
    #expect(
      throws: CertificationFailure.outsideDomain(OutsideDomain(index: 1, feature: 0, value: 7))
    ) {
      try certify(
        chain: chain, source: source, indices: Array(0..<20), options: options,
        progress: { done, _ in seen.withLock { $0.append(done) } })
    }
    #expect(seen.withLock { $0 } == [1, 2])
  }

  @Test("without any certificate there is no radius, and nothing is cleared by it, at eps 0 either")
  func noRadius() throws {
    // What cancels hides in the rounding of every bound.
    let chain = denseChain([
      (rows: [[0x1p60, 1, -0x1p60], [0, 0.5, 0], [0, -1, 0]], bias: [0, 0, 0])
    ])
    var instance = PredictionCase(seed: 0, style: .singles, count: 3)
    instance.chain = chain
    instance.examples = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
    instance.labels = [0, 1, 2]
    var options = instance.options(.real)
    options.detects = true
    options.radii = RadiusOptions(cap: 1)
    for certificate in try instance.certificates(options) {
      #expect(certificate.prediction == 0)
      #expect(certificate.detection == .flagged && certificate.radius == nil)
      #expect(certificate.radiusSteps != nil && certificate.radiusUpper == nil)
      // That class 2 loses against class 1 is proved.
      #expect(certificate.verdict == (certificate.label == 2 ? .misclassified : .unknown))
    }
  }

  @Test("the radius and its upper end speak of the slopes of the run, also where the climb failed")
  func radiusSlopes() throws {
    var climbed = 0
    for seed in seeds(300) {
      let instance = PredictionCase(seed: seed, style: .singles, depths: 2...3)
      var options = instance.options(.real, [0.4])
      options.slopes = .auto
      options.radii = RadiusOptions(cap: 4)
      for certificate in try instance.certificates(options) where certificate.verdict == .unknown {
        guard let upper = certificate.radiusUpper,
          certificate.prediction == certificate.specificationClass
        else { continue }
        climbed += 1
        // At the upper end the run's own slopes prove nothing.
        var again = options
        again.radii = nil
        again.epsilons = [
          Numeral(exactly: upper)
        ]
        let beyond = try certify(
          chain: instance.chain, source: instance.source(), indices: [certificate.index],
          options: again)[0][0]
        #expect(beyond.verdict != .certified, "seed \(seed), example \(certificate.index)")
      }
    }
    #expect(climbed > 15, "\(climbed)")
  }
}
