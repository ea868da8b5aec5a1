import Foundation
import Testing

@Suite struct GridTests {
  @Test("every model of the grid has onnxruntime's logits")
  func grid() throws {
    let folder = fixtures + "/grid/"
    let indexes = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".json") }.sorted()
    var count = 0
    for index in indexes {
      let group = String(index.dropLast(5))
      let entries = try decoded([GridEntry].self, from: folder + index)
      let bundle = try Data(contentsOf: URL(fileURLWithPath: "\(folder)\(group).onnxes"))
      for entry in entries {
        let bytes = [UInt8](bundle[entry.offset..<entry.offset + entry.length])
        let failure = entry.expected.failure {
          try chain(bytes, "\(group)/\(entry.name).onnx", output: entry.output)
        }
        #expect(failure == nil, "\(group)/\(entry.name): \(failure ?? "")")
      }
      count += entries.count
    }
    #expect(count >= 1480)
  }
}

/// One model in a file of several.
private struct GridEntry: Decodable {
  var name: String
  var offset: Int
  var length: Int
  /// The output that is meant, of several.
  var output: String?
  var expected: ExpectedLogits

  private enum CodingKeys: String, CodingKey { case name, offset, length, output }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    name = try keys.decode(String.self, forKey: .name)
    offset = try keys.decode(Int.self, forKey: .offset)
    length = try keys.decode(Int.self, forKey: .length)
    output = try keys.decodeIfPresent(String.self, forKey: .output)
    expected = try ExpectedLogits(from: decoder)
  }
}
