import ChainImport
import DataFiles
import FileAccess
import Foundation
import ModelFiles
import Numbers
import Parity
import ReLUChain
import Testing

/// The network of `fixtures/digits`, and what onnxruntime computes with it (`fixtures/parity`).
struct DigitsParity {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  let model: ModelFile
  let comparison: Comparison

  init(
    mean: String? = nil, std: String? = nil, scale: String? = nil, tolerance: Double? = nil
  ) throws {
    let digits = Self.fixtures.appending(path: "digits")
    model = try ModelFile.read(path: digits.appending(path: "conv-robust.onnx").path)
    let chain = try ReLUChain(validating: model.graph)
    let stored = try Dataset.read(
      path: digits.appending(path: "digits-test-images-idx3-ubyte").path)
    func numbers(_ text: String?) throws -> [Numeral] {
      try (text?.split(separator: ",") ?? []).map { try Numeral(String($0)) }
    }
    let (means, deviations) = (try numbers(mean), try numbers(std))
    let normalised =
      means.isEmpty && deviations.isEmpty
      ? chain
      : try chain.normalizing(
        mean: means.isEmpty ? [0] : means.map(\.nearest),
        std: deviations.isEmpty ? [1] : deviations.map(\.nearest))
    comparison = Comparison(
      fileChain: chain, chain: normalised,
      data: try ComparedData(
        stored: stored, count: stored.count,
        order: try Layout.permutation(
          from: stored.itemShape, layout: nil, to: chain.inputShape, file: ""),
        inputShape: chain.inputShape, scale: try numbers(scale).first, mean: means,
        standardDeviation: deviations),
      tolerance: tolerance, decision: .argmax)
  }

  func expected(_ file: String, available: Int? = nil) throws -> ExpectedValues {
    let path = Self.fixtures.appending(path: "parity/\(file)").path
    return try ExpectedValues(
      path: file, try NamedArray.all(in: path), outputs: model.graph.outputs.map(\.name),
      comparison.chain, available: available ?? comparison.data.count)
  }

  func outcome(_ file: String) throws -> Comparison.Outcome {
    try comparison.outcome(expected(file), workers: 2)
  }
}

@Suite struct ComparisonTests {
  @Test("logits, intermediate values and probabilities of onnxruntime agree without any tolerance")
  func agreement() throws {
    let digits = try DigitsParity()
    for file in ["logits.npy", "values.npz", "probabilities.npy", "logarithms.npy"] {
      let outcome = try digits.outcome(file)
      #expect(outcome.agrees, "\(file): \(outcome.lines)")
    }
  }

  @Test(
    "a normalisation that changes nothing changes nothing of what is said, whatever is compared")
  func normalised() throws {
    let (plain, behind) = (try DigitsParity(), try DigitsParity(mean: "0", std: "1"))
    for file in ["values.npz", "changed.npz"] {
      let (one, other) = (try plain.outcome(file), try behind.outcome(file))
      #expect(one.agrees == other.agrees && one.lines.count == other.lines.count)
      // Tolerances grow by the roundings of the normalisation, no differences do.
      let firsts = [one, other].map { $0.lines.filter { $0.hasPrefix("first different") } }
      #expect(firsts[0] == firsts[1])
    }
  }

  @Test("the reading that agrees is named by its options, also with values inside the first stage")
  func readings() throws {
    for (file, mean, std, scale, words) in [
      ("normalised.npy", nil, nil, nil, "--scale 1/255 --mean 0.5 --std 0.5"),
      ("unscaled.npy", nil, nil, nil, "--scale 1"),
      ("transposed.npy", nil, nil, nil, "--layout ncwh"),
      ("values.npz", "0.5", "0.5", nil, "--scale 1/255 without --mean and --std"),
      ("values.npz", nil, nil, "1", "--scale 1/255"),
    ] as [(String, String?, String?, String?, String)] {
      let outcome = try DigitsParity(mean: mean, std: std, scale: scale).outcome(file)
      #expect(!outcome.agrees && outcome.lines.last == "They would agree with: \(words)", "\(file)")
    }
  }

  @Test("a tolerance is all that counts where it is given")
  func tolerance() throws {
    let loose = try DigitsParity(tolerance: 0.2).outcome("changed.npz")
    let strict = try DigitsParity(tolerance: 0).outcome("logits.npy")
    #expect(loose.agrees && !strict.agrees)
  }

  @Test("more items than examples, or items of another size, are refused with both numbers")
  func refusals() throws {
    let digits = try DigitsParity()
    let few = #expect(throws: InputError.self) { try digits.expected("logits.npy", available: 11) }
    #expect(few?.description == "logits.npy: 12 items; expected at most 11, one for each example")
    let images = DigitsParity.fixtures.appending(path: "digits/digits-test-images-idx3-ubyte").path
    let other = #expect(throws: InputError.self) {
      try ExpectedValues(
        path: "images", NamedArray.all(in: images), outputs: ["y"], digits.comparison.chain,
        available: 500)
    }
    #expect(
      other?.found == "500 items of 64 values" && other?.expected.hasPrefix("10 values") == true)
  }
}

@Suite struct LogitsFileTests {
  @Test(
    "pieces of work that are done beside each other keep their order", arguments: [1, 2, 5, 64])
  func order(workers: Int) {
    for count in [0, 1, 7, 300] {
      let squares = mapInParallel(count, workers: workers) { $0 * $0 }
      #expect(squares == (0..<count).map { $0 * $0 })
    }
  }

  @Test("the name of the file decides on its form, and another one is refused")
  func names() throws {
    #expect(try LogitsPath("a/b.c.npy").path == "a/b.c.npy")
    for name in ["logits", "logits.txt", "npy", ".npy.gz"] {
      #expect(throws: InputError.self, "\(name)") { try LogitsPath(name) }
    }
  }
}
