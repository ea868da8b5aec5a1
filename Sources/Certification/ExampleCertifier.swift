import Attack
import CertificateRecords
import DualBounds

/// One worker: certifies example after example with scratch memory of its own.
final class ExampleCertifier {
  private let source: ExampleSource
  let options: CertificationOptions
  let workspace: BoundWorkspace
  private let attack: ExampleAttack?
  private var features: [Double]

  init(
    problem: BoundProblem, network: GradientNetwork?, source: ExampleSource,
    options: CertificationOptions
  ) {
    self.source = source
    self.options = options
    workspace = BoundWorkspace(problem, rowsPerBlock: options.rowsPerBlock)
    attack = ExampleAttack(workspace, network, options)
    features = [Double](repeating: 0, count: source.featureCount)
  }

  /// The certificates of one example, one for each epsilon.
  func certify(_ index: Int) throws(CertificationFailure) -> [Certificate] {
    features.withUnsafeMutableBufferPointer { source.copyFeatures(index, $0) }
    let ball = ExampleBall(
      center: features, isExact: source.isExact, arithmetic: options.arithmetic,
      domain: options.domain, shape: options.shape)
    if let feature = ball.firstOutside() {
      throw .outsideDomain(
        OutsideDomain(index: index, feature: feature, value: features[feature]))
    }
    var example = OpenExample(
      index: index, label: source.label(index), ball: ball, epsilons: options.epsilons)
    bound(&example)
    search(&example, first)
    var certificates = example.certificates()
    try attack?.attack(ball, &certificates)
    if climb(&example, certificates) {
      let attacks = certificates.map(\.attack)
      certificates = example.certificates()
      for (place, attack) in attacks.enumerated() { certificates[place].attack = attack }
    }
    try attack?.reconcile(&certificates)
    if options.detects { detect(example, &certificates) }
    return certificates
  }

  /// The slopes that every example starts with.
  var first: Slopes {
    switch options.slopes {
    case .auto: .parallel
    case .fixed(let slopes): slopes
    }
  }

  /// The bounds of every epsilon, and the prediction.
  private func bound(_ example: inout OpenExample) {
    for epsilon in options.epsilons {
      let specification = example.label ?? look(&example).prediction
      example.bounds.append(
        workspace.margins(
          over: example.ball.ball(epsilon.upper), specificationClass: specification,
          slopes: first, untilCertified: false))
    }
    // A certificate proves the prediction; only without one need the centre be looked at.
    if example.bounds.contains(where: { $0.smallest > 0 }) {
      example.prediction = example.bounds[0].specificationClass
    } else {
      example.prediction = look(&example).prediction
    }
  }

  /// What the network says at the centre itself.
  private func look(_ example: inout OpenExample) -> OpenExample.Center {
    if let center = example.center { return center }
    let point = example.ball.ball(0)
    _ = workspace.margins(over: point, specificationClass: 0)
    let prediction = workspace.largestMidpointLogit()
    let bounds = workspace.margins(over: point, specificationClass: prediction)
    let center = OpenExample.Center(prediction: prediction, smallestMargin: bounds.smallest)
    example.center = center
    return center
  }

  /// Searches the radius, if one is asked for.
  private func search(_ example: inout OpenExample, _ slopes: Slopes) {
    guard let radii = options.radii else { return }
    if radii.onlyCertified, !example.isCertifiedSomewhere {
      example.radius = nil
      return
    }
    let (ball, prediction) = (example.ball, example.prediction)
    let hint = options.epsilons.first { $0.value > 0 }?.value
    let search = RadiusSearch(options: radii, hint: hint ?? 1e-3 * radii.cap) { point in
      self.workspace.margins(
        over: ball.ball(point.upper), specificationClass: prediction, slopes: slopes,
        untilCertified: self.options.slopes == .auto
      ).smallest
    }
    let known = zip(options.epsilons, example.bounds)
      .filter { $1.specificationClass == prediction }
      .map { (epsilon: $0, margin: $1.smallest) }
    example.radius = search.run(
      marginAtZero: look(&example).smallestMargin, known: known)
  }

  /// Tighter slopes where neither proof nor counterexample was found; the radius again where they
  /// prove more.
  ///
  /// - Returns: whether anything was tried.
  private func climb(_ example: inout OpenExample, _ certificates: [Certificate]) -> Bool {
    guard options.slopes == .auto else { return false }
    let open = certificates.indices.filter { certificates[$0].verdict == .unknown }
    for place in open {
      let own = example.bounds[place].specificationClass
      example.bounds[place] = workspace.margins(
        over: example.ball.ball(options.epsilons[place].upper), specificationClass: own,
        slopes: .optimized, untilCertified: true)
    }
    if open.contains(where: { example.bounds[$0].smallest > 0 }) { search(&example, .optimized) }
    return !open.isEmpty
  }
}

/// What is known of one example so far.
struct OpenExample {
  /// What the network says at the centre itself.
  struct Center {
    var prediction: Int
    var smallestMargin: Double
  }

  let index: Int
  let label: Int?
  let ball: ExampleBall
  let epsilons: [TypedMagnitude]
  /// For each epsilon.
  var bounds: [MarginBounds] = []
  var center: Center?
  var prediction = 0
  var radius: RadiusSearch.Outcome?

  init(index: Int, label: Int?, ball: ExampleBall, epsilons: [TypedMagnitude]) {
    (self.index, self.label, self.ball, self.epsilons) = (index, label, ball, epsilons)
  }

  /// Whether the margins of an epsilon are a certificate.
  var isCertifiedSomewhere: Bool { bounds.contains { $0.smallest > 0 } }

  /// The certificates, one for each epsilon.
  func certificates() -> [Certificate] {
    zip(epsilons, bounds).map(certificate)
  }

  private func certificate(_ epsilon: TypedMagnitude, _ bounds: MarginBounds) -> Certificate {
    let speaksOfPrediction = prediction == bounds.specificationClass
    // A certificate at the larger radius contains this ball; where none held there is no radius.
    let isInside = (radius?.radius).map { $0.nearest >= epsilon.upper } ?? false
    let held = bounds.smallest > 0 || speaksOfPrediction && isInside
    let verdict: Verdict =
      if held { .certified } else if !speaksOfPrediction { .misclassified } else { .unknown }
    let isParallel = bounds.slopes.allSatisfy { $0 == .parallel }
    return Certificate(
      index: index, label: label, prediction: prediction, verdict: verdict,
      detection: label == nil ? (held ? .cleared : .flagged) : nil,
      specificationClass: bounds.specificationClass, margins: bounds.margins,
      margin: bounds.smallest, marginReal: bounds.smallestReal,
      roundingBudget: bounds.roundingBudget,
      radius: radius.map { $0.radius?.upper ?? 0 },
      radiusIsCapped: radius?.isCapped ?? false, radiusUpper: radius?.lost,
      radiusSteps: radius?.steps, radiusIsConverged: radius?.isConverged ?? true,
      slopesUsed: isParallel ? [] : bounds.slopes.map(\.rawValue),
      robustLoss: label.map {
        robustCrossEntropy(margins: bounds.margins, specificationClass: $0)
      },
      unstable: bounds.unstable)
  }
}
