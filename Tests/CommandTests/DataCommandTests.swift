import Foundation
import ReportTestSupport
import Testing

@Suite struct DataCommandTests {
  static let model = Command.digits("dense-robust.onnx")

  @Test("labels are found beside the data by name, and may be given")
  func labels() throws {
    let common = ["--eps", "0.05", "--limit", "20", "--radii", "off"]
    let found = try Command.run(
      Command.program, [Self.model, "--data", Command.images] + common)
    let report = try Command.report(found.output)
    #expect(
      report["data"]?["labels"]?["path"]?.string
        == Command.digits("digits-test-labels-idx1-ubyte"))
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      atPath: Command.images, toPath: scratch.path("pictures"))
    let given = try Command.report(
      try Command.run(
        Command.program,
        [
          Self.model, "--data", scratch.path("pictures"), "--labels",
          Command.digits("digits-test-labels-idx1-ubyte"),
        ] + common
      ).output)
    #expect(given["certificates"] == report["certificates"])
  }

  @Test("without labels every example is cleared or flagged")
  func unlabelled() throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(atPath: Command.images, toPath: scratch.path("pictures"))
    let outcome = try Command.run(
      Self.model, "--data", scratch.path("pictures"), "--eps", "0.05", "--limit", "50")
    #expect(outcome.status == 0)
    let report = try Command.report(outcome.output)
    #expect(report["data"]?["labels"] == .null)
    let summary = try #require(report["summary"])
    #expect((summary["cleared"]?.int ?? 0) + (summary["flagged"]?.int ?? 0) == 50)
    for certificate in try #require(report["certificates"]).elements {
      #expect(certificate["label"] == .null && certificate["robust_loss"] == .null)
      let expected = certificate["verdict"]?.string == "certified" ? "cleared" : "flagged"
      #expect(certificate["detection"]?.string == expected)
    }
    let gated = try Command.run(
      Self.model, "--data", scratch.path("pictures"), "--eps", "0.05", "--gate-robust-error", "1")
    #expect(gated.status == 64)
    #expect(gated.errors.contains("--max-robust-error: data without labels; expected labels"))
  }

  @Test("model and data come from standard input where '-' says so")
  func standardInput() throws {
    let common = ["--eps", "0.05", "--limit", "10", "--radii", "off"]
    let labels = ["--labels", Command.digits("digits-test-labels-idx1-ubyte")]
    let plain = try Command.report(
      try Command.run(Command.program, [Self.model, "--data", Command.images] + common).output)
    let model = try Command.report(
      try Command.run(
        Command.program, ["-", "--data", Command.images] + common,
        input: try Data(contentsOf: URL(filePath: Self.model))
      ).output)
    let data = try Command.report(
      try Command.run(
        Command.program, [Self.model, "--data", "-"] + labels + common,
        input: try Data(contentsOf: URL(filePath: Command.images))
      ).output)
    #expect(model["certificates"] == plain["certificates"])
    #expect(data["certificates"] == plain["certificates"])
    #expect(data["data"]?["sha256"] == plain["data"]?["sha256"])
  }

  @Test("an example outside the domain is refused by its place")
  func outsideDomain() throws {
    let outcome = try Command.run(
      Self.model, "--data", Command.images, "--eps", "0.05", "--clip", "0:0.5", "--limit", "3")
    #expect(outcome.status == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("certify: error: \(Command.images): item 0, value "))
    #expect(outcome.errors.contains("; expected 0 to 0.5, as --clip says"))
  }

  @Test("--mean and --std are a part of the network: eps keeps its units")
  func normalisation() throws {
    // (x - 0) / 1 is x: the same certificates, with two operators more.
    let common = [
      "--eps", "0.05", "--limit", "10", "--radii", "off", "--arithmetic", "real",
    ]
    let plain = try Command.report(
      try Command.run(Command.program, [Self.model, "--data", Command.images] + common).output)
    let normal = try Command.report(
      try Command.run(
        Command.program,
        [Self.model, "--data", Command.images, "--mean", "0", "--std", "1"] + common
      ).output)
    let margins = { (report: JSONText) in
      report["certificates"]?.elements.compactMap { $0["margin"]?.double } ?? []
    }
    #expect(margins(plain).count == 10)
    for (left, right) in zip(margins(plain), margins(normal)) {
      #expect(abs(left - right) <= 1e-8 * max(1, abs(left)))
    }
    #expect(normal["data"]?["std"]?.elements.count == 1)
    // Half of the contrast halves every distance: eps 0.1 on it is eps 0.05 on the whole.
    let halved = try Command.report(
      try Command.run(
        Command.program,
        [
          Self.model, "--data", Command.images, "--scale", "2/255", "--std", "2", "--eps", "0.1",
          "--limit", "10", "--radii", "off", "--arithmetic", "real",
        ]
      ).output)
    for (left, right) in zip(margins(plain), margins(halved)) {
      #expect(abs(left - right) <= 1e-8 * max(1, abs(left)))
    }
  }

  @Test(
    "every form of a network gives the same verdicts and margins",
    arguments: ["conv-robust", "conv-ordinary", "dense-robust", "dense-ordinary"])
  func forms(name: String) throws {
    let endings = ["onnx", "dynamo.onnx", "onnx.json", "weights.json"]
    let reports = try endings.map { ending in
      try Command.report(
        try Command.run(
          Command.digits("\(name).\(ending)"), "--data", Command.images, "--eps", "0.05", "--limit",
          "20", "--radii", "off"
        ).output)
    }
    for report in reports.dropFirst() {
      let (left, right) = (reports[0]["certificates"], report["certificates"])
      for (left, right) in zip(left?.elements ?? [], right?.elements ?? []) {
        #expect(left["verdict"] == right["verdict"])
        let (a, b) = (left["margin"]?.double ?? .nan, right["margin"]?.double ?? .nan)
        #expect(abs(a - b) <= 1e-8 * max(1, abs(a)))
      }
    }
    #expect(
      reports.map { $0["model"]?["format"]?.string }
        == ["onnx", "onnx", "onnx-json", "certify-weights"])
    #expect(reports[1]["model"]?["external_files"]?.elements.count == 1)
  }

  @Test(
    "every arithmetic is reported by its name, and none certifies what exact arithmetic does not",
    arguments: ["float64", "float32", "float16", "bfloat16"])
  func arithmetics(name: String) throws {
    let common = [
      Self.model, "--data", Command.images, "--eps", "0.05", "--limit", "30", "--radii", "off",
      "--arithmetic",
    ]
    func report(_ more: String...) throws -> JSONText {
      try Command.report(try Command.run(Command.program, common + more).output)
    }
    let (exact, deployed) = (try report("real"), try report(name))
    #expect(deployed["options"]?["arithmetic"]?.string == name)
    #expect(
      deployed["options"]?["accumulation"]?.string == (name.hasSuffix("16") ? "float32" : nil))
    let pairs = zip(
      exact["certificates"]?.elements ?? [], deployed["certificates"]?.elements ?? [])
    for (exact, deployed) in pairs where deployed["verdict"]?.string == "certified" {
      #expect(exact["verdict"]?.string == "certified")
    }
  }

  @Test("a certified example's radius is at least eps, and each radius certifies when run again")
  func radii() throws {
    let first = try Command.report(
      try Command.run(
        Self.model, "--data", Command.images, "--eps", "0.05", "--limit", "12"
      ).output)
    for certificate in try #require(first["certificates"]).elements {
      let radius = try #require(certificate["radius"]?.numeral)
      let holds = try #require(Double(radius)) >= 0.05
      if certificate["verdict"]?.string == "certified" { #expect(holds, "\(radius)") }
      guard certificate["prediction"] == certificate["label"], radius != "0" else { continue }
      let again = try Command.report(
        try Command.run(
          Self.model, "--data", Command.images, "--eps", radius, "--radii", "off", "--index",
          "\(try #require(certificate["index"]?.int))"
        ).output)
      #expect(again["summary"]?["certified"]?.int == 1, "\(radius)")
    }
  }
}
