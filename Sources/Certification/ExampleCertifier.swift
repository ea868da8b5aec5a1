import Attack
import CertificateRecords
import DualBounds

/// One worker: certifies example after example with scratch memory of its own.
final class ExampleCertifier {
  private let source: ExampleSource
  private let options: CertificationOptions
  private let workspace: BoundWorkspace
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
    let example = ExampleBall(
      center: features, isExact: source.isExact, arithmetic: options.arithmetic,
      domain: options.domain, shape: options.shape)
    if let feature = example.firstOutside() {
      throw .outsideDomain(
        OutsideDomain(index: index, feature: feature, value: features[feature]))
    }
    let label = source.label(index)
    var center: Center?
    func lookAtCenter() -> Center {
      if let center { return center }
      let found = self.center(of: example)
      center = found
      return found
    }
    var bounds: [MarginBounds] = []
    for epsilon in options.epsilons {
      let specification = label ?? lookAtCenter().prediction
      bounds.append(
        workspace.margins(over: example.ball(epsilon.upper), specificationClass: specification))
    }
    // A certificate proves the prediction; only without one need the centre be looked at.
    let proven = bounds.contains { $0.smallest > 0 } ? bounds[0].specificationClass : nil
    let prediction = proven ?? lookAtCenter().prediction
    let radius = options.radii.map { radii in
      search(radii, example, bounds, prediction: prediction, center: lookAtCenter())
    }
    var certificates = zip(options.epsilons, bounds).map { epsilon, bounds in
      certificate(
        index, label: label, prediction: prediction, epsilon: epsilon, bounds: bounds,
        radius: radius)
    }
    try attack?.attack(example, &certificates)
    return certificates
  }

  /// What the network says at the centre itself.
  private struct Center {
    var prediction: Int
    var smallestMargin: Double
  }

  private func center(of example: ExampleBall) -> Center {
    let point = example.ball(0)
    _ = workspace.margins(over: point, specificationClass: 0)
    let prediction = workspace.largestMidpointLogit()
    let bounds = workspace.margins(over: point, specificationClass: prediction)
    return Center(prediction: prediction, smallestMargin: bounds.smallest)
  }

  private func search(
    _ radii: RadiusOptions, _ example: ExampleBall, _ bounds: [MarginBounds], prediction: Int,
    center: Center
  ) -> RadiusSearch.Outcome {
    let search = RadiusSearch(options: radii) { point in
      self.workspace.margins(
        over: example.ball(point.upper), specificationClass: prediction
      ).smallest
    }
    let known = zip(options.epsilons, bounds)
      .filter { $1.specificationClass == prediction }
      .map { (epsilon: $0, margin: $1.smallest) }
    return search.run(marginAtZero: center.smallestMargin, known: known)
  }

  private func certificate(
    _ index: Int, label: Int?, prediction: Int, epsilon: TypedMagnitude, bounds: MarginBounds,
    radius: RadiusSearch.Outcome?
  ) -> Certificate {
    let speaksOfPrediction = prediction == bounds.specificationClass
    // A certificate at the larger radius contains this ball; where none held there is no radius.
    let isInside = (radius?.radius).map { $0.nearest >= epsilon.upper } ?? false
    let held = bounds.smallest > 0 || speaksOfPrediction && isInside
    let verdict: Verdict =
      if held { .certified } else if !speaksOfPrediction { .misclassified } else { .unknown }
    return Certificate(
      index: index, label: label, prediction: prediction, verdict: verdict,
      detection: label == nil ? (held ? .cleared : .flagged) : nil,
      specificationClass: bounds.specificationClass, margins: bounds.margins,
      margin: bounds.smallest, marginReal: bounds.smallestReal,
      roundingBudget: bounds.roundingBudget,
      radius: radius.map { $0.radius?.upper ?? 0 },
      radiusIsCapped: radius?.isCapped ?? false,
      robustLoss: label.map {
        robustCrossEntropy(margins: bounds.margins, specificationClass: $0)
      },
      unstable: bounds.unstable)
  }
}
