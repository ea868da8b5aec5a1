import CertificateRecords
import GraphOracle
import NumberSupport
import Numbers

/// A claim of a certificate that an evaluation contradicts.
struct Violation: Sendable, CustomStringConvertible {
  /// The claim.
  enum Kind: String, Sendable, CaseIterable {
    case certified, margin, marginReal, misclassified, falsified, counterexample, cleared, radius
    case prediction, neighbours, failure
  }

  var kind: Kind
  var example: Int
  var text: String

  var description: String { "\(kind.rawValue), example \(example): \(text)" }
}

/// Holds the certificates of one case against evaluations of its graph.
struct Judge {
  let instance: OracleCase
  let settings: Settings
  /// Whether the deployed type can hold every number of the network.
  var isHeld = true
  private(set) var violations: [Violation] = []
  private var random: SeededGenerator
  private var exact: ExactEvaluations
  private var deployed: DeployedEvaluations?

  init(_ instance: OracleCase, _ settings: Settings, evaluations: Int, salt: UInt64 = 0) {
    (self.instance, self.settings) = (instance, settings)
    random = SeededGenerator(state: instance.seed &+ 0xACE1 &+ salt &* 0x1_0001)
    exact = ExactEvaluations(instance.graph, using: &random)
    deployed = settings.arithmetic.deployed.map {
      DeployedEvaluations(
        instance.graph, $0, wideSums: settings.wideSums, count: evaluations, using: &random)
    }
  }

  private mutating func note(_ kind: Violation.Kind, _ certificate: Certificate, _ text: String) {
    let place = instance.domain.map { ", domain \($0)" } ?? ""
    violations.append(Violation(kind: kind, example: certificate.index, text: text + place))
  }

  /// Evaluations of the network that verdicts speak of, at points of a ball; the centre's first.
  private mutating func samples(_ ball: OracleBall, count: Int) -> [Sample] {
    guard let format = settings.arithmetic.deployed else {
      var points = ball.exactPoints(count, using: &random)
      if count > 0, let (start, end) = ball.diameter(using: &random) {
        points += exact.bends(instance.graph, from: start, to: end)
      }
      return exact.samples(at: points)
    }
    let points = ball.deployedPoints(format, count, using: &random)
    return deployed?.samples(at: points) ?? []
  }

  private mutating func samples(at point: [Double]) -> [Sample] {
    if settings.arithmetic.deployed != nil { return deployed?.samples(at: [point]) ?? [] }
    return exact.samples(at: [point.map { Rational($0) }])
  }

  /// Checks every claim of a certificate.
  mutating func check(_ certificate: Certificate, points: Int) {
    let ball = instance.ball(certificate.index)
    let inside = samples(ball, count: points)
    checkMargins(certificate, inside)
    checkVerdict(certificate, inside)
    checkCenter(certificate)
    checkCounterexample(certificate, ball)
    checkRadius(certificate, points: points)
    guard settings.arithmetic != .real else { return }
    let truths = exact.samples(at: ball.exactPoints(min(points, 1), using: &random))
    let own = certificate.specificationClass
    for sample in truths {
      let least = (0..<instance.classes).filter { $0 != own }
        .map { sample.difference(own, $0) }
      guard
        let found = least.first(where: { $0.map { !isLower(certificate.marginReal, $0) } ?? false })
      else { continue }
      note(
        .marginReal, certificate,
        "\(certificate.marginReal) above \(found.map { "\($0)" } ?? ""); \(sample.description)")
      return
    }
  }

  /// Whether a margin is no larger than a difference, or says nothing.
  private func isLower(_ margin: Double, _ value: Rational) -> Bool {
    margin.isNaN || Rational.isLower(margin, than: value)
  }

  private mutating func checkMargins(_ certificate: Certificate, _ samples: [Sample]) {
    let own = certificate.specificationClass
    for sample in samples {
      for (other, margin) in certificate.margins.enumerated() where other != own {
        guard let difference = sample.difference(own, other), !isLower(margin, difference) else {
          continue
        }
        return note(
          .margin, certificate,
          "margin \(margin) of \(own) over \(other), found \(difference); \(sample.description)")
      }
    }
  }

  private mutating func checkVerdict(_ certificate: Certificate, _ samples: [Sample]) {
    let others = (0..<instance.classes).filter { $0 != certificate.specificationClass }
    if certificate.verdict == .certified {
      let lost = samples.first { sample in
        !others.allSatisfy { sample.isAbove(certificate.specificationClass, $0) }
      }
      if let lost {
        note(
          .certified, certificate,
          "class \(certificate.specificationClass), margin \(certificate.margin); \(lost.description)"
        )
      }
    }
    if certificate.detection == .cleared {
      let own = certificate.prediction
      let lost = samples.first { sample in
        !(0..<instance.classes).allSatisfy { $0 == own || sample.isAbove(own, $0) }
      }
      if let lost { note(.cleared, certificate, "class \(own); \(lost.description)") }
    }
  }

  private mutating func checkCenter(_ certificate: Certificate) {
    let center = samples(instance.ball(certificate.index, epsilon: 0), count: 0)
    if certificate.verdict == .misclassified, let label = certificate.label,
      let right = center.first(where: { $0.winner == label })
    {
      note(.misclassified, certificate, "label \(label); \(right.description)")
    }
    guard let first = center.first, let winner = first.winner,
      center.allSatisfy({ $0.isStrict && $0.winner == winner }), certificate.prediction != winner
    else { return }
    // An evaluation proves nothing, and may be one that was not sampled: then the logits are close, or
    // numbers are few digits or none.
    let isClose = center.contains { $0.isClose(winner, certificate.prediction) }
    let isOpen = isClose || settings.arithmetic.isHalf || !isHeld
    if isOpen, certificate.verdict != .certified { return }
    note(
      .prediction, certificate,
      "prediction \(certificate.prediction), verdict \(certificate.verdict); \(first.description)")
  }

  private mutating func checkCounterexample(_ certificate: Certificate, _ ball: OracleBall) {
    guard let found = certificate.attack?.counterexample else { return }
    let point = found.point.map { Double($0) }
    guard ball.contains(point.map { Rational($0) }, resting: settings.arithmetic.deployed) else {
      return note(.counterexample, certificate, "\(point) lies outside the ball")
    }
    let own = certificate.specificationClass
    for sample in samples(at: point) where !sample.isAbove(found.winner, own) {
      return note(
        .falsified, certificate,
        "\(found.winner) over \(own), \(found.margin); \(sample.description)")
    }
  }

  private mutating func checkRadius(_ certificate: Certificate, points: Int) {
    guard let text = certificate.radius.flatMap({ DirectedDecimal.text($0, rounded: .down) }),
      let radius = Double(text)?.nextDown, radius > 0
    else { return }
    let own = certificate.prediction
    let ball = instance.ball(certificate.index, epsilon: radius)
    for sample in samples(ball, count: points) {
      guard (0..<instance.classes).allSatisfy({ $0 == own || sample.isAbove(own, $0) }) else {
        return note(.radius, certificate, "radius \(text) of \(own); \(sample.description)")
      }
    }
  }
}

extension OracleBall {
  /// Whether a point lies in the ball and in the domain.
  ///
  /// - Parameter format: A deployed type. A feature whose interval has no number of it rests at the
  ///   nearest one, wherever that lies, and has not moved.
  func contains(_ point: [Rational], resting format: DeployedFormat?) -> Bool {
    let radius = Rational(epsilon)
    func rests(_ x: Double, _ value: Rational) -> Bool {
      guard let format, Rational(format.rounded(x)) == value else { return false }
      return (Rational(x) - value).magnitude > radius
    }
    let changes = zip(center, point).map { x, value in
      rests(x, value) ? .zero : (Rational(x) - value).magnitude
    }
    for (x, value) in zip(center, point) where !rests(x, value) {
      guard let side = side(of: x) else { continue }
      if value < Rational(side.lowerBound) || value > Rational(side.upperBound) { return false }
    }
    switch norm {
    case .linf: return changes.allSatisfy { $0 <= radius }
    case .l1: return changes.reduce(.zero, +) <= radius
    case .l2: return changes.reduce(.zero) { $0 + $1 * $1 } <= radius * radius
    }
  }
}
