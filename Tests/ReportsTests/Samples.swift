import CertificateRecords

extension Certificate {
  /// A certificate of a two-class network; what is not given is made to fit.
  static func sample(
    _ index: Int, label: Int?, prediction: Int? = nil, verdict: Verdict, margin: Double,
    radius: Double? = nil, capped: Bool = false, loss: Double = 0.5
  ) -> Certificate {
    let prediction = prediction ?? label ?? 0
    let specification = label ?? prediction
    var margins = [margin, margin]
    if margins.indices.contains(specification) { margins[specification] = 0 }
    return Certificate(
      index: index, label: label, prediction: prediction, verdict: verdict,
      detection: label == nil ? (verdict == .certified ? .cleared : .flagged) : nil,
      specificationClass: specification, margins: margins, margin: margin, radius: radius,
      radiusIsCapped: capped, robustLoss: label == nil ? nil : loss, unstable: [3])
  }
}
