import Foundation
import ReportTestSupport
import Testing

/// What `certify audit` says of a report and its proofs with one field wrong each
/// (`fixtures/generate/tampered.py`).
@Suite struct AuditTamperingTests {
  /// A place at which a tampered file differs from the valid one.
  struct Change: Decodable, Sendable {
    var offset, length: Int
    var text: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      offset = try values.decode(Int.self)
      length = try values.decode(Int.self)
      text = try values.decode(String.self)
    }

    /// The text's bytes; `isHexadecimal`: two digits a byte.
    func bytes(isHexadecimal: Bool) -> [UInt8] {
      let characters = Array(text.utf8)
      guard isHexadecimal else { return characters }
      return stride(from: 0, to: characters.count, by: 2).compactMap { place in
        UInt8(String(decoding: characters[place..<place + 2], as: UTF8.self), radix: 16)
      }
    }
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var name, model, data: String
    var status: Int32
    var words: [String]
    var report, proofs: [Change]
    var testDescription: String { name }
  }

  private static let folder = Command.package.appending(path: "fixtures/certificates")

  private static func listed() throws -> [Case] {
    let url = folder.appending(path: "tampered/cases.json")
    return try JSONDecoder().decode([Case].self, from: try Data(contentsOf: url))
  }

  /// None where they cannot be read: `isComplete` says why.
  static let cases = (try? listed()) ?? []

  /// A valid file with changes, which are in increasing order.
  private static func file(
    _ name: String, _ changes: [Change], isHexadecimal: Bool
  ) throws -> Data {
    var bytes = [UInt8](try Data(contentsOf: folder.appending(path: "valid/\(name)")))
    for change in changes.reversed() {
      bytes.replaceSubrange(
        change.offset..<change.offset + change.length,
        with: change.bytes(isHexadecimal: isHexadecimal))
    }
    return Data(bytes)
  }

  private static func audit(
    _ model: String, _ data: String, report: [Change] = [], proofs: [Change] = []
  ) throws -> Outcome {
    let scratch = try Scratch()
    let (first, second) = (scratch.file("report.json"), scratch.file("report.proofs"))
    try file("report.json", report, isHexadecimal: false).write(to: first)
    try file("report.proofs", proofs, isHexadecimal: true).write(to: second)
    return try Command.run(
      "audit", first.path, "--model", model, "--data", data, "--proofs", second.path, "--quiet")
  }

  @Test("a report and its proofs are valid as they were written")
  func valid() throws {
    let outcome = try Self.audit(
      "fixtures/digits/dense-ordinary.weights.json",
      "fixtures/certificates/valid/images-idx3-ubyte")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("valid: "), "\(outcome)")
    #expect(outcome.output.contains("12 of 12 examples"), "\(outcome)")
  }

  @Test("a report or proofs with one field wrong are refused for that field", arguments: cases)
  func tampered(_ tampered: Case) throws {
    let outcome = try Self.audit(
      tampered.model, tampered.data, report: tampered.report, proofs: tampered.proofs)
    #expect(outcome.status == tampered.status, "\(outcome)")
    let said = outcome.output + outcome.errors
    for word in tampered.words {
      #expect(said.contains(word), "\(word): \(said)")
    }
    #expect(!said.contains("valid: eps") || said.hasPrefix("invalid: "), "\(said)")
  }

  @Test("there is a case for everything that can be tampered with")
  func isComplete() throws {
    #expect(try Self.listed().count >= 40)
  }
}
