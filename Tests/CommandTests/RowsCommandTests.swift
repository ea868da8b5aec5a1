import Foundation
import ReportTestSupport
import Testing

/// `--rows`, from the command line to the report and what is done with reports.
@Suite struct RowsCommandTests {
  private static let run = [
    Command.package.appending(path: "fixtures/reference/one-sided.weights.json").path, "--data",
    Command.images, "--limit", "20", "--eps", "0.3", "--radii", "off", "--attack", "none",
    "--slopes", "parallel", "--quiet",
  ]

  private static func report(_ options: String...) throws -> JSONText {
    let outcome = try Command.run(Command.program, run + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try Command.report(outcome.output)
  }

  @Test("the report says which units had rows, and bounds are those that were asked for")
  func options() throws {
    let (usual, open, all) = (
      try Self.report(), try Self.report("--rows", "open"), try Self.report("--rows", "all")
    )
    #expect(usual == open)
    #expect(open["options"]?["rows"]?.string == "open")
    #expect(all["options"]?["rows"]?.string == "all")
    func unstable(_ report: JSONText) -> [JSONText?]? {
      report["certificates"]?.elements.map { $0["unstable"] }
    }
    #expect(unstable(open) != unstable(all))
    let wrong = try Command.run(Command.program, Self.run + ["--rows", "none"])
    #expect(wrong.status == 64 && wrong.errors.contains("--rows"))
  }

  @Test("parts of different rows are no run, and a table tells them apart")
  func reports() throws {
    let scratch = try Scratch()
    var files: [String] = []
    for (name, offset, rows) in [("a", "0", "open"), ("b", "20", "all"), ("c", "0", "all")] {
      files.append(scratch.path("\(name).json"))
      let outcome = try Command.run(
        Command.program,
        Self.run + ["--offset", offset, "--rows", rows, "-o", files[files.count - 1]])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let merged = try Command.run(Command.program, ["merge", files[0], files[1]])
    #expect(merged.status == 65)
    #expect(merged.errors.contains("$.options.rows: \"all\"; expected \"open\""))
    let table = try Command.run(Command.program, ["table", files[0], files[2]])
    let lines = table.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(table.status == 0 && lines.count == 3)
    #expect(lines.map { $0[4] } == ["rows", "open", "all"])
    let json = try JSONText(
      parsing: try Command.run(Command.program, ["table", "--format", "json"] + files[...0]).output)
    #expect(json["rows"]?.elements.first?["rows"]?.string == "open")
  }

  @Test("an explanation is that of the rows that were asked for", arguments: ["open", "all"])
  func explanation(rows: String) throws {
    let arguments =
      ["explain", "--index", "0", "--format", "json", "--rows", rows]
      + Self.run.filter { $0 != "--limit" && $0 != "20" }
    let outcome = try Command.run(Command.program, arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try JSONText(parsing: outcome.output)
    #expect(try Command.schema("explain.schema.json").findings(in: document) == [])
    #expect(document["options"]?["rows"]?.string == rows)
    let certificate = try Self.report("--rows", rows)["certificates"]?.elements.first
    #expect(document["certificate"]?["margin"] == certificate?["margin"])
    let unstable = document["layers"]?.elements.map { $0["unstable"] }
    #expect(unstable == certificate?["unstable"]?.elements)
  }
}
