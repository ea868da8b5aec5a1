import ArgumentParser
import CertificateRecords
import DataFiles
import FileAccess
import Numbers
import Reports
import Runs

/// Which examples are drawn at random.
struct SampleArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only so many examples, >= 1, drawn at random by --seed. (default: all)", valueName: "count"))
  var sample: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Level of a sample's confidence intervals, > 0 and < 1. (default: 0.95)",
      valueName: "level"))
  var confidence: String?
}

/// A sample that was asked for.
extension OptionsDescription.Sample {
  /// Nil where none was asked for.
  init?(_ data: SelectionArguments, seed: Int?) throws(InputError) {
    let options = data.sample
    guard let count = try RunPlan.whole(options.sample, "--sample", least: 1) else {
      guard let level = options.confidence else { return nil }
      throw InputError(
        .usage, file: "--confidence", found: "\(level) without --sample", expected: "--sample")
    }
    if let index = data.index {
      throw InputError(
        .usage, file: "--sample", found: "\(count) beside --index \(index)",
        expected: "one example, or a sample")
    }
    let level = try Numeral(
      options.confidence ?? "0.95", option: "--confidence", domain: .positive)
    guard level.nearest.nextUp < 1 else {
      throw InputError(
        .usage, file: "--confidence", found: level.text,
        expected: "a number > 0 and < 1, such as 0.95")
    }
    let seed = try RunPlan.whole(seed, "--seed", least: 0) ?? 0
    self.init(examples: ExampleSample(count: count, seed: UInt64(seed)), level: level)
  }
}
