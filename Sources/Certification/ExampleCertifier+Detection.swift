import CertificateRecords

extension ExampleCertifier {
  /// Corollary 2 for labelled examples: whether the predicted class has a certificate, which for a
  /// misclassified example takes bounds of its own.
  func detect(_ example: ExampleBall, _ certificates: inout [Certificate]) {
    for (place, epsilon) in options.epsilons.enumerated()
    where certificates[place].label != nil {
      var certificate = certificates[place]
      var isCleared = certificate.verdict == .certified
      var margin = certificate.margin
      if certificate.prediction != certificate.specificationClass {
        margin =
          workspace.margins(
            over: example.ball(epsilon.upper), specificationClass: certificate.prediction
          ).smallest
        // A radius is the predicted class's own, and its ball contains this one.
        isCleared = margin > 0 || certificate.radius ?? -1 >= epsilon.upper
      }
      certificate.detection = isCleared ? .cleared : .flagged
      certificate.detectionMargin = margin
      certificates[place] = certificate
    }
  }
}
