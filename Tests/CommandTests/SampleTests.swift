import Foundation
import ReportTestSupport
import Testing

@Suite struct SampleTests {
  static let model = Command.digits("conv-ordinary.onnx")
  static let common = [
    model, "--data", Command.images, "--eps", "0.05", "--radii", "off", "--attack", "none",
  ]

  static func run(_ arguments: String...) throws -> Outcome {
    try Command.run(Command.program, common + arguments)
  }

  @Test("a sample has the certificates of the whole run at its positions, and intervals")
  func sample() throws {
    let outcome = try Self.run("--sample", "10", "--seed", "3", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try Command.report(outcome.output)
    let certificates = try #require(report["certificates"]).elements
    // As a Python program of the manual's description draws them.
    #expect(
      certificates.map { $0["index"]?.int }
        == [22, 45, 181, 194, 396, 407, 446, 449, 471, 478])
    let whole = try Command.report(try Self.run().output)
    for certificate in certificates {
      let index = try #require(certificate["index"]?.int)
      #expect(certificate == whole["certificates"]?.elements[index])
    }
    #expect(whole["summary"]?["confidence_intervals"] == .null)
    #expect(whole["options"]?["sample"] == .null && whole["options"]?["seed"] == .null)
    let options = try #require(report["options"])
    #expect(options["sample"]?.int == 10 && options["seed"]?.int == 3)
    #expect(options["offset"]?.int == 0 && options["limit"]?.int == 500)
    #expect(options["confidence"]?["text"]?.string == "0.95")
    let intervals = try #require(report["summary"]?["confidence_intervals"])
    #expect(
      intervals.keys
        == ["level", "clean_error", "predicted_error", "attacked_error", "robust_error"])
    #expect(outcome.errors.contains("drawn from 500 by seed 3; intervals at level 0.95"))
    #expect(
      try Self.run("--sample", "10", "--seed", "3", "--threads", "3").output == outcome.output)
  }

  @Test("a sample is drawn from the range that --offset and --limit name")
  func range() throws {
    let report = try Command.report(
      try Self.run("--sample", "9", "--seed", "7", "--offset", "490").output)
    // Nine of ten by seed 7: 0 to 8, counted from 490.
    let indices = (report["certificates"]?.elements ?? []).map { $0["index"]?.int }
    #expect(indices == Array(490..<499))
    #expect(report["options"]?["limit"]?.int == 10)
  }

  @Test("samples are no parts of a run; one of them is read back, its positions checked")
  func merge() throws {
    let scratch = try Scratch()
    let text = try Self.run("--sample", "5").output
    try Data(text.utf8).write(to: scratch.file("a.json"))
    let alone = try Command.run("merge", scratch.path("a.json"))
    #expect(alone.status == 0 && alone.output == text)
    #expect(alone.errors == "certify: note: 5 examples, 0 to 499, of 1 file\n")
    let twice = try Command.run("merge", scratch.path("a.json"), scratch.path("a.json"))
    #expect(twice.status == 65)
    #expect(twice.errors.contains("$.options.sample: a sample of 5; expected every example"))
    let table = try Command.run("table", scratch.path("a.json"))
    #expect(table.status == 0 && table.output.contains(" 5/500 "), "\(table.output)")
    for (old, new, message) in [
      ("\"seed\": 0", "\"seed\": 1", "$.certificates[0].index: "),
      ("\"sample\": 5", "\"sample\": 6", "$.options: sample 6; expected 5, the number of"),
      ("\"limit\": 500", "\"limit\": 4", "$.options: sample 5; expected 5, the number of"),
      ("\"level\":0.95", "\"level\":0.9", "$.summary.confidence_intervals.level: 0.9; expected"),
    ] {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text)
      try Data(changed.utf8).write(to: scratch.file("b.json"))
      let outcome = try Command.run("merge", scratch.path("b.json"))
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }

  @Test("a sample that cannot be drawn is a wrong command line")
  func refusals() throws {
    for (arguments, message) in [
      (["--sample", "501"], "--sample: 501; expected 1 to 500, the examples of "),
      (["--sample", "0"], "--sample: 0; expected a whole number >= 1"),
      (["--sample", "2", "--index", "3"], "--sample: 2 beside --index 3; expected one example"),
      (["--confidence", "0.9"], "--confidence: 0.9 without --sample; expected --sample"),
      (["--sample", "2", "--confidence", "95"], "--confidence: 95; expected a number > 0 and < 1"),
      (
        ["--sample", "2", "--confidence", "0.99999999999999999999"],
        "--confidence: 0.99999999999999999999; expected a number > 0 and < 1"
      ),
      (["--seed", "2"], "--seed: 2 beside --attack none; expected --attack pgd"),
    ] {
      let outcome = try Command.run(Command.program, Self.common + arguments)
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
    }
  }
}

@Suite struct DetectTests {
  static let model = Command.digits("conv-ordinary.onnx")

  @Test("with --detect labelled data is cleared and flagged as the same data is without labels")
  func sameAsUnlabelled() throws {
    let scratch = try Scratch()
    let data = scratch.path("digits.idx")
    try FileManager.default.copyItem(atPath: Command.images, toPath: data)
    for radii in ["off", "all"] {
      let common = ["--eps", "0.05", "--radii", radii, "--attack", "none", "--limit", "200"]
      let labelled = try Command.run(
        Command.program, [Self.model, "--data", Command.images, "--detect"] + common)
      let report = try Command.report(labelled.output)
      let other = try Command.report(
        try Command.run(Command.program, [Self.model, "--data", data] + common).output)
      let pairs = zip(
        try #require(report["certificates"]).elements, try #require(other["certificates"]).elements)
      var wrong = 0
      for (known, unknown) in pairs {
        #expect(known["detection"] == unknown["detection"])
        #expect(known["detection_margin"] == unknown["margin"])
        if known["label"] != known["prediction"] { wrong += 1 }
      }
      #expect(wrong > 0)
      let counts = try #require(report["summary"]?["detection"])
      for key in ["cleared", "flagged", "flagged_fraction"] {
        #expect(counts[key] == other["summary"]?[key])
      }
      let all = ["cleared", "flagged"].compactMap { counts["wrong"]?[$0]?.int }.reduce(0, +)
      #expect(all == wrong)
      #expect(labelled.errors.contains("cleared") && labelled.errors.contains("wrongly classified"))
      #expect(report["options"]?["detect"] == .bool(true))
      #expect(other["options"]?["detect"] == .bool(true))
    }
  }

  @Test("without --detect labelled data has no detection, and no other number changes")
  func unasked() throws {
    let common = [Self.model, "--data", Command.images, "--eps", "0.05", "--limit", "60"]
    let plain = try Command.run(Command.program, common).output
    let asked = try Command.run(Command.program, common + ["--detect"]).output
    let report = try Command.report(plain)
    #expect(report["options"]?["detect"] == .bool(false))
    #expect(report["summary"]?["detection"] == .null)
    let pairs = zip(
      try #require(report["certificates"]).elements,
      try #require(try Command.report(asked)["certificates"]).elements)
    for (certificate, other) in pairs {
      #expect(certificate["detection"] == nil)
      for key in certificate.keys { #expect(certificate[key] == other[key], "\(key)") }
    }
  }

  @Test("the parts of a run with --detect join to the bytes of the whole")
  func merge() throws {
    let scratch = try Scratch()
    let options = ["--eps", "0.05", "--detect"]
    let parts = try MergeTests.parts([20, 50], in: scratch, options)
    let whole = try Command.run(
      Command.program, [MergeTests.model, "--data", Command.images, "--limit", "50"] + options)
    let merged = try Command.run(Command.program, ["merge"] + parts)
    #expect(merged.status == 0 && merged.output == whole.output, "\(merged.errors)")
    let text = try scratch.text("part-0.json")
    let changed = text.replacingOccurrences(
      of: "\"detection\":\"cleared\"", with: "\"detection\":\"fine\"")
    try Data(changed.utf8).write(to: scratch.file("c.json"))
    let refused = try Command.run("merge", scratch.path("c.json"))
    #expect(refused.status == 65)
    #expect(refused.errors.contains("].detection: \"fine\"; expected one of cleared, flagged"))
  }
}
