/// Corollary 2 over labelled data: how many inputs are cleared and how many flagged, rightly and
/// wrongly classified ones apart.
public struct DetectionCounts: Sendable, Equatable {
  /// The inputs of one group.
  public struct Group: Sendable, Equatable {
    /// Those with a certificate for the predicted class.
    public var cleared = 0
    /// Those without one.
    public var flagged = 0
  }

  /// Inputs whose prediction is the label.
  public var correct = Group()
  /// Inputs whose prediction is another class.
  public var wrong = Group()

  /// Counts the answers; nil where an input has none.
  init?(of certificates: [PrintedCertificate]) {
    for certificate in certificates {
      guard let detection = certificate.detection else { return nil }
      let group = certificate.prediction == certificate.label ? \Self.correct : \Self.wrong
      switch detection {
      case .cleared: self[keyPath: group].cleared += 1
      case .flagged: self[keyPath: group].flagged += 1
      }
    }
  }

  /// All inputs together.
  public var all: Group {
    Group(
      cleared: correct.cleared + wrong.cleared, flagged: correct.flagged + wrong.flagged)
  }
}
