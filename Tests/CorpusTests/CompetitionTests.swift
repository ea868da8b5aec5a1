import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReferenceSupport
import Testing

/// Instances of VNN-COMP 2021 with the verdicts of complete verifiers.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct CompetitionTests {
  @Test(
    "no instance that is not robust is certified, by a margin or by a radius",
    arguments: [Arithmetic.real, .float32])
  func notRobust(arithmetic: Arithmetic) throws {
    let truth = try decoded(
      Verdicts.self, from: Corpus.path("vnncomp/mnistfc-256x2-verdicts.json"))
    #expect(truth.instances.count == 30)
    let chain = try chain(at: Corpus.path(truth.model))
    var lost = 0
    for epsilon in ["0.03", "0.05"] {
      let examples = try Examples(
        Corpus.path("vnncomp/mnistfc-eps\(epsilon)-images-idx3-float.gz"), for: chain)
      let instances = truth.instances.filter { "\($0.epsilon)" == epsilon }
      #expect(instances.count == 15)
      let options = CertificationOptions(
        epsilons: [try Numeral(epsilon)], arithmetic: arithmetic,
        domain: Domain(lower: 0, upper: 1), radii: RadiusOptions(cap: 1))
      let certificates = try certify(
        chain: chain, source: examples.source(), indices: instances.map(\.index),
        options: options)[0]
      for (certificate, instance) in zip(certificates, instances) {
        #expect(certificate.label == instance.label)
        guard instance.verdict == "not robust" else { continue }
        lost += 1
        #expect(certificate.verdict != .certified, "\(instance.instance)")
        #expect(!(certificate.margin > 0), "\(instance.instance)")
        #expect((certificate.radius ?? 0) < instance.epsilon, "\(instance.instance)")
      }
    }
    #expect(lost == truth.instances.count { $0.verdict == "not robust" } && lost > 0)
  }

  @Test("a complete search finds every verdict that complete verifiers found")
  func complete() throws {
    let truth = try decoded(
      Verdicts.self, from: Corpus.path("vnncomp/mnistfc-256x2-verdicts.json"))
    let chain = try chain(at: Corpus.path(truth.model))
    for epsilon in ["0.03", "0.05"] {
      let examples = try Examples(
        Corpus.path("vnncomp/mnistfc-eps\(epsilon)-images-idx3-float.gz"), for: chain)
      let instances = truth.instances.filter { "\($0.epsilon)" == epsilon }
      var options = CertificationOptions(
        epsilons: [try Numeral(epsilon)], arithmetic: .real, slopes: .auto,
        domain: Domain(lower: 0, upper: 1), attack: AttackOptions(), threads: 2)
      options.splits = 10000
      let certificates = try certify(
        chain: chain, source: examples.source(), indices: instances.map(\.index),
        options: options)[0]
      for (certificate, instance) in zip(certificates, instances) {
        let expected: Verdict = instance.verdict == "robust" ? .certified : .falsified
        #expect(certificate.verdict == expected, "\(instance.instance)")
      }
    }
  }

  private struct Verdicts: Decodable {
    var model: String
    var instances: [Instance]
  }

  private struct Instance: Decodable {
    var epsilon: Double
    var index: Int
    var label: Int
    var instance: String
    var verdict: String
  }
}
