import Attack
import CertificateRecords
import Certification
import FileAccess
import Numbers
import ReLUChain
import Reports

/// Bytes to the journal of one run: as they are, and line by line under a digest that is right, behind which
/// no change of libFuzzer's would be read otherwise.
enum JournalTarget {
  static func run(_ bytes: [UInt8]) {
    _ = read(bytes)
    let head = Array(text.headLine.utf8)
    let digest = JournalText.digest(ofHead: head)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let start = line.firstIndex(of: UInt8(ascii: "[")),
        let end = line.lastIndex(of: UInt8(ascii: "]")), start < end
      else { continue }
      let payload = Array(line[start...end])
      let sum = sha256Hex(Array(digest.utf8) + payload)
      let signed =
        Array("{\"digest\":\"\(sum)\",\"certificates\":".utf8) + payload + Array("}\n".utf8)
      guard let contents = read(head + signed) else { continue }
      for certificates in contents.finished.values { check(certificates, head, digest) }
    }
  }

  /// What a journal keeps of an example is what a run that goes on with it keeps in its turn.
  private static func check(_ certificates: [Certificate], _ head: [UInt8], _ digest: String) {
    let line = JournalText.line(certificates, under: digest)
    let again = read(head + Array(line.utf8))
    guard let kept = again?.finished.values.first else {
      preconditionFailure("what is written does not read back")
    }
    precondition(
      JournalText.line(kept, under: digest) == line, "what is written reads back otherwise")
  }

  /// nil where it was refused in words.
  private static func read(_ bytes: [UInt8]) -> JournalText.Contents? {
    do throws(InputError) {
      return try text.read(bytes, file: "fuzzed.ndjson")
    } catch {
      precondition(!error.found.isEmpty && !error.file.isEmpty, "refused without words")
      return nil
    }
  }

  private static let text: JournalText = {
    let digest = String(repeating: "0a", count: 32)
    let file = FileDescription(path: "x", sha256: digest)
    let epsilon = Numeral(exactly: 0.125)
    let run = RunDescription(
      program: ProgramDescription(version: "0", build: "0123456789abcdef", commit: nil),
      kernels: "portable",
      model: ModelDescription(
        file: file, format: "onnx", externalFiles: [], inputShape: [2], classCount: 2, layers: [],
        notes: []),
      data: DataDescription(
        file: file, labels: nil, shape: [1000, 2], elementType: .uint8,
        scale: Numeral(exactly: 1), mean: [], std: [], layout: nil),
      options: OptionsDescription(
        epsilon: epsilon, engine: CertificationOptions(epsilons: [epsilon]), offset: 0, limit: 1000)
    )
    return JournalText([run], reading: [], positions: Array(0..<1000))
  }()
}
