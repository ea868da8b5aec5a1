import FileAccess
import ProofRecords

/// What a file of proofs speaks of: lines `key value`, one each.
package struct ProofHeader: Sendable, Equatable {
  /// The digest of the chain as the file states it.
  package var chain = ""
  package var model: String
  package var data: String
  package var arithmetic: String
  package var accumulation: String
  package var norm: String
  /// The texts of the epsilons, in the order of the proofs' places.
  package var epsilons: [String]

  package init(
    model: String, data: String, arithmetic: String, accumulation: String, norm: String,
    epsilons: [String]
  ) {
    (self.model, self.data, self.arithmetic) = (model, data, arithmetic)
    (self.accumulation, self.norm, self.epsilons) = (accumulation, norm, epsilons)
  }

  var text: String {
    let members = [
      ("chain", chain), ("model", model), ("data", data), ("arithmetic", arithmetic),
      ("accumulation", accumulation), ("norm", norm),
    ]
    return (members + epsilons.map { ("epsilon", $0) }).map { "\($0) \($1)\n" }.joined()
  }

  init(_ text: String, file: String) throws(InputError) {
    self.init(model: "", data: "", arithmetic: "", accumulation: "", norm: "", epsilons: [])
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? String(parts[1]) : ""
      switch parts[0] {
      case "chain": chain = value
      case "model": model = value
      case "data": data = value
      case "arithmetic": arithmetic = value
      case "accumulation": accumulation = value
      case "norm": norm = value
      case "epsilon": epsilons.append(value)
      default:
        throw InputError(
          file: file, place: "the head", found: quoted(String(parts[0])),
          expected: "a key of version 1")
      }
    }
  }
}

/// The parts of a file of proofs, by their names.
enum ProofPart: String {
  case head = "HEAD"
  case chain = "CHAI"
  case example = "EXAM"
  case end = "ENDS"

  /// What every file of proofs begins with, the version included.
  static let signature = Array("certify proofs 1\n".utf8)
}
