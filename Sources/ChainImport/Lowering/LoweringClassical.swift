import NetworkGraph
import ReLUChain

// Linear models of scikit-learn, in the operators of ai.onnx.ml.
extension Lowering {
  /// LinearRegressor, `X C' + b`, and the scores of LinearClassifier in front of what makes probabilities of them.
  func linearModel() throws(NodeRefusal) -> Lowered {
    let isClassifier = node.operatorType == "LinearClassifier"
    try checkRow()
    let features = data.shape[1]
    let weights = try floats("coefficients") ?? []
    let offsets = try floats("intercepts")
    let outputs = isClassifier ? offsets?.count ?? 0 : try call.int("targets", default: 1)
    guard outputs >= 1, try elementCount(of: [outputs, features]) == weights.count,
      offsets?.count ?? outputs == outputs
    else {
      throw NodeRefusal(
        "\(weights.count) coefficients and \(offsets?.count ?? 0) intercepts; expected"
          + " \(features) coefficients and 1 intercept for each score")
    }
    let function = try call.string("post_transform", default: "NONE")
    let biases = offsets ?? [Double](repeating: 0, count: outputs)
    // scikit-learn's linear models for two classes: -z and z.
    let isPair =
      isClassifier && outputs == 2 && biases[0] == -biases[1]
      && zip(weights[..<features], weights[features...]).allSatisfy { $0 == -$1 }
    let rows = isPair ? 1..<2 : 0..<outputs
    let dense = Dense(
      weights: Array(weights[rows.lowerBound * features..<outputs * features]),
      bias: Array(biases[rows]))
    var result = unchanged(steps: [step(.dense(dense), from: data.unitShape, to: [rows.count])])
    result.shape = [1, outputs]
    if isPair {
      // The sigmoids are 1 - p and p; as two logits the scores would stand for the probabilities of 2 z.
      if function == "LOGISTIC" {
        result.binaryEnd = .pair(complementFirst: true)
      } else {
        result.steps.append(opposites(-1))
      }
    }
    guard function == "NONE" || isClassifier && ["LOGISTIC", "SOFTMAX"].contains(function) else {
      throw NodeRefusal(
        "its post_transform is \(function); expected NONE\(isClassifier ? ", LOGISTIC or SOFTMAX" : "")"
      )
    }
    if function != "NONE" {
      result.softmax = node
      result.softmax?.operatorType = function == "SOFTMAX" ? "Softmax" : "Sigmoid"
    }
    return result
  }

  /// Refuses data that are no row of features in the type that these operators compute in.
  func checkRow() throws(NodeRefusal) {
    guard data.shape.count == 2, data.batchAxis ?? 0 == 0, data.shape[0] == 1 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected a row of features")
    }
    // Their numbers are binary32, and so is what they compute in, whatever the data are.
    guard data.elementType == .float32 else {
      throw NodeRefusal("the data is \(data.elementType.rawValue); expected float32")
    }
  }

  /// An attribute with finite numbers; nil where it is absent.
  func floats(_ name: String) throws(NodeRefusal) -> [Double]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .floats(let values) = attribute else {
      throw NodeRefusal("attribute '\(name)' is no list of numbers")
    }
    return try Constant(
      name: name, shape: [values.count], elementType: .float32, elements: .double(values)
    ).weights(as: name)
  }

  /// Normalizer: what stands behind probabilities divides all of them by one number, which keeps their order.
  func normalizer() throws(NodeRefusal) -> Lowered {
    let isOneOfTwo = data.binaryEnd == .probability || data.binaryEnd == .complement
    guard ["Softmax", "Sigmoid"].contains(data.softmax?.operatorType), !isOneOfTwo else {
      throw NodeRefusal(
        "normalisation by a norm scales by a statistic of the data, which is not linear;"
          + " \(RefusedOperators.pattern)")
    }
    return unchanged()
  }

  /// Imputer that only looks for what is no number: data that have numbers pass.
  func imputer() throws(NodeRefusal) -> Lowered {
    guard case .float(let replaced) = node.attributes["replaced_value_float"], replaced.isNaN else {
      throw NodeRefusal(
        "replaces one number by another: it jumps there, which no sum of ReLUs does; expected it to"
          + " replace NaN alone")
    }
    var result = unchanged()
    result.isNonNegative = data.isNonNegative
    result.note = "'\(node.name)' (Imputer) dropped: it replaces NaN, which no input of the ball is"
    return result
  }
}

extension ChainBuilder {
  /// LinearClassifier: the label is the result, the scores are its second output.
  mutating func classified(
    _ call: OperatorCall, _ data: DataValue
  ) throws(NodeRefusal) -> Value {
    let node = call.node
    let lowered = try lowering(call, data, 0).linearModel()
    let count = lowered.shape[1]
    let names = try LabelOperators.names(of: node) ?? []
    // One score for two classes: runtimes disagree on what becomes of it.
    guard count > 1, names.count == count else {
      throw NodeRefusal(
        "\(count) scores for \(names.count) classes; expected a row of coefficients for each"
      )
    }
    let scores = append(lowered, to: data, by: node)
    let outputs = node.outputs + ["", ""]
    set(.data(scores), named: outputs[1])
    return .label(ClassLabel(data: scores, maker: node, names: names, namer: node))
  }
}
