import Foundation
import ReportTestSupport
import Testing

@Suite struct ExplainTests {
  static let model = Command.digits("conv-ordinary.onnx")
  static let hand = Command.package.appending(path: "fixtures/hand").path

  static func explain(_ arguments: [String]) throws -> JSONText {
    let outcome = try Command.run(
      Command.program, ["explain"] + arguments + ["--format", "json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try JSONText(parsing: outcome.output)
    let findings = try Command.schema("explain.schema.json").findings(in: document)
    #expect(findings.isEmpty, "\(findings.prefix(5))")
    return document
  }

  /// Whether a number is the exact one, but for the rounding that is paid for.
  static func isNear(_ value: JSONText?, _ exact: Double) -> Bool {
    guard let value = value?.double else { return false }
    return abs(value - exact) <= 1e-8 * max(1, abs(exact))
  }

  @Test("of the network bounded by hand every number is that of fixtures/hand/README.md")
  func byHand() throws {
    let document = try Self.explain([
      Self.hand + "/network.json", "--data", Self.hand + "/point.idx", "--labels",
      Self.hand + "/point-labels.idx", "--eps", "1/2", "--arithmetic", "real", "--slopes",
      "parallel",
      "--index", "0",
    ])
    #expect(Self.isNear(document["input_width"], 1))
    let layer = try #require(document["layers"]?.elements.first)
    #expect(document["layers"]?.elements.count == 1 && document["widest_growth"]?.int == 1)
    for (key, value) in [("units", 2), ("inactive", 0), ("active", 0), ("unstable", 2)] {
      #expect(layer[key]?.int == value, "\(key)")
    }
    for key in ["mean_width", "largest_width", "growth"] {
      #expect(Self.isNear(layer[key], 2), "\(key)")
    }
    let row = try #require(document["rows"]?.elements.first)
    #expect(document["rows"]?.elements.count == 1 && row["class"]?.int == 1)
    #expect(Self.isNear(row["margin"], -11.0 / 8) && Self.isNear(row["lost"], 25.0 / 8))
    #expect(Self.isNear(row["margin_at_example"], 7.0 / 4))
    #expect(row["proved"] == .bool(false))
    // lambda' W1 = (7/4, 11/4): the second feature takes the most.
    let features = try #require(document["features"]).elements
    #expect(features.map { $0["index"]?.int } == [1, 0])
    for (feature, coefficient) in zip(features, [11.0 / 4, 7.0 / 4]) {
      #expect(Self.isNear(feature["coefficient"], coefficient))
      #expect(Self.isNear(feature["contribution"], coefficient / 2))
      #expect(feature["value"]?.double == 0.5)
    }
    #expect(Self.isNear(document["features_total"], 9.0 / 4))
    let radius = try #require(document["certificate"]?["radius"]?.double)
    let exact = (3 + 69.0.squareRoot()) / 40
    #expect(radius <= exact && radius > exact * 0.998)
  }

  /// Examples that only tighter slopes than the paper's bound as well as the run did.
  static let climbed = [21, 35]

  @Test(
    "an explanation has the run's certificate, and agrees with it",
    arguments: [0, 18, 67, 481] + climbed)
  func agreesWithRun(index: Int) throws {
    let options = ["--data", Command.images, "--eps", "0.05", "--index", "\(index)"]
    let run = try Command.report(
      try Command.run(Command.program, [Self.model] + options).output)
    let document = try Self.explain([Self.model] + options)
    let certificate = try #require(run["certificates"]?.elements.first)
    #expect(document["certificate"] == certificate)
    if Self.climbed.contains(index) {
      let used = try #require(certificate["slopes_used"]).elements
      #expect(used.contains(.string("optimized")), "the test's own example")
    }
    for key in ["tool", "model", "data", "options"] { #expect(document[key] == run[key]) }
    let layers = try #require(document["layers"]).elements
    #expect(layers.map { $0["unstable"] } == certificate["unstable"]?.elements)
    #expect(layers.map { $0["units"]?.int } == [384, 192, 32])
    for layer in layers {
      let states = ["inactive", "active", "unstable"].compactMap { layer[$0]?.int }
      #expect(states.reduce(0, +) == layer["units"]?.int)
    }
    let rows = try #require(document["rows"]).elements
    let margins = try #require(certificate["margins"]).elements
    #expect(rows.count == 9)
    for row in rows { #expect(row["margin"] == margins[try #require(row["class"]?.int)]) }
    let sorted = rows.compactMap { $0["margin"]?.double }
    #expect(sorted == sorted.sorted() && sorted.first == certificate["margin"]?.double)
    #expect(document["features"]?.elements.count == 10)
  }

  @Test("where no unit is unstable the ball takes exactly what the features take together")
  func linear() throws {
    let document = try Self.explain([
      Self.model, "--data", Command.images, "--eps", "1e-7", "--arithmetic", "real", "--index", "4",
      "--features", "64",
    ])
    #expect(document["layers"]?.elements.allSatisfy { $0["unstable"]?.int == 0 } == true)
    let lost = try #require(document["rows"]?.elements.first?["lost"]?.double)
    let total = try #require(document["features_total"]?.double)
    #expect(abs(lost - total) < 1e-4 * total, "\(lost) \(total)")
    let features = try #require(document["features"]).elements
    #expect(Set(features.compactMap { $0["index"]?.int }) == Set(0..<64))
    for feature in features {
      let index = try #require(feature["index"]?.int)
      #expect(feature["coordinates"]?.elements.map(\.int) == [0, index / 8, index % 8])
    }
  }

  @Test("the text names verdict, layers, margins, features and a picture, in 100 columns")
  func text() throws {
    let outcome = try Command.run(
      "explain", Self.model, "--data", Command.images, "--eps", "0.05", "--index", "18")
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.dropFirst().allSatisfy { $0.count <= 100 && $0.last != " " })
    for words in [
      "  verdict     misclassified: class 7 loses", "  radius      0.", "layer  behind",
      "The bounds widen most in layer", "worst first: ", "not proved", "channel,y,x",
      "features listed.", "Where they lie",
    ] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    #expect(lines.count { $0.hasPrefix("  |") && $0.hasSuffix("|") && $0.count == 12 } == 8)
  }

  @Test("a network whose numbers are beyond the engine is explained, too: nothing is known")
  func nothingKnown() throws {
    let folder = Command.package.appending(path: "fixtures/traps/overflow-infinity").path
    let options = [
      folder + "/network.json", "--data", folder + "/data.idx", "--eps", "0.1", "--index", "0",
    ]
    let document = try Self.explain(options)
    #expect(document["features"]?.elements.isEmpty == true)
    #expect(document["features_total"] == .null)
    let outcome = try Command.run(Command.program, ["explain"] + options)
    #expect(outcome.output.contains("not known"), "\(outcome.output)")
    for eps in ["0", "1e-300", "1e15", "1e150", "1e300"] {
      let outcome = try Command.run(
        "explain", Self.model, "--data", Command.images, "--eps", eps, "--index", "2", "--attack",
        "none", "--max-radius", "1e301", "--accept-units")
      #expect(outcome.status == 0, "\(eps): \(outcome.errors)")
    }
  }

  @Test("what explains no single example is a wrong command line")
  func refusals() throws {
    let common = ["explain", Self.model, "--data", Command.images, "--eps"]
    for (arguments, message) in [
      (["0.05"], "explain: no --index; expected the position of one example"),
      (["0.05,0.1", "--index", "1"], "--eps: 2 values; expected one, for 'explain'"),
      (
        ["0.05", "--index", "1", "--counterexamples", "a.npy"],
        "--counterexamples: \"a.npy\"; expected a run without 'explain'"
      ),
      (["0.05", "--index", "500"], "--index: 500; expected 0 to 499"),
      (
        ["0.05", "--index", "1", "--features", "-1"],
        "--features: -1; expected a whole number >= 0"
      ),
    ] {
      let outcome = try Command.run(Command.program, common + arguments)
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
      #expect(outcome.output == "")
    }
  }
}
