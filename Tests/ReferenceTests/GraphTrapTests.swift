import Attack
import CertificateRecords
import Certification
import ChainImport
import DualBounds
import Foundation
import ModelFiles
import Numbers
import ReLUChain
import ReferenceSupport
import TestSupport
import Testing

/// Graphs that fool whoever forgets what a type rounds, overflows or loses, from the file to the
/// verdict; `fixtures/graph-traps/README.md` says how truth was found and what follows from it.
@Suite struct GraphTrapTests {
  private static let kinds = [
    "constants", "held", "rounded-first", "ends", "late-bias", "predictions", "domains", "controls",
  ]

  @Test("every kind of trap is there")
  func count() throws {
    let counts = try Self.kinds.map { try GraphTrap.all(of: $0).count }
    #expect(counts == [72, 21, 15, 5, 6, 6, 4, 3])
  }

  @Test("no verdict, margin, radius or prediction is contradicted", arguments: kinds)
  func verdicts(kind: String) throws {
    for trap in try GraphTrap.all(of: kind) {
      for (name, meanings) in trap.meanings.sorted(by: { $0.key < $1.key }) {
        let arithmetic = try #require(Arithmetic(rawValue: name))
        for run in TrapRun.all {
          for certificate in try trap.certificates(arithmetic, run) {
            let pairs = meanings[certificate.index].map { $0.map { $0.flatMap { Rational($0) } } }
            for problem in trap.problems(with: certificate, pairs, name) {
              Issue.record("\(trap.name), \(name), \(run): \(problem)")
            }
          }
        }
      }
    }
  }

  @Test("no result depends on neighbours, order, parts or threads", arguments: kinds)
  func independence(kind: String) throws {
    for trap in try GraphTrap.all(of: kind) where trap.examples.count > 1 {
      for name in trap.meanings.keys.sorted() {
        let arithmetic = try #require(Arithmetic(rawValue: name))
        for run in TrapRun.all {
          let whole = try trap.certificates(arithmetic, run)
          let indices = Array(trap.examples.indices)
          let backwards = try trap.certificates(arithmetic, run, Array(indices.reversed()))
          let parts = try indices.flatMap { try trap.certificates(arithmetic, run, [$0]) }
          let threaded = try trap.certificates(arithmetic, run, threads: 2)
          for other in [Array(backwards.reversed()), parts, threaded] {
            // NaN is not equal to itself; its text is.
            #expect("\(whole)" == "\(other)", "\(trap.name), \(name), \(run)")
          }
        }
      }
    }
  }

  @Test("where onnxruntime has the operators, its logits are among those that the truth knows")
  func runtime() throws {
    var seen = 0
    for trap in try GraphTrap.all(of: "constants") {
      for (index, logits) in (trap.onnxruntime ?? []).enumerated() {
        let classes = trap.meanings.values.flatMap { $0[index] }.map { pair in
          TrapLogits(pair.map { $0.flatMap { Rational($0) } }).winner
        }
        let own = TrapLogits(logits.map { $0.map { Rational($0) } }).winner
        #expect(classes.contains(own), "\(trap.name): \(logits)")
        seen += 1
      }
    }
    #expect(seen > 50)
  }
}

/// The settings that each trap is run with.
private struct TrapRun: CustomStringConvertible {
  var radii: Bool
  var attack: AttackOptions.Kind?
  var slopes: SlopeChoice
  var isLabelled: Bool

  static let all = [
    TrapRun(radii: false, attack: nil, slopes: .fixed(.parallel), isLabelled: true),
    TrapRun(radii: true, attack: .pgd, slopes: .auto, isLabelled: true),
    TrapRun(radii: true, attack: .fgsm, slopes: .fixed(.optimized), isLabelled: false),
  ]

  var description: String {
    "radii \(radii), attack \(attack.map(\.rawValue) ?? "none"), slopes \(slopes)"
      + (isLabelled ? "" : ", no labels")
  }
}

/// The logits of one evaluation, exact; nil where one is no finite number.
private struct TrapLogits {
  var values: [Rational?]

  init(_ values: [Rational?]) { self.values = values }

  func isAbove(_ own: Int, _ other: Int) -> Bool {
    guard let own = values[own], let other = values[other] else { return false }
    return own > other
  }

  func winsStrictly(_ own: Int) -> Bool {
    values.indices.allSatisfy { $0 == own || isAbove(own, $0) }
  }

  /// The class above all others, the lowest of equals; nil where a logit is no number.
  var winner: Int? {
    guard values.allSatisfy({ $0 != nil }) else { return nil }
    return values.indices.first { own in
      values.indices.allSatisfy { $0 == own || !isAbove($0, own) }
    }
  }
}

/// A line of `fixtures/graph-traps`.
private struct GraphTrap: Decodable {
  var name: String
  var model: String
  var examples: [[Double]]
  var labels: [Int]
  var epsilon: String
  var domain: [Double]?
  var predictions: [Int]?
  var onnxruntime: [[Double?]]?
  /// `[arithmetic][example][evaluation][class]`.
  var meanings: [String: [[[String?]]]]
  var mustCertify: [String]

  enum CodingKeys: String, CodingKey {
    case name, model, examples, labels, epsilon, domain, predictions, onnxruntime, meanings
    case mustCertify = "must_certify"
  }

  static func all(of kind: String) throws -> [GraphTrap] {
    try decodedLines(GraphTrap.self, from: Place.fixtures + "/graph-traps/\(kind).jsonl")
  }

  func certificates(
    _ arithmetic: Arithmetic, _ run: TrapRun, _ indices: [Int]? = nil, threads: Int = 1
  ) throws -> [Certificate] {
    let bytes = try #require(Data(base64Encoded: model))
    let chain: ReLUChain
    do {
      chain = try ReLUChain(
        validating: ModelFile.decode(Array(bytes), path: name + ".onnx").graph,
        deployed: arithmetic.elementType)
    } catch is ChainRefusals {
      // Nothing is said of a refused network; a control must not be one.
      #expect(mustCertify.isEmpty, "\(name)")
      return []
    }
    let (examples, labels) = (examples, labels)
    let source = ExampleSource(
      featureCount: chain.inputCount, isExact: true,
      label: { run.isLabelled ? labels[$0] : nil },
      copyFeatures: { index, buffer in
        for (place, value) in examples[index].enumerated() { buffer[place] = value }
      })
    var options = CertificationOptions(
      epsilons: [try Numeral(epsilon)], arithmetic: arithmetic,
      // A bias on top of a stored sum is charged in either accumulation.
      slopes: run.slopes,
      domain: domain.map { Domain(lower: $0[0], upper: $0[1], inner: ($0[0], $0[1])) },
      radii: run.radii ? RadiusOptions(tolerance: 0.01, cap: 1) : nil,
      attack: run.attack.map { AttackOptions(kind: $0, steps: 5, restarts: 1) },
      keepsCounterexamples: true, threads: threads)
    options.detects = true
    return try certify(
      chain: chain, source: source, indices: indices ?? Array(examples.indices), options: options)[
        0]
  }

  /// What a certificate says that an evaluation contradicts.
  func problems(
    with certificate: Certificate, _ meanings: [[Rational?]], _ arithmetic: String
  ) -> [String] {
    let known = meanings.map(TrapLogits.init)
    let own = certificate.specificationClass
    var problems: [String] = []
    func holds(_ claim: Int) -> Bool { known.allSatisfy { $0.winsStrictly(claim) } }
    if certificate.verdict == .certified && !holds(own) {
      problems.append("certified with \(certificate.margin)")
    }
    if certificate.verdict == .misclassified, let label = certificate.label,
      known.contains(where: { $0.winner == label })
    {
      problems.append("misclassified, but the label wins")
    }
    if certificate.verdict == .falsified, (Double(epsilon) ?? 0) == 0, holds(own) {
      problems.append("falsified at a point where it wins")
    }
    if certificate.detection == .cleared && !holds(certificate.prediction) {
      problems.append("cleared, prediction \(certificate.prediction)")
    }
    if let radius = certificate.radius, radius > 0, !holds(certificate.prediction) {
      problems.append("a radius of \(radius) for \(certificate.prediction)")
    }
    for logits in known {
      for (other, margin) in certificate.margins.enumerated() where other != own {
        guard let left = logits.values[own], let right = logits.values[other] else { continue }
        if !margin.isNaN && !Rational.isLower(margin, than: left - right) {
          problems.append("a margin of \(margin) over \(other), found \(left - right)")
        }
      }
    }
    // What is not proved may be the prediction of an evaluation that the truth does not list.
    let winners = Set(known.map(\.winner))
    if certificate.verdict != .unknown, winners.count == 1, let winner = known[0].winner,
      certificate.prediction != winner
    {
      problems.append("prediction \(certificate.prediction), not \(winner)")
    }
    if let expected = predictions?[certificate.index], certificate.prediction != expected {
      problems.append("prediction \(certificate.prediction), not the network's own, \(expected)")
    }
    if mustCertify.contains(arithmetic) && certificate.verdict != .certified {
      problems.append("\(certificate.verdict), a control")
    }
    return problems
  }
}
