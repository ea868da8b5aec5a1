import Audit
import ChainImport
import Certification
import FileAccess
import ModelFiles
import ProofFiles
import ProofRecords
import ReLUChain

/// Bytes to a file of proofs, as they are and with sums that are right; and every proof in it to an audit of a
/// claim that is false, which no proof makes true.
enum ProofTarget {
  static func run(_ bytes: [UInt8]) {
    for file in [bytes, summed(bytes)] {
      guard
        let file = accepted({ () throws(InputError) in try ProofFile(file, path: "fuzzed.proofs") })
      else { continue }
      for index in 0..<4 {
        for place in 0..<2 {
          let proofs = accepted { () throws(InputError) in try file.proofs(index, place) }
          guard var proofs, !proofs.isEmpty else { continue }
          for place in proofs.indices { proofs[place].index = 0 }
          audit(proofs)
        }
      }
    }
  }

  /// A class wins by one more over the ball than at its centre, says the claim.
  private static func audit(_ proofs: [ExampleProof]) {
    let logits = chain.logits(of: centre)
    let winner = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    let margins = logits.indices.map { $0 == winner ? 0 : logits[winner] - logits[$0] + 1 }
    var claim = AuditClaim(
      index: 0, label: winner, prediction: winner, verdict: .certified, specificationClass: winner,
      margins: margins)
    let others = margins.indices.filter { $0 != winner }
    claim.margin = others.map { margins[$0] }.min() ?? 0
    claim.marginReal = claim.margin
    let audit = Audit(
      ChainStatement(chain, arithmetic: .real), AuditQuestion(epsilon: (0.0625, 0.0625)))
    do throws(AuditFault) {
      _ = try audit.audit(claim, at: AuditedExample(stored: centre), proofs: proofs, radius: false)
      preconditionFailure("a claim that is false was found to hold")
    } catch {
      precondition(!error.words.isEmpty, "a fault without words")
    }
  }

  private static let centre = [0.5, 0.25]
  private static let chain: ReLUChain = {
    let path = "fixtures/hand/network.json"
    guard let bytes = try? readFile(path), let model = try? ModelFile.decode(bytes, path: path),
      let chain = try? ReLUChain(validating: model.graph)
    else { preconditionFailure("run where \(path) is") }
    return chain
  }()

  /// The parts with their right sums, as far as they can be told apart, and the chain's digest in the head.
  private static func summed(_ bytes: [UInt8]) -> [UInt8] {
    let signature = Array("certify proofs 1\n".utf8)
    guard bytes.starts(with: signature) else { return bytes }
    var (parts, next) = ([Range<Int>](), signature.count)
    while bytes.count - next >= 16 {
      let length = bytes[(next + 4)..<(next + 12)].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      guard length <= UInt64(bytes.count - next - 16) else { break }
      parts.append(next..<(next + 12 + Int(length)))
      next += 16 + Int(length)
    }
    var result = bytes
    // The head's first line is `chain`, a blank and 64 digits.
    if parts.count > 1, parts[0].count >= 12 + 70 {
      let digest = sha256Hex(Array(bytes[parts[1].dropFirst(12)]))
      result.replaceSubrange(
        (parts[0].lowerBound + 18)..<(parts[0].lowerBound + 82), with: digest.utf8)
    }
    for part in parts {
      var sum = CRC32()
      result[part].withUnsafeBytes { sum.update($0) }
      withUnsafeBytes(of: sum.value.littleEndian) {
        result.replaceSubrange(part.upperBound..<(part.upperBound + 4), with: $0)
      }
    }
    return result
  }

  private static func accepted<Value>(_ read: () throws(InputError) -> Value) -> Value? {
    do throws(InputError) {
      return try read()
    } catch {
      precondition(!error.found.isEmpty && !error.file.isEmpty, "refused without words")
      return nil
    }
  }
}
