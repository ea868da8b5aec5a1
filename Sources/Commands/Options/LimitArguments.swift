import ArgumentParser
import FileAccess
import Runs

/// How much files may ask for before they are refused; man/certify.1 has every number.
struct LimitArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Largest model file; all limits of models grow in proportion. (default: 2G)",
      valueName: "size"))
  var maxModel: String?

  @Option(
    help: ArgumentHelp(
      "Most data held: examples asked for, or a text as a whole. (default: 2G)",
      valueName: "size"))
  var maxData: String?
}

extension FileLimits {
  /// Reads the options.
  init(_ options: LimitArguments) throws(InputError) {
    func bytes(_ text: String?, _ option: String) throws(InputError) -> Int? {
      guard let text else { return nil }
      return try MemorySize(text, option: option).bytes
    }
    self.init(
      modelBytes: try bytes(options.maxModel, "--max-model"),
      dataBytes: try bytes(options.maxData, "--max-data"))
  }
}
