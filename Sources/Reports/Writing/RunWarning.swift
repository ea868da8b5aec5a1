import CertificateRecords

/// What looks wrong in a run and is carried on with, in the report and on standard error.
public struct RunWarning: Sendable, Equatable {
  /// What kinds there are, as reports name them.
  public enum Kind: String, Sendable, CaseIterable {
    /// Bytes, a scale of 1, and an epsilon below 1.
    case unscaledBytes = "unscaled_bytes"
    /// Numbers that range like bytes, as they are or by a scale, and an epsilon below 1.
    case unscaledNumbers = "unscaled_numbers"
    /// Bytes that are all 0 or 1, times 1/255.
    case binaryBytes = "binary_bytes"
    /// Bytes of at most 16, times 1/255.
    case smallBytes = "small_bytes"
    /// A network that scales bytes itself, and scaled data; or data from 0 to 1, and a scale of bytes.
    case scaledTwice = "scaled_twice"
    /// A mean or deviation in grey levels and data from 0 to 1, or the other way round.
    case foreignNormalization = "foreign_normalization"
    /// A network that takes whole numbers, and data that are none, or an epsilon below 1.
    case wholeInputs = "whole_inputs"
    /// An epsilon that is not below the width of the data.
    case wideBall = "wide_ball"
    /// `--clip` spans far more than the scaled bytes.
    case wideClip = "wide_clip"
    /// `--mean` or `--std` in front of a network that normalises already.
    case doubleNormalization = "double_normalization"
    /// Numbers of the network that the deployed format cannot hold.
    case unheldNumbers = "unheld_numbers"
    /// Ranges of a `.nnet` file that normalise nothing.
    case unsetNormalization = "unset_normalization"
    /// Arrays beside the examples, of which one may hold the labels.
    case unusedArrays = "unused_arrays"
    /// Predictions that are wrong as often as those of guessing.
    case chance
    /// Features that an attack had to leave where they are.
    case frozenFeatures = "frozen_features"

    /// Whether the certificates of a run decide: the parts of a run have warnings of their own.
    var isOfResults: Bool { self == .chance || self == .frozenFeatures }
  }

  /// The kind.
  public var kind: Kind
  /// The warning in words, both readings named.
  public var text: String

  /// Creates a warning.
  public init(_ kind: Kind, _ text: String) {
    (self.kind, self.text) = (kind, text)
  }

  static let kindKey = "kind"

  static var fields: [ReportField<RunWarning>] {
    [
      .init(kindKey, .name(Kind.self)) { .string($0.kind.rawValue) },
      .init("text", .text) { .string($0.text) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension Summary {
  /// What looks wrong in the results.
  func warnings(classCount: Int) -> [RunWarning] {
    [chanceWarning(classCount: classCount), frozenWarning].compactMap(\.self)
  }

  /// An attack that may have been void does not pass in silence.
  private var frozenWarning: RunWarning? {
    guard frozen.features > 0 else { return nil }
    return RunWarning(
      .frozenFeatures,
      "the attack left \(frozen.features) features of \(frozen.examples) examples where they are:"
        + " their radius is above 0, but no number that the attack can take (binary32, or the"
        + " network's own narrower type) lies within it; 'unknown' says less there")
  }

  /// The fewest examples of which an error says something.
  private static let fewestForChance = 50

  /// The warning that predictions, proved or not, are not wrong less often than those of guessing by
  /// more than three standard deviations; nil where they are, or where there are too few examples or
  /// no labels.
  private func chanceWarning(classCount: Int) -> RunWarning? {
    guard labelled != nil, counts.examples >= Summary.fewestForChance, classCount > 1 else {
      return nil
    }
    let (count, classes) = (Double(counts.examples), Double(classCount))
    let guessing = 1 - 1 / classes
    let deviation = (guessing * (1 - guessing) / count).squareRoot()
    let error = Double(counts.predictedWrong) / count
    guard error > guessing - 3 * deviation else { return nil }
    func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10)%" }
    return RunWarning(
      .chance,
      "the error of the predictions, \(counts.predictedWrong) of \(counts.examples) (\(percent(error))), looks like"
        + " chance: guessing among \(classCount) classes errs \(percent(guessing)) of the time;"
        + " usual causes: another layout (--layout), rows and columns exchanged, another scale or"
        + " normalisation (--scale, --mean, --std), another order of labels or classes")
  }
}

extension ReportSections {
  /// The warnings that the parts of a run share: all but those of the results.
  var sharedWarnings: JSONValue {
    guard case .array(let all) = warnings else { return warnings }
    return .array(
      all.filter { warning in
        guard case .string(let kind) = warning[RunWarning.kindKey] else { return true }
        return RunWarning.Kind(rawValue: kind)?.isOfResults != true
      })
  }

  /// The same with the warnings of another summary.
  func warnings(with summary: Summary, classCount: Int) -> JSONValue {
    guard case .array(let shared) = sharedWarnings else { return warnings }
    return .array(
      shared + summary.warnings(classCount: classCount).map(\.json))
  }
}
