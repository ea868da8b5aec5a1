import Foundation
import ReportTestSupport
import Testing

/// `certify audit`, `convert` and `attest`, from the command line.
@Suite struct AuditCommandTests {
  private static let programs = ["conv-robust", "dense-ordinary", "lenet-robust"]

  private static func run(_ arguments: [String]) throws -> Outcome {
    try Command.run(Command.program, arguments)
  }

  private static func report(
    _ model: String, _ scratch: Scratch, _ more: [String]
  ) throws {
    let outcome = try run(
      [
        Command.digits("\(model).onnx"), "--data", Command.images, "--quiet", "-o",
        scratch.file("report.json").path,
      ] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private static func audit(
    _ model: String, _ scratch: Scratch, _ more: [String] = []
  ) throws -> Outcome {
    try run(
      [
        "audit", scratch.file("report.json").path, "--model", Command.digits("\(model).onnx"),
        "--data", Command.images,
      ] + more)
  }

  /// What an audit with proofs says of a run, whose model comes first.
  private static func audited(_ run: [String], _ more: String) throws -> Outcome {
    let scratch = try Scratch()
    let file = scratch.file("run.proofs").path
    try report(run[0], scratch, Array(run.dropFirst()) + ["--proofs", file])
    return try audit(run[0], scratch, ["--proofs", file, more])
  }

  @Test(
    "Algorithm 1 derives every certificate of a run with parallel slopes once more",
    arguments: programs, ["real", "float32"])
  func parallel(model: String, arithmetic: String) throws {
    let scratch = try Scratch()
    try Self.report(
      model, scratch,
      [
        "--eps", "0.05", "--slopes", "parallel", "--attack", "none", "--arithmetic", arithmetic,
        "--limit", "150",
      ])
    let outcome = try Self.audit(model, scratch, ["--radii"])
    #expect(outcome.status == 0 && outcome.output.hasPrefix("valid: "), "\(outcome)")
  }

  @Test(
    "proofs carry everything else: tighter slopes, searches, radii, counterexamples, every ball and type",
    arguments: [
      ["conv-robust", "--eps", "0.03,0.06", "--detect"],
      ["dense-ordinary", "--eps", "0.06", "--clip", "0:1"],
      ["conv-ordinary", "--eps", "0.06", "--arithmetic", "real", "--limit", "40"],
      ["conv-ordinary", "--eps", "0.3", "--norm", "l2", "--limit", "60"],
      ["dense-ordinary", "--eps", "0.5", "--norm", "l1", "--slopes", "optimized", "--limit", "60"],
      ["lenet-robust", "--eps", "0.05", "--limit", "40"],
      ["conv-robust", "--eps", "0.05", "--arithmetic", "float16", "--limit", "60"],
      ["dense-robust", "--eps", "0.05", "--mean", "0.3", "--std", "0.5", "--limit", "60"],
      ["conv-robust", "--eps", "0.05", "--rows", "all", "--limit", "40"],
      // A radius that is an eps which a search proved.
      [
        "dense-ordinary", "--eps", "0.06,0.1", "--radii", "exact", "--splits", "4", "--limit", "60",
      ],
    ])
  func proofs(arguments: [String]) throws {
    let outcome = try Self.audited(arguments, "--radii")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("valid: "), "\(arguments): \(outcome)")
    #expect(!outcome.output.contains("not derived"))
  }

  @Test(
    "rational numbers derive the same, searched examples and deployed arithmetic included",
    arguments: [
      ["dense-ordinary", "--eps", "0.06", "--limit", "12"],
      ["conv-robust", "--eps", "8/255", "--arithmetic", "real", "--limit", "6"],
      ["dense-robust", "--eps", "0.3", "--norm", "l2", "--limit", "6"],
      ["dense-robust", "--eps", "0.05", "--mean", "0.3", "--std", "0.5", "--limit", "4"],
    ])
  func rational(arguments: [String]) throws {
    let outcome = try Self.audited(arguments, "--exact")
    #expect(
      outcome.status == 0 && outcome.output.hasPrefix("valid in rational numbers: "),
      "\(arguments): \(outcome)")
  }

  @Test("a tie is told from a margin that only rounding hides")
  func ties() throws {
    let scratch = try Scratch()
    // z = (max(x, 0), 0) over [0, 0.5], and over a ball that ends above 0 by 1e-20.
    let network = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [1]}, "layers": [
        {"type": "dense", "weights": [[1]], "bias": [0]}, {"type": "relu"},
        {"type": "dense", "weights": [[1], [0]], "bias": [0, 0]}]}
      """
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data("0.25\n".utf8).write(to: scratch.file("one.csv"))
    for (epsilon, words) in [
      ("0.25", "0 derived to have every margin above 0 and 1 a bound of exactly 0"),
      (
        "0.24999999999999999999",
        "1 derived to have every margin above 0 and 0 a bound of exactly 0"
      ),
    ] {
      let file = scratch.file("report.json").path
      let data = [
        "--data", scratch.file("one.csv").path, "--label-column", "none",
      ]
      let ran = try Self.run(
        [
          scratch.file("net.json").path, "--eps", epsilon, "--arithmetic", "real", "--slopes",
          "parallel", "--attack", "none", "--quiet", "-o", file,
        ] + data)
      #expect(ran.status == 0, "\(ran)")
      let outcome = try Self.run(
        ["audit", file, "--exact", "--model", scratch.file("net.json").path] + data)
      #expect(outcome.status == 0 && outcome.output.contains(words), "\(outcome)")
    }
  }

  @Test("what a report says of its files and of eps is held against them")
  func facts() throws {
    let scratch = try Scratch()
    try Self.report(
      "conv-robust", scratch,
      ["--eps", "0.03", "--slopes", "parallel", "--attack", "none", "--limit", "3"])
    let text = try scratch.text("report.json")
    for (written, changed, place) in [
      ("\"stored\":7.65", "\"stored\":76.5", "options.effective_radius.stored"),
      ("\"shape\": [500,", "\"shape\": [3,", "data.shape[0]"),
      ("\"element_type\": \"uint8\"", "\"element_type\": \"int8\"", "data.element_type"),
      ("\"output\": null", "\"output\": \"nowhere\"", "options: --output-name"),
    ] {
      let other = text.replacingOccurrences(of: written, with: changed)
      #expect(other != text, "\(written)")
      try Data(other.utf8).write(to: scratch.file("report.json"))
      let outcome = try Self.audit("conv-robust", scratch)
      #expect(outcome.status == 65 && outcome.errors.contains(place), "\(outcome)")
    }
  }

  @Test("proofs change no byte of a report, and do not depend on the number of threads")
  func sameBytes() throws {
    let (plain, one, two) = (try Scratch(), try Scratch(), try Scratch())
    let question = ["--eps", "0.06", "--limit", "60"]
    try Self.report("dense-ordinary", plain, question)
    for (scratch, threads) in [(one, "1"), (two, "2")] {
      try Self.report(
        "dense-ordinary", scratch,
        question + ["--threads", threads, "--proofs", scratch.file("run.proofs").path])
      #expect(try scratch.text("report.json") == plain.text("report.json"))
    }
    #expect(
      try Data(contentsOf: one.file("run.proofs")) == Data(contentsOf: two.file("run.proofs")))
  }

  @Test("radii of features are those that the report names, whatever file is put in their place")
  func featureRadii() throws {
    let scratch = try Scratch()
    let header: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 64]
    for (name, moved) in [("wide.idx", 2), ("narrow.idx", 1)] {
      let radii = (0..<64).map { UInt8($0 < moved ? 1 : 0) }
      try Data(header + radii).write(to: scratch.file(name))
    }
    try Self.report(
      "conv-robust", scratch,
      [
        "--eps-file", scratch.file("wide.idx").path, "--slopes", "parallel", "--attack", "none",
        "--radii", "off", "--limit", "5",
      ])
    let honest = try Self.audit("conv-robust", scratch)
    #expect(honest.status == 0 && honest.output.hasPrefix("valid: "), "\(honest)")
    let other = try Self.audit(
      "conv-robust", scratch, ["--eps-file", scratch.file("narrow.idx").path])
    #expect(other.status == 65 && other.errors.contains("narrow.idx: SHA-256"), "\(other)")
  }

  @Test("a detection margin that is lifted is found")
  func detectionMargin() throws {
    let scratch = try Scratch()
    try Self.report(
      "conv-robust", scratch,
      [
        "--eps", "0.03", "--detect", "--slopes", "parallel", "--attack", "none", "--radii", "off",
        "--limit", "1",
      ])
    let text = try scratch.text("report.json")
    let lifted = text.replacingOccurrences(
      of: "\"detection_margin\":", with: "\"detection_margin\":1")
    #expect(lifted != text)
    try Data(lifted.utf8).write(to: scratch.file("report.json"))
    let outcome = try Self.audit("conv-robust", scratch)
    #expect(outcome.status == 1 && outcome.output.contains("detection_margin"), "\(outcome)")
  }

  @Test("a sample says what it is worth, and a result can be attested")
  func attested() throws {
    let scratch = try Scratch()
    try Self.report(
      "conv-robust", scratch, ["--eps", "0.05", "--slopes", "parallel", "--attack", "none"])
    let result = scratch.file("audit.json").path
    let audited = try Self.audit(
      "conv-robust", scratch, ["--sample", "30", "--seed", "7", "--output", result])
    #expect(audited.status == 0 && audited.output.contains("30 of 500"), "\(audited)")
    #expect(audited.output.contains("10.0%") && audited.output.contains("95% confidence"))
    let attested = try Self.run(
      ["attest", scratch.file("report.json").path, "--audit", result])
    let statement = try JSONText(parsing: attested.output)
    #expect(statement["_type"]?.string == "https://in-toto.io/Statement/v1")
    let subjects = statement["subject"]?.elements ?? []
    #expect(subjects.count == 3)
    for subject in subjects {
      #expect(subject["digest"]?["sha256"]?.string?.count == 64 && subject["name"]?.string != nil)
    }
    let predicate = statement["predicate"]
    #expect(predicate?["audit"]?["result"]?.string == "valid")
    #expect(predicate?["results"]?.elements.first?["summary"]?["examples"]?.int == 500)
    // An audit of another report is none of this one.
    try Self.report("conv-robust", scratch, ["--eps", "0.04", "--radii", "off", "--limit", "3"])
    let other = try Self.run(["attest", scratch.file("report.json").path, "--audit", result])
    #expect(other.status == 65 && other.errors.contains("SHA-256"), "\(other)")
  }

  @Test("an audit without the labels of the report says what it lacks")
  func withoutLabels() throws {
    let scratch = try Scratch()
    try Self.report(
      "conv-robust", scratch,
      ["--eps", "0.05", "--slopes", "parallel", "--attack", "none", "--limit", "5"])
    // Under this name no labels lie beside the data.
    let images = scratch.path("pictures")
    try FileManager.default.copyItem(atPath: Command.images, toPath: images)
    let report = scratch.path("report.json")
    let refused = try Self.run(
      ["audit", report, "--model", Command.digits("conv-robust.onnx"), "--data", images])
    #expect(refused.status == 64 && refused.output == "", "\(refused)")
    #expect(
      refused.errors.contains("--labels: none, without which no label, verdict or error of"),
      "\(refused)")
    let honest = try Self.run(
      [
        "audit", report, "--model", Command.digits("conv-robust.onnx"), "--data", images,
        "--labels", Command.digits("digits-test-labels-idx1-ubyte"),
      ])
    #expect(honest.status == 0, "\(honest)")
  }
}
