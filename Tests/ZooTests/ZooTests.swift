import FileAccess
import Foundation
import ModelFiles
import ReLUChain
import Testing

@Suite struct ZooTests {
  @Test("every network of the zoo that is a chain has onnxruntime's logits")
  func accepted() throws {
    let folder = fixtures + "/zoo/accepted/"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    var listed: Set<String> = []
    for index in names.filter({ $0.hasSuffix(".json") }).sorted() {
      for entry in try decoded([AcceptedFile].self, from: folder + index) {
        listed.insert(entry.file)
        let failure = entry.expected.failure { try chain(at: folder + entry.file) }
        #expect(failure == nil, "\(entry.file): \(failure ?? "")")
      }
    }
    #expect(listed == Set(names.filter { $0.hasSuffix(".onnx") }))
    #expect(listed.count >= 60)
  }

  @Test("every network of the zoo that is no chain is refused with exactly the pinned reasons")
  func refused() throws {
    let folder = fixtures + "/zoo/refused/"
    let pinned = try decoded([String: [String]].self, from: folder + "reasons.json")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".onnx") }.sorted()
    for name in names {
      let reasons = try self.reasons(against: folder + name, named: name)
      #expect(reasons == pinned[name], "\(name)")
      #expect(reasons != [], "\(name) was accepted")
    }
    #expect(Set(names) == Set(pinned.keys))
    #expect(names.count >= 40)
  }

  /// Why a file is refused; empty where it is accepted.
  private func reasons(against path: String, named name: String) throws -> [String] {
    do {
      _ = try chain([UInt8](Data(contentsOf: URL(fileURLWithPath: path))), name)
      return []
    } catch let error as ChainRefusals {
      return error.reasons.map(\.description)
    } catch let error as InputError {
      return [error.description]
    }
  }
}

/// One file of the zoo and what onnxruntime makes of it.
private struct AcceptedFile: Decodable {
  var file: String
  var expected: ExpectedLogits

  private enum CodingKeys: String, CodingKey { case file }

  init(from decoder: any Decoder) throws {
    file = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .file)
    expected = try ExpectedLogits(from: decoder)
  }
}
