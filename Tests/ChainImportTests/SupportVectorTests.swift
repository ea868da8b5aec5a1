import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Machines of support vectors of ai.onnx.ml.
@Suite struct SupportVectorTests {
  private func machine(
    _ type: String, _ attributes: [String: Attribute], outputs: [String] = ["y"]
  ) -> NetworkMaker {
    var maker = NetworkMaker([1, 2])
    let standard: [String: Attribute] = [
      "kernel_type": .string("LINEAR"), "support_vectors": .floats([1, 2, 3, -1, 0, 4]),
      "coefficients": .floats([2, -1, 0.5]), "rho": .floats([0.25]),
    ]
    maker.graph.nodes.append(
      Node(
        name: "machine", operatorType: type, domain: "ai.onnx.ml", inputs: ["x"], outputs: outputs,
        attributes: standard.merging(attributes) { $1 }))
    maker.last = outputs[0]
    return maker
  }

  /// `2 (x + 2 y) - (3 x - y) + 2 y + 1/4`
  private func score(_ x: [Double]) -> Double { -x[0] + 7 * x[1] + 0.25 }

  @Test("a regression is the sum of products with its vectors")
  func regression() throws {
    let chain = try machine("SVMRegressor", ["n_supports": .int(3)]).chain()
    let x = [3.0, -2]
    #expect(chain.logits(of: x) == [0, score(x)])
    // Without vectors the coefficients are those of the features.
    let plain = machine(
      "SVMRegressor",
      ["n_supports": .int(0), "support_vectors": .floats([]), "coefficients": .floats([2, -1])])
    #expect(try plain.chain().logits(of: x) == [0, 8.25])
  }

  @Test("a classifier chooses the first of its two classes where its score is above 0")
  func classification() throws {
    let attributes: [String: Attribute] = [
      "vectors_per_class": .ints([2, 1]), "classlabels_ints": .ints([0, 1]),
    ]
    let chain = try machine("SVMClassifier", attributes, outputs: ["label", "scores"]).chain()
    let x = [3.0, -2]
    #expect(chain.logits(of: x) == [score(x), -score(x)])
  }

  @Test("other kernels, transforms, votes, signs and numbers that do not fit are refused")
  func refusals() {
    let two: [String: Attribute] = [
      "vectors_per_class": .ints([2, 1]), "classlabels_ints": .ints([0, 1]),
    ]
    let cases: [(String, [String: Attribute], String)] = [
      (
        "SVMRegressor", ["n_supports": .int(3), "kernel_type": .string("RBF")], "its kernel is RBF"
      ),
      ("SVMRegressor", ["n_supports": .int(3), "one_class": .int(1)], "which jumps"),
      ("SVMRegressor", ["n_supports": .int(2)], "expected 2 vectors of 2 numbers"),
      ("SVMRegressor", ["n_supports": .int(-1)], "6 numbers of support vectors"),
      ("SVMRegressor", ["n_supports": .int(3), "rho": .floats([1, 2])], "2 constants"),
      (
        "SVMRegressor", ["n_supports": .int(3), "post_transform": .string("SOFTMAX")],
        "post_transform"
      ),
      (
        "SVMRegressor", ["n_supports": .int(3), "degree": .int(3)],
        "attribute 'degree' is not known"
      ),
      (
        "SVMClassifier",
        ["vectors_per_class": .ints([1, 1, 1]), "classlabels_ints": .ints([0, 1, 2])],
        "3 classes: each pair of them has a vote"
      ),
      ("SVMClassifier", ["classlabels_ints": .ints([0, 1])], "expected vectors_per_class"),
      (
        "SVMClassifier", two.merging(["classlabels_ints": .ints([1, 0])]) { $1 },
        "calls the class of score 0 1"
      ),
    ]
    for (type, attributes, words) in cases {
      let found = machine(type, attributes).refusals
      #expect(found.count == 1 && found[0].contains(words), "\(words): \(found)")
    }
    var asked = machine(
      "SVMClassifier", two.merging(["prob_a": .floats([1]), "prob_b": .floats([0])]) { $1 },
      outputs: ["label", "probabilities"])
    #expect(asked.refusals == [])
    asked.last = "probabilities"
    #expect(asked.refusals.count == 1 && asked.refusals[0].contains("found step by step"))
  }
}
