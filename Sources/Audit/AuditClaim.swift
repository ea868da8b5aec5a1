/// What a report says of one example, as numbers that are not below its decimals.
package struct AuditClaim: Sendable {
  package enum Verdict: String, Sendable { case certified, falsified, misclassified, unknown }

  package var index: Int
  package var label: Int?
  package var prediction: Int
  package var verdict: Verdict
  package var specificationClass: Int
  /// One a class; -infinity where nothing is claimed.
  package var margins: [Double]
  package var margin = -Double.infinity
  package var marginReal = -Double.infinity
  package var radius: Double?
  /// Not above the printed one.
  package var loss: Double?
  /// Whether Corollary 2 is claimed.
  package var isCleared = false
  package var detectionMargin: Double?
  /// The class and the margin of a counterexample, and its distance.
  package var counterexample: (winner: Int, margin: Double, distance: Double)?

  package init(
    index: Int, label: Int?, prediction: Int, verdict: Verdict, specificationClass: Int,
    margins: [Double]
  ) {
    (self.index, self.label, self.prediction) = (index, label, prediction)
    (self.verdict, self.specificationClass, self.margins) = (verdict, specificationClass, margins)
  }
}

/// The first place at which a claim does not hold.
package struct AuditFault: Error, Sendable, Equatable, CustomStringConvertible {
  package var example: Int
  package var place: String
  package var words: String

  package init(example: Int, place: String, words: String) {
    (self.example, self.place, self.words) = (example, place, words)
  }

  /// `example 17, layer 2, unit 431: lower bound -0.41 claimed, -0.43 derived`.
  package var description: String {
    "example \(example)\(place.isEmpty ? "" : ", " + place): \(words)"
  }
}

/// What an audit of one example found, where nothing is wrong.
package struct AuditFindings: Sendable, Equatable {
  /// Whether the verdict was derived: `unknown` claims nothing, and a counterexample takes a proof file.
  package var isDerived = true
  /// Whether the radius was.
  package var derivesRadius = false
  /// Of an unknown example: the sign of its smallest margin, as derived; nil where nothing was.
  package var sign: Int?
}
