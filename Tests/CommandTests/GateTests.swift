import Foundation
import ReportTestSupport
import Testing

@Suite struct GateTests {
  static let question = [
    Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.1,0.2", "--limit",
    "40",
  ]

  @Test("gates of a run: a line each at every eps, status 1, and the report written all the same")
  func run() throws {
    let plain = try Command.run(Command.program, Self.question)
    let gated = try Command.run(
      Command.program,
      Self.question + [
        "--max-robust-error", "0%", "--min-certified", "0", "--max-unknown", "100%",
        "--min-radius-quantile", "0:1e9,1:0",
      ])
    #expect(gated.status == 1)
    #expect(gated.output == plain.output)
    func lines(_ word: String, _ option: String) -> Int {
      gated.errors.split(separator: "\n").count { $0.hasPrefix("certify: \(word): \(option): ") }
    }
    #expect(lines("error", "--max-robust-error") == 2)
    #expect(lines("note", "--min-certified") == 2)
    #expect(lines("note", "--max-unknown") == 2)
    #expect(lines("error", "--min-radius-quantile") == 2)
    #expect(lines("note", "--min-radius-quantile") == 2)
    let passed = try Command.run(Command.program, Self.question + ["--min-certified", "0", "-q"])
    #expect(passed.status == 0 && passed.errors == "")
  }

  @Test("'gate' says of a report at hand what the run would have said")
  func stored() throws {
    let scratch = try Scratch()
    let gates = ["--max-robust-error", "35%", "--min-certified", "0.9", "--max-unknown", "1"]
    let run = try Command.run(
      Command.program, Self.question + gates + ["-o", scratch.path("r.json")])
    let gate = try Command.run(Command.program, ["gate", "r.json"] + gates, in: scratch.folder)
    #expect(gate.status == run.status && gate.status == 1 && gate.errors == "")
    let words = ["passed": "note", "failed": "error"]
    let said = gate.output.split(separator: "\n").map { line -> String in
      let parts = line.split(separator: ":", maxSplits: 2).map(String.init)
      #expect(parts[1] == " r.json")
      return "certify: \(words[parts[0]] ?? ""):\(parts[2])"
    }
    #expect(said.count == 6)
    #expect(
      run.errors.split(separator: "\n").filter { $0.contains(": --") }.map(String.init) == said)
    let passed = try Command.run("gate", scratch.path("r.json"), "--max-unknown", "1")
    #expect(passed.status == 0)
  }

  @Test("the old name of the gate is a synonym, and flagged inputs have one of their own")
  func names() throws {
    let old = try Command.run(Command.program, Self.question + ["--gate-robust-error", "0"])
    let new = try Command.run(Command.program, Self.question + ["--max-robust-error", "0"])
    // What they took is their own.
    func said(_ outcome: Outcome) -> [Substring] {
      outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("  time ") }
    }
    #expect(old.status == 1 && said(old) == said(new))
    let flagged = try Command.run(
      Command.program, Self.question + ["--detect", "--max-flagged", "0"])
    #expect(flagged.status == 1)
    #expect(flagged.errors.contains("certify: error: --max-flagged: flagged "))
  }

  @Test("a gate that nothing can be held against is refused before the work")
  func refused() throws {
    let cases: [([String], String)] = [
      (["--max-flagged", "0.5"], "--max-flagged: no detection; expected data without labels"),
      (
        ["--min-radius-quantile", "0.5:0.1", "--radii", "off"],
        "--min-radius-quantile: no radii; expected a run that searches radii"
      ),
      (["--min-radius-quantile", "0.5"], "--min-radius-quantile: \"0.5\"; expected a quantile"),
      (["--min-radius-quantile", "2:1"], "--min-radius-quantile: \"2:1\"; expected a quantile"),
      (
        ["--min-radius-quantile", "0.5:-1"], "--min-radius-quantile: \"-1\"; expected a number >= 0"
      ),
      (["--min-certified", "101%"], "--min-certified: 101%; expected a fraction from 0 to 1"),
      (["--max-unknown", "3"], "--max-unknown: 3; expected a fraction from 0 to 1"),
    ]
    for (gate, message) in cases {
      let outcome = try Command.run(Command.program, Self.question + gate)
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
    }
    let none = try Command.run("gate", "missing.json")
    #expect(none.status == 64)
    #expect(none.errors.hasPrefix("certify: error: gate: no gate; expected one or more"))
    #expect(try Command.run("gate", "missing.json", "--max-unknown", "0").status == 66)
  }
}

@Suite struct DiffTests {
  private static func reports(in scratch: Scratch) throws {
    for name in ["robust", "ordinary"] {
      let outcome = try Command.run(
        Command.program,
        [Command.digits("conv-\(name).onnx"), "--data", Command.images, "--eps", "0.05", "-q"]
          + ["-o", scratch.path("\(name).json")])
      #expect(outcome.status == 0)
    }
  }

  @Test(
    "the digits networks are compared in at most 25 lines of Markdown, with the reports' numbers")
  func digits() throws {
    let scratch = try Scratch()
    try Self.reports(in: scratch)
    func run(_ arguments: String...) throws -> Outcome {
      try Command.run(Command.program, ["diff"] + arguments, in: scratch.folder)
    }
    let markdown = try run("ordinary.json", "robust.json", "--format", "markdown")
    #expect(markdown.status == 0 && markdown.errors == "")
    #expect(markdown.output.split(separator: "\n", omittingEmptySubsequences: false).count <= 26)
    let reports = try ["ordinary.json", "robust.json"].map {
      try Command.report(try scratch.text($0))
    }
    func certified(_ report: JSONText) -> Set<Int> {
      Set(
        (report["certificates"]?.elements ?? []).filter { $0["verdict"]?.string == "certified" }
          .compactMap { $0["index"]?.int })
    }
    let (old, new) = (certified(reports[0]), certified(reports[1]))
    let json = try JSONText(
      parsing: try run("ordinary.json", "robust.json", "--format", "json").output)
    #expect(try Command.schema("diff.schema.json").findings(in: json).isEmpty)
    let change = try #require(json["changes"]?.elements.first)
    #expect(change["gained"]?.elements.compactMap(\.int) == new.subtracting(old).sorted())
    #expect(change["lost"]?.elements.compactMap(\.int) == old.subtracting(new).sorted())
    #expect(change["counts"]?["certified"]?["base"]?.int == old.count)
    #expect(change["counts"]?["certified"]?["new"]?.int == new.count)
    #expect(markdown.output.contains("| certified | \(old.count) | \(new.count) | +"))
    let text = try run("ordinary.json", "robust.json").output
    #expect(text.contains("certificates gained: \(new.subtracting(old).count) ("))
  }

  @Test(
    "--fail-on-regression is status 1 where the new report is worse, with the comparison printed")
  func regression() throws {
    let scratch = try Scratch()
    try Self.reports(in: scratch)
    func run(_ base: String, _ new: String, _ more: String...) throws -> Outcome {
      try Command.run(Command.program, ["diff", base, new] + more, in: scratch.folder)
    }
    let worse = try run("robust.json", "ordinary.json", "--fail-on-regression")
    #expect(worse.status == 1)
    #expect(try worse.output == run("robust.json", "ordinary.json").output)
    #expect(
      worse.errors.hasPrefix("certify: error: --fail-on-regression: ordinary.json: "),
      "\(worse.errors)"
    )
    #expect(try run("robust.json", "ordinary.json").status == 0)
    #expect(try run("robust.json", "robust.json", "--fail-on-regression").status == 0)
    #expect(try run("robust.json", "missing.json").status == 66)
    let other = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.06", "-q", "-o",
      scratch.path("other.json"))
    #expect(other.status == 0)
    let refused = try run("robust.json", "other.json")
    #expect(refused.status == 65)
    #expect(
      refused.errors
        == "certify: error: other.json: $.options.epsilon.text: \"0.06\"; expected \"0.05\", as in"
        + " robust.json\nReports are compared on the same examples, at the same eps.\n")
  }
}
