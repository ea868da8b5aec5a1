import DualBounds
import Foundation
import ReLUChain
import Testing

@Suite struct GridTests {
  @Test("every model of the grid has onnxruntime's logits")
  func grid() throws {
    let count = try eachEntry { group, entry, bytes in
      let failure = entry.expected.failure {
        try chain(bytes, "\(group)/\(entry.name).onnx", output: entry.output)
      }
      #expect(failure == nil, "\(group)/\(entry.name): \(failure ?? "")")
    }
    #expect(count >= 1850)
  }

  @Test(
    "no margin at a point is above onnxruntime's there, and those of the deployment are close to it"
  )
  func points() throws {
    var known = 0
    let count = try eachEntry { group, entry, bytes in
      let chain = try chain(bytes, "\(group)/\(entry.name).onnx", output: entry.output)
      let arithmetic = try #require(Arithmetic(rawValue: entry.expected.type))
      let workspace = BoundWorkspace(
        BoundProblem(chain, arithmetic: arithmetic, wideSums: arithmetic.isHalf))
      for (input, logits) in zip(entry.expected.inputs, entry.expected.logits) {
        let own = logits.indices.max { logits[$0] < logits[$1] } ?? 0
        let margins = workspace.bounds(
          over: Ball(center: input, radius: input.map { _ in 0 }), specificationClass: own
        ).margins.margins
        let scale = logits.reduce(1) { max($0, $1.magnitude) }
        for other in logits.indices where other != own && margins[other].isFinite {
          let truth = logits[own] - logits[other]
          #expect(margins[other] <= truth, "\(group)/\(entry.name)")
          if group == "Interpolation" {
            #expect(truth - margins[other] < 5e-3 * scale, "\(group)/\(entry.name)")
          }
          known += 1
        }
      }
    }
    #expect(count >= 1850 && known >= 6000, "\(known)")
  }

  private func eachEntry(
    _ body: (String, GridEntry, [UInt8]) throws -> Void
  ) throws -> Int {
    let folder = fixtures + "/grid/"
    let indexes = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".json") }.sorted()
    var count = 0
    for index in indexes {
      let group = String(index.dropLast(5))
      let entries = try decoded([GridEntry].self, from: folder + index)
      let bundle = try Data(contentsOf: URL(fileURLWithPath: "\(folder)\(group).onnxes"))
      for entry in entries {
        try body(group, entry, [UInt8](bundle[entry.offset..<entry.offset + entry.length]))
      }
      count += entries.count
    }
    return count
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
