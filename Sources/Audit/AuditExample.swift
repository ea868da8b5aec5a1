import ExactNumbers

/// One example, as its file has it.
package struct AuditedExample: Sendable {
  /// `[features]`, scaled to the units of epsilon: the nearest binary64 numbers.
  package var stored: [Double]
  /// The same exactly, where rational numbers are asked for.
  package var exact: [Exact]?

  package init(stored: [Double], exact: [Exact]? = nil) {
    (self.stored, self.exact) = (stored, exact)
  }
}

/// An example in the auditor's numbers.
struct AuditCenter<N: AuditNumber> {
  let stored: [Double]
  let values: [N]
  /// How far the exact values may lie from those.
  let errors: [N]
  /// Not below the run's epsilon.
  let epsilon: N
}
