import FileAccess
import ProofRecords

/// Writes proofs as they are found, one part an example.
package final class ProofWriter {
  private let file: AtomicFile
  private var count = 0

  /// Opens the output.
  package init(_ path: String) throws(OutputError) { file = try AtomicFile(path) }

  /// Begins with what the proofs speak of; returns the chain's digest.
  package func begin(_ header: ProofHeader, _ chain: ChainStatement) throws(OutputError) {
    var (header, writer) = (header, ByteWriter())
    writer.chain(chain)
    header.chain = sha256Hex(writer.bytes)
    try write(ProofPart.signature)
    try put(.head, Array(header.text.utf8))
    try put(.chain, writer.bytes)
  }

  package func add(_ proof: ExampleProof) throws(OutputError) {
    try add(Self.bytes(of: proof))
  }

  /// Adds a proof by its bytes.
  package func add(_ bytes: [UInt8]) throws(OutputError) {
    try put(.example, bytes)
    count += 1
  }

  /// What a proof's part holds.
  package static func bytes(of proof: ExampleProof) -> [UInt8] {
    var writer = ByteWriter()
    writer.example(proof)
    return writer.bytes
  }

  /// Says how many there are: a file that lacks some has no end.
  package func end() throws(OutputError) -> AtomicFile {
    var writer = ByteWriter()
    writer.count(count)
    try put(.end, writer.bytes)
    return file
  }

  package func discard() { file.discard() }

  private func put(_ part: ProofPart, _ payload: [UInt8]) throws(OutputError) {
    var (head, tail, sum) = (ByteWriter(), ByteWriter(), CRC32())
    head.add(Array(part.rawValue.utf8))
    head.fixed(UInt64(payload.count))
    head.bytes.withUnsafeBytes { sum.update($0) }
    payload.withUnsafeBytes { sum.update($0) }
    tail.fixed(sum.value)
    try write(head.bytes + payload + tail.bytes)
  }

  private func write(_ bytes: [UInt8]) throws(OutputError) {
    try file.write(bytes)
  }
}

/// The digest by which proofs name a chain.
package func digest(of chain: ChainStatement) -> String {
  var writer = ByteWriter()
  writer.chain(chain)
  return sha256Hex(writer.bytes)
}
