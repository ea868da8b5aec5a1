import Foundation
import ReportTestSupport
import Testing

@Suite struct OutputTests {
  static let model = Command.digits("conv-robust.onnx")

  @Test("a report has the same bytes on standard output, in a file, and for any number of threads")
  func sameBytes() throws {
    let scratch = try Scratch()
    let common = [Self.model, "--data", Command.images, "--eps", "0.05", "--limit", "40"]
    let one = try Command.run(Command.program, common + ["--threads", "1"])
    #expect(one.status == 0)
    for threads in ["2", "3", "8"] {
      #expect(
        try Command.run(Command.program, common + ["--threads", threads]).output == one.output)
    }
    let filed = try Command.run(
      Command.program, common + ["--output", scratch.path("report.json")])
    #expect(filed.status == 0 && filed.output == "")
    #expect(try scratch.text("report.json") == one.output)
    #expect(try scratch.names() == ["report.json"])
    let report = try Command.report(one.output)
    #expect(report["summary"]?["examples"]?.int == 40)
  }

  @Test("two parts by --offset and --limit hold the certificates of the whole")
  func parts() throws {
    let common = [Self.model, "--data", Command.images, "--eps", "8/255"]
    func certificates(_ more: String...) throws -> [JSONText] {
      let outcome = try Command.run(Command.program, common + more)
      return try #require(try Command.report(outcome.output)["certificates"]).elements
    }
    let whole = try certificates("--limit", "25")
    let parts = try certificates("--limit", "10") + certificates("--offset", "10", "--limit", "15")
    #expect(whole == parts)
    #expect(try certificates("--index", "17") == [whole[17]])
    #expect(whole.compactMap { $0["index"]?.int } == Array(0..<25))
  }

  @Test("a list of eps makes a list of the reports of each")
  func list() throws {
    let common = [Self.model, "--data", Command.images, "--radii", "off", "--limit", "20"]
    let both = try Command.report(
      try Command.run(Command.program, common + ["--eps", "0.02,8/255"]).output)
    let reports = try #require(both["reports"]).elements
    for (report, epsilon) in zip(reports, ["0.02", "8/255"]) {
      #expect(report["options"]?["epsilon"]?["text"]?.string == epsilon)
      let alone = try Command.run(Command.program, common + ["--eps", epsilon]).output
      #expect(try Command.report(alone) == report)
    }
    #expect(reports.count == 2)
  }

  @Test("a run that is refused leaves what stood at the output, and nothing beside it")
  func refusedLeavesNothing() throws {
    let scratch = try Scratch()
    try Data("before".utf8).write(to: scratch.file("report.json"))
    let outcome = try Command.run(
      Self.model, "--data", Command.package.appending(path: "README.md").path, "--eps", "0.1",
      "--output", scratch.path("report.json"))
    #expect(outcome.status == 65)
    #expect(try scratch.text("report.json") == "before")
    #expect(try scratch.names() == ["report.json"])
  }

  @Test("an output that cannot be made is found before the model is read")
  func unwritable() throws {
    let scratch = try Scratch()
    // A folder in one of its own: what a killed run left beside it would be taken away, and said.
    let folder = scratch.file("folder")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for path in [scratch.path("nowhere/report.json"), folder.path] {
      let outcome = try Command.run(
        "missing.onnx", "--data", "missing.idx", "--eps", "0.1", "--output", path)
      #expect(outcome.status == 73)
      #expect(outcome.errors.hasPrefix("certify: error: \(path): "), "\(outcome.errors)")
    }
  }

  @Test("an output that cannot be written to its end is status 74")
  func full() throws {
    let outcome = try Command.run(
      Self.model, "--data", Command.images, "--eps", "0.1", "--limit", "1", "--output", "/dev/full")
    #expect(outcome.status == 74)
    #expect(outcome.errors.contains("/dev/full: no space left on the device"))
  }

  @Test("a broken pipe ends quietly")
  func brokenPipe() throws {
    let line =
      "certify '\(Self.model)' --data '\(Command.images)' --eps 0.1 --radii off --quiet | :"
    let outcome = try Command.run(URL(filePath: "/bin/sh"), ["-c", line])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
  }

  @Test("--quiet keeps the summary back; a pipe gets no progress and no colour")
  func quiet() throws {
    let common = [Self.model, "--data", Command.images, "--eps", "0.1", "--limit", "5"]
    #expect(try Command.run(Command.program, common + ["--quiet"]).errors == "")
    let spoken = try Command.run(Command.program, common).errors
    #expect(spoken.contains("robust error"))
    #expect(!spoken.contains("\u{1b}") && !spoken.contains("\r"))
  }

  @Test("a gate passes at the robust error itself and fails below it, with the report written")
  func gate() throws {
    let common = [
      Self.model, "--data", Command.images, "--eps", "0.1", "--limit", "40", "--radii", "off",
    ]
    let plain = try Command.run(Command.program, common)
    let report = try Command.report(plain.output)
    let numeral = try #require(report["summary"]?["robust_error"]?.numeral)
    let open = try #require(report["summary"]?["certified"]?.int).distance(to: 40)
    #expect(open > 0)
    let passed = try Command.run(Command.program, common + ["--gate-robust-error", numeral])
    #expect(passed.status == 0)
    let failed = try Command.run(
      Command.program, common + ["--gate-robust-error", "\(open - 1)/40"])
    #expect(failed.status == 1)
    #expect(failed.output == plain.output)
    #expect(failed.errors.contains("--max-robust-error: robust error \(numeral) at eps 0.1"))
  }
}
