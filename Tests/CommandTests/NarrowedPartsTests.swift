import Foundation
import NumberSupport
import ProofFiles
import ProofRecords
import Testing

/// Searches that narrow the bounds of units again behind splits, from the file to the audit.
@Suite struct NarrowedPartsTests {
  @Test(
    "what rests on bounds behind splits is derived by the audit, and refused without one of its parts",
    arguments: [("real", "linf", "0.08"), ("float32", "linf", "0.08")])
  func audited(arithmetic: String, norm: String, epsilon: String) throws {
    let scratch = try Scratch()
    let (report, proofs) = (scratch.path("report"), scratch.path("proofs"))
    let run = try Command.run(
      Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--eps", epsilon, "--norm",
      norm, "--arithmetic", arithmetic, "--radii", "off", "--index", "32", "--quiet", "-o", report,
      "--proofs", proofs)
    #expect(run.status == 0, "\(run.errors)")
    let proof = try #require(try ProofFile(proofs).proofs(32, 0).first)
    let behind = proof.relaxations.indices.filter { place in
      if case .narrowed(_, _, let splits, _) = proof.relaxations[place].origin {
        !splits.isEmpty
      } else {
        false
      }
    }
    #expect(!behind.isEmpty)
    #expect(proof.searched.contains { behind.contains($0.relaxation) })
    let audit = try Command.run(
      "audit", report, "--model", Command.digits("conv-ordinary.onnx"), "--data", Command.images,
      "--proofs", proofs)
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    #expect(audit.output.contains("valid"))
  }
}
