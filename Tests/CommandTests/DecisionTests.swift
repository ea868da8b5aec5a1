import Foundation
import ReportTestSupport
import Testing

/// Networks whose smallest score wins.
@Suite struct DecisionTests {
  /// A network, and the one whose last layer has every sign turned: as files of their own.
  private static func networks(in scratch: Scratch) throws -> (plain: String, negated: String) {
    func text(_ sign: Int) -> String {
      func rows(_ rows: [[Double]], _ sign: Int) -> String {
        "["
          + rows.map { "[" + $0.map { "\(Double(sign) * $0)" }.joined(separator: ",") + "]" }
          .joined(separator: ",") + "]"
      }
      let hidden = [
        [0.5, -1, 0.25, 1], [1, 0.5, -0.75, 0], [-0.5, 1, 1, -1], [0.25, 0.25, 1, 0.5],
      ]
      let last = [[1, -0.5, 0.25, 0.5], [-1, 1, 0.5, 0], [0.5, 0.75, -1, 0.25]]
      let bias = [0.125, -0.25, 0.5].map { "\(Double(sign) * $0)" }.joined(separator: ",")
      return """
        {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [4]},
         "layers": [{"type": "dense", "weights": \(rows(hidden, 1)), "bias": [0, 0.5, 0, -0.5]},
          {"type": "relu"}, {"type": "dense", "weights": \(rows(last, sign)), "bias": [\(bias)]}]}
        """
    }
    try Data(text(1).utf8).write(to: scratch.file("plain.json"))
    try Data(text(-1).utf8).write(to: scratch.file("negated.json"))
    return (scratch.path("plain.json"), scratch.path("negated.json"))
  }

  private static let data = WildFile.folder.path + "/x.npy"
  private static let question = [
    "--data", data, "--labels", WildFile.folder.path + "/y.npy", "--eps", "0.1",
  ]

  @Test(
    "argmin certifies what argmax does of the network whose last layer has every sign turned",
    arguments: ["float32", "real"], ["linf", "l2"])
  func negatedNetwork(arithmetic: String, norm: String) throws {
    let scratch = try Scratch()
    let networks = try Self.networks(in: scratch)
    func report(_ network: String, _ decision: String) throws -> JSONText {
      let outcome = try Command.run(
        Command.program,
        [network] + Self.question
          + ["--decision", decision, "--arithmetic", arithmetic, "--norm", norm])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try Command.report(outcome.output)
    }
    let (argmin, turned) = (
      try report(networks.plain, "argmin"), try report(networks.negated, "argmax")
    )
    #expect(argmin["options"]?["decision"]?.string == "argmin")
    #expect(
      argmin["model"]?["notes"]?.elements.contains {
        $0.string?.hasPrefix("--decision argmin") == true
      } == true)
    let pairs = zip(
      try #require(argmin["certificates"]).elements, try #require(turned["certificates"]).elements)
    for (left, right) in pairs {
      #expect(left["prediction"] == right["prediction"])
      #expect(left["verdict"] == right["verdict"])
      let (a, b) = (left["margin"]?.double ?? .nan, right["margin"]?.double ?? .nan)
      // One operator more may cost this program one rounding of binary64 more.
      #expect(abs(a - b) <= 1e-9 * max(1, abs(b)))
    }
    let plain = try report(networks.plain, "argmax")
    #expect(plain["certificates"] != argmin["certificates"])
  }

  @Test("predictions are those of the network's own smallest scores, which are written as they are")
  func scores() throws {
    let scratch = try Scratch()
    let network = try Self.networks(in: scratch).plain
    var logits: [Data] = []
    for decision in ["argmax", "argmin"] {
      let outcome = try Command.run(
        Command.program,
        [network] + Self.question
          + ["--decision", decision, "--emit-logits", scratch.path("\(decision).npy")])
      let written = try Data(contentsOf: scratch.file("\(decision).npy"))
      logits.append(written)
      let numbers = written.suffix(10 * 3 * 8).withUnsafeBytes { bytes in
        (0..<30).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
      let certificates = try #require(try Command.report(outcome.output)["certificates"]).elements
      for (index, certificate) in certificates.enumerated() {
        let row = Array(numbers[3 * index..<3 * index + 3])
        let best = decision == "argmin" ? row.min() : row.max()
        #expect(certificate["prediction"]?.int == row.firstIndex { $0 == best })
      }
    }
    #expect(logits[0] == logits[1])
    // The network's own scores agree with themselves, whatever decides.
    for decision in ["argmax", "argmin"] {
      let outcome = try Command.run(
        "inspect", network, "--data", Self.data, "--expect-logits", scratch.path("argmin.npy"),
        "--decision", decision)
      #expect(outcome.status == 0, "\(outcome.output)")
      #expect(outcome.output.contains("--decision argmin") == (decision == "argmin"))
    }
  }

  @Test("what is decided otherwise is another question: parts do not join, and explain says it")
  func otherQuestion() throws {
    let scratch = try Scratch()
    let network = try Self.networks(in: scratch).plain
    for (options, name) in [
      (["--limit", "5", "--decision", "argmin"], "first"), (["--offset", "5"], "second"),
    ] {
      let outcome = try Command.run(
        Command.program, [network] + Self.question + options + ["-o", scratch.path(name)])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try Command.run("merge", scratch.path("first"), scratch.path("second")).status == 65)
    let explained = try Command.run(
      Command.program,
      ["explain", network] + Self.question + ["--index", "0", "--decision", "argmin"])
    #expect(explained.status == 0 && explained.output.contains(", decision argmin"))
  }

  @Test("argmin of a network with one score, whose sign decides, is refused")
  func oneScore() throws {
    let scratch = try Scratch()
    let path = scratch.path("one.json")
    try Data(
      """
      {"format": "certify-weights", "version": 1, "input": {"shape": [4]}, "layers": [
        {"type": "dense", "weights": [[1, -1, 0.5, 0]], "bias": [0.25]}]}
      """.utf8
    ).write(to: scratch.file("one.json"))
    for verb in [[path, "--eps", "0.1", "--data", Self.data], ["inspect", path]] {
      for (decision, status) in [("argmax", 0), ("argmin", 64)] as [(String, Int32)] {
        let outcome = try Command.run(
          Command.program, verb + ["--decision", decision])
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(
          status == 0
            || outcome.errors.contains(
              "--decision: argmin, where \(path) has one score; expected argmax"),
          "\(outcome.errors)")
      }
    }
  }
}
