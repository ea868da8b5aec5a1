import CertificateRecords
import FileAccess
import JSONFiles

/// The text of a journal: a head that says which run it belongs to, and below it a line for each
/// example that is finished, in no order.
///
/// A line names the SHA-256 of the head and of its own certificates, so that none is taken for one of
/// another run, and none that was damaged for a whole one. What stands behind the last line end was
/// never finished.
public struct JournalText: Sendable {
  /// The version of the form.
  static let version = 1
  private static let (kindKey, filesKey) = ("journal", "files")
  private static let (digestKey, certificatesKey) = ("digest", "certificates")
  private static let proofsKey = "proofs"

  /// The run, but for where its files lie.
  private let head: JSONValue
  private let files: JSONValue
  private let epsilonCount: Int
  private let positions: Set<Int>
  /// Whether lines have what their certificates rest on, too.
  private let keepsProofs: Bool

  /// The journal of a run.
  ///
  /// - Parameters:
  ///   - runs: a description for each epsilon, at least one.
  ///   - reading: settings that reports do not name, and that numbers depend on.
  ///   - positions: of the examples.
  ///   - keepsProofs: whether what certificates rest on is kept, too; the head says so.
  public init(
    _ runs: [RunDescription], reading: [(String, String?)], positions: [Int],
    keepsProofs: Bool = false
  ) {
    let run = runs[0]
    (epsilonCount, self.positions, self.keepsProofs) = (runs.count, Set(positions), keepsProofs)
    files = .object([
      ("model", .string(run.model.file.path)), ("data", .string(run.data.file.path)),
    ])
    head =
      JSONValue.object(
        [
          ("tool", run.toolJSON), ("model", run.model.json.without(["layers", "notes"])),
          ("data", run.data.json),
          (
            "reading",
            .object(reading.map { name, value in (name, .optional(value) { .string($0) }) })
          ),
          ("options", .array(runs.map(\.options.json))),
        ] + (keepsProofs ? [(Self.proofsKey, .bool(true))] : [])
      ).withoutPaths
  }

  /// The first line.
  public var headLine: String {
    guard case .members(let members) = head else { preconditionFailure("an object") }
    let kind = JSONMember(key: Self.kindKey, value: .integer(Self.version))
    let files = JSONMember(key: Self.filesKey, value: files)
    return JSONValue.members([kind, files] + members).compactText + "\n"
  }

  /// The line of one example's certificates, one for each epsilon.
  ///
  /// - Parameters:
  ///   - proofs: the parts of a file of proofs that they rest on; nil where none are kept.
  ///   - head: the digest of the journal's head.
  public static func line(
    _ certificates: [Certificate], proofs: [[UInt8]]? = nil, under head: String
  ) -> String {
    let text = JSONValue.array(certificates.map(\.exactJSON)).compactText
    let parts = proofs.map { JSONValue.array($0.map { .string(hexadecimal($0)) }).compactText }
    let digest = digest(text + (parts ?? ""), under: head)
    let more = parts.map { ",\"\(proofsKey)\":\($0)" } ?? ""
    return "{\"\(digestKey)\":\"\(digest)\",\"\(certificatesKey)\":\(text)\(more)}\n"
  }

  /// What names the head in every line.
  public static func digest(ofHead line: some Sequence<UInt8>) -> String { sha256Hex(Array(line)) }

  private static func digest(_ text: String, under head: String) -> String {
    sha256Hex(Array((head + text).utf8))
  }

  /// What a journal holds.
  public struct Contents: Sendable {
    /// The digest of its head; nil where there is none yet.
    public var head: String?
    /// The certificates of each finished example, by its position.
    public var finished: [Int: [Certificate]] = [:]
    /// What they rest on, part by part, where that is kept.
    public var proofs: [Int: [[UInt8]]] = [:]
    /// Where its last line ends.
    public var end = 0
  }

  /// Reads a journal of this run.
  ///
  /// - Throws: where it belongs to another run, by what differs, or where a line is damaged.
  public func read(_ bytes: [UInt8], file: String) throws(InputError) -> Contents {
    var contents = Contents()
    contents.end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = bytes[..<contents.end].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).dropLast()
    for (place, line) in lines.enumerated() {
      do throws(InputError) {
        try take(line, file, &contents)
      } catch {
        var error = error
        error.place = "line \(place + 1)" + (error.place.isEmpty ? "" : ": \(error.place)")
        if error.remedy.isEmpty {
          error.remedy =
            place == 0
            ? "Name another file by --journal."
            : "Without that line its example is computed again."
        }
        throw error
      }
    }
    return contents
  }

  /// Adds a line: the head, or an example below it.
  private func take(
    _ line: ArraySlice<UInt8>, _ file: String, _ contents: inout Contents
  ) throws(InputError) {
    guard let head = contents.head else {
      try checkHead(line, file)
      contents.head = Self.digest(ofHead: Array(line) + [UInt8(ascii: "\n")])
      return
    }
    let (certificates, proofs) = try example(line, under: head, file)
    let index = certificates[0].index
    contents.proofs[index] = proofs
    guard contents.finished.updateValue(certificates, forKey: index) == nil else {
      throw InputError(
        file: file, found: "example \(index) for a second time", expected: "each example once")
    }
  }

  private func checkHead(_ line: ArraySlice<UInt8>, _ file: String) throws(InputError) {
    let document = try JSONPart(Array(line), file: file, keys: 1000)
    let found = try document.read { (node) throws(InputError) in try JSONValue(node) }
    guard case .number(let version)? = found[Self.kindKey] else {
      throw InputError(
        file: file, found: "no key '\(Self.kindKey)'", expected: "a journal of certify")
    }
    guard version == "\(Self.version)" else {
      throw InputError(
        file: file, place: "$.\(Self.kindKey)", found: version, expected: "\(Self.version)",
        remedy: "The journal is another version's: name another file by --journal.")
    }
    let own = found.without([Self.kindKey, Self.filesKey])
    guard let difference = own.difference(from: head, at: .root) else { return }
    throw InputError(
      file: file, place: difference.path.description, found: difference.here,
      expected: "\(difference.there), as this run has it",
      remedy: difference.path.description.hasPrefix("$.tool.")
        ? "The journal is another program's, whose faults need not be this one's: begin afresh, with another"
          + " file by --journal."
        : "The journal is another run's: give this one its options, or another file by --journal.")
  }

  private func example(
    _ line: ArraySlice<UInt8>, under head: String, _ file: String
  ) throws(InputError) -> (certificates: [Certificate], proofs: [[UInt8]]?) {
    let part = try JSONPart(Array(line), file: file, keys: 1000)
    let members = try part.members()
    let keys = [Self.digestKey, Self.certificatesKey] + (keepsProofs ? [Self.proofsKey] : [])
    guard members.map(\.key) == keys else {
      throw part.refusal("other keys", keys.map { "'\($0)'" }.joined(separator: " and "))
    }
    let digest = members[0].value.compactText
    let text = members.dropFirst().map(\.value.compactText).joined()
    guard digest == "\"\(Self.digest(text, under: head))\"" else {
      throw members[0].value.refusal(
        "a digest of other bytes", "that of the first line and of these certificates")
    }
    let certificates = try members[1].value.read { (node) throws(InputError) in
      try [Certificate](exact: node)
    }
    guard certificates.count == epsilonCount, let index = certificates.first?.index,
      certificates.allSatisfy({ $0.index == index }), positions.contains(index)
    else {
      throw members[1].value.refusal(
        "\(certificates.count) certificates of examples \(certificates.map(\.index))",
        "one for each of \(epsilonCount) eps, of an example of this run")
    }
    guard keepsProofs else { return (certificates, nil) }
    let proofs = try members[2].value.read { (node) throws(InputError) in
      var parts: [[UInt8]] = []
      for element in try node.elements() { parts.append(try Self.bytes(element)) }
      return parts
    }
    return (certificates, proofs)
  }

  /// Two hexadecimal digits for each byte.
  private static func bytes(_ node: JSONNode) throws(InputError) -> [UInt8] {
    let digits = Array(try node.string().utf8)
    let values = digits.map { Character(Unicode.Scalar($0)).hexDigitValue ?? 16 }
    guard digits.count % 2 == 0, !values.contains(16) else {
      throw node.refusal("\(digits.count) letters", "pairs of hexadecimal digits")
    }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(16 * values[$0] + values[$0 + 1]) }
  }
}

extension JSONValue {
  /// The value without where files lie, which no number depends on.
  fileprivate var withoutPaths: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.withoutPaths))
    case .members(let members):
      .members(
        members.filter { $0.key != "path" }.map {
          JSONMember(key: $0.key, value: $0.value.withoutPaths)
        })
    default: self
    }
  }
}
