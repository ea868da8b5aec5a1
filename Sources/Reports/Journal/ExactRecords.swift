import CertificateRecords

// The records of a journal, property by property. A test holds the lists against the types: a property
// without a key would be lost by a run that is resumed.

extension Verdict: ExactName {}
extension Detection: ExactName {}
extension SearchRecord.Reason: ExactName {}

extension Certificate: ExactRecord {
  static var exactFields: [ExactField<Certificate>] {
    [
      .init("index", \.index), .init("label", \.label), .init("prediction", \.prediction),
      .init("verdict", \.verdict), .init("detection", \.detection),
      .init("detection_margin", \.detectionMargin),
      .init("specification_class", \.specificationClass), .init("margins", \.margins),
      .init("margin", \.margin), .init("margin_real", \.marginReal),
      .init("rounding_budget", \.roundingBudget), .init("radius", \.radius),
      .init("radius_capped", \.radiusIsCapped), .init("radius_upper", \.radiusUpper),
      .init("radius_steps", \.radiusSteps), .init("radius_converged", \.radiusIsConverged),
      .init("slopes_used", \.slopesUsed), .init("robust_loss", \.robustLoss),
      .init("unstable", \.unstable), .init("attack", \.attack), .init("search", \.search),
      .init("radius_exact", \.exactRadius),
    ]
  }

  static var blank: Certificate {
    Certificate(
      index: 0, label: nil, prediction: 0, verdict: .unknown, detection: nil,
      specificationClass: 0, margins: [], margin: -.infinity, radius: nil, radiusIsCapped: false,
      robustLoss: nil, unstable: [])
  }
}

extension AttackRecord: ExactRecord {
  static var exactFields: [ExactField<AttackRecord>] {
    [
      .init("steps", \.steps), .init("fgsm", \.fgsmSucceeds),
      .init("counterexample", \.counterexample), .init("frozen", \.frozen),
    ]
  }

  static var blank: AttackRecord {
    AttackRecord(steps: 0, fgsmSucceeds: false, counterexample: nil)
  }
}

extension Counterexample: ExactRecord {
  static var exactFields: [ExactField<Counterexample>] {
    [
      .init("class", \.winner), .init("distance", \.distance), .init("margin", \.margin),
      .init("point", \.point),
    ]
  }

  static var blank: Counterexample {
    Counterexample(winner: 0, distance: .infinity, margin: 0, point: [])
  }
}

extension SearchRecord: ExactRecord {
  static var exactFields: [ExactField<SearchRecord>] {
    [
      .init("nodes", \.nodes), .init("leaves", \.leaves), .init("depth", \.depth),
      .init("share", \.share), .init("bound", \.bound), .init("proved", \.isProved),
      .init("reason", \.reason),
    ]
  }

  static var blank: SearchRecord { SearchRecord() }
}

extension ExactRadius: ExactRecord {
  static var exactFields: [ExactField<ExactRadius>] {
    [
      .init("reason", \.reason), .init("class", \.winner), .init("class_margin", \.winnerMargin),
      .init("tried", \.tried), .init("nodes", \.nodes), .init("steps", \.steps),
    ]
  }

  static var blank: ExactRadius { ExactRadius() }
}
