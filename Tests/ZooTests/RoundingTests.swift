import DualBounds
import Foundation
import ReLUChain
import Testing

/// Whether `DeployedTrace` tells rounding from difference, on every network of the zoo.
@Suite struct RoundingTests {
  private struct Entry: Decodable {
    var file: String
    var type: String
    var inputs: [[Double]]
    var logits: [[Double]]
  }

  @Test("onnxruntime's logits lie within what rounding explains, which is little")
  func explained() throws {
    let folder = fixtures + "/zoo/accepted/"
    var count = 0
    for index in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where index.hasSuffix(".json") {
      for entry in try decoded([Entry].self, from: folder + index) {
        let chain = try chain(at: folder + entry.file)
        let arithmetic = try #require(Arithmetic(rawValue: chain.elementType.rawValue))
        let trace = DeployedTrace(chain, arithmetic: arithmetic)
        for (input, logits) in zip(entry.inputs, entry.logits) {
          let found = try #require(trace.values(of: input).last?.last)
          #expect(found.values == chain.logits(of: input))
          let scale = logits.map(abs).max() ?? 0
          for (unit, logit) in logits.enumerated() {
            // A stored logit is one of the network's type.
            #expect(
              abs(found.values[unit] - logit) <= found.tolerances[unit],
              "\(entry.file): \(found.values[unit]), \(logit), \(found.tolerances[unit])")
            if arithmetic == .float32 {
              #expect(found.tolerances[unit] <= 1e-3 * max(1, scale), "\(entry.file)")
            }
          }
          count += 1
        }
      }
    }
    #expect(count >= 120)
  }
}
