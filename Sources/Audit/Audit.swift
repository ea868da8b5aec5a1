import ExactNumbers
import ProofRecords

/// An audit of the examples of one report: immutable, for any number of workers.
package struct Audit: Sendable {
  private enum Network: Sendable {
    case rounded(AuditNetwork<Double>)
    case rational(AuditNetwork<Exact>)
  }

  private let network: Network
  private let question: AuditQuestion

  /// - Parameters:
  ///   - statement: a chain whose parts fit together (`ChainStatement.isConsistent`).
  ///   - isRational: whether in rational numbers, where the question has its exact epsilon.
  package init(
    _ statement: ChainStatement, _ question: AuditQuestion, isRational: Bool = false
  ) {
    network =
      isRational
      ? .rational(AuditNetwork(statement, question.deployed))
      : .rounded(AuditNetwork(statement, question.deployed))
    self.question = question
  }

  /// Holds what a report says of an example to what can be derived.
  ///
  /// - Parameters:
  ///   - proofs: what a file says of it; nil for no file: Algorithm 1 is done once more.
  ///   - radius: whether its radius is derived, too.
  package func audit(
    _ claim: AuditClaim, at example: AuditedExample, proofs: [ExampleProof]?, radius: Bool
  ) throws(AuditFault) -> AuditFindings {
    let stored = example.stored
    switch network {
    case .rounded(let network):
      let center = AuditCenter(
        stored: stored, values: stored, errors: stored.map(question.error),
        epsilon: question.epsilon.upper)
      return try audit(claim, network, center, proofs, radius)
    case .rational(let network):
      let center = AuditCenter(
        stored: stored, values: example.exact ?? stored.map { Exact($0) },
        errors: stored.map { example.exact == nil ? Exact(question.error($0)) : .zero },
        epsilon: question.exactEpsilon ?? Exact(question.epsilon.upper))
      return try audit(claim, network, center, proofs, radius)
    }
  }

  private func audit<N>(
    _ claim: AuditClaim, _ network: AuditNetwork<N>, _ center: AuditCenter<N>,
    _ proofs: [ExampleProof]?, _ radius: Bool
  ) throws(AuditFault) -> AuditFindings {
    var auditor = Auditor(
      network: network, question: question, center: center, index: claim.index)
    do throws(AuditFault) {
      return try auditor.audit(claim, proofs: proofs, radius: radius)
    } catch {
      // A unit that its interval closes by a hair has looser bounds than one that gets a row.
      auditor.isThorough = true
      let found = try? auditor.audit(claim, proofs: proofs, radius: radius)
      guard let found else { throw error }
      return found
    }
  }
}
