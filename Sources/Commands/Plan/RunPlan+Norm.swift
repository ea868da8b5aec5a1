import DataFiles
import FileAccess
import Numbers
import Runs

extension RunPlan {
  /// The radii of the balls, or the file that has one for each feature: then the ball is that of
  /// radius 1 in units of the file.
  static func radii(
    _ question: QuestionArguments
  ) throws(InputError) -> (epsilons: [Numeral], file: String?) {
    guard let file = question.epsFile else {
      guard let text = question.epsilon else {
        throw InputError(
          .usage, file: "--eps", found: "no radius",
          expected: "--eps with a number such as 0.1 or 8/255, or --eps-file")
      }
      return (try Numeral.list(text, option: "--eps"), nil)
    }
    if let text = question.epsilon {
      throw InputError(
        .usage, file: "--eps-file", found: "\(quoted(file)) beside --eps \(text)",
        expected: "one of the two")
    }
    guard question.norm == .linf else {
      throw InputError(
        .usage, file: "--eps-file",
        found: "\(quoted(file)) beside --norm \(question.norm.rawValue)",
        expected: "--norm linf, the only one in which features have radii of their own")
    }
    return ([try Numeral("1", option: "--eps")], file)
  }
}
