import CertificateRecords
import DualBounds
import FileAccess
import Numbers

/// What a comparison found, for a person.
struct ParityText {
  let expected: ExpectedValues
  let outcomes: [ParityCheck.Outcome]
  let arithmetic: Arithmetic
  /// The options under which the values agree, where some were found.
  var remedy: String?

  init(
    expected: ExpectedValues, outcomes: [ParityCheck.Outcome], arithmetic: Arithmetic
  ) {
    (self.expected, self.outcomes, self.arithmetic) = (expected, outcomes, arithmetic)
  }

  /// A line an array, then what follows from them.
  var lines: [String] {
    var lines = ["", "compared   \(expected.count) examples with \(expected.path)"]
    for (array, outcome) in zip(expected.arrays, outcomes) { lines += line(array, outcome) }
    if !expected.unknown.isEmpty {
      let names = expected.unknown.prefix(8).map(quoted).joined(separator: ", ")
      lines.append("not compared, for the network has no such values: \(names)")
    }
    return lines + conclusion
  }

  private func line(
    _ array: ExpectedValues.Array, _ outcome: ParityCheck.Outcome
  ) -> [String] {
    let place = outcome.agrees ? outcome.largest : outcome.worst
    let name = array.isOutput ? "logits" : array.place.words
    var text =
      "\(outcome.agrees ? "agrees" : "DIFFERS")    \(name): largest difference"
      + " \(number(outcome.largest.difference))"
    text += " (example \(outcome.largest.example), \(array.isOutput ? "class" : "unit")"
    text += " \(outcome.largest.unit))"
    if outcome.agrees {
      text += "; there \(number(place.tolerance)) would be rounding"
    } else {
      text += "; in \(outcome.differing) of \(array.items.count) examples more than"
      text += outcome.worst.excess > 1 ? " rounding in \(arithmetic.rawValue) explains" : " a tie"
    }
    var lines = [text]
    if !outcome.agrees {
      lines.append(
        "           example \(place.example), \(array.isOutput ? "class" : "unit") \(place.unit):"
          + " \(number(place.ours)) here, \(number(place.theirs)) there, tolerance"
          + " \(number(place.tolerance))")
    }
    if array.isOutput {
      lines.append(
        "           \(outcome.otherPredictions) of \(array.items.count) predictions differ"
          + (outcome.otherWinners > 0 ? ", \(outcome.otherWinners) by more than a tie" : ""))
    }
    if array.isOutput, outcome.agrees, outcome.looseness > ParityCheck.looseness {
      lines.append(
        "           warning: rounding could explain differences of"
          + " \(number(100 * outcome.looseness))% of the largest score, so that this confirms little"
      )
    }
    switch outcome.probabilities {
    case .plain:
      lines.append(
        "           these are probabilities: compared with the softmax of the logits")
    case .logarithms:
      lines.append(
        "           these are logarithms of probabilities: compared with the logits' LogSoftmax")
    case nil: break
    }
    return lines
  }

  /// The cause, as far as it can be told.
  private var conclusion: [String] {
    guard let first = outcomes.firstIndex(where: { !$0.agrees }) else { return [] }
    let array = expected.arrays[first]
    var lines: [String] = []
    if outcomes.count > 1 || !array.isOutput {
      lines.append("first different: \(array.place.words)")
    }
    if first > 0 {
      lines.append(
        "What stands before it agrees, so the data are read alike: this node is evaluated in another"
          + " way, or the values are those of another network.")
    } else if let remedy {
      lines.append("They would agree with: \(remedy)")
    } else {
      lines.append(
        "None of the usual other readings (layouts, scales, normalisations) agrees. Usual causes:"
          + " data in another order or of another preprocessing, another network, a model that was"
          + " run in training mode.")
    }
    return lines
  }

  /// Four digits are enough to compare.
  private func number(_ value: Double) -> String {
    DirectedDecimal.text(value, rounded: .down, digits: 4) ?? "\(value)"
  }
}
