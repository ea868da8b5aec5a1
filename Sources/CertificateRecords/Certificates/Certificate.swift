/// What is known of one example at one epsilon.
public enum Verdict: String, Sendable, Equatable, CaseIterable {
  /// A proof that no point of the ball is classified differently, for every other class.
  case certified
  /// A point of the ball, checked exactly, that is classified differently.
  case falsified
  /// A proof that the label loses already at the centre.
  case misclassified
  /// Neither a proof nor a counterexample; ties, overflow and NaN included, and examples whose wrong
  /// prediction is not proved.
  case unknown
}

/// Corollary 2 for one input: says nothing about whether the prediction is true.
public enum Detection: String, Sendable, Equatable {
  /// The input is not within epsilon of any point that the model classifies differently.
  case cleared
  /// It may be: no certificate for the predicted class was found.
  case flagged
}

/// The certificate of one example.
public struct Certificate: Sendable, Equatable {
  /// The example's position in the data file, from 0.
  public var index: Int
  /// The true label, where the data has labels.
  public var label: Int?
  /// The predicted class: argmax of the logits that the network's own evaluation gives at the centre,
  /// lowest index on a tie; proved or not.
  public var prediction: Int
  /// The verdict; for data without labels, about the predicted class.
  public var verdict: Verdict
  /// Corollary 2's answer, which speaks of the predicted class; nil where it was not asked for.
  public var detection: Detection?
  /// For labelled data with a detection: the smallest margin of the predicted class.
  public var detectionMargin: Double?
  /// The class that the margins speak of: the label, or the prediction where there is none.
  public var specificationClass: Int
  /// Lower bounds of `z_y - z_j` over the ball, one a class, 0 at `specificationClass`. A value
  /// that is not finite says that nothing is known.
  public var margins: [Double]
  /// The smallest margin against another class.
  public var margin: Double
  /// The smallest margin in exact arithmetic, over the same ball; `margin` itself where that is
  /// what `margin` speaks of.
  public var marginReal: Double
  /// What the deployed network's rounding costs the margin that it costs most: the largest
  /// difference, over the classes, between the margins in exact and in deployed arithmetic; rounded
  /// up. Not below `marginReal - margin`. nil where a margin is not known.
  public var roundingBudget: Double?
  /// A radius at which the certificate of the predicted class was computed and held; nil where none
  /// did, not even 0, and when radii were not asked for. A decimal of nine digits, as the least binary64 not below it, is
  /// printed as that decimal; any other value is printed rounded down.
  public var radius: Double?
  /// Whether the search ended at the cap rather than at a loss of the certificate.
  public var radiusIsCapped: Bool
  /// The smallest radius above `radius` that has no certificate by the slopes that the search used: one
  /// that was tried, or the distance of a counterexample; of an exact radius the distance of the nearest
  /// counterexample alone. Rounded up; nil where none is known, and without a radius.
  public var radiusUpper: Double?
  /// The bound computations of the search; nil where there was none.
  public var radiusSteps: Int?
  /// Whether the search ended because its bracket was narrow enough, or at the cap.
  public var radiusIsConverged: Bool
  /// How both ends of the radius were reached; nil where that was not asked for.
  public var exactRadius: ExactRadius?
  /// What each of `margins` was reached by: "parallel", "adaptive" or "optimized"; empty where all are
  /// parallel.
  public var slopesUsed: [String]
  /// Theorem 2's upper bound of the cross-entropy over the ball, in nats; nil without a label.
  public var robustLoss: Double?
  /// The number of unstable units per ReLU layer.
  public var unstable: [Int]
  /// The attack on the example; nil where there was none.
  public var attack: AttackRecord?
  /// The complete search; nil where there was none.
  public var search: SearchRecord?

  /// Creates a certificate record.
  public init(
    index: Int, label: Int?, prediction: Int, verdict: Verdict, detection: Detection?,
    specificationClass: Int, margins: [Double], margin: Double, marginReal: Double? = nil,
    roundingBudget: Double? = 0,
    radius: Double?, radiusIsCapped: Bool, radiusUpper: Double? = nil, radiusSteps: Int? = nil,
    radiusIsConverged: Bool = true, slopesUsed: [String] = [], robustLoss: Double?,
    unstable: [Int], attack: AttackRecord? = nil,
    search: SearchRecord? = nil
  ) {
    (self.index, self.label) = (index, label)
    (self.prediction, self.verdict, self.detection) = (prediction, verdict, detection)
    (self.specificationClass, self.margins, self.margin) = (specificationClass, margins, margin)
    self.marginReal = marginReal ?? margin
    (self.roundingBudget, self.radius) = (roundingBudget, radius)
    (self.radiusIsCapped, self.radiusUpper) = (radiusIsCapped, radiusUpper)
    (self.radiusSteps, self.radiusIsConverged) = (radiusSteps, radiusIsConverged)
    (self.slopesUsed, self.robustLoss) = (slopesUsed, robustLoss)
    (self.unstable, self.attack, self.search) = (unstable, attack, search)
  }
}
