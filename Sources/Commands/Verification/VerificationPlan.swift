import DualBounds
import FileAccess
import Numbers
import Runs

/// The options of a verification, checked before any work.
struct VerificationPlan: Sendable {
  var modelPath, propertyPath: String
  var outputName: String?
  var arithmetic: Arithmetic
  /// Whether a half-precision network accumulates its sums in binary32.
  var wideSums: Bool
  /// The most boxes.
  var splits: Int
  /// In seconds.
  var timeout: Double?
  var restarts: Int
  var seed: Int
  var threads: Int
  var memory: MemorySize
  var outputPath: String
  var limits: FileLimits
  var isQuiet: Bool

  /// What is searched unless somebody says otherwise.
  private static let standardSplits = 10_000_000

  /// Reads every number.
  init(_ command: VerifyCommand, property: String) throws(InputError) {
    (modelPath, propertyPath) = (command.model, property)
    outputName = command.network.outputName
    arithmetic = command.arithmetic
    wideSums = command.accumulation == .float32
    splits = try RunPlan.whole(command.splits, "--splits", least: 1) ?? Self.standardSplits
    timeout = try command.timeout.map { (text) throws(InputError) in
      try Numeral(text, option: "--timeout", domain: .positive).nearest
    }
    restarts = try RunPlan.whole(command.restarts, "--restarts", least: 0) ?? 8
    seed = try RunPlan.whole(command.seed, "--seed", least: 0) ?? 0
    threads = try RunPlan.threads(command.work)
    memory =
      try command.work.memory.map { (text) throws(InputError) in try MemorySize(text) }
      ?? .standard
    outputPath = command.result.output ?? "-"
    limits = try FileLimits(command.limits)
    isQuiet = command.work.quiet
    try files.check()
  }

  /// What is read and written.
  var files: FilesInUse {
    FilesInUse(
      inputs: [("the model", modelPath), ("the property", propertyPath)],
      outputs: [("--output", outputPath)])
  }
}
