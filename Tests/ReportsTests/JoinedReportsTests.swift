import CertificateRecords
import FileAccess
import Foundation
import Numbers
import ReportTestSupport
import Reports
import Testing

/// A repeatable stream of 64-bit words (splitmix64).
private struct Words: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}

@Suite struct JoinedReportsTests {
  /// The report of some of the certificates, as a run over them would write it.
  static func text(
    _ certificates: ArraySlice<Certificate>, _ change: (inout RunDescription) -> Void = { _ in }
  ) -> String {
    var run = ReportTests.run()
    (run.options.offset, run.options.limit) = (certificates.startIndex, certificates.count)
    run.data.shape[0] = 1000
    if certificates.allSatisfy({ $0.label == nil }) { run.data.labels = nil }
    change(&run)
    return ReportText([Report(run: run, certificates: Array(certificates))]).joined()
  }

  static func joined(_ texts: String...) throws -> String { try joined(texts) }

  static func joined(_ texts: [String]) throws -> String {
    let files = try texts.enumerated().map { index, text in
      try ReportFile(Array(text.utf8), path: "part\(index).json")
    }
    return ReportText(try JoinedReports(files)).joined()
  }

  /// Certificates with numbers of every magnitude, some of them not known.
  static func certificates(_ count: Int, isLabelled: Bool, seed: UInt64) -> [Certificate] {
    var random = Words(state: seed)
    func number() -> Double {
      switch random.next() % 8 {
      case 0: Double(bitPattern: random.next())
      case 1: Double(bitPattern: random.next() % (1 << 40))
      case 2: [0, .infinity, -.infinity, .nan, 0x1p1023, -0.1][Int(random.next() % 6)]
      case 3: Double(random.next() % 1000) / 1000
      default: Double.random(in: -3...3, using: &random)
      }
    }
    return (0..<count).map { index in
      let (margin, radius, isHeld) = (number(), abs(number()), Bool.random(using: &random))
      let label = isLabelled ? Int(random.next() % 2) : nil
      let prediction = Int(random.next() % 2)
      let isProved = (DirectedDecimal.asPrinted(margin, rounded: .down) ?? -.infinity) > 0
      let isWrong = label != nil && label != prediction
      return Certificate.sample(
        index, label: label, prediction: prediction,
        verdict: isProved ? .certified : isWrong && isHeld ? .misclassified : .unknown,
        margin: margin, radius: random.next() % 5 == 0 ? nil : radius,
        capped: Bool.random(using: &random), loss: abs(number()))
    }
  }

  @Test("parts of any sizes, in any order, join to the bytes of the whole", arguments: 0..<20)
  func sameBytes(seed: Int) throws {
    var random = Words(state: UInt64(seed))
    let count = Int.random(in: 1...40, using: &random)
    let all = Self.certificates(count, isLabelled: seed % 3 != 0, seed: UInt64(seed))
    let whole = Self.text(all[...])
    _ = try JSONText(parsing: whole)
    #expect(try Self.joined(whole) == whole)
    let cuts = (0..<Int.random(in: 0...5, using: &random)).map { _ in
      Int.random(in: 0...count, using: &random)
    }
    let ends = Set([0, count] + cuts).sorted()
    let parts = zip(ends, ends.dropFirst()).map { Self.text(all[$0..<$1]) }
    #expect(try Self.joined(parts.shuffled(using: &random)) == whole, "\(ends)")
    // What was joined can be joined on.
    guard parts.count > 2 else { return }
    #expect(
      try Self.joined([try Self.joined(Array(parts.dropLast())), parts[parts.count - 1]]) == whole)
  }

  @Test("keys that a certificate has beyond the known ones, and the text of numbers, are carried")
  func unknownKeys() throws {
    let all = Self.certificates(6, isLabelled: true, seed: 3)
    func extended(_ text: String) -> String {
      text.replacingOccurrences(
        of: "\"search\":null}", with: "\"search\":null,\"x\":[1.50,\"}\\\"\"]}"
      )
      .replacingOccurrences(of: "\"norm\": ", with: "\"colour\": \"none\", \"norm\": ")
      .replacingOccurrences(
        of: "\"colour\": \"none\", \"norm\": \"linf\",\n",
        with: "\"colour\": \"none\",\n  \"norm\": \"linf\",\n")
    }
    let whole = extended(Self.text(all[...]))
    #expect(whole.contains("\"x\":[1.50,"))
    #expect(
      try Self.joined(extended(Self.text(all[2...])), extended(Self.text(all[..<2]))) == whole)
  }

  @Test("a report that another program laid out anew comes out as this one lays it out")
  func otherLayout() throws {
    let text = Self.text(Self.certificates(5, isLabelled: true, seed: 4)[...])
    let spread = text.replacingOccurrences(of: "\",\"", with: "\" ,\n\t\"")
      .replacingOccurrences(of: "\n  ", with: " ").replacingOccurrences(of: "{", with: "{ ")
    #expect(spread != text)
    #expect(try Self.joined(spread) == text)
  }

  /// The refusal of these reports.
  static func refusal(_ texts: String...) -> String {
    do {
      return "accepted: " + (try joined(texts)).prefix(40)
    } catch {
      return "\(error)"
    }
  }

  @Test("gaps and overlaps are refused by the examples that are missing or in both")
  func ranges() {
    let all = Self.certificates(10, isLabelled: true, seed: 1)
    let (head, tail) = (Self.text(all[..<4]), Self.text(all[6...]))
    #expect(
      Self.refusal(tail, head)
        == "part0.json: $.options.offset: 6; expected 4, where part1.json ends: "
        + "examples 4 to 5 are missing")
    #expect(
      Self.refusal(head, Self.text(all[3...]))
        == "part1.json: $.options.offset: 3; expected 4, where part0.json ends: "
        + "example 3 is in both")
    #expect(
      Self.refusal(Self.text(all[...]), Self.text(all[2..<4]))
        == "part1.json: $.options.offset: 2; expected 10, where part0.json ends: "
        + "examples 2 to 3 are in both")
    #expect(Self.refusal(head, head).hasSuffix("examples 0 to 3 are in both"))
  }

  @Test(
    "parts of different builds, or of builds that say nothing, are refused: one build makes a run")
  func builds() {
    let all = Self.certificates(4, isLabelled: true, seed: 1)
    let remedy =
      "The parts of a run are made by one build of the program: certify some of them again."
    func refused(
      _ first: String?, _ second: String?
    ) -> [String] {
      let texts = [(all[..<2], first), (all[2...], second)].map { part, build in
        Self.text(part) { $0.program.build = build }
      }
      let files = zip(texts.indices, texts).map { place, text in
        Result { () throws(InputError) in try ReportFile(Array(text.utf8), path: "\(place).json") }
      }
      do throws(InputError) {
        _ = try JoinedReports(files.map { (file) throws(InputError) in try file.get() })
        return []
      } catch { return error.lines }
    }
    #expect(
      refused("aa", "ab") == [
        "1.json: $.tool.build: \"ab\"; expected \"aa\", as in 0.json", remedy,
      ])
    #expect(
      refused("aa", nil) == [
        "1.json: $.tool.build: no such key; expected \"aa\", as in 0.json", remedy,
      ])
    #expect(
      refused(nil, "aa") == [
        "1.json: $.tool.build: \"aa\"; expected no such key, as in 0.json", remedy,
      ])
    #expect(refused(nil, nil) == ["0.json: $.tool: no key 'build'; expected one", remedy])
    #expect(refused("aa", "aa").isEmpty)
  }

  @Test("a difference in tool, model, data or options is refused by its key and both values")
  func disagreement() {
    let all = Self.certificates(4, isLabelled: true, seed: 1)
    func refused(_ change: (inout RunDescription) -> Void) -> String {
      Self.refusal(Self.text(all[..<2]), Self.text(all[2...], change))
    }
    #expect(
      refused { $0.program.version = "0.0.1" }
        == "part1.json: $.tool.version: \"0.0.1\"; expected \"0.0.0\", as in part0.json\n"
        + "The parts of a run are made by one build of the program: certify some of them again.")
    #expect(
      refused {
        $0.model.classCount = 2; $0.model.layers[2].parameterCount = 9
      }
        == "part1.json: $.model.parameters: 24; expected 23, as in part0.json")
    #expect(
      refused { $0.data.labels?.path = "other" }
        == "part1.json: $.data.labels.path: \"other\"; expected \"test-labels.idx\", as in part0.json"
    )
    #expect(
      refused { $0.options.epsilon = Numeral(exactly: 0.1) }
        == "part1.json: $.options.epsilon.text: \"0.1\"; expected \"8/255\", as in part0.json")
    #expect(
      refused { $0.options.engine.radii = nil }
        == "part1.json: $.options.radii: \"off\"; expected \"all\", as in part0.json")
    #expect(
      refused { $0.model.notes = [] }
        == "part1.json: $.model.notes: []; expected [\"final Softmax 'prob' dropped\"], "
        + "as in part0.json")
  }

  @Test("lists join report by report, and only with lists of the same length")
  func lists() throws {
    let all = Self.certificates(7, isLabelled: false, seed: 2)
    func list(_ part: ArraySlice<Certificate>, _ epsilons: String...) -> String {
      ReportText(
        epsilons.map { epsilon in
          var run = ReportTests.run(epsilon)
          (run.options.offset, run.options.limit) = (part.startIndex, part.count)
          (run.data.shape[0], run.data.labels) = (7, nil)
          return Report(run: run, certificates: Array(part))
        }
      ).joined()
    }
    let whole = list(all[...], "0.1", "0.2")
    #expect(
      try Self.joined(list(all[3...], "0.1", "0.2"), list(all[..<3], "0.1", "0.2")) == whole)
    #expect(
      Self.refusal(list(all[..<3], "0.1", "0.2"), list(all[3...], "0.1"))
        == "part1.json: 1 report; expected 2 reports, as in part0.json")
    #expect(
      Self.refusal(list(all[..<3], "0.1", "0.2"), list(all[3...], "0.2", "0.1"))
        == "part1.json: $.reports[0].options.epsilon.text: \"0.2\"; "
        + "expected \"0.1\", as in part0.json")
  }

  /// One of the parts of a run that were counted.
  static func shard(
    _ index: Int, of count: Int, _ certificates: ArraySlice<Certificate>
  ) -> String {
    text(certificates) { $0.options.shard = ShardDescription(index, of: count) }
  }

  @Test("counted parts join to the bytes of a whole that nobody counted")
  func shards() throws {
    let all = Self.certificates(9, isLabelled: true, seed: 8)
    let parts = (1...4).map { Self.shard($0, of: 4, all[($0 - 1) * 9 / 4..<$0 * 9 / 4]) }
    #expect(try Self.joined(parts.reversed()) == Self.text(all[...]))
    _ = try JSONText(parsing: parts[2])
    #expect(
      try ReportTests.schema().findings(in: JSONText(parsing: parts[2])) == [])
  }

  @Test("a part that is missing, there twice, of another count or not counted is refused by name")
  func wrongShards() {
    let all = Self.certificates(9, isLabelled: true, seed: 8)
    func part(_ index: Int, of count: Int = 3) -> String {
      Self.shard(index, of: count, all[(index - 1) * 3..<index * 3])
    }
    let place = "$.options.shard"
    #expect(
      Self.refusal(part(2), part(1))
        == "part1.json: \(place): part 3/3 is missing; expected all 3 parts of the run")
    #expect(
      Self.refusal(part(3))
        == "part0.json: \(place): part 1/3 is missing, and 1 more; expected all 3 parts of the run")
    #expect(
      Self.refusal(part(1), part(2), part(3), part(2))
        == "part3.json: \(place): part 2/3; expected each part once, and part1.json is the same")
    #expect(
      Self.refusal(part(1), part(2, of: 4), part(3))
        == "part1.json: \(place): part 2/4; expected one of 3 parts, as part0.json is")
    #expect(
      Self.refusal(part(1), Self.text(all[3..<6]), part(3))
        == "part1.json: \(place): no such key; expected one of 3 parts, as part0.json is")
    let broken = part(1).replacing("\"index\":1,\"count\":3", with: "\"index\":4,\"count\":3")
    #expect(
      Self.refusal(broken) == "part0.json: \(place).index: 4; expected an integer, 1 to 3")
  }
}
