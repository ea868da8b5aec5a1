import Attack
import CertificateRecords
import DualBounds
import Threads

/// One worker: certifies example after example with scratch memory of its own.
final class ExampleCertifier {
  private let source: ExampleSource
  private let evaluation: NetworkEvaluation
  let options: CertificationOptions
  let workspace: BoundWorkspace
  let attack: ExampleAttack?
  private var features: [Double]

  init(
    problem: BoundProblem, evaluation: NetworkEvaluation, network: GradientNetwork?,
    source: ExampleSource, options: CertificationOptions, crew: Crew?
  ) {
    self.source = source
    self.evaluation = evaluation
    self.options = options
    workspace = BoundWorkspace(problem, rowsPerBlock: options.rowsPerBlock)
    workspace.keepsOrigins = options.keepsProofs
    workspace.crew = crew
    attack = ExampleAttack(workspace, network, options)
    features = [Double](repeating: 0, count: source.featureCount)
  }

  /// The certificates of one example, one for each epsilon, and what they rest on where that is kept.
  func certify(_ index: Int) throws(CertificationFailure) -> CertifiedExample {
    features.withUnsafeMutableBufferPointer { source.copyFeatures(index, $0) }
    let ball = ExampleBall(
      center: features, isExact: source.isExact, arithmetic: options.arithmetic,
      domain: options.domain, shape: options.shape, wholeNumbers: source.wholeNumbers)
    if let feature = ball.firstOutside() {
      throw .outsideDomain(
        OutsideDomain(index: index, feature: feature, value: features[feature]))
    }
    var example = OpenExample(
      index: index, label: source.label(index), ball: ball, epsilons: options.epsilons)
    bound(&example)
    search(&example, first)
    try attack?.attack(&example)
    climb(&example)
    decide(&example)
    closeRadius(&example)
    try example.check()
    if options.detects { detect(&example) }
    return CertifiedExample(
      certificates: example.certificates(keepsPoints: options.keepsCounterexamples),
      proofs: options.keepsProofs ? proofs(example) : [])
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
        workspace.bounds(
          over: example.ball.ball(epsilon), specificationClass: specification, slopes: first))
    }
    // A certificate proves the prediction; only without one need the centre be looked at.
    if example.isCertifiedSomewhere {
      example.prediction = example.bounds[0].margins.specificationClass
    } else {
      let center = look(&example)
      (example.prediction, example.labelLoses) = (center.prediction, center.labelLoses)
    }
  }

  /// What the network says at the centre itself.
  func look(_ example: inout OpenExample) -> CenterFindings {
    if let center = example.center { return center }
    var search = CenterSearch(
      label: example.label, ball: example.ball.ball(0), workspace: workspace)
    let features = features
    let center = search.findings { [evaluation] in
      NetworkEvaluation.prediction(of: evaluation.logits(at: features))
    }
    example.center = center
    return center
  }

  /// Searches the radius, if one is asked for, from what an earlier search with other slopes found.
  private func search(_ example: inout OpenExample, _ slopes: Slopes) {
    guard let radii = options.radii else { return }
    if radii.selection == .certified, !example.isCertifiedSomewhere {
      example.radius = nil
      return
    }
    let (ball, prediction) = (example.ball, example.prediction)
    func smallestMargin(_ epsilon: Double) -> Double {
      workspace.margins(
        over: ball.ball(epsilon), specificationClass: prediction, slopes: slopes,
        untilCertified: options.slopes == .auto
      ).smallest
    }
    let hint = options.epsilons.first { $0.nearest > 0 }?.nearest
    let search = RadiusSearch(
      options: radii, hint: hint ?? 1e-3 * radii.cap.nearest, smallestMargin: smallestMargin)
    let known = zip(options.epsilons, example.bounds)
      .filter { $1.margins.specificationClass == prediction }
      .map { (epsilon: $0, margin: $1.margins.smallest) }
    let center = look(&example)
    var marginAtZero = center.prediction == prediction ? center.smallestMargin : -.infinity
    if !(marginAtZero > 0), slopes > .parallel { marginAtZero = smallestMargin(0) }
    example.radius = search.run(
      marginAtZero: marginAtZero, known: known, from: example.radius)
  }

  /// Tighter slopes where neither proof nor counterexample was found, for the radius, too: both ends
  /// of its bracket then speak of these slopes.
  private func climb(_ example: inout OpenExample) {
    guard options.slopes == .auto else { return }
    let open = options.epsilons.indices.filter { example.verdict($0) == .unknown }
    for place in open {
      workspace.tighten(&example.bounds[place], to: .optimized, untilCertified: true)
    }
    if !open.isEmpty { search(&example, .optimized) }
  }
}
