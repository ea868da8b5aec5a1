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
      factor: 1, options: "--eps 8 --mean 33.3 --std 0.3081", option: "--std",
      kind: "foreign_normalization"),
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

  @Test(
    "pictures that are normalised already are not normalised again, by options or by the network")
  func normalizedTwice() throws {
    let scratch = try Scratch()
    let network = try UnitsTests.normalizing(in: scratch)
    /// Without labels, which that network has no classes for.
    func pictures(times factor: Float, plus shift: Float, _ name: String) throws -> String {
      let own = try Scratch()
      let path = try UnitsTests.floats(20, times: factor, plus: shift, in: own)
      try FileManager.default.copyItem(atPath: path, toPath: scratch.path(name))
      return scratch.path(name)
    }
    // As (x - 0.1307) / 0.3081 makes them, and as a little noise does.
    let normalized = try pictures(times: 1 / 255 / 0.3081, plus: -0.1307 / 0.3081, "normalized")
    let noisy = try pictures(times: 1 / 255, plus: -0.2, "noisy")
    func run(_ network: String, _ data: String, _ options: String...) throws -> Outcome {
      try Command.run(
        Command.program,
        [network, "--data", data] + UnitsTests.common + ["--eps", "0.1"] + options)
    }
    let options = try run(
      UnitsTests.model, normalized, "--mean", "0.1307", "--std", "0.3081")
    #expect(options.status == 64 && options.output == "", "\(options)")
    #expect(
      options.errors.hasPrefix("certify: error: --mean: 0.1307, where the data lie from -0.42"))
    let own = try run(network, normalized)
    #expect(own.status == 64 && own.output == "", "\(own)")
    #expect(own.errors.contains("where the network itself normalises numbers from 0 to 1"))
    let accepted = try run(network, normalized, "--accept-units")
    #expect(
      UnitsTests.kinds(try Command.report(accepted.output)) == ["foreign_normalization"])
    for (network, data, options) in [
      (UnitsTests.model, normalized, [String]()), (network, noisy, []),
      (UnitsTests.model, noisy, ["--mean", "0.1307", "--std", "0.3081"]),
      (UnitsTests.model, normalized, ["--mean", "0.1307", "--std", "1.5"]),
    ] {
      let taken = try Command.run(
        Command.program,
        [network, "--data", data] + UnitsTests.common + ["--eps", "0.1"] + options)
      #expect(taken.status == 0, "\(options): \(taken.errors)")
    }
  }

  @Test(
    "a mean image in grey levels, dark corners and all, is not taken from data from 0 to 1",
    arguments: [false, true])
  func meanImage(hasDeviations: Bool) throws {
    let scratch = try Scratch()
    func tensor(_ name: String, _ shape: [Int], _ value: (Int) -> Double) -> String {
      let numbers = (0..<shape.reduce(1, *)).map { "\(value($0))" }.joined(separator: ",")
      let sizes = shape.map { "\"\($0)\"" }.joined(separator: ",")
      return #"{"name":"\#(name)","dataType":1,"dims":[\#(sizes)],"floatData":[\#(numbers)]}"#
    }
    func node(_ type: String, _ inputs: String, _ output: String) -> String {
      #"{"opType":"\#(type)","name":"\#(output)","input":[\#(inputs)],"output":["\#(output)"]}"#
    }
    func value(_ name: String, _ shape: [Int]) -> String {
      let sizes = shape.map { #"{"dimValue":"\#($0)"}"# }.joined(separator: ",")
      return
        #"{"name":"\#(name)","type":{"tensorType":{"elemType":1,"shape":{"dim":[\#(sizes)]}}}}"#
    }
    // 120 in the middle, 0 at the edges.
    func mean(_ place: Int) -> Double {
      let (row, column) = (place / 8, place % 8)
      return (2...5).contains(row) && (2...5).contains(column) ? 120 : 0
    }
    let nodes =
      [node("Sub", #""x","mean""#, "centred")]
      + (hasDeviations ? [node("Div", #""centred","deviation""#, "normalised")] : [])
      + [
        node("Flatten", hasDeviations ? #""normalised""# : #""centred""#, "row"),
        node("MatMul", #""row","weights""#, "y"),
      ]
    let constants = [
      tensor("mean", [1, 1, 8, 8], mean),
      tensor("deviation", [1, 1, 8, 8]) { max(1, mean($0) / 2) },
      tensor("weights", [64, 10]) { Double($0 * 7 % 11 - 5) / 64 },
    ]
    let network = #"""
      {"irVersion":"8","opsetImport":[{"version":"13"}],"graph":{"name":"g",
      "node":[\#(nodes.joined(separator: ","))],"initializer":[\#(constants.joined(separator: ","))],
      "input":[\#(value("x", [1, 1, 8, 8]))],"output":[\#(value("y", [1, 10]))]}}
      """#
    try Data(network.utf8).write(to: scratch.file("net.json"))
    func run(_ data: String, _ options: String...) throws -> Outcome {
      try Command.run(
        Command.program,
        [scratch.path("net.json"), "--data", data] + UnitsTests.common + options)
    }
    for data in [Command.images, try UnitsTests.floats(20, times: 1 / 255, in: scratch)] {
      let refused = try run(data, "--eps", "0.03")
      #expect(refused.status == 64 && refused.output == "", "\(refused)")
      #expect(
        refused.errors.contains("where the network itself scales bytes ((x - 120)"),
        "\(refused.errors)")
    }
    let taken = try run(Command.images, "--eps", "8", "--scale", "1")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(UnitsTests.kinds(try Command.report(taken.output)) == [])
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
