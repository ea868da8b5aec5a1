import CertificateRecords
import Certification
import DataFiles
import FileAccess
import Numbers
import ReLUChain

/// Everything that a report says beside its certificates: what was certified, on what, and how.
public struct RunDescription: Sendable {
  /// The program.
  public var program: ProgramDescription
  /// The instruction set that the bounds were computed with: the same one gives the same bytes.
  public var kernels: String
  /// The network.
  public var model: ModelDescription
  /// The examples.
  public var data: DataDescription
  /// Every option that influenced a number.
  public var options: OptionsDescription
  /// What looks wrong in them.
  public var warnings: [RunWarning] = []

  /// Creates a description from its parts.
  public init(
    program: ProgramDescription, kernels: String, model: ModelDescription, data: DataDescription,
    options: OptionsDescription
  ) {
    (self.program, self.kernels) = (program, kernels)
    (self.model, self.data, self.options) = (model, data, options)
  }
}

/// A file as the user named it, and what it held.
public struct FileDescription: Sendable, Equatable {
  /// The path as typed.
  public var path: String
  /// The SHA-256 of the file's bytes, in lower-case hexadecimal, or, where it is too large to be read
  /// through, that of parts of it.
  public var digest: FileDigest
  /// The array or column that is meant, where a file has several.
  public var array: String?
  /// The column that is meant, `first` or `last`, where its place alone tells.
  public var column: String?

  /// Creates a description.
  public init(path: String, digest: FileDigest, array: String? = nil, column: String? = nil) {
    (self.path, self.digest, self.array, self.column) = (path, digest, array, column)
  }

  /// Creates a description of a file that was read through.
  public init(path: String, sha256: String) {
    self.init(path: path, digest: FileDigest(sha256: sha256))
  }
}

/// The network of a report.
public struct ModelDescription: Sendable {
  /// The model file.
  public var file: FileDescription
  /// Its format, by content: `onnx`, `onnx-json`, `certify-weights`, ...
  public var format: String
  /// Files beside it that hold weights.
  public var externalFiles: [FileDescription]
  /// The shape of one example, without the batch dimension.
  public var inputShape: [Int]
  /// The number of classes.
  public var classCount: Int
  /// The affine operators and ReLUs, in order of evaluation.
  public var layers: [LayerDescription]
  /// What was left out or added on the way from file to chain.
  public var notes: [String]

  /// Creates a description from its parts.
  public init(
    file: FileDescription, format: String, externalFiles: [FileDescription], inputShape: [Int],
    classCount: Int, layers: [LayerDescription], notes: [String]
  ) {
    (self.file, self.format) = (file, format)
    (self.externalFiles, self.inputShape) = (externalFiles, inputShape)
    (self.classCount, self.layers, self.notes) = (classCount, layers, notes)
  }

  /// The number of ReLU units.
  public var unitCount: Int {
    layers.reduce(0) { $0 + ($1.kind == LayerDescription.reluKind ? $1.outputCount : 0) }
  }
  /// The number of stored parameters.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
}

/// The examples of a report.
public struct DataDescription: Sendable {
  /// The data file.
  public var file: FileDescription
  /// The labels' file; nil for data without labels.
  public var labels: FileDescription?
  /// The number of examples in the file, and the shape of one.
  public var shape: [Int]
  /// The type of the stored elements.
  public var elementType: SampleType
  /// The factor that makes a stored element a feature.
  public var scale: Numeral
  /// The normalisation in front of the network, one value or one a channel; empty for none.
  public var mean: [Numeral]
  /// As `mean`.
  public var std: [Numeral]
  /// How an example's features lie in the file, where that was stated.
  public var layout: Layout?

  /// Creates a description from its parts.
  public init(
    file: FileDescription, labels: FileDescription?, shape: [Int], elementType: SampleType,
    scale: Numeral, mean: [Numeral], std: [Numeral], layout: Layout?
  ) {
    (self.file, self.labels, self.shape, self.elementType) = (file, labels, shape, elementType)
    (self.scale, self.mean, self.std, self.layout) = (scale, mean, std, layout)
  }
}

/// The options of a run that influenced a number.
public struct OptionsDescription: Sendable {
  /// The radius of the ball; one of the engine's.
  public var epsilon: Numeral
  /// What the engine was asked.
  public var engine: CertificationOptions
  /// Epsilon in the data's units and in those of the normalised data; nil where features differ.
  public var effectiveRadius: EffectiveRadius?
  /// Has a radius for each feature, which epsilon is a multiple of; nil where all have the same.
  public var epsilonFile: FileDescription?
  /// The data's domain; nil for none. Cuts an linf ball, and restricts the attack in any.
  public var clip: Clip?
  /// The output that was chosen by name; nil for the only one.
  public var output: String?
  /// Whether the largest or the smallest score decides.
  public var decision = Decision.argmax
  /// The first example, by position in the file.
  public var offset: Int
  /// The number of examples; those that a sample is drawn from.
  public var limit: Int
  /// Whether certificates answer for the predicted class, too (Corollary 2).
  public var detect = false
  /// The sample of the examples; nil for all of them.
  public var sample: Sample?

  /// Which part of a run this is; nil for a whole one.
  public var shard: ShardDescription?

  /// A sample, and how sure its intervals are.
  public struct Sample: Sendable {
    /// Which examples were drawn.
    public var examples: ExampleSample
    /// The level of the confidence intervals.
    public var level: Numeral

    /// Creates a description.
    public init(examples: ExampleSample, level: Numeral) {
      (self.examples, self.level) = (examples, level)
    }
  }

  /// Creates a description from its parts.
  public init(
    epsilon: Numeral, engine: CertificationOptions, clip: Clip? = nil, offset: Int, limit: Int
  ) {
    (self.epsilon, self.engine, self.clip) = (epsilon, engine, clip)
    (self.offset, self.limit) = (offset, limit)
  }

  /// The norm of the ball.
  public var norm: Norm { engine.shape.norm }

  /// The question in a line's words: `linf, eps 0.1, clip 0:1, arithmetic float32`.
  ///
  /// - Parameter sayingScope: says where the clip restricts the attack alone.
  package func words(sayingScope: Bool) -> String {
    let scope = norm == .linf || !sayingScope ? "" : " (attack)"
    let clip = clip.map { ", clip \($0.lower.text):\($0.upper.text)\(scope)" } ?? ""
    let epsilon = epsilonFile.map { "of \($0.path)" } ?? epsilon.text
    return "\(norm.rawValue), eps \(epsilon)\(clip), arithmetic \(engine.arithmetic.rawValue)"
      + (decision == .argmax ? "" : ", decision \(decision.rawValue)")
  }
}

/// The domain of the scaled data, as it was typed.
public struct Clip: Sendable {
  /// Its ends.
  public var lower, upper: Numeral

  /// Creates a domain.
  public init(lower: Numeral, upper: Numeral) { (self.lower, self.upper) = (lower, upper) }
}
