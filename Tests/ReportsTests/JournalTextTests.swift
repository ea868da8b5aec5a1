import CertificateRecords
import FileAccess
import Foundation
import NumberSupport
import Numbers
import ReportTestSupport
import Reports
import Testing

@Suite struct JournalTextTests {
  static func text(_ change: (inout RunDescription) -> Void = { _ in }) -> JournalText {
    let runs = ["0.1", "8/255"].map { epsilon in
      var run = ReportTests.run(epsilon)
      run.data.shape[0] = 1000
      change(&run)
      return run
    }
    return JournalText(
      runs, reading: [("data_format", "csv"), ("label_column", nil)], positions: Array(0..<100))
  }

  /// Any binary64 number, those that are none included.
  static func number(_ random: inout SeededGenerator) -> Double {
    switch random.next() % 4 {
    case 0:
      return [0, -0.0, .infinity, -.infinity, .nan, 0.1, .leastNonzeroMagnitude][
        Int(random.next() % 7)]
    case 1: return Double.random(in: -3...3, using: &random)
    default:
      // Which NaN it is says nothing.
      let number = Double(bitPattern: random.next())
      return number.isNaN ? .nan : number
    }
  }

  /// A certificate with something at every property.
  static func certificate(_ index: Int, _ random: inout SeededGenerator) -> Certificate {
    func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in number(&random) } }
    func flag() -> Bool { random.next() % 2 == 0 }
    func count() -> Int { Int(random.next() % 100) }
    var made = Certificate(
      index: index, label: flag() ? count() : nil, prediction: count(),
      verdict: Verdict.allCases[count() % 4],
      detection: [nil, .cleared, .flagged][count() % 3], specificationClass: count(),
      margins: numbers(3), margin: number(&random), marginReal: number(&random),
      roundingBudget: flag() ? number(&random) : nil, radius: flag() ? number(&random) : nil,
      radiusIsCapped: flag(), radiusUpper: flag() ? number(&random) : nil,
      radiusSteps: flag() ? count() : nil, radiusIsConverged: flag(),
      slopesUsed: flag() ? ["parallel", "a \"b\"\n\u{1b}"] : [],
      robustLoss: flag() ? number(&random) : nil, unstable: [count(), count()],
      attack: flag()
        ? AttackRecord(
          steps: count(), fgsmSucceeds: flag(),
          counterexample: flag()
            ? Counterexample(
              winner: count(), distance: number(&random), margin: number(&random),
              point: numbers(4)) : nil,
          frozen: count()) : nil,
      search: flag()
        ? SearchRecord(
          nodes: count(), leaves: count(), depth: count(), share: number(&random),
          bound: flag() ? number(&random) : nil, isProved: flag(),
          reason: flag() ? SearchRecord.Reason.allCases[count() % 3] : nil) : nil)
    if flag() { made.detectionMargin = number(&random) }
    return made
  }

  /// A journal of some examples, in an order of its own, and their certificates.
  static func journal(
    _ count: Int, seed: UInt64
  ) -> (bytes: [UInt8], finished: [Int: [Certificate]], ends: [Int]) {
    var random = SeededGenerator(state: seed)
    let text = Self.text()
    var bytes = Array(text.headLine.utf8)
    let head = JournalText.digest(ofHead: bytes)
    var (finished, ends) = ([Int: [Certificate]](), [bytes.count])
    for index in (0..<count).shuffled(using: &random) {
      let certificates = [certificate(index, &random), certificate(index, &random)]
      finished[index] = certificates
      bytes += Array(JournalText.line(certificates, under: head).utf8)
      ends.append(bytes.count)
    }
    return (bytes, finished, ends)
  }

  /// Every number to the last bit: NaN is itself here, and 0 has its sign.
  static func words(_ finished: [Int: [Certificate]]) -> String {
    finished.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
  }

  @Test("what is read back is what was written, to the last bit", arguments: UInt64(0)..<50)
  func exact(seed: UInt64) throws {
    let journal = Self.journal(20, seed: seed)
    let contents = try Self.text().read(journal.bytes, file: "j")
    #expect(Self.words(contents.finished) == Self.words(journal.finished))
    #expect(contents.end == journal.bytes.count)
    for line in String(decoding: journal.bytes, as: UTF8.self).split(separator: "\n") {
      _ = try JSONText(parsing: String(line))
    }
  }

  @Test("proofs are kept byte for byte beside certificates, and a changed one is refused")
  func proofs() throws {
    var random = SeededGenerator(state: 9)
    let runs = ["0.1", "8/255"].map { ReportTests.run($0) }
    let text = JournalText(runs, reading: [], positions: Array(0..<9), keepsProofs: true)
    let head = JournalText.digest(ofHead: Array(text.headLine.utf8))
    var (kept, journal) = ([Int: [[UInt8]]](), text.headLine)
    for index in [3, 0, 7] {
      let parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        (0..<Int.random(in: 0...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
      let certificates = (0..<2).map { _ in Self.certificate(index, &random) }
      journal += JournalText.line(certificates, proofs: parts, under: head)
      kept[index] = parts
    }
    #expect(try text.read(Array(journal.utf8), file: "j").proofs == kept)
    let place = try #require(journal.range(of: "\"proofs\":[\"", options: .backwards))
    let digit = journal[place.upperBound]
    let changed = journal.replacingCharacters(
      in: place.upperBound..<journal.index(after: place.upperBound), with: digit == "0" ? "1" : "0")
    #expect(throws: InputError.self) { _ = try text.read(Array(changed.utf8), file: "j") }
    let without = JournalText.line(
      (0..<2).map { _ in Self.certificate(5, &random) }, under: head)
    #expect(throws: InputError.self) {
      _ = try text.read(Array((text.headLine + without).utf8), file: "j")
    }
  }

  @Test("every stored property of a certificate, and of its parts, has a key")
  func properties() throws {
    var random = SeededGenerator(state: 1)
    var full = Self.certificate(0, &random)
    while full.attack?.counterexample == nil || full.search == nil {
      full = Self.certificate(0, &random)
    }
    let line = try JSONText(parsing: JournalText.line([full], under: ""))
    let written = try #require(line["certificates"]?.elements.first)
    let parts: [(JSONText?, Any?)] = [
      (written, full), (written["attack"], full.attack.map { $0 as Any }),
      (written["attack"]?["counterexample"], full.attack?.counterexample.map { $0 as Any }),
      (written["search"], full.search.map { $0 as Any }),
    ]
    for (json, record) in parts {
      let record = try #require(record)
      #expect(
        json?.keys.count == Mirror(reflecting: record).children.count, "\(type(of: record))")
    }
  }

  @Test("a journal that ends anywhere has the examples whose lines are whole, and no others")
  func torn() throws {
    let journal = Self.journal(4, seed: 7)
    for count in 0...journal.bytes.count {
      let contents = try Self.text().read(Array(journal.bytes.prefix(count)), file: "j")
      let whole = journal.ends.filter { $0 <= count }
      #expect(contents.end == whole.last ?? 0)
      #expect((contents.head == nil) == whole.isEmpty)
      #expect(contents.finished.count == max(0, whole.count - 1))
      let same = journal.finished.filter { contents.finished[$0.key] != nil }
      #expect(Self.words(contents.finished) == Self.words(same))
    }
  }

  @Test("no changed byte is misread: the journal is refused by its line", arguments: UInt64(0)..<2)
  func changed(seed: UInt64) {
    let journal = Self.journal(3, seed: seed)
    let others = Array("{}[]\",:0-e.\\ \n\u{0}x1".utf8)
    for position in journal.bytes.indices {
      var bytes = journal.bytes
      bytes[position] = others[(position * 7 + Int(seed) * 5) % others.count]
      guard bytes != journal.bytes else { continue }
      do throws(InputError) {
        let contents = try Self.text().read(bytes, file: "j")
        // Without its last line end, the last line was never finished.
        #expect(position == bytes.count - 1 && contents.finished.count == 2, "byte \(position)")
      } catch {
        #expect(error.place.hasPrefix("line "), "byte \(position): \(error)")
      }
    }
  }

  @Test("a line of another journal, one for a second time and a stranger's are refused")
  func strangers() throws {
    let journal = Self.journal(2, seed: 3)
    func refusal(_ bytes: [UInt8], _ text: JournalText = Self.text()) -> String {
      do throws(InputError) {
        return "accepted \(try text.read(bytes, file: "j").finished.count)"
      } catch { return error.description }
    }
    let again = journal.bytes + journal.bytes[journal.ends[1]...]
    #expect(refusal(again).hasPrefix("j: line 4: example "))
    #expect(refusal(again).contains(" for a second time; expected each example once"))
    var random = SeededGenerator(state: 1)
    func line(_ index: Int, _ head: String, count: Int = 2) -> [UInt8] {
      Array(
        JournalText.line(
          (0..<count).map { _ in Self.certificate(index, &random) }, under: head
        ).utf8)
    }
    let head = JournalText.digest(ofHead: Array(Self.text().headLine.utf8))
    #expect(refusal(journal.bytes + line(50, head)) == "accepted 3")
    #expect(
      refusal(journal.bytes + line(50, "0")).hasPrefix(
        "j: line 4: $.digest: a digest of other bytes; expected that of the first line"))
    for bytes in [line(100, head), line(50, head, count: 1), line(50, head, count: 3)] {
      #expect(refusal(journal.bytes + bytes).hasPrefix("j: line 4: $.certificates: "))
    }
    let report = Array(JoinedReportsTests.text([]).utf8)
    #expect(refusal(report).hasPrefix("j: line 1: byte "))
    #expect(
      refusal(Array("{}\n".utf8)).hasPrefix(
        "j: line 1: no key 'journal'; expected a journal of certify"))
    #expect(
      refusal(Array("{\"journal\":2}\n".utf8)).hasPrefix("j: line 1: $.journal: 2; expected 1"))
  }

  @Test("a journal of another run is refused by what differs; where files lie does not matter")
  func otherRuns() {
    let bytes = Array(Self.text().headLine.utf8)
    func refusal(_ change: @escaping (inout RunDescription) -> Void) -> String {
      do throws(InputError) {
        _ = try Self.text(change).read(bytes, file: "j")
        return "accepted"
      } catch { return error.lines[0] }
    }
    func other(_ file: FileDescription?) -> FileDescription {
      FileDescription(path: file?.path ?? "", sha256: String(repeating: "1", count: 64))
    }
    #expect(refusal { $0.model.file.path = "elsewhere/net.onnx" } == "accepted")
    #expect(refusal { $0.data.labels?.path = "elsewhere" } == "accepted")
    let zeros = "0a0a0a0a"
    let cases: [(String, (inout RunDescription) -> Void)] = [
      ("$.tool.version: \"0.0.0\"; expected \"1\"", { $0.program.version = "1" }),
      (
        "$.tool.build: \"0123456789abcdef\"; expected \"fedcba9876543210\"",
        { $0.program.build = "fedcba9876543210" }
      ),
      ("$.tool.build: \"0123456789abcdef\"; expected no such key", { $0.program.build = nil }),
      ("$.tool.commit: \"77\"; expected \"77+changes\"", { $0.program.commit = "77+changes" }),
      ("$.tool.kernels: \"portable\"; expected \"avx2\"", { $0.kernels = "avx2" }),
      ("$.model.sha256: \"\(zeros)", { $0.model.file = other($0.model.file) }),
      (
        "$.model.external_files[0].sha256: \"\(zeros)",
        { $0.model.externalFiles = [other($0.model.externalFiles[0])] }
      ),
      ("$.data.sha256: \"\(zeros)", { $0.data.file = other($0.data.file) }),
      ("$.data.labels.sha256: \"\(zeros)", { $0.data.labels = other($0.data.labels) }),
      ("$.data.labels: ", { $0.data.labels = nil }),
      ("$.options[0].limit: 2; expected 3", { $0.options.limit = 3 }),
      ("$.options[0].radii: \"all\"; expected \"off\"", { $0.options.engine.radii = nil }),
      ("$.options[0].splits: 0; expected 7", { $0.options.engine.splits = 7 }),
      ("$.options[0].detect: false; expected true", { $0.options.detect = true }),
    ]
    for (message, change) in cases {
      #expect(refusal(change).hasPrefix("j: line 1: \(message)"), "\(refusal(change))")
      #expect(refusal(change).hasSuffix(", as this run has it"))
    }
  }

  @Test("a journal of another build, or of one that says none, is not gone on with: begin afresh")
  func otherBuilds() throws {
    let head = Self.text().headLine
    let silent = head.replacing("\"build\":\"0123456789abcdef\",", with: "")
    #expect(silent != head)
    for (line, found) in [
      (head.replacing("0123456789abcdef", with: "0123456789abcdee"), "\"0123456789abcdee\""),
      (silent, "no such key"),
    ] {
      let error = #expect(throws: InputError.self) {
        _ = try Self.text().read(Array(line.utf8), file: "j")
      }
      #expect(
        error?.lines == [
          "j: line 1: $.tool.build: \(found); expected \"0123456789abcdef\", as this run has it",
          "The journal is another program's, whose faults need not be this one's: begin afresh, with another"
            + " file by --journal.",
        ])
    }
  }
}
