import Numbers

/// What a report's summary needs to know of a certificate, with every number as a reader of the
/// report gets it: the binary64 nearest to the printed decimal.
///
/// Summary and histogram are made of these alone. So they can be made again from the printed
/// certificates, and the parts of a split run join to the very bytes of the whole.
public struct PrintedCertificate: Sendable, Equatable {
  /// The true label, where the data has labels.
  public var label: Int?
  /// The predicted class.
  public var prediction: Int
  /// The verdict.
  public var verdict: Verdict
  /// The smallest margin, -infinity where none is printed.
  public var margin: Double
  /// The same in exact arithmetic.
  public var marginReal: Double
  /// The radius, >= 0; nil where none is printed.
  public var radius: Double?
  /// The other end of its bracket, printed rounded up; nil where none is known.
  public var radiusUpper: Double?
  /// What came of closing the bracket; nil where that was not asked for.
  public var exactRadius: PrintedExactRadius?
  /// Whether a radius was searched: without one, nothing held.
  public var wasSearched: Bool
  /// Whether the search ended at the cap; false without a radius.
  public var radiusIsCapped: Bool
  /// The robust loss, >= 0 and +infinity where it is not known; nil without a label.
  public var robustLoss: Double?
  /// Whether FGSM alone finds a counterexample.
  public var fgsmSucceeds: Bool
  /// Features that the attack had to leave where they are.
  public var frozenFeatures: Int
  /// Corollary 2's answer; nil where it was not asked for.
  public var detection: Detection?
  /// The complete search; nil where there was none.
  public var search: PrintedSearch?

  /// Takes what was read.
  public init(
    label: Int?, prediction: Int, verdict: Verdict, margin: Double,
    marginReal: Double = -.infinity, radius: Double?, wasSearched: Bool, radiusIsCapped: Bool,
    fgsmSucceeds: Bool = false, frozenFeatures: Int = 0,
    robustLoss: Double?, detection: Detection? = nil, search: PrintedSearch? = nil
  ) {
    (self.label, self.prediction, self.verdict) = (label, prediction, verdict)
    (self.margin, self.marginReal, self.radius) = (margin, marginReal, radius)
    self.wasSearched = wasSearched || radius != nil
    self.radiusIsCapped = radius != nil && radiusIsCapped
    (self.frozenFeatures, self.robustLoss) = (frozenFeatures, robustLoss)
    (self.fgsmSucceeds, self.detection, self.search) = (fgsmSucceeds, detection, search)
  }

  /// Whether the rounding of the deployed network alone costs the certificate: in exact arithmetic
  /// every other class is proved to lose.
  public var isLostToRounding: Bool { verdict != .certified && marginReal > 0 && !(margin > 0) }

  /// Rounds as printing does: margin and radius down, the loss up.
  public init(_ certificate: Certificate) {
    self.init(
      label: certificate.label, prediction: certificate.prediction, verdict: certificate.verdict,
      margin: DirectedDecimal.asPrinted(certificate.margin, rounded: .down) ?? -.infinity,
      marginReal: DirectedDecimal.asPrinted(certificate.marginReal, rounded: .down) ?? -.infinity,
      radius: certificate.radius.flatMap { DirectedDecimal.asPrinted($0, rounded: .down) },
      wasSearched: certificate.radiusSteps != nil, radiusIsCapped: certificate.radiusIsCapped,
      fgsmSucceeds: certificate.attack?.fgsmSucceeds ?? false,
      frozenFeatures: certificate.attack?.frozen ?? 0,
      robustLoss: certificate.robustLoss.map {
        DirectedDecimal.asPrinted($0, rounded: .up) ?? .infinity
      }, detection: certificate.detection, search: certificate.search.map(PrintedSearch.init))
    radiusUpper = certificate.radiusUpper.flatMap { DirectedDecimal.asPrinted($0, rounded: .up) }
    exactRadius = certificate.exactRadius.map { PrintedExactRadius(reason: $0.reason) }
  }
}

/// What a histogram needs to know of an exact radius.
public struct PrintedExactRadius: Sendable, Equatable {
  /// Why its ends are apart; nil where they are not.
  public var reason: SearchRecord.Reason?

  /// Takes what was read.
  public init(reason: SearchRecord.Reason?) { self.reason = reason }
}

/// What a summary needs to know of a complete search.
public struct PrintedSearch: Sendable, Equatable {
  /// The parts of the ball that were bounded.
  public var nodes: Int
  /// Why the example stays unknown; nil where it does not.
  public var reason: SearchRecord.Reason?

  /// Takes what was read.
  public init(nodes: Int, reason: SearchRecord.Reason?) {
    (self.nodes, self.reason) = (nodes, reason)
  }

  init(_ record: SearchRecord) { self.init(nodes: record.nodes, reason: record.reason) }
}
