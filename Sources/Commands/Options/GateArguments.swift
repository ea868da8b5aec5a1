import ArgumentParser
import FileAccess
import Numbers
import Reports

/// What results have to keep to.
struct GateArguments: ParsableArguments {
  @Option(
    name: [.customLong("max-robust-error"), .customLong("gate-robust-error")],
    parsing: .unconditional,
    help: ArgumentHelp(
      "Exit with status 1 if robust_error is above this share: 0.06 or 6%. (default: no gate)",
      valueName: "share"))
  var maxRobustError: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same if a smaller share of the examples is certified. (default: no gate)",
      valueName: "share"))
  var minCertified: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same if a larger share stays unknown. (default: no gate)", valueName: "share"))
  var maxUnknown: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same if a larger share is flagged (Corollary 2). (default: no gate)",
      valueName: "share"))
  var maxFlagged: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same if a quantile of the radii is below a radius: 0.5:0.08, or a list. (default: no gate)",
      valueName: "list"))
  var minRadiusQuantile: String?

  /// The gates that were asked for, in the order of the help.
  func gates() throws(InputError) -> [Gate] {
    let shares: [(String?, String, (Gate.Share) -> Gate)] = [
      (maxRobustError, "--max-robust-error", Gate.maxRobustError),
      (minCertified, "--min-certified", Gate.minCertified),
      (maxUnknown, "--max-unknown", Gate.maxUnknown),
      (maxFlagged, "--max-flagged", Gate.maxFlagged),
    ]
    var gates: [Gate] = []
    for case (let text?, let option, let make) in shares {
      guard let share = Gate.Share(text) else {
        throw InputError(
          .usage, file: option, found: text,
          expected: "a fraction from 0 to 1, such as 0.06, or a percentage, such as 6%")
      }
      gates.append(make(share))
    }
    return try gates + quantiles()
  }

  private func quantiles() throws(InputError) -> [Gate] {
    guard let list = minRadiusQuantile else { return [] }
    let option = "--min-radius-quantile"
    var gates: [Gate] = []
    for text in list.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      let level = parts.count == 2 ? try? Numeral(parts[0], option: option) : nil
      guard parts.count == 2, let level, level <= Numeral(exactly: 1) else {
        throw InputError(
          .usage, file: option, found: quoted(String(text)),
          expected: "a quantile from 0 to 1 and a radius, such as 0.5:0.08")
      }
      gates.append(
        .minRadiusQuantile(level: level, radius: try Numeral(parts[1], option: option)))
    }
    return gates
  }
}
