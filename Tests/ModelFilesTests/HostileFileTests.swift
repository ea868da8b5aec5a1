import FileAccess
import Foundation
import ModelFiles
import Testing

/// Files that were damaged by chance: each must be refused or read, quickly and in little memory.
@Suite struct HostileFileTests {
  private static let seeds: [[UInt8]] = [
    smallModel(),
    Array(
      """
      {"format": "certify-weights", "version": 1, "input": {"shape": [1, 2, 2]}, "layers": [
      {"type": "conv2d", "weights": [[[[1.5e0, -2]]]], "bias": [0.1], "stride": [1, 1]},
      {"type": "relu"}, {"type": "flatten"}, {"type": "dense", "weights": [[1, 2, 3, 4]]}]}
      """.utf8),
    Array(
      """
      {"irVersion": "8", "graph": {"node": [{"input": ["x", "w"], "output": ["y"], "name": "\\u00e9",
      "opType": "Add", "attribute": [{"name": "a", "ints": ["1", 2], "type": "INTS"}]}],
      "initializer": [{"dims": ["2"], "dataType": 1, "name": "w", "rawData": "AACAPwAAAEA="}],
      "input": [{"name": "x", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
      {"dimParam": "n"}, {"dimValue": "2"}]}}}}], "output": [{"name": "y"}]},
      "opsetImport": [{"version": "13"}]}
      """.utf8),
    Array("// net\n1,2,1,2,\n2,1,\n0,\n0,0,\n1,1,\n0,0,0,\n1,1,1,\n0.5,-1e-3,\n0.25,\n".utf8),
  ]

  private func survives(_ bytes: [UInt8]) {
    do {
      _ = try ModelFile.decode(bytes, path: "net")
    } catch {
      #expect(!error.found.isEmpty)
    }
  }

  @Test("every beginning of a file is refused or read", arguments: seeds.indices)
  func truncations(seed: Int) throws {
    let bytes = Self.seeds[seed]
    _ = try ModelFile.decode(bytes, path: "net")
    for length in bytes.indices { survives(Array(bytes[..<length])) }
  }

  @Test("a file with changed bits, bytes or lengths is refused or read", arguments: 0..<40)
  func mutations(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    for round in 0..<100 {
      var bytes = Self.seeds[round % Self.seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes[at] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
        case 3: bytes.insert(contentsOf: bytes[at...].prefix(8), at: at)
        default: bytes.removeSubrange(at..<min(at + 2, bytes.count - 1))
        }
      }
      survives(bytes)
    }
  }

  @Test("a file made of nothing but small messages costs no more than a stated amount")
  func amplification() {
    // 2 MB of empty nodes: refused by their number, before protobuf-c allocates for them.
    let nodes = [[UInt8]](repeating: [0x0a, 0], count: 1_100_000).flatMap(\.self)
    let bytes = [0x3a] + Proto.varint(UInt64(nodes.count)) + nodes
    #expect(refusal(.limit) { try read(bytes) }.contains("more than 1000000 fields"))
    // 9 MB of empty objects would be 3 GB in json-c.
    let objects = "{\"a\":[" + String(repeating: "{},", count: 3_000_000) + "{}]}"
    #expect(refusal(.limit) { try read(json: objects) }.contains("bytes in memory"))
  }
}

/// A generator that repeats: Steele, Lea and Flood 2014.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
