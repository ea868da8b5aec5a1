import NetworkGraph
import ReLUChain

// Machines of support vectors with a linear kernel: products with all of the vectors, and their weighted sum.
extension Lowering {
  /// SVMRegressor, `sum of c_m <v_m, x> + rho`.
  func supportVectorRegression() throws(NodeRefusal) -> Lowered {
    try checkSupportVectors(["n_supports", "one_class"])
    guard try call.int("one_class", default: 0) == 0 else {
      throw NodeRefusal(
        "one_class is 1: its result is the sign of the sum, which jumps; expected the sum itself")
    }
    let count = try call.int("n_supports", default: 0)
    var result = unchanged(steps: try supportVectorSteps(count: count))
    result.shape = [1, 1]
    return result
  }

  /// The score of SVMClassifier for two classes, as one unit: the first class where it is above 0.
  func supportVectorScore(classes: Int) throws(NodeRefusal) -> [Step] {
    try checkSupportVectors([
      "classlabels_ints", "classlabels_strings", "prob_a", "prob_b", "vectors_per_class",
    ])
    guard classes == 2 else {
      throw NodeRefusal(
        "\(classes) classes: each pair of them has a vote, and votes jump, which no sum of ReLUs does;"
          + " expected two classes")
    }
    guard case .ints(let counts) = node.attributes["vectors_per_class"], counts.count == 2,
      counts.allSatisfy({ (0...Int64(limits.units)).contains($0) }), counts != [0, 0]
    else {
      throw NodeRefusal(
        "has no numbers of support vectors for two classes; expected vectors_per_class")
    }
    return try supportVectorSteps(count: Int(counts[0] + counts[1]))
  }

  private func checkSupportVectors(_ more: Set<String>) throws(NodeRefusal) {
    let known = more.union([
      "coefficients", "kernel_params", "kernel_type", "post_transform", "rho", "support_vectors",
    ])
    if let name = node.attributes.keys.sorted().first(where: { !known.contains($0) }) {
      throw NodeRefusal(
        "attribute '\(name)' is not known; expected \(known.sorted().joined(separator: ", "))")
    }
    let kernel = try call.string("kernel_type", default: "LINEAR")
    guard kernel == "LINEAR" else {
      throw NodeRefusal(
        "its kernel is \(kernel), which is neither linear nor a ReLU; expected LINEAR")
    }
    let function = try call.string("post_transform", default: "NONE")
    guard function == "NONE" else {
      throw NodeRefusal("its post_transform is \(function); expected NONE")
    }
    try checkRow()
  }

  /// - Parameter count: Of the support vectors; 0 where the coefficients are those of the features.
  private func supportVectorSteps(count: Int) throws(NodeRefusal) -> [Step] {
    let features = data.shape[1]
    let vectors = try floats("support_vectors") ?? []
    let coefficients = try floats("coefficients") ?? []
    let rho = try floats("rho") ?? []
    let terms = count == 0 ? features : count
    guard count >= 0, try vectors.count == elementCount(of: [count, features]),
      coefficients.count == terms, rho.count == 1
    else {
      throw NodeRefusal(
        "\(vectors.count) numbers of support vectors, \(coefficients.count) coefficients and \(rho.count)"
          + " constants; expected \(count) vectors of \(features) numbers, \(terms) coefficients and 1"
          + " constant")
    }
    guard count <= limits.units else { throw NodeRefusal.tooManyUnits([count]) }
    try budget.take(count)
    let sum = Dense(weights: coefficients, bias: rho)
    if count == 0 { return [step(.dense(sum), from: data.unitShape, to: [1])] }
    let products = Dense(weights: vectors, bias: [Double](repeating: 0, count: count))
    return [
      step(.dense(products), from: data.unitShape, to: [count]),
      step(.dense(sum), from: [count], to: [1]),
    ]
  }

  /// One score as two, `[sign s, -sign s]`.
  func opposites(_ sign: Double) -> Step {
    virtual(.dense(Dense(weights: [sign, -sign], bias: [0, 0])), from: [1], to: [2])
  }
}

extension ChainBuilder {
  /// SVMClassifier for two classes: the label is the result, the scores are its second output.
  ///
  /// onnxruntime, `core/providers/cpu/ml/svmclassifier.cc`: the first class where the score s is above 0, else the
  /// second; the scores are -s and s, so that the larger is not that of the class. skl2onnx multiplies them by -1
  /// where raw_scores is asked for.
  mutating func supported(
    _ call: OperatorCall, _ data: DataValue
  ) throws(NodeRefusal) -> Value {
    let node = call.node
    let names = try LabelOperators.names(of: node) ?? []
    let lowering = self.lowering(call, data, 0)
    let outputs = node.outputs + ["", ""]
    var lowered = lowering.unchanged(steps: try lowering.supportVectorScore(classes: names.count))
    lowered.shape = [1, 1]
    var score = append(lowered, to: data, by: node)
    score.shape = [1, 2]
    func pair(_ sign: Double) -> DataValue {
      var pair = score
      pair.tail = append(lowering.opposites(sign), after: score.tail)
      return pair
    }
    if node.attributes["prob_a"] == nil {
      let scores = pair(-1)
      reversedScores[scores.tail] = node
      set(.data(scores), named: outputs[1])
    } else if isRead(outputs[1]) {
      throw NodeRefusal(
        "its probabilities (prob_a) are found step by step until they are near enough, which is no"
          + " function of a chain; expected the class alone, which --output-name chooses")
    }
    return .label(ClassLabel(data: pair(1), maker: node, names: names, namer: node))
  }
}
