import FileAccess
import PropertyFiles

/// A property text with `inputs` inputs in [0, 1] and `outputs` outputs, and more statements behind.
func text(inputs: Int = 2, outputs: Int = 2, _ more: String) -> String {
  let names = (0..<inputs).map { "X_\($0)" } + (0..<outputs).map { "Y_\($0)" }
  let bounds = (0..<inputs).map { "(assert (<= X_\($0) 1.0)) (assert (>= X_\($0) 0.0))\n" }
  return names.map { "(declare-const \($0) Real)\n" }.joined() + bounds.joined() + more
}

/// Reads a text.
func property(
  _ text: String, limits: PropertyLimits = PropertyLimits()
) throws(InputError) -> Property {
  try PropertyFile.decode(Array(text.utf8), file: "p.vnnlib", limits: limits)
}

/// The message of a refused text; nil where it is read.
func refusal(_ text: String, limits: PropertyLimits = PropertyLimits()) -> String? {
  do throws(InputError) {
    _ = try property(text, limits: limits)
    return nil
  } catch {
    return error.description
  }
}

extension OutputConstraint {
  /// A constraint of exact numbers.
  init(_ terms: [Int: Double], _ constant: Double) {
    self.init(
      terms: terms.sorted { $0.key < $1.key }.map {
        Term(output: $0.key, coefficient: Enclosure($0.value))
      }, constant: Enclosure(constant))
  }
}
