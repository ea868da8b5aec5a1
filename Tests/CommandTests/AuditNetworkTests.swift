import Foundation
import ReportTestSupport
import Testing

/// Networks whose true reports an audit once called invalid.
@Suite struct AuditNetworkTests {
  private static func audited(
    _ network: String, _ data: String, _ options: [String], _ more: [String] = [],
    hasProofs: Bool = true
  ) throws -> Outcome {
    let scratch = try Scratch()
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data(data.utf8).write(to: scratch.file("x.csv"))
    let files = ["--data", scratch.path("x.csv"), "--label-column", "none", "--quiet"]
    let run = try Command.run(
      Command.program,
      [scratch.path("net.json"), "-o", scratch.path("r.json"), "--proofs", scratch.path("p")]
        + files + options)
    #expect(run.status == 0, "\(run)")
    return try Command.run(
      Command.program,
      ["audit", scratch.path("r.json"), "--model", scratch.path("net.json"), "--radii"] + files
        + (hasProofs ? ["--proofs", scratch.path("p")] : []) + more)
  }

  @Test(
    "units without weights, as pruning leaves them, are 0 in any arithmetic",
    arguments: ["linf", "l2", "l1"], ["real", "float32", "float64"])
  func prunedUnits(norm: String, arithmetic: String) throws {
    let network = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [3]}, "layers": [
        {"type": "dense", "weights": [[0, 0, 0], [1, -0.5, 0.25], [0, 0, 0], [-1, 0.75, 0.5]],
         "bias": [0, 0.125, 0, 0.25]}, {"type": "relu"},
        {"type": "dense", "weights": [[1, 0, 2, 0], [0.5, 1, -1, 0.5], [0, -1, 0, 1]],
         "bias": [0, 0.5, 0]}, {"type": "relu"},
        {"type": "dense", "weights": [[1, 1, -1], [-1, 0.25, 1]], "bias": [0.5, 0]}]}
      """
    for more in [[], ["--exact"]] {
      let outcome = try Self.audited(
        network, "0.5,0.25,0.75\n0.1,0.9,0.4\n",
        ["--eps", "0.05", "--norm", norm, "--arithmetic", arithmetic], more)
      #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome)")
    }
  }

  @Test(
    "units that are 0 behind a scaling cost underflow alone, and an audit derives no more of it",
    arguments: ["linf", "l2", "l1"])
  func scaledPrunedUnits(norm: String) throws {
    // Of the second unit nothing but underflow is charged, whose bound two programs round.
    for std in ["1.1086474501108647, 10.869565217391305", "0.6101281269066505, 14.08450704225352"] {
      let network = """
        {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [1]},
         "layers": [{"type": "dense", "weights": [[0.14], [0]], "bias": [0, 0]}, {"type": "relu"},
          {"type": "normalize", "mean": [0, 0], "std": [\(std)]}, {"type": "relu"},
          {"type": "dense", "weights": [[1.3, 1.27], [0.9, -0.53]], "bias": [0.5, -1]}]}
        """
      for more in [[], ["--exact"]] {
        let outcome = try Self.audited(
          network, "0.25\n0.75\n", ["--eps", "0.01", "--norm", norm, "--accept-units"], more)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome)")
      }
    }
  }

  @Test(
    "a change of sign behind a sum adds no term to it", arguments: ["Neg", "Max"],
    ["linf", "l2", "l1"])
  func changedSigns(operation: String, norm: String) throws {
    let count = 16
    let weights = (0..<3 * count).map { Double((7 * ($0 % count) + 3 * ($0 / count)) % 11 - 5) / 8 }
    let data = (0..<6).map { row in
      (0..<count).map { "\(Double((5 * $0 + row) % 7) / 8)" }.joined(separator: ",") + "\n"
    }.joined()
    let transposed = #""attribute": [{"name": "transB", "i": 1, "type": "INT"}]"#
    func value(_ name: String, _ size: Int) -> String {
      """
      {"name": "\(name)", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": \(size)}]}}}}
      """
    }
    let network = """
      {"graph": {"name": "signs", "node": [
        {"input": ["x", "w"], "output": ["a"], "opType": "Gemm", \(transposed)},
        {"input": \(operation == "Neg" ? #"["a"]"# : #"["a", "a"]"#), "output": ["m"],
         "opType": "\(operation)"},
        {"input": ["m"], "output": ["r"], "opType": "Relu"},
        {"input": ["r", "v"], "output": ["y"], "opType": "Gemm", \(transposed)}],
       "initializer": [
        {"dims": [3, \(count)], "dataType": 1, "name": "w", "floatData": \(weights)},
        {"dims": [2, 3], "dataType": 1, "name": "v", "floatData": [1, -1, 0.5, -0.5, 0.25, 1]}],
       "input": [\(value("x", count))], "output": [\(value("y", 2))]},
       "irVersion": 8, "opsetImport": [{"domain": "", "version": 13}]}
      """
    let outcome = try Self.audited(
      network, data, ["--eps", "0.05", "--norm", norm, "--accept-units"])
    #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome)")
  }

  /// One channel of 4 x 4, clipped, pooled, and two classes.
  private static func pooled(from low: Double, to high: Double) -> String {
    """
    {"graph": {"name": "clipped", "node": [
      {"input": ["x", "k", "kb"], "output": ["a"], "opType": "Conv", "attribute": [
        {"name": "kernel_shape", "ints": [1, 1], "type": "INTS"}]},
      {"input": ["a", "low", "high"], "output": ["c"], "opType": "Clip"},
      {"input": ["c"], "output": ["m"], "opType": "MaxPool", "attribute": [
        {"name": "kernel_shape", "ints": [2, 2], "type": "INTS"},
        {"name": "strides", "ints": [2, 2], "type": "INTS"}]},
      {"input": ["m"], "output": ["v"], "opType": "Flatten"},
      {"input": ["v", "w", "b"], "output": ["y"], "opType": "Gemm", "attribute": [
        {"name": "transB", "i": 1, "type": "INT"}]}],
     "initializer": [
      {"dims": [2, 1, 1, 1], "dataType": 1, "name": "k", "floatData": [3, -2.5]},
      {"dims": [2], "dataType": 1, "name": "kb", "floatData": [-0.75, 1.5]},
      {"dims": [], "dataType": 1, "name": "low", "floatData": [\(low)]},
      {"dims": [], "dataType": 1, "name": "high", "floatData": [\(high)]},
      {"dims": [2, 8], "dataType": 1, "name": "w", "floatData":
        [0.5, -0.25, 1, 0.75, -0.5, 0.25, 0.125, 1, -0.5, 0.5, -1, 0.25, 0.5, 0.75, -0.5, -0.25]},
      {"dims": [2], "dataType": 1, "name": "b", "floatData": [0.25, 0]}],
     "input": [{"name": "x", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 1}, {"dimValue": 4}, {"dimValue": 4}]}}}}],
     "output": [{"name": "y", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 2}]}}}}]},
     "irVersion": 8, "opsetImport": [{"domain": "", "version": 13}]}
    """
  }

  @Test(
    "what was clipped from 0 on is never negative, also where pooling compares it",
    arguments: ["linf", "l2", "l1"], [(0.0, 1.0), (0.0, 6.0), (0.25, 0.75), (-1.0, 1.0)])
  func clippedPools(norm: String, ends: (Double, Double)) throws {
    let images = (0..<4).map { image in
      (0..<16).map { "\(Double(($0 * 7 + image * 5) % 16) / 16)" }.joined(separator: ",")
    }.joined(separator: "\n")
    for arithmetic in ["real", "float32"] {
      for more in norm == "linf" ? [[], ["--rows", "all"]] : [[]] {
        for exact in [[], ["--exact"]] {
          let outcome = try Self.audited(
            Self.pooled(from: ends.0, to: ends.1), images + "\n",
            ["--eps", "0.03", "--norm", norm, "--arithmetic", arithmetic] + more, exact)
          #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(ends) \(outcome)")
        }
      }
    }
  }

  @Test(
    "Algorithm 1 without proofs is the run's: rows for every unit, a ReLU in front, units that mix twice"
  )
  func sameAlgorithm() throws {
    let images = (0..<4).map { image in
      (0..<16).map { "\(Double(($0 * 7 + image * 5) % 16) / 16)" }.joined(separator: ",")
    }.joined(separator: "\n")
    let pooled = try Self.audited(
      Self.pooled(from: 0, to: 6), images + "\n",
      ["--eps", "0.3", "--rows", "all", "--slopes", "parallel", "--splits", "0", "--accept-units"],
      hasProofs: false)
    #expect(pooled.status == 0 && pooled.output.hasPrefix("valid"), "\(pooled)")
    func twice(_ first: String, _ second: String, _ bias: String, _ last: String) -> String {
      """
      {"format": "certify-weights", "version": 1, "input": {"shape": [3]}, "layers": [
        {"type": "relu"}, {"type": "dense", "weights": \(first)},
        {"type": "dense", "weights": \(second), "bias": \(bias)}, {"type": "relu"},
        {"type": "dense", "weights": \(last), "bias": [0, 0.75]}]}
      """
    }
    let rectified = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [3]}, "layers": [
        {"type": "relu"},
        {"type": "dense", "weights": [[1.5, 0.75, 0], [-1, -0.75, -2], [0.5, 2, 1.5]],
         "bias": [-1.5, 0.5, -1.75]}, {"type": "relu"},
        {"type": "dense", "weights": [[1, -0.75, 1.5], [1.25, -0.75, -0.75]],
         "bias": [-0.25, -1.75]}, {"type": "relu"},
        {"type": "dense", "weights": [[-1.25, -1], [2, -1.5]], "bias": [0, 1]}]}
      """
    for (norm, network, data) in [
      ("linf", rectified, "0,0.5,0.25\n0.25,0.75,0\n0.5,0.25,0.75\n0.5,0.5,0\n"),
      (
        "l2",
        twice(
          "[[-1.5, 1.75, 0], [-1.75, -2, -1], [1.75, 0.75, 0.5]]",
          "[[-2, 0, 1.75], [-0.5, 1.25, -1.25]]", "[-0.5, 0]", "[[-1.5, 1.25], [0.5, -1.5]]"),
        "0,0,1\n"
      ),
      (
        "l1",
        twice(
          "[[1.5, 0.75, 0], [-1, -0.75, -2], [0.5, 2, 1.5]]",
          "[[-1.5, 0.5, -1.75], [1, -0.75, 1.5]]", "[1.25, -0.75]",
          "[[-0.75, -0.25], [-1.75, -1.25]]"), "1,1,0\n0.75,0,0.5\n"
      ),
    ] {
      let outcome = try Self.audited(
        network, data,
        [
          "--norm", norm, "--eps", "0.25", "--slopes", "parallel", "--splits", "0", "--attack",
          "none",
        ], hasProofs: false)
      #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome)")
    }
  }

  @Test(
    "what rests on tighter slopes or a search is no fault of the report where its proofs are not given",
    arguments: [
      (["--eps", "0.06", "--radii", "off"], [], "--slopes auto"),
      (["--eps", "0.06", "--radii", "off", "--slopes", "parallel"], [], "a search"),
      (
        ["--eps", "0.001", "--slopes", "parallel", "--radii", "exact"], ["--radii"], "--radii exact"
      ),
    ])
  func proofsLeftOut(asked: [String], audited: [String], named: String) throws {
    let scratch = try Scratch()
    let (model, report) = (Command.digits("dense-ordinary.onnx"), scratch.path("r.json"))
    let run = try Command.run(
      Command.program,
      [
        model, "--data", Command.images, "--limit", "60", "--splits", "20000", "-o", report,
        "--quiet",
      ]
        + asked)
    #expect(run.status == 0)
    let outcome = try Command.run(
      Command.program,
      ["audit", report, "--model", model, "--data", Command.images, "--quiet"] + audited)
    #expect(outcome.status == 64 && !outcome.output.contains("invalid"), "\(outcome)")
    #expect(
      outcome.errors.contains("--proofs: none, and \(report) rests on \(named) (example "),
      "\(outcome)")
    #expect(outcome.errors.contains("expected the file that the run wrote with --proofs"))
  }
}
