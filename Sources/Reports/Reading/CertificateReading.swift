import CertificateRecords
import FileAccess
import JSONFiles

/// A certificate of a report that is being read: what a summary needs of it. Other keys are not
/// looked at; they are carried along with the line.
struct CertificateReader {
  /// The number of classes of the report's network.
  let classCount: Int

  /// Reads a certificate, which has to stand at this position of the data.
  func read(_ node: JSONNode, index: Int) throws(InputError) -> PrintedCertificate {
    var values: [String: JSONNode] = [:]
    for (key, value) in try node.members() { values[key] = value }
    func value(_ key: String) throws(InputError) -> JSONNode {
      guard let value = values[key] else { throw node.refusal("no key '\(key)'", "one") }
      return value
    }
    let place = try value("index")
    let found: Int = try place.integer(in: 0...Int.max)
    guard found == index else {
      throw place.refusal("\(found)", "\(index), the next after the certificate before it")
    }
    guard try value("margins").count() == classCount else {
      throw try value("margins").refusal(
        "\(try value("margins").count()) margins", "\(classCount), one a class")
    }
    let label = try value("label")
    let radius = try bound(try value("radius"), least: 0)
    let attack = try attack(try value("attack"))
    var certificate = PrintedCertificate(
      label: label.isNull ? nil : try classIndex(label),
      prediction: try classIndex(try value("prediction")),
      verdict: try verdict(try value("verdict")),
      margin: try bound(try value("margin")) ?? -.infinity,
      marginReal: try bound(try value("margin_real")) ?? -.infinity, radius: radius,
      wasSearched: !(try value("radius_steps").isNull),
      radiusIsCapped: radius == nil ? false : try value("radius_capped").bool(),
      fgsmSucceeds: try attack?[AttackRecord.fgsmKey]?.bool() ?? false,
      frozenFeatures: try attack?[AttackRecord.frozenKey]?.integer(in: 0...Int.max) ?? 0,
      robustLoss: label.isNull ? nil : try bound(try value("robust_loss"), least: 0) ?? .infinity,
      detection: try values[PrintedCertificate.detectionKey].map(detection),
      search: try search(try value("search")))
    certificate.radiusUpper = try bound(try value("radius_upper"), least: 0)
    certificate.exactRadius = try values[ExactRadius.key].map(exactRadius)
    return certificate
  }

  private func exactRadius(_ node: JSONNode) throws(InputError) -> PrintedExactRadius {
    for (key, value) in try node.members() where key == ExactRadius.reasonKey {
      return PrintedExactRadius(reason: value.isNull ? nil : try reason(value))
    }
    throw node.refusal("no key '\(ExactRadius.reasonKey)'", "one")
  }

  private func detection(_ node: JSONNode) throws(InputError) -> Detection {
    let name = try node.string()
    guard let detection = Detection(rawValue: name) else {
      throw node.refusal(quoted(name), "one of cleared, flagged")
    }
    return detection
  }

  /// The members of an attack, of which these must be there; nil where there was none.
  private func attack(_ attack: JSONNode) throws(InputError) -> [String: JSONNode]? {
    if attack.isNull { return nil }
    var values: [String: JSONNode] = [:]
    for (key, value) in try attack.members() { values[key] = value }
    for key in [AttackRecord.fgsmKey, AttackRecord.frozenKey] where values[key] == nil {
      throw attack.refusal("no key '\(key)'", "one")
    }
    return values
  }

  private func search(_ search: JSONNode) throws(InputError) -> PrintedSearch? {
    if search.isNull { return nil }
    var values: [String: JSONNode] = [:]
    for (key, value) in try search.members() { values[key] = value }
    guard let nodes = values[SearchRecord.nodesKey], let reason = values[SearchRecord.reasonKey]
    else {
      throw search.refusal(
        "no key '\(SearchRecord.nodesKey)' or '\(SearchRecord.reasonKey)'", "both")
    }
    return PrintedSearch(
      nodes: try nodes.integer(in: 0...Int.max),
      reason: reason.isNull ? nil : try self.reason(reason))
  }

  private func reason(_ node: JSONNode) throws(InputError) -> SearchRecord.Reason {
    let name = try node.string()
    guard let reason = SearchRecord.Reason(rawValue: name) else {
      let names = SearchRecord.Reason.allCases.map(\.rawValue).joined(separator: ", ")
      throw node.refusal(quoted(name), "one of \(names)")
    }
    return reason
  }

  private func classIndex(_ node: JSONNode) throws(InputError) -> Int {
    try node.integer(in: 0...max(0, classCount - 1))
  }

  private func verdict(_ node: JSONNode) throws(InputError) -> Verdict {
    let name = try node.string()
    guard let verdict = Verdict(rawValue: name) else {
      let names = Verdict.allCases.map(\.rawValue).joined(separator: ", ")
      throw node.refusal(quoted(name), "one of \(names)")
    }
    return verdict
  }

  /// A number; nil for `null`, where nothing is known.
  private func bound(
    _ node: JSONNode, least: Double = -.infinity
  ) throws(InputError) -> Double? {
    if node.isNull { return nil }
    let value = try node.double()
    guard value >= least else { throw node.refusal(node.words, "a number >= 0, or null") }
    return value
  }
}
