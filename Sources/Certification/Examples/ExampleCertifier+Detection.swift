import CertificateRecords
import DualBounds

extension ExampleCertifier {
  /// Corollary 2 for labelled examples: whether the predicted class has a certificate, which for a
  /// misclassified example takes bounds of its own.
  func detect(_ example: inout OpenExample) {
    guard example.label != nil else { return }
    let (prediction, radius) = (example.prediction, example.radius?.radius?.upper)
    example.detections = options.epsilons.enumerated().map { place, epsilon in
      let own = example.bounds[place].margins
      guard prediction != own.specificationClass else {
        return (example.verdict(place) == .certified, own.smallest)
      }
      // A radius is the predicted class's own, and its ball contains this one.
      let isInside = radius ?? -1 >= epsilon.upper
      let margin = predictionBounds(
        over: example.ball.ball(epsilon), prediction, isInside: isInside
      ).margins.smallest
      return (margin > 0 || isInside, margin)
    }
  }

  /// The margins of the predicted class, with the slopes that an example without a label
  /// would get.
  func predictionBounds(over ball: Ball, _ prediction: Int, isInside: Bool) -> BallBounds {
    var known = workspace.bounds(over: ball, specificationClass: prediction, slopes: first)
    if options.slopes == .auto, !isInside, !(known.margins.smallest > 0) {
      workspace.tighten(&known, to: .optimized, untilCertified: true)
    }
    return known
  }
}
