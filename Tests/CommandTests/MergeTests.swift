import Foundation
import ReportTestSupport
import Testing

@Suite struct MergeTests {
  static let model = Command.digits("conv-robust.onnx")

  /// Runs over the parts of the examples that end at these positions, one report file each.
  static func parts(
    _ ends: [Int], in scratch: Scratch, data: String = Command.images, _ options: [String]
  ) throws -> [String] {
    try zip([0] + ends, ends).map { start, end in
      let path = scratch.path("part-\(start).json")
      let outcome = try Command.run(
        Command.program,
        [model, "--data", data, "--quiet", "--output", path, "--offset", "\(start)"]
          + ["--limit", "\(end - start)"] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return path
    }
  }

  /// A way to split a run.
  struct Split: Sendable, CustomTestStringConvertible {
    var ends: [Int]
    var options: [String]
    var isLabelled = true
    var testDescription: String { "\(ends) \(options.joined(separator: " "))" }
  }

  static let splits = [
    Split(ends: [250, 500], options: ["--eps", "0.05", "--radii", "off"]),
    Split(ends: [20, 40, 60], options: ["--eps", "0.05"]),
    Split(ends: [1, 38, 40, 55], options: ["--eps", "0.02,8/255,0.2", "--clip", "0:1"]),
    Split(ends: [7, 30], options: ["--eps", "0.05"], isLabelled: false),
    Split(ends: [3, 90], options: ["--eps", "0.05,0.3", "--radii", "off"], isLabelled: false),
    Split(ends: [11, 12, 25], options: ["--eps", "0", "--arithmetic", "real"]),
  ]

  @Test("the parts of a run join to the bytes of the whole, in any order", arguments: splits)
  func sameBytes(split: Split) throws {
    let scratch = try Scratch()
    var data = Command.images
    if !split.isLabelled {
      data = scratch.path("pictures")
      try FileManager.default.copyItem(atPath: Command.images, toPath: data)
    }
    let parts = try Self.parts(split.ends, in: scratch, data: data, split.options)
    let count = try #require(split.ends.last)
    let whole = try Command.run(
      Command.program,
      [Self.model, "--data", data] + split.options + (count < 500 ? ["--limit", "\(count)"] : []))
    let merged = try Command.run(Command.program, ["merge"] + parts.reversed())
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(merged.errors.hasPrefix("certify: note: \(count) examples, 0 to \(count - 1), of "))
    #expect(merged.output == whole.output)
    _ = try Command.report(merged.output)
    // One report is the whole of itself, and a file is what standard output gets.
    try Data(whole.output.utf8).write(to: scratch.file("whole.json"))
    let alone = try Command.run(
      "merge", scratch.path("whole.json"), "--quiet", "-o", scratch.path("again.json"))
    #expect(alone.status == 0 && alone.output == "" && alone.errors == "")
    #expect(try scratch.text("again.json") == whole.output)
  }

  @Test("parts that do not belong together are refused with status 65, and nothing is written")
  func refused() throws {
    let scratch = try Scratch()
    let common = ["--radii", "off", "--eps"]
    let parts = try Self.parts([4, 8, 12], in: scratch, common + ["0.05"])
    let other = try Scratch()
    let foreign = try Self.parts([4, 8], in: other, common + ["0.1"])
    let cases = [
      (
        [parts[0], parts[2]],
        "\(parts[2]): $.options.offset: 8; expected 4, where \(parts[0]) ends: "
          + "examples 4 to 7 are missing"
      ),
      (
        [parts[0], parts[1], parts[1]],
        "\(parts[1]): $.options.offset: 4; expected 8, where \(parts[1]) ends: "
          + "examples 4 to 7 are in both"
      ),
      (
        [parts[0], foreign[1]],
        "\(foreign[1]): $.options.epsilon.text: \"0.1\"; expected \"0.05\", as in \(parts[0])"
      ),
      ([parts[0], Self.model], "\(Self.model): an ONNX model; expected a report of certify"),
    ]
    for (files, message) in cases {
      let outcome = try Command.run(
        Command.program, ["merge", "--output", other.path("whole.json")] + files)
      #expect(outcome.status == 65)
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
      #expect(!(try other.names().contains("whole.json")))
    }
  }

  @Test("a report comes from standard input where '-' says so, once")
  func standardInput() throws {
    let scratch = try Scratch()
    let parts = try Self.parts([5, 9], in: scratch, ["--eps", "0.05", "--radii", "off"])
    let files = try Command.run(Command.program, ["merge"] + parts)
    let piped = try Command.run(
      Command.program, ["merge", "-", parts[1]],
      input: try Data(contentsOf: URL(filePath: parts[0])))
    #expect(piped.status == 0 && piped.output == files.output)
    let twice = try Command.run("merge", "-", "-")
    #expect(twice.status == 64)
    #expect(twice.errors.hasPrefix("certify: error: standard input: '-' twice; expected"))
  }

  @Test("a wrong command line is status 64, a file that is not there 66, a bad output 73")
  func statuses() throws {
    let scratch = try Scratch()
    let part = try Self.parts([3], in: scratch, ["--eps", "0.05", "--radii", "off"])[0]
    #expect(try Command.run("merge").status == 64)
    let replaced = try Command.run("merge", part, "--output", part)
    #expect(replaced.status == 64)
    #expect(replaced.errors.contains("is one of the reports; expected another file"))
    let gone = try Command.run("merge", part, "gone.json")
    #expect(gone.status == 66)
    #expect(gone.errors.hasPrefix("certify: error: gone.json: no such file"))
    let nowhere = try Command.run("merge", "gone.json", "-o", scratch.path("nowhere/whole.json"))
    #expect(nowhere.status == 73)
  }

  @Test("the report says which examples it speaks of, however they were chosen")
  func effectiveRange() throws {
    let common = [Self.model, "--data", Command.images, "--eps", "0", "--radii", "off"]
    func range(_ more: String...) throws -> [Int?] {
      let report = try Command.report(try Command.run(Command.program, common + more).output)
      return [report["options"]?["offset"]?.int, report["options"]?["limit"]?.int]
    }
    #expect(try range() == [0, 500])
    #expect(try range("--limit", "9999") == [0, 500])
    #expect(try range("--offset", "490", "--limit", "20") == [490, 10])
    #expect(try range("--index", "17") == [17, 1])
  }
}
