import DataFiles
import FileAccess
import Numbers
import Reports

/// Networks whose input is of an integer type: they take whole numbers, as they are stored.
extension UnitsCheck {
  /// Data that the network cannot be given, by what is typed or by what they are.
  func unfitInputs() throws(InputError) -> Finding? {
    guard let wholeInputs else { return nil }
    let takes = "where the network's input takes \(words(wholeInputs))"
    func finding(
      _ kind: InputError.Kind, _ file: String, _ found: String, _ expected: String
    ) -> Finding {
      Finding(
        kind: .wholeInputs,
        error: InputError(
          kind, file: file, found: found, expected: expected,
          remedy: "Where that is meant, say --accept-units."))
    }
    if plan.reading.normalizes {
      return finding(
        .usage, plan.reading.mean.isEmpty ? "--std" : "--mean",
        "a normalisation, \(takes)", "none: behind it numbers are not whole")
    }
    guard scaled.scale.isWhole else {
      return finding(
        .usage, "--scale", "\(scaled.scale.text), \(takes)",
        "--scale 1, with eps in units of these numbers, or a network that takes scaled ones")
    }
    let raw = try survey.range()
    let range = scaled.scale.times(raw.lowerBound)...scaled.scale.times(raw.upperBound)
    let isWhole = try survey.isWhole()
    guard
      !isWhole || !wholeInputs.contains(range.lowerBound) || !wholeInputs.contains(range.upperBound)
    else { return nil }
    let numbers = "numbers from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
    return finding(
      .content, plan.dataPath == "-" ? "standard input" : plan.dataPath,
      "\(numbers)\(isWhole ? "" : ", not all of them whole"), \(takes)",
      "the numbers that it takes, with eps in their units")
  }

  /// An epsilon within which no other input lies: whoever types it thinks of data from 0 to 1.
  ///
  /// Numbers that are all 0 or 1 are features, and eps a part of their width.
  func lessThanOne() throws(InputError) -> Finding? {
    guard let wholeInputs, let epsilon = fraction else { return nil }
    let range = try survey.range()
    guard range.lowerBound < 0 || range.upperBound > 1 else { return nil }
    let part =
      epsilon.value.map { value in
        wholeInputs.upperBound > 255
          ? "" : " (\(plain(value.times(255))), where a part of 255 grey levels is meant)"
      } ?? ""
    return Finding(
      kind: .wholeInputs,
      error: InputError(
        .usage, file: plan.epsilonFile == nil ? "--eps" : "--eps-file",
        found:
          "\(epsilon.text), where the network's input takes \(words(wholeInputs)): no other lies"
          + " within it",
        expected: "1 or more, in units of these numbers, which are not divided by 255\(part)",
        remedy: "Where that is meant in these units, say --accept-units."))
  }

  /// The first epsilon between 0 and 1.
  private var fraction: (text: String, value: Numeral?)? {
    if let largestRadius {
      return largestRadius < 1 ? ("radii up to \(plain(largestRadius))", nil) : nil
    }
    return plan.epsilons.first { $0.lower < 1 && $0.upper > 0 }.map { ($0.text, $0) }
  }

  private func words(_ range: ClosedRange<Double>) -> String {
    "whole numbers from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
  }
}
