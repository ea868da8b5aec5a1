import Foundation
import Testing

/// What stands in files and command lines reaches a terminal as text: it moves no cursor, changes no
/// colour and no direction, and makes no line of its own.
@Suite struct PrintedNameTests {
  /// As in `fixtures/generate/hostile.py`.
  static let evil =
    "\u{1b}[31m\u{1b}]0;x\u{7}\u{8}\u{7f}\u{85}\u{9b}2J\u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{feff}"
    + "\u{e0041}\ncertify: error: forged\r\n  robust error              0.00%\tnote: forged"

  private static let models = Command.package.appending(path: "fixtures/hostile").path

  /// A folder with a network and examples whose own names are hostile, too.
  private static func folder() throws -> Scratch {
    let scratch = try Scratch()
    for (name, copy) in [("names.onnx", "\(evil).onnx"), ("names.npz", "\(evil).npz")] {
      try FileManager.default.copyItem(
        atPath: "\(models)/\(name)", toPath: scratch.path(copy))
    }
    try Data("1,0.5\n0.25,-1\n".utf8).write(to: scratch.file("\(evil).csv"))
    return scratch
  }

  private static let run = [
    "\(evil).onnx", "--data", "\(evil).csv", "--label-column", "none", "--eps", "0.1",
  ]
  private static let inspect = [
    "inspect", "\(evil).onnx", "--data", "\(evil).csv", "--label-column", "none",
  ]

  static let commands: [(arguments: [String], status: Int32)] = [
    (run, 0), (["explain"] + run + ["--index", "0"], 0),
    (["explain"] + run + ["--index", "0", "--format", "json"], 0),
    (["plane"] + run + ["--resolution", "2"], 0),
    (["inspect", "\(evil).onnx"], 0), (inspect + ["--expect-logits", "\(evil).npz"], 2),
    (inspect + ["--emit-logits", "\(evil).npy"], 0),
    (["inspect", "\(models)/names-operator.onnx"], 65),
    (["inspect", "\(models)/names-attribute.onnx"], 65),
    (["inspect", "\(models)/names-input.onnx"], 65),
    (["inspect", "\(models)/names-pool.onnx"], 65),
    (["inspect", "\(evil).csv"], 65), (["inspect", evil], 66),
    (run + ["-o", "\(evil)/\(evil)"], 73), (run + ["--norm", evil], 64), (run + [evil], 64),
    (run + ["--scale", evil], 64), (run + ["--counterexamples", evil], 64),
    (run + ["--\(evil)"], 64), (["merge", evil], 66), (["table", "\(evil).csv"], 65),
  ]

  @Test("nothing in a name reaches the terminal but its letters", arguments: commands)
  func verbs(arguments: [String], status: Int32) throws {
    let scratch = try Self.folder()
    let outcome = try Command.run(Command.program, arguments, in: scratch.folder)
    #expect(outcome.status == status, "\(outcome.errors)")
    Self.check(outcome, "\(arguments)")
    #expect((outcome.output + outcome.errors).contains("forged"), "the name is said")
  }

  @Test("nothing in a report does either, whatever verb reads it and whatever string it is in")
  func reports() throws {
    let scratch = try Self.folder()
    let whole = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--limit", "2",
      "--radii", "off", "--mean", "0.5")
    #expect(whole.status == 0)
    let escaped = String(
      decoding: try JSONEncoder().encode(Self.evil), as: UTF8.self
    ).dropFirst().dropLast()
    for spelling in [String(escaped), Self.raw(String(escaped))] {
      // Every string of the report, and every key, one after the other.
      let pieces = whole.output.split(separator: "\"", omittingEmptySubsequences: false)
      // In the certificates, which are alike, only those of the first.
      let first = whole.output.range(of: "\"certificates\"")
      let end = try #require(first.map { whole.output[..<$0.lowerBound] }).split(
        separator: "\"", omittingEmptySubsequences: false
      ).count
      for place in stride(from: 1, to: min(pieces.count, end + 50), by: 2) {
        var changed = pieces.map(String.init)
        changed[place] = spelling
        try Data(changed.joined(separator: "\"").utf8).write(to: scratch.file("report.json"))
        for verb in [["merge"], ["table"], ["table", "--format", "markdown"]] {
          let outcome = try Command.run(
            Command.program, verb + ["report.json"], in: scratch.folder)
          #expect([0, 65].contains(outcome.status), "\(outcome.errors)")
          Self.check(outcome, "\(verb), \(pieces[place])")
        }
      }
    }
  }

  /// The same text with the escapes of characters that JSON takes as they are undone.
  private static func raw(_ text: String) -> String {
    evil.unicodeScalars.filter { $0.value >= 0x7f }.reduce(into: text) { text, scalar in
      for unit in String(scalar).utf16 where unit < 0xd800 {
        text = text.replacingOccurrences(
          of: String(format: "\\u%04x", unit), with: String(scalar))
      }
    }
  }

  /// Only letters, marks, spaces and line ends; and no line that the program did not say.
  private static func check(_ outcome: Outcome, _ what: String) {
    for text in [outcome.output, outcome.errors] {
      let others = text.unicodeScalars.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control: scalar != "\n"
        case .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
      }
      #expect(others.isEmpty, "\(what): \(others.map { $0.escaped(asASCII: true) })")
      for line in text.split(separator: "\n") {
        #expect(!line.hasPrefix("certify: error: forged"), "\(what): \(line)")
        #expect(!line.hasPrefix("  robust error              0.00%"), "\(what): \(line)")
      }
    }
  }
}
