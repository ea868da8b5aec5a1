import Foundation
import ReportTestSupport
import Testing

/// Means, deviations and scales that are not in the units of the data.
@Suite struct NormalizationUnitsTests {
  /// Data, options that contradict them, and the option that the refusal names.
  struct Case: Sendable, CustomTestStringConvertible {
    /// What the bytes are multiplied by, as binary32; nil for the bytes themselves.
    var factor: Float?
    var options: String
    var option: String
    var kind: String
    var testDescription: String { "\(factor.map { "\($0)" } ?? "bytes") \(options)" }
  }

  static let contradicting = [
    Case(
      options: "--eps 0.1 --mean 125.3 --std 63", option: "--mean", kind: "foreign_normalization"),
    Case(options: "--eps 8/255 --std 255", option: "--std", kind: "foreign_normalization"),
    Case(
      factor: 1 / 255, options: "--eps 0.1 --mean 33.3 --std 78.6", option: "--mean",
      kind: "foreign_normalization"),
    Case(
      options: "--eps 8 --scale 1 --mean 0.1307 --std 0.3081", option: "--mean",
      kind: "foreign_normalization"),
    Case(
      factor: 1, options: "--eps 8 --std 0.5", option: "--std", kind: "foreign_normalization"),
    Case(
      factor: 1 / 255, options: "--eps 0.1 --scale 1/255", option: "--scale", kind: "scaled_twice"),
    Case(
      factor: 1 / 255, options: "--eps 0.1 --scale 255", option: "--scale",
      kind: "unscaled_numbers"),
    Case(factor: 1 / 255, options: "--eps 8 --clip 0:255", option: "--clip", kind: "wide_clip"),
  ]

  private static func run(_ data: Case, _ more: [String], in scratch: Scratch) throws -> Outcome {
    let path = try data.factor.map { try UnitsTests.floats(20, times: $0, in: scratch) }
    return try Command.run(
      Command.program,
      [UnitsTests.model, "--data", path ?? Command.images] + UnitsTests.common
        + data.options.split(separator: " ").map(String.init) + more)
  }

  @Test(
    "what normalises or scales in other units than the data's is refused", arguments: contradicting)
  func contradictions(data: Case) throws {
    let scratch = try Scratch()
    let outcome = try Self.run(data, [], in: scratch)
    #expect(outcome.status == 64 && outcome.output == "", "\(outcome)")
    #expect(outcome.errors.hasPrefix("certify: error: \(data.option): "), "\(outcome.errors)")
    #expect(outcome.errors.contains("--accept-units"))
    let accepted = try Self.run(data, ["--accept-units"], in: scratch)
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(
      UnitsTests.kinds(try Command.report(accepted.output)).contains(data.kind),
      "\(accepted.errors)")
  }

  static let fitting = [
    Case(options: "--eps 0.1 --mean 0.1307 --std 0.3081", option: "", kind: ""),
    Case(options: "--eps 8 --scale 1 --mean 33.3 --std 78.6", option: "", kind: ""),
    Case(options: "--eps 8 --scale 1 --std 255", option: "", kind: ""),
    Case(options: "--eps 8 --scale 1 --mean 127.5 --std 127.5", option: "", kind: ""),
    Case(options: "--eps 8/255 --std 1/255", option: "", kind: ""),
    Case(factor: 1 / 255, options: "--eps 0.1 --mean 0.5 --std 0.5", option: "", kind: ""),
    Case(factor: 1 / 255, options: "--eps 8 --scale 255", option: "", kind: ""),
    Case(factor: 1, options: "--eps 0.1 --scale 1/255 --mean 0.5 --std 0.5", option: "", kind: ""),
    Case(factor: 1 / 16, options: "--eps 0.1 --scale 1/16", option: "", kind: ""),
    Case(factor: 1 / 255, options: "--eps 0.1 --clip 0:255", option: "", kind: ""),
  ]

  @Test("numbers in the units of the data are taken without a word", arguments: fitting)
  func sameUnits(data: Case) throws {
    let outcome = try Self.run(data, [], in: try Scratch())
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(UnitsTests.kinds(try Command.report(outcome.output)) == [])
  }

  @Test("a network that normalises numbers from 0 to 1 itself is not given grey levels")
  func ownNormalization() throws {
    let scratch = try Scratch()
    let network = try UnitsTests.normalizing(in: scratch)
    try FileManager.default.copyItem(atPath: Command.images, toPath: scratch.path("pictures"))
    func run(_ options: String...) throws -> Outcome {
      try Command.run(
        Command.program,
        [network, "--data", scratch.path("pictures")] + UnitsTests.common + options)
    }
    let refused = try run("--eps", "8", "--scale", "1")
    #expect(refused.status == 64 && refused.output == "", "\(refused)")
    #expect(
      refused.errors.contains("where the network itself normalises numbers from 0 to 1 ((x - 0.5)"))
    #expect(refused.errors.contains("--scale 1/255"))
    #expect(try run("--eps", "8/255").status == 0)
  }

  @Test("bytes of at most 16 are not taken for grey levels of 255 unasked")
  func smallBytes() throws {
    let scratch = try Scratch()
    let bytes = try Data(contentsOf: URL(filePath: Command.images))
    // The digits as scikit-learn has them, from 0 to 16.
    let digits = bytes.dropFirst(16).map { UInt8((Double($0) * 16 / 255).rounded()) }
    #expect(digits.max() == 16)
    try Data(bytes.prefix(16) + digits).write(to: scratch.file("digits"))
    func run(_ options: String...) throws -> Outcome {
      try Command.run(
        Command.program,
        [UnitsTests.model, "--data", scratch.path("digits"), "--eps", "0.1"] + UnitsTests.common
          + options)
    }
    let refused = try run()
    #expect(refused.status == 65 && refused.output == "", "\(refused)")
    #expect(refused.errors.contains("bytes of at most 16, without --scale"), "\(refused.errors)")
    #expect(refused.errors.contains("--scale 1/16"))
    #expect(UnitsTests.kinds(try Command.report(try run("--scale", "1/16").output)) == [])
    #expect(UnitsTests.kinds(try Command.report(try run("--scale", "1/255").output)) == [])
    #expect(
      UnitsTests.kinds(try Command.report(try run("--accept-units").output)) == ["small_bytes"])
  }
}
