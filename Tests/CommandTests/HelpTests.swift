import Foundation
import ReportTestSupport
import Testing

@Suite struct HelpTests {
  /// What help says of each option, by its long name.
  static func options(inHelp text: String) -> [String: String] {
    var paragraphs: [String: String] = [:]
    var current = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("  -") {
        current = longOptions(in: String(line)).first ?? ""
      } else if !line.hasPrefix("    ") {
        current = ""
      }
      paragraphs[current, default: ""] += line + " "
    }
    paragraphs[""] = nil
    return paragraphs
  }

  static func longOptions(in text: String) -> [String] {
    let words = text.split(whereSeparator: { !($0.isLetter || $0 == "-") })
    return words.map(String.init).filter { $0.hasPrefix("--") }
  }

  @Test("help goes to standard output, fits 79 columns and says the default of every option")
  func help() throws {
    let outcome = try Command.run("--help")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    for line in outcome.output.split(separator: "\n") {
      #expect(line.count <= 79, "\(line)")
    }
    #expect(outcome.output == (try Command.run("-h")).output)
    #expect(outcome.output.contains("certify inspect <model>"))
    #expect(outcome.output.contains("certify merge <report> ..."))
    let options = Self.options(inHelp: outcome.output)
    #expect(options.count > 20)
    let withoutDefault = options.filter { !$0.value.contains("default: ") }.keys.sorted()
    #expect(withoutDefault == ["--data", "--eps", "--help", "--quiet", "--version"])
  }

  @Test("the help of every verb fits 79 columns, and its usage names what it cannot do without")
  func verbs() throws {
    let verbs = Set(try CompletionTests.described().map(\.verb)).subtracting(["run", "help"])
    #expect(verbs.count >= 14)
    for verb in verbs.sorted() {
      let help = try Command.run(verb, "--help").output
      for line in help.split(separator: "\n") { #expect(line.count <= 79, "\(verb): \(line)") }
      let usage = help.split(separator: "\n").drop { !$0.hasPrefix("USAGE: certify \(verb) ") }
        .prefix { !$0.hasPrefix("ARGUMENTS") }.joined(separator: "\n")
      #expect(!usage.isEmpty, "\(verb)")
      // What is typed without it is a usage error.
      let needed = [
        "audit": ["--model", "--data"], "explain": ["--eps", "--data", "--index"],
        "export-vnnlib": ["--eps", "--data", "--output"], "plane": ["--eps", "--data"],
      ]
      for option in needed[verb] ?? [] { #expect(usage.contains(option), "\(verb): \(usage)") }
    }
    let export = Self.options(inHelp: try Command.run("export-vnnlib", "--help").output)
    #expect(export["--output"]?.contains("folder") == true)
    #expect(export["--output"]?.contains("standard output") == false)
  }

  @Test("the version is a line on standard output")
  func version() throws {
    let outcome = try Command.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("certify "))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test("the manual page describes the options that --help lists, and no others")
  func manualOptions() throws {
    let page = try Self.manual()
    let start = try #require(page.firstIndex(of: ".SH OPTIONS"))
    let end = try #require(page.firstIndex(of: ".SH MODELS"))
    let section = page[start..<end]
    let tags = section.indices.filter { section[$0] == ".TP" }.map { section[$0 + 1] }
    let inManual = Set(
      tags.flatMap { Self.longOptions(in: $0.replacingOccurrences(of: "\\-", with: "-")) })
    #expect(inManual == Set(Self.options(inHelp: try Command.run("--help").output).keys))
  }

  @Test("the manual page names every exit status, and its version is the program's")
  func manualStatuses() throws {
    let page = try Self.manual()
    let start = try #require(page.firstIndex(of: ".SH EXIT STATUS"))
    let section = page[start...].prefix { $0 != ".SH FILES" }
    let tags = section.indices.filter { section[$0] == ".TP" }.map { section[$0 + 1] }
    let numbers = tags.flatMap { $0.split(whereSeparator: { !$0.isNumber }) }.compactMap { Int($0) }
    #expect(numbers == [0, 1, 2, 64, 65, 66, 70, 73, 74, 75, 129, 130, 143])
    let version = try Command.run("--version").output.split(separator: " ").prefix(2)
    #expect(page.first?.contains("\"\(version.joined(separator: " "))\"") == true)
  }

  @Test("every example of the manual page runs, and its reports conform to the schema")
  func examples() throws {
    let scratch = try Scratch()
    for folder in ["digits", "plane"] {
      let files = Command.package.appending(path: "fixtures/\(folder)")
      for name in try FileManager.default.contentsOfDirectory(atPath: files.path) {
        try FileManager.default.copyItem(at: files.appending(path: name), to: scratch.file(name))
      }
    }
    let examples = try Self.examples()
    #expect(examples.count == 21)
    for example in examples {
      let outcome = try Command.run(
        URL(filePath: "/bin/sh"), ["-c", example], in: scratch.folder)
      #expect(outcome.status == 0, "\(example): \(outcome.errors)")
      if outcome.output.hasPrefix("{") { _ = try Command.report(outcome.output) }
    }
    for name in [
      "report.json", "two.json", "gate.json", "whole.json", "ordinary.json", "sample.json",
      "long.json", "joined.json",
    ] {
      _ = try Command.report(try scratch.text(name))
    }
    for name in ["whole.json", "long.json", "joined.json"] {
      #expect(try scratch.text(name) == scratch.text("report.json"))
    }
  }

  @Test(
    "every key of a report that the schema describes is in the manual, by its name or as an option")
  func reportKeys() throws {
    let page = try Self.manual().joined(separator: "\n").replacing("\\-", with: "-")
    let words = Set(
      page.split { !($0.isLetter || $0.isNumber || "_-".contains($0)) }.map(String.init))
    func keys(_ schema: JSONText) -> [String] {
      switch schema {
      case .object(let rules):
        rules.flatMap { rule -> [String] in
          guard rule.key == "properties", case .object(let members) = rule.value else {
            return keys(rule.value)
          }
          return members.flatMap { [$0.key] + keys($0.value) }
        }
      case .array(let elements): elements.flatMap(keys)
      default: []
      }
    }
    let url = Command.package.appending(path: "schema/report.schema.json")
    let found = Set(keys(try JSONText(parsing: String(contentsOf: url, encoding: .utf8))))
    #expect(found.count > 100)
    for key in found.sorted() {
      let option = "--" + key.replacing("_", with: "-")
      #expect(words.contains(key) || words.contains(option), "\(key)")
    }
  }

  static func manual() throws -> [String] {
    let url = Command.package.appending(path: "man/certify.1")
    return try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
  }

  /// The commands between `.EX` and `.EE` of the section EXAMPLES.
  static func examples() throws -> [String] {
    let page = try manual()
    let start = try #require(page.firstIndex(of: ".SH EXAMPLES"))
    let section = page[start...].prefix { $0 != ".SH LIMITATIONS" }
    return section.split(separator: ".EX").dropFirst().map { block in
      block.prefix { $0 != ".EE" }.joined(separator: "\n")
        .replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\e", with: "\\")
    }
  }
}
