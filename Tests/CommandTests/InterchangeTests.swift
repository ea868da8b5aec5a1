import Foundation
import FoundationXML
import ReportTestSupport
import Testing

@Suite struct InterchangeTests {
  /// A run over some digits with everything beside its report.
  static func run(_ options: String..., in scratch: Scratch, status: Int32 = 0) throws -> Outcome {
    let outcome = try Command.run(
      Command.program,
      [
        Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--limit", "60", "--output",
        scratch.path("report.json"),
      ] + options)
    #expect(outcome.status == status, "\(outcome.errors)")
    return outcome
  }

  /// The records of a CSV text by RFC 4180, read letter by letter.
  static func records(_ text: String) -> [[String]] {
    var (records, record, field, isQuoted) = ([[String]](), [String](), "", false)
    let letters = Array(text.unicodeScalars)
    var at = 0
    while at < letters.count {
      let letter = letters[at]
      if isQuoted {
        if letter == "\"", at + 1 < letters.count, letters[at + 1] == "\"" {
          field.unicodeScalars.append(letter)
          at += 1
        } else if letter == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(letter)
        }
      } else if letter == "\"" {
        isQuoted = true
      } else if letter == "," {
        record.append(field)
        field = ""
      } else if letter == "\r", at + 1 < letters.count, letters[at + 1] == "\n" {
        records.append(record + [field])
        (record, field) = ([], "")
        at += 1
      } else {
        field.unicodeScalars.append(letter)
      }
      at += 1
    }
    #expect(field.isEmpty && record.isEmpty, "the last line has no end")
    return records
  }

  @Test("CSV has a line for each eps and example, with the very numbers of the report")
  func certificates() throws {
    let scratch = try Scratch()
    _ = try Self.run("--eps", "0.02,0.05", "--csv", scratch.path("a.csv"), in: scratch)
    let records = Self.records(try scratch.text("a.csv"))
    let document = try JSONText(parsing: try scratch.text("report.json"))
    let reports = try #require(document["reports"]).elements
    #expect(records.count == 1 + 2 * 60)
    let head = records[0]
    var place = 1
    for (report, epsilon) in zip(reports, ["0.02", "0.05"]) {
      for certificate in try #require(report["certificates"]).elements {
        let fields = Dictionary(uniqueKeysWithValues: zip(head, records[place]))
        #expect(fields["epsilon"] == epsilon && records[place].count == head.count)
        for key in [
          "index", "label", "prediction", "margin", "margin_real", "radius", "robust_loss",
        ] {
          #expect(fields[key] == certificate[key]?.numeral ?? "", "\(key)")
        }
        #expect(fields["verdict"] == certificate["verdict"]?.string)
        for (other, margin) in try #require(certificate["margins"]).elements.enumerated() {
          #expect(fields["margin_\(other)"] == margin.numeral)
        }
        let found = certificate["attack"]?["counterexample"]?["distance"]?.numeral
        #expect(fields["counterexample_distance"] == found ?? "")
        place += 1
      }
    }
  }

  @Test(
    "metrics are one flat object of the summary's numbers, named by eps where there are several")
  func metrics() throws {
    let scratch = try Scratch()
    for (eps, prefixes) in [("0.05", [""]), ("0.02,8/255", ["eps_0.02/", "eps_8:255/"])] {
      _ = try Self.run("--eps", eps, "--metrics", scratch.path("m.json"), in: scratch)
      let metrics = try JSONText(parsing: try scratch.text("m.json"))
      for key in metrics.keys { #expect(metrics[key]?.double != nil, "\(key)") }
      let document = try JSONText(parsing: try scratch.text("report.json"))
      let reports = document["reports"]?.elements ?? [document]
      #expect(metrics.keys.allSatisfy { key in prefixes.contains { key.hasPrefix($0) } })
      for (report, prefix) in zip(reports, prefixes) {
        let summary = try #require(report["summary"])
        for key in ["certified", "robust_error", "attacked_error", "mean_robust_loss"] {
          #expect(metrics[prefix + key] == summary[key], "\(key)")
        }
        #expect(
          metrics[prefix + "radius_correct_median"]
            == report["radius_histogram"]?["quantiles"]?["correct"]?["median"])
      }
    }
  }

  @Test(
    "provenance says command, machine and the report's hash, and leaves the report's bytes alone")
  func provenance() throws {
    let scratch = try Scratch()
    _ = try Self.run("--eps", "0.05", in: scratch)
    let before = try scratch.text("report.json")
    _ = try Self.run("--eps", "0.05", "--provenance", scratch.path("p.json"), in: scratch)
    #expect(try scratch.text("report.json") == before)
    let made = try JSONText(parsing: try scratch.text("p.json"))
    #expect(made["command"]?.elements.first?.string == "certify")
    #expect(made["command"]?.elements.contains(.string("0.05")) == true)
    let sum = try Command.run(URL(filePath: "/usr/bin/sha256sum"), [scratch.path("report.json")])
    #expect(made["report"]?["sha256"]?.string == sum.output.prefix(64).description)
    for key in ["started", "ended"] {
      let moment = try #require(made[key]?.string)
      #expect(moment.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil, "\(moment)")
    }
    #expect(made["machine"]?["cores"]?.int ?? 0 >= 1)
  }

  /// An XML document's elements.
  final class Elements: NSObject, XMLParserDelegate {
    var all: [(name: String, attributes: [String: String])] = []

    init(_ text: String) {
      super.init()
      let parser = XMLParser(data: Data(text.utf8))
      parser.delegate = self
      #expect(parser.parse(), "\(text)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      all.append((name, attributes))
    }
  }

  @Test("gates are tests of JUnit's form: a case each, and a failure where one failed")
  func junit() throws {
    let scratch = try Scratch()
    let path = scratch.path("gates.xml")
    func check() throws {
      let elements = Elements(try scratch.text("gates.xml")).all
      let suite = try #require(elements.first { $0.name == "testsuite" }).attributes
      #expect(suite["tests"] == "2" && suite["failures"] == "1")
      #expect(elements.count { $0.name == "testcase" } == 2)
      let failure = try #require(elements.first { $0.name == "failure" }).attributes
      #expect(failure["message"]?.contains("; expected at most 1%") == true)
    }
    let gates = ["--max-robust-error", "1%", "--min-certified", "10%"]
    let outcome = try Command.run(
      Command.program,
      [
        Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--limit", "60", "--eps",
        "0.05", "--radii", "off", "--output", scratch.path("report.json"), "--junit", path,
      ] + gates)
    #expect(outcome.status == 1)
    try check()
    try FileManager.default.removeItem(atPath: path)
    let gate = try Command.run(
      Command.program, ["gate", scratch.path("report.json"), "--junit", path] + gates)
    #expect(gate.status == 1)
    try check()
  }

  @Test("a job of GitHub gets a summary at the end of its file, and annotations of what failed")
  func github() throws {
    let scratch = try Scratch()
    try Data("before\n".utf8).write(to: scratch.file("summary.md"))
    let line =
      "GITHUB_STEP_SUMMARY=summary.md certify '\(Command.digits("conv-ordinary.onnx"))' --eps 0.05"
      + " --data '\(Command.images)' --limit 60 --radii off -o report.json"
      + " --summary-format github --max-robust-error 1%"
    let outcome = try Command.run(URL(filePath: "/bin/sh"), ["-c", line], in: scratch.folder)
    #expect(outcome.status == 1)
    let text = try scratch.text("summary.md")
    #expect(text.hasPrefix("before\n### certify: "))
    let summary = try #require(
      try JSONText(parsing: try scratch.text("report.json"))["summary"]?["certified"]?.numeral)
    #expect(text.contains("| certified | \(summary) |"))
    // A percent sign is GitHub's escape.
    #expect(
      outcome.errors.contains("::error title=certify::--max-robust-error: robust error "),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("expected at most 1%25\n"))
  }

  @Test("so does a job that holds a report at hand against gates")
  func gitHubGate() throws {
    let scratch = try Scratch()
    _ = try Self.run("--eps", "0.02,0.05", "--radii", "off", in: scratch)
    try Data("before\n".utf8).write(to: scratch.file("summary.md"))
    let line =
      "certify gate report.json --max-robust-error 1% --max-unknown 100% --summary-format github"
    let outcome = try Command.run(
      URL(filePath: "/bin/sh"), ["-c", "GITHUB_STEP_SUMMARY=summary.md " + line], in: scratch.folder
    )
    #expect(outcome.status == 1)
    let annotations = outcome.errors.split(separator: "\n")
    #expect(annotations.count == 2, "\(outcome.errors)")
    for line in annotations {
      #expect(
        line.hasPrefix("::error title=certify::report.json: --max-robust-error: robust error "))
      #expect(line.hasSuffix("expected at most 1%25"))
    }
    let rows = try scratch.text("summary.md").split(separator: "\n")
    #expect(rows[0] == "before" && rows.count { $0.hasPrefix("| report") } == 5)
    #expect(rows.count { $0.hasSuffix("| failed |") } == 2)
    #expect(rows.count { $0.hasSuffix("| passed |") } == 2)
    let plain = try Command.run(
      URL(filePath: "/bin/sh"), ["-c", "unset GITHUB_STEP_SUMMARY; " + line], in: scratch.folder)
    #expect(plain.status == 1 && plain.output == outcome.output)
    #expect(plain.errors.hasPrefix("certify: note: --summary-format github: no GITHUB_STEP_SUMM"))
  }

  @Test("a model card has the hub's YAML head, with the report's errors, and the table")
  func modelCard() throws {
    let scratch = try Scratch()
    _ = try Self.run("--eps", "0.05", in: scratch)
    let card = try Command.run("table", scratch.path("report.json"), "--format", "model-card")
      .output
    #expect(card.hasPrefix("---\n") && card.components(separatedBy: "\n---\n").count == 2)
    let summary = try #require(try JSONText(parsing: try scratch.text("report.json"))["summary"])
    for key in ["clean_error", "attacked_error", "robust_error"] {
      let name = "\(key.replacing("_", with: " ")), linf, eps 0.05"
      let value = try #require(summary[key]?.numeral)
      #expect(
        card.contains("    - type: \(key)\n      name: \"\(name)\"\n      value: \(value)\n"),
        "\(card)")
    }
    #expect(card.contains("| robust error (at most) |"))
  }
}
