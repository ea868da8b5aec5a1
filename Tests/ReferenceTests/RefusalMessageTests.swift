import DataFiles
import FileAccess
import Foundation
import ModelFiles
import ReLUChain
import ReferenceSupport
import Testing

/// Every file of `fixtures/invalid`: refused for its own reason, in words that were read one by one.
///
/// `messages.json` holds the words, written by hand or checked by eye: a change of wording changes
/// it in the same commit.
@Suite struct RefusalMessageTests {
  private struct Case: Decodable {
    var file: String
    var kind: String
    var mentions: [String]
  }

  /// What a person reads, without the program's name, and what kind of refusal it is.
  private struct Message: Codable, Equatable {
    var kind: String
    var message: String
  }

  private static let folder = Place.fixtures + "/invalid"

  @Test("every file is refused in exactly the words of messages.json")
  func messages() throws {
    let cases = try decoded([Case].self, from: Self.folder + "/cases.json")
    let expected = try decoded([String: Message].self, from: Self.folder + "/messages.json")
    #expect(Set(cases.map(\.file)) == Set(expected.keys))
    #expect(cases.count == expected.count)
    for entry in cases {
      let found = try refusal(of: entry)
      #expect(found == expected[entry.file], "\(entry.file)")
      for word in entry.mentions { #expect(found?.message.contains(word) == true, "\(entry.file)") }
    }
  }

  @Test("messages are one line and a remedy, begin small, end without a stop, and give a value")
  func wording() throws {
    for (file, entry) in try decoded([String: Message].self, from: Self.folder + "/messages.json") {
      for line in entry.message.split(separator: "\n") {
        #expect(line.last != "." && line.last != " ", "\(file)")
        #expect(line.first?.isUppercase == false, "\(file)")
      }
      // What zlib found wrong is told in zlib's words.
      for word in ["invalid", "failed", "error", "  "] where !entry.message.contains("gzip data (")
      {
        #expect(!entry.message.contains(word), "\(file)")
      }
      #expect(entry.message.hasPrefix(file + ": "), "\(file)")
    }
  }

  @Test("the good neighbours are accepted")
  func goodNeighbours() throws {
    for model in ["good.onnx", "good.json", "good-conv.json"] {
      _ = try chain(at: "\(Self.folder)/models/\(model)")
    }
    let chain = try chain(at: Self.folder + "/models/good.onnx")
    let examples = try Examples(Self.folder + "/data/good.idx", for: chain)
    #expect(examples.count == 3 && examples.labels != nil)
  }

  /// Reads the file as a run does, beside good ones; nil where it is accepted.
  private func refusal(of entry: Case) throws -> Message? {
    let path = "\(Self.folder)/\(entry.file)"
    let good = Self.folder + "/data/good.idx"
    do {
      let isModel = entry.kind == "model"
      let chain = try chain(at: isModel ? path : Self.folder + "/models/good.onnx")
      if entry.kind == "labels" {
        _ = try Examples(good, labels: path, for: chain)
      } else if !isModel {
        _ = try Examples(path, for: chain)
      }
      return nil
    } catch let error as InputError {
      return Message(kind: "\(error.kind)", message: relative(error.description))
    } catch let error as ChainRefusals {
      let lines = error.reasons.map { "\(entry.file): \($0)" }
      return Message(kind: "content", message: lines.joined(separator: "\n"))
    }
  }

  /// The message as a run in the folder itself would print it.
  private func relative(_ text: String) -> String {
    text.replacingOccurrences(of: Self.folder + "/", with: "")
  }
}
