import CertificateRecords
import DualBounds

extension ExampleCertifier {
  /// Corollary 2 for labelled examples: whether the predicted class has a certificate, which for a
  /// misclassified example takes bounds of its own.
  func detect(_ example: OpenExample, _ certificates: inout [Certificate]) {
    for (place, epsilon) in options.epsilons.enumerated() where example.label != nil {
      var certificate = certificates[place]
      var isCleared = certificate.verdict == .certified
      var margin = certificate.margin
      if certificate.prediction != certificate.specificationClass {
        // A radius is the predicted class's own, and its ball contains this one.
        let isInside = certificate.radius ?? -1 >= epsilon.upper
        margin = predictionMargin(
          over: example.ball.ball(epsilon), certificate.prediction, isInside: isInside)
        isCleared = margin > 0 || isInside
      }
      certificate.detection = isCleared ? .cleared : .flagged
      certificate.detectionMargin = margin
      certificates[place] = certificate
    }
  }

  /// The smallest margin of the predicted class, with the slopes that an example without a label
  /// would get.
  private func predictionMargin(over ball: Ball, _ prediction: Int, isInside: Bool) -> Double {
    let bounds = workspace.margins(
      over: ball, specificationClass: prediction, slopes: first, untilCertified: false)
    guard options.slopes == .auto, !isInside, !(bounds.smallest > 0) else { return bounds.smallest }
    return workspace.margins(
      over: ball, specificationClass: prediction, slopes: .optimized, untilCertified: true
    ).smallest
  }
}
