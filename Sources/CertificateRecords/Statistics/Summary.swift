/// How many examples got which verdict.
public struct VerdictCounts: Sendable, Equatable {
  /// All examples counted.
  public var examples = 0
  /// Those with each verdict, which add up to `examples`: certified.
  public var certified = 0
  /// Falsified.
  public var falsified = 0
  /// Misclassified.
  public var misclassified = 0
  /// Unknown.
  public var unknown = 0
  /// Of all of them, those of which the point of FGSM is a checked counterexample.
  public var fgsm = 0
  /// Of all of them, those whose prediction is not the label, proved or not.
  public var predictedWrong = 0

  /// Counts nothing yet.
  public init() {}

  /// Adds one example.
  public mutating func count(_ certificate: PrintedCertificate) {
    examples += 1
    if certificate.fgsmSucceeds { fgsm += 1 }
    if let label = certificate.label, label != certificate.prediction { predictedWrong += 1 }
    switch certificate.verdict {
    case .certified: certified += 1
    case .falsified: falsified += 1
    case .misclassified: misclassified += 1
    case .unknown: unknown += 1
    }
  }

  /// Examples without a certificate for the specified class, misclassified ones included.
  public var withoutCertificate: Int { examples - certified }
  /// Examples with a point of the ball that is proved to get another class than the specified one:
  /// the example itself, or a counterexample.
  public var attacked: Int { misclassified + falsified }
  /// Whether nothing is unknown: the error is one number then.
  public var isDecided: Bool { unknown == 0 }
}

/// What a set of certificates says together.
///
/// A pure function of the certificates as they are printed; see the members for the definitions.
public struct Summary: Sendable, Equatable {
  /// Counts over all examples.
  public var counts = VerdictCounts()
  /// What only labels can tell; nil for data without labels.
  public var labelled: Labelled?
  /// The quantiles of `Certificate.margin`; nil for no examples.
  public var margins: Quantiles?
  /// Corollary 2 over labelled data; nil where it was not asked for.
  public var detection: DetectionCounts?
  /// Examples whose certificate the rounding of the deployed network alone costs.
  public var lostToRounding = 0
  /// The complete searches.
  public var searches = SearchCounts()
  /// Examples of which the attack had to leave features where they are, and all such features.
  public var frozen = Frozen()

  /// Features that attacks had to leave where they are.
  public struct Frozen: Sendable, Equatable {
    /// The number of examples that have any.
    public var examples = 0
    /// All of them together.
    public var features = 0
  }

  /// What is known of data with labels.
  public struct Labelled: Sendable, Equatable {
    /// One entry a class of the network, by true label, from 0.
    public var perClass: [VerdictCounts]
    /// An upper bound of the mean of the robust losses (Theorem 2), in nats; infinite when one of
    /// them is not known.
    public var meanRobustLoss: Double
  }

  /// Summarises certificates as they are printed.
  public init(of certificates: [Certificate], classCount: Int) {
    self.init(of: certificates.map(PrintedCertificate.init), classCount: classCount)
  }

  /// Summarises certificates, all with labels or all without.
  ///
  /// - Parameter classCount: The network's number of classes. A label outside of them counts in
  ///   `counts` alone; the data check before a run leaves none.
  public init(of certificates: [PrintedCertificate], classCount: Int) {
    var perClass = [VerdictCounts](repeating: VerdictCounts(), count: classCount)
    for certificate in certificates {
      counts.count(certificate)
      if let label = certificate.label, perClass.indices.contains(label) {
        perClass[label].count(certificate)
      }
      if certificate.isLostToRounding { lostToRounding += 1 }
      if let search = certificate.search { searches.count(search) }
      if certificate.frozenFeatures > 0 {
        frozen.examples += 1
        frozen.features += certificate.frozenFeatures
      }
    }
    margins = Quantiles(of: certificates.lazy.map(\.margin))
    guard !certificates.isEmpty, certificates.allSatisfy({ $0.label != nil }) else { return }
    labelled = Labelled(
      perClass: perClass, meanRobustLoss: Summary.meanRoundedUp(certificates.map(\.robustLoss)))
    detection = DetectionCounts(of: certificates)
  }

  /// Corollary 2's count: inputs with a certificate for the predicted class.
  public var cleared: Int { counts.certified }
  /// Inputs without one.
  public var flagged: Int { counts.withoutCertificate }

  /// An upper bound of the mean of the losses, added in their order.
  ///
  /// A loss is the binary64 nearest to its printed decimal, which its upper neighbour exceeds;
  /// every addition, and the division, moves up by one place.
  private static func meanRoundedUp(_ losses: [Double?]) -> Double {
    var sum = 0.0
    for loss in losses {
      guard let loss, loss.isFinite else { return .infinity }
      if loss != 0 { sum = (sum + loss.nextUp).nextUp }
    }
    return sum == 0 ? 0 : (sum / Double(losses.count)).nextUp
  }
}
