import NetworkGraph

/// Operators that no chain contains, and why, for messages that help.
enum RefusedOperators {
  static let pattern = "a chain alternates linear operators with Relu"

  /// Why a node is refused whatever its inputs hold; nil for one that may be part of a chain.
  static func reason(for node: Node) -> String? {
    if node.domain == "com.microsoft", node.operatorType == "FusedConv", node.inputs.count > 3 {
      return "adds its fourth input to its sums; a chain has no skip connections"
    }
    return reason(for: node.operatorType, domain: node.domain)
  }

  /// Why an operator is refused whatever its inputs are; nil for one that may be part of a chain.
  static func reason(for operatorType: String, domain: String) -> String? {
    guard domain.isEmpty else {
      if LabelOperators.tail.contains(operatorType) { return nil }
      if domain == "ai.onnx.ml" {
        if classical.contains(operatorType) { return nil }
        if operatorType == "FeatureVectorizer" {
          return
            "joins what are not rows of the widths that it names, in float32; expected such rows"
        }
        if let model = classicalModels[operatorType] {
          return "\(model) is neither linear nor a ReLU; \(pattern)"
        }
      }
      let isQuantised =
        operatorType.hasPrefix("QLinear") || microsoftQuantised.contains(operatorType)
      if domain == "com.microsoft", isQuantised { return quantisedArithmetic }
      if domain == "com.microsoft.nchwc" { return blockedLayout }
      return "unknown operator of the domain '\(domain)'; \(pattern)"
    }
    if let function = functions[operatorType] {
      return "\(function) is neither linear nor a ReLU; \(pattern)"
    }
    if let statistic = dataNormalisations[operatorType] {
      return "\(statistic) scales by a statistic of the data, which is not linear; \(pattern)"
    }
    if comparisons.contains(operatorType) {
      return "a comparison is neither linear nor a ReLU; \(pattern)"
    }
    if quantised.contains(operatorType) {
      return quantisedArithmetic
    }
    if controlFlow.contains(operatorType) {
      return "control flow; expected a fixed sequence of operators"
    }
    if recurrent.contains(operatorType) {
      return "a recurrent or attention layer multiplies data by data; \(pattern)"
    }
    if splitting.contains(operatorType) {
      return "splits the data path; a chain does not branch"
    }
    return nil
  }

  /// Why an operator that constants may pass through is refused for the data.
  static func reasonOnData(for operatorType: String) -> String {
    if operatorType == "ArgMin" {
      return "the smallest score decides; expected the scores alone, with --decision argmin"
    }
    if operatorType == "TopK" {
      return
        "numbers in the order of their size; expected the scores alone, of which the largest decides"
    }
    return constantsOnly.contains(operatorType)
      ? "not linear in the data; \(pattern)" : "unknown operator; \(pattern)"
  }

  private static let constantsOnly: Set = [
    "Sqrt", "Reciprocal", "Where", "Equal", "Range", "ConstantOfShape", "ReduceProd",
  ]

  /// Refused operators that keep their input's shape, so that what follows can still be checked.
  static func keepsShape(_ operatorType: String) -> Bool {
    functions[operatorType] != nil && !operatorType.hasSuffix("ool")
      && !operatorType.hasPrefix("Reduce") || dataNormalisations[operatorType] != nil
  }

  /// Operators that are piecewise linear for some attributes and constants: whoever lowers them looks at these.
  static let decidedByParameters: Set = ["GlobalLpPool", "LpPool", "Pow", "ReduceL1"]

  /// Whether an operator is a function that may be computed of constants before export.
  static func isFunction(_ operatorType: String) -> Bool { functions[operatorType] != nil }

  /// Operators of ai.onnx.ml that may be part of a chain.
  private static let classical: Set = [
    "Imputer", "LinearClassifier", "LinearRegressor", "Normalizer", "SVMClassifier", "SVMRegressor",
    "Scaler",
  ]

  private static let classicalModels = [
    "TreeEnsembleClassifier": "an ensemble of decision trees, which jump,",
    "TreeEnsembleRegressor": "an ensemble of decision trees, which jump,",
    "TreeEnsemble": "an ensemble of decision trees, which jump,",
    "Binarizer": "a threshold", "OneHotEncoder": "a choice of categories",
  ]

  private static let functions = [
    "MaxRoiPool": "max pooling of regions", "MaxUnpool": "unpooling",
    "LpPool": "pooling by a norm", "GlobalLpPool": "pooling by a norm",
    "Elu": "the ELU", "Selu": "the SELU",
    "Celu": "the CELU", "Gelu": "the GELU", "Mish": "Mish", "Swish": "Swish",
    "HardSwish": "hard swish", "Sigmoid": "the sigmoid",
    "Tanh": "the hyperbolic tangent", "Softplus": "softplus", "Softsign": "softsign",
    "Shrink": "shrinkage", "Hardmax": "hardmax", "Erf": "the error function",
    "Exp": "the exponential", "Log": "the logarithm", "Pow": "a power",
    "Sign": "the sign", "Floor": "rounding", "Ceil": "rounding", "Round": "rounding",
    "Sin": "the sine", "Cos": "the cosine", "Tan": "the tangent",
    "Mod": "the remainder", "ReduceL2": "a norm", "ReduceL1": "a norm",
    "ReduceSumSquare": "a sum of squares",
    "ReduceLogSumExp": "a sum of exponentials", "ReduceLogSum": "the logarithm of a sum",
    "Sinh": "the hyperbolic sine", "Cosh": "the hyperbolic cosine", "Asin": "the arc sine",
    "Acos": "the arc cosine", "Atan": "the arc tangent",
  ]

  private static let dataNormalisations = [
    "LRN": "local response normalisation", "InstanceNormalization": "instance normalisation",
    "LayerNormalization": "layer normalisation", "GroupNormalization": "group normalisation",
    "MeanVarianceNormalization": "mean-variance normalisation",
    "LpNormalization": "normalisation by a norm", "RMSNormalization": "RMS normalisation",
  ]

  private static let quantised: Set = [
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul",
    "MatMulInteger", "ConvInteger",
  ]

  private static let microsoftQuantised: Set = [
    "QGemm", "QAttention", "MatMulNBits", "MatMulInteger16", "MatMulIntegerToFloat",
    "DynamicQuantizeMatMul", "QuantizeLinear", "DequantizeLinear",
  ]
  private static let quantisedArithmetic =
    "quantised arithmetic; expected a network exported in float32 or float64"

  private static let blockedLayout =
    "onnxruntime's layout for one machine's instructions; expected the network that it optimised, or"
    + " one saved with ORT_ENABLE_EXTENDED at most"

  private static let comparisons: Set = ["Greater", "Less", "GreaterOrEqual", "LessOrEqual"]
  private static let controlFlow: Set = ["If", "Loop", "Scan", "SequenceMap"]
  private static let recurrent: Set = ["LSTM", "GRU", "RNN", "Attention", "RotaryEmbedding"]
  private static let splitting: Set = ["SplitToSequence", "Unique", "NonZero"]
}
