import Audit
import FileAccess
import Foundation
import ProofFiles
import ProofRecords
import Testing

/// Bounds behind splits in a file, whole and damaged.
@Suite struct BehindSplitsFileTests {
  /// A file with the bytes of examples, each with its index.
  private static func file(_ parts: [[UInt8]]) throws -> ProofFile {
    let path = NSTemporaryDirectory() + "behind-splits-\(UUID().uuidString).proofs"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let writer = try ProofWriter(path)
    let header = ProofHeader(
      model: "", data: "", arithmetic: "real", accumulation: "", norm: "linf", epsilons: ["1"])
    try writer.begin(header, BehindSplitsTests.chain(0.5))
    for part in parts { try writer.add(part) }
    try writer.end().commit()
    return try ProofFile(path)
  }

  @Test(
    "a file has bounds behind splits as they were, byte 3, and those without as they always were")
  func roundTrip() throws {
    var old = BehindSplitsTests.proof()
    (old.index, old.relaxations) = (1, [old.relaxations[1]])
    old.relaxations[0].origin = .narrowed(parent: 0, rival: 1, splits: [], rows: [])
    let bytes = ProofWriter.bytes(of: old)
    // index, place, no radius, class, one relaxation: its kind, parent, rival, no rows.
    #expect(bytes.prefix(9) == [1, 0, 0, 0, 1, 2, 0, 1, 0])
    var new = BehindSplitsTests.proof()
    (new.index, new.relaxations) = (2, [new.relaxations[1]])
    new.relaxations[0].origin = .narrowed(
      parent: 0, rival: 1, splits: [SplitSide(layer: 0, unit: 0, isActive: true)], rows: [])
    // One split: layer 0, unit 0, at least 0.
    #expect(
      ProofWriter.bytes(of: new).prefix(13) == [2, 0, 0, 0, 1, 3, 0, 1, 1, 0, 0, 1, 0])
    var none = bytes
    none.replaceSubrange(0..<9, with: [3, 0, 0, 0, 1, 3, 0, 1, 0, 0])
    var fourth = bytes
    fourth.replaceSubrange(0..<9, with: [4, 0, 0, 0, 1, 4, 0, 1, 0])
    let all = [
      ProofWriter.bytes(of: BehindSplitsTests.proof()), bytes, ProofWriter.bytes(of: new), none,
      fourth,
    ]
    let file = try Self.file(all)
    #expect(try file.proofs(0, 0) == [BehindSplitsTests.proof()])
    #expect(try file.proofs(1, 0) == [old])
    #expect(try file.proofs(2, 0) == [new])
    let refused = #expect(throws: InputError.self) { try file.proofs(3, 0) }
    #expect(refused?.found == "no splits" && refused?.expected == "one at least")
    let unknown = #expect(throws: InputError.self) { try file.proofs(4, 0) }
    #expect(unknown?.found == "4" && unknown?.expected == "0 to 3")
  }

  @Test("no damage to bounds behind splits ends a reader, or carries a claim above the truth")
  func damaged() throws {
    let first = ProofWriter.bytes(of: BehindSplitsTests.proof())
    var parts: [[UInt8]] = []
    func add(_ bytes: [UInt8]) {
      // Its index, a count of two bytes, in place of the first.
      parts.append([UInt8(parts.count & 127 | 128), UInt8(parts.count >> 7)] + bytes.dropFirst())
    }
    for place in first.indices.dropFirst(2) {
      add(Array(first[..<place]))
      for value in [0, 1, 2, 3, 0x7f, 0xff, first[place] ^ 1, first[place] ^ 0x80] {
        var bytes = first
        bytes[place] = value
        add(bytes)
      }
    }
    try #require(parts.count > 1000 && parts.count < 1 << 14)
    let file = try Self.file(parts)
    var (refused, read) = (0, 0)
    for index in parts.indices {
      do throws(InputError) {
        let proofs = try file.proofs(index, 0)
        read += 1
        // At (0, 1) the margin is 1/4.
        #expect(throws: AuditFault.self, "\(index)") {
          try BehindSplitsTests.audit(proofs[0], isRational: index % 2 == 0, margin: 0.25.nextUp)
        }
      } catch {
        refused += 1
        #expect(!error.found.isEmpty && error.file.hasSuffix(".proofs"), "\(index)")
      }
    }
    #expect(refused > 100 && read > 100, "\(refused) refused, \(read) read")
  }
}
