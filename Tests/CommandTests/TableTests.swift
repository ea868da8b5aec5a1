import Foundation
import ReportTestSupport
import Testing

@Suite struct TableTests {
  static let digits = Command.images

  /// Runs into a file of the folder; returns its path.
  static func report(
    _ name: String, in scratch: Scratch, model: String = Command.digits("conv-ordinary.onnx"),
    data: String = digits, _ options: String...
  ) throws -> String {
    let common = ["--data", data, "--radii", "off", "--quiet", "--limit", "50"]
    let outcome = try Command.run(
      Command.program, [model, "--output", scratch.path(name)] + common + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return scratch.path(name)
  }

  static func table(_ files: [String], _ options: String...) throws -> String {
    let outcome = try Command.run(Command.program, ["table"] + files + options)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    return outcome.output
  }

  static func rows(_ files: [String]) throws -> [JSONText] {
    try #require(try JSONText(parsing: try table(files, "--format", "json"))["rows"]).elements
  }

  static func summary(_ path: String) throws -> JSONText {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try #require(try JSONText(parsing: text)["summary"])
  }

  @Test("a report alone is a row with the figures of its summary")
  func alone() throws {
    let scratch = try Scratch()
    for kind in ["none", "fgsm", "pgd"] {
      let file = try Self.report("a.json", in: scratch, "--eps", "0.05", "--attack", kind)
      let (row, summary) = (try Self.rows([file])[0], try Self.summary(file))
      for key in ["clean_error", "fgsm_error", "robust_error"] {
        #expect(row[key] == summary[key], "\(kind): \(key)")
      }
      #expect(row["pgd_error"] == (kind == "pgd" ? summary["attacked_error"] : .null))
      #expect(row["examples"]?.int == 50 && row["epsilon"]?.string == "0.05")
    }
  }

  @Test("reports of one question that differ in attack and radii join in one row, in any order")
  func join() throws {
    let scratch = try Scratch()
    let none = try Self.report("none.json", in: scratch, "--eps", "0.05", "--attack", "none")
    let fgsm = try Self.report("fgsm.json", in: scratch, "--eps", "0.05", "--attack", "fgsm")
    let pgd = try Self.report(
      "pgd.json", in: scratch, "--eps", "0.05", "--radii", "all", "--seed", "9")
    let wider = try Self.report("wider.json", in: scratch, "--eps", "0.1")
    for files in [[none, fgsm, wider, pgd], [pgd, none, fgsm, wider]] {
      let rows = try Self.rows(files)
      #expect(rows.count == 2)
      #expect(rows[0]["fgsm_error"] == (try Self.summary(fgsm))["fgsm_error"])
      #expect(rows[0]["pgd_error"] == (try Self.summary(pgd))["attacked_error"])
      #expect(rows[0]["robust_error"] == (try Self.summary(none))["robust_error"])
      #expect(rows[0]["reports"]?.elements.count == 3)
      #expect(rows[1]["epsilon"]?.string == "0.1")
    }
    // Of FGSM alone the column of PGD stays empty.
    let row = try Self.table([none, fgsm]).split(separator: "\n")[1].split(separator: " ")
    #expect(row[7] == "-" && row[6].hasSuffix("%"))
  }

  @Test("text and Markdown have a line a row, and a column for what rows differ in")
  func forms() throws {
    let scratch = try Scratch()
    let robust = Command.digits("conv-robust.onnx")
    let files = try [
      Self.report("a.json", in: scratch, "--eps", "0.05"),
      Self.report("b.json", in: scratch, model: robust, "--eps", "0.05"),
    ]
    let text = try Self.table(files).split(separator: "\n").map { $0.split(separator: " ") }
    #expect(text.count == 3 && text.dropFirst().allSatisfy { $0.count == 9 })
    // A bound is not called what it bounds the other side of.
    #expect(text[0].suffix(4) == ["robust", "error", "(at", "most)"])
    let records = try Self.table(files, "--format", "csv").components(separatedBy: "\r\n")
    #expect(records.count == 4 && records[0].hasSuffix(",PGD,robust error (at most)"))
    #expect(records[1].components(separatedBy: ",") == text[1].map(String.init))
    #expect(text[1][0] == "conv-ordinary.onnx" && text[2][0] == "conv-robust.onnx")
    let markdown = try Self.table(files, "--format", "markdown").split(separator: "\n")
    #expect(markdown.count == 4 && markdown.allSatisfy { $0.hasPrefix("| ") && $0.hasSuffix(" |") })
    #expect(
      markdown[1] == "| :-- | :-- | :-- | --: | --: | --: | --: | --: | --: |")
    let real = try Self.report(
      "c.json", in: scratch, "--eps", "0.05", "--arithmetic", "real", "--clip", "0:1")
    let lines = try Self.table(files + [real]).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
    #expect(lines[0][4...5] == ["arithmetic", "clip"])
    #expect(lines[1][4...5] == ["float32", "-"] && lines[3][4...5] == ["real", "0:1"])
    let shifted = try Self.report("d.json", in: scratch, "--eps", "0.05", "--mean", "0.1")
    let apart = try Self.table(files + [shifted]).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
    #expect(apart[0][4] == "mean" && apart[1][4] == "-" && apart[3][4] == "0.1")
  }

  @Test("files of one name in different folders are told apart by their folders")
  func names() throws {
    let scratch = try Scratch()
    var files: [String] = []
    for (folder, model) in [("one", "conv-robust.onnx"), ("two", "conv-ordinary.onnx")] {
      try FileManager.default.createDirectory(
        at: scratch.file(folder), withIntermediateDirectories: true)
      let copy = scratch.path("\(folder)/net.onnx")
      try FileManager.default.copyItem(atPath: Command.digits(model), toPath: copy)
      files.append(try Self.report("\(folder).json", in: scratch, model: copy, "--eps", "0.05"))
    }
    let lines = try Self.table(files).split(separator: "\n")
    #expect(lines[1].hasPrefix("one/net.onnx ") && lines[2].hasPrefix("two/net.onnx "))
  }

  @Test("one name for different files, contradictions and data without labels are refused")
  func refusals() throws {
    let scratch = try Scratch()
    let file = try Self.report("a.json", in: scratch, "--eps", "0.05")
    let text = try scratch.text("a.json")
    func refused(_ old: String, _ new: String, _ message: String) throws {
      // The first occurrence only.
      let range = try #require(text.range(of: old))
      let changed = text.replacingCharacters(in: range, with: new)
      try Data(changed.utf8).write(to: scratch.file("b.json"))
      let outcome = try Command.run("table", file, scratch.path("b.json"))
      #expect(outcome.status == 65)
      #expect(
        outcome.errors.hasPrefix("certify: error: \(scratch.path("b.json")): \(message)"),
        "\(outcome.errors)")
    }
    let hash = try #require(
      text.firstRange(of: /"sha256": "[0-9a-f]{64}"/).map { String(text[$0]) })
    try refused(hash, hash.dropLast(2) + "z\"", "$.model.sha256: ")
    try refused(
      "\"uint8\"", "\"int8\"", "$.data.element_type: \"int8\"; expected")
    let unlabelled = scratch.path("digits.idx")
    try FileManager.default.copyItem(atPath: Self.digits, toPath: unlabelled)
    let other = try Self.report("c.json", in: scratch, data: unlabelled, "--eps", "0.05")
    let outcome = try Command.run("table", other)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("$.summary: no error rates; expected a report of data with"))
    #expect(try Command.run("table", Command.digits("conv-robust.onnx")).status == 65)
  }
}
