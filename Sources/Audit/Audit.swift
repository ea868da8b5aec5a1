import Glibc
import ProofRecords

/// An audit of the examples of one report: immutable, for any number of workers.
package struct Audit: Sendable {
  private let network: AuditNetwork<Double>
  private let question: AuditQuestion

  /// - Parameter statement: a chain whose parts fit together (`ChainStatement.isConsistent`).
  package init(_ statement: ChainStatement, _ question: AuditQuestion) {
    network = AuditNetwork(statement, question.deployed)
    self.question = question
  }

  /// Holds what a report says of an example to what can be derived.
  ///
  /// - Parameters:
  ///   - center: `[features]`, as stored, scaled to the units of epsilon.
  ///   - proofs: what a file says of it; nil for no file: Algorithm 1 is done once more.
  ///   - radius: whether its radius is derived, too.
  package func audit(
    _ claim: AuditClaim, at center: [Double], proofs: [ExampleProof]?, radius: Bool
  ) throws(AuditFault) -> AuditFindings {
    let quick = Auditor(network, question, isThorough: false)
    do throws(AuditFault) {
      return try quick.audit(claim, at: center, proofs: proofs, radius: radius)
    } catch {
      // A unit that its interval closes by a hair has looser bounds than one that gets a row.
      let thorough = Auditor(network, question, isThorough: true)
      let found = try? thorough.audit(claim, at: center, proofs: proofs, radius: radius)
      guard let found else { throw error }
      return found
    }
  }
}

func exponential(_ value: Double) -> Double { exp(value) }
func logarithmOfOnePlus(_ value: Double) -> Double { log1p(value) }
