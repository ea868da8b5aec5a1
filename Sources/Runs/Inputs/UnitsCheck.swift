import DataFiles
import DualBounds
import FileAccess
import ReLUChain
import Reports

/// Whether data, scale and epsilon seem to be in the same units: what would be silently wrong is
/// refused, or accepted with a warning where `--accept-units` says so.
struct UnitsCheck {
  let plan: RunPlan
  /// What the network does with its input before anything else.
  let start: LeadingScaling
  /// The numbers that its input takes, where that is of an integer type.
  let wholeInputs: ClosedRange<Double>?
  /// Whether it takes pictures: channels, rows and columns, in whatever order.
  let isPicture: Bool
  let scaled: ScaledDataset
  let survey: DataSurvey
  /// The largest radius, and the smallest above 0, where a file has one for each feature.
  let largestRadius: Double?
  let smallestRadius: Double?

  /// - Parameter chain: The network as its file has it.
  /// - Parameter radii: Of all features, where a file has one for each.
  init(
    _ plan: RunPlan, _ chain: ReLUChain, _ scaled: ScaledDataset, _ survey: DataSurvey,
    radii: FeatureRadii? = nil
  ) {
    (self.plan, self.scaled, self.survey) = (plan, scaled, survey)
    start = LeadingScaling(chain)
    wholeInputs = chain.wholeInputs
    isPicture = chain.inputShape.count == 3
    largestRadius = radii?.largest
    smallestRadius = radii?.values.filter { $0 > 0 }.min()
  }

  /// What a person should know; throws what must not go on unasked.
  func warnings() throws(InputError) -> [RunWarning] {
    var warnings: [RunWarning] = []
    for finding in try [
      unfitInputs(), scaledTwice(), scaledDown(), foreignNormalization(), smallBytes(), wideClip(),
      wideBall(), lessThanOne(),
    ] {
      if let finding { warnings.append(try accepted(finding)) }
    }
    if let epsilon = smallEpsilon, wholeInputs == nil {
      if let found = try unscaledBytes(epsilon) { warnings.append(try accepted(found)) }
      if let found = try unscaledNumbers(epsilon) { warnings.append(try accepted(found)) }
      if let found = try scaledUp(epsilon) { warnings.append(try accepted(found)) }
    }
    if plan.reading.normalizes, !start.isIdentity {
      warnings.append(
        RunWarning(
          .doubleNormalization,
          "the network normalises its input itself (node '\(start.names.first ?? "")'), and --mean or --std"
            + " normalises it before: both apply; leave --mean and --std out where the data are not"
            + " meant to be normalised twice"))
    }
    return warnings
  }

  /// A contradiction in two forms: as an error and as a warning.
  struct Finding {
    var kind: RunWarning.Kind
    var error: InputError
  }

  /// The first epsilon that cannot be a whole grey level.
  private var smallEpsilon: String? {
    if let largestRadius {
      return largestRadius < 1 ? "-file with radii up to \(largestRadius)" : nil
    }
    return plan.epsilons.first { $0.lower < 1 && $0.upper > 0 }.map { " \($0.text)" }
  }

  private func accepted(_ finding: Finding) throws(InputError) -> RunWarning {
    guard plan.acceptsUnits else { throw finding.error }
    let error = finding.error
    return RunWarning(
      finding.kind, "\(error.file): \(error.found); accepted, \(error.expected) was expected")
  }

  /// Bytes that are all 0 or 1 are features, and eps a part of their width.
  private func unscaledBytes(_ epsilon: String) throws(InputError) -> Finding? {
    guard scaled.dataset.elementType == .uint8, let scale = plan.reading.scale,
      scale.nearest == 1, try survey.range().upperBound > 1
    else { return nil }
    return Finding(
      kind: .unscaledBytes,
      error: InputError(
        .usage, file: "--scale",
        found: "\(scale.text) for bytes, so that --eps\(epsilon) is less than one grey level",
        expected: (start.wordsOfBytes == nil
          ? "--scale 1/255 (then eps is a fraction of the whole range) or " : "")
          + "an eps of 1 or more (then it counts grey levels)",
        remedy: "Where eps is meant in grey levels all the same, say --accept-units."))
  }

  private func unscaledNumbers(_ epsilon: String) throws(InputError) -> Finding? {
    guard scaled.dataset.elementType != .uint8, plan.reading.scale.map({ $0.nearest == 1 }) ?? true,
      let range = try byteRange()
    else { return nil }
    let top = range.upperBound > 255 ? 65535 : 255
    return Finding(
      kind: .unscaledNumbers,
      error: InputError(
        file: plan.dataPath == "-" ? "standard input" : plan.dataPath,
        found: "\(scaled.dataset.elementType.rawValue) numbers from \(range.lowerBound) to"
          + " \(range.upperBound), like those of \(top > 255 ? "pictures of 16 bits" : "bytes"), with --eps\(epsilon)"
          + (plan.reading.scale == nil ? " and no --scale" : " and --scale 1"),
        expected: start.wordsOfBytes == nil
          ? "data from 0 to 1, --scale 1/\(top), or an eps in units of these numbers"
          : "an eps in units of these numbers: the network scales them itself",
        remedy: start.wordsOfBytes == nil
          ? "Where eps is meant in these units, say --accept-units; where the network reads 0 to"
            + " 1, say --scale 1/\(top)."
          : "Where eps is meant in these units, say --accept-units."))
  }

  /// The range of data that look like bytes in another type: from 0 up to 255, whole numbers that
  /// reach 16 (the depth of the shallowest pictures that people use), or any that exceed 200; or unsigned
  /// words beyond bytes.
  private func byteRange() throws(InputError) -> ClosedRange<Double>? {
    let range = try survey.range()
    guard range.lowerBound >= 0, range.upperBound >= 16 else { return nil }
    if range.upperBound > 255 { return scaled.dataset.elementType == .uint16 ? range : nil }
    if range.upperBound > 200 { return range }
    return try survey.isWhole() ? range : nil
  }
}

/// What the numbers of the data show, looked at once and only where somebody asks.
final class DataSurvey {
  private let file: DataFile
  private var known: DataFile.Survey?

  init(_ file: DataFile) { self.file = file }

  /// The least and the greatest raw value.
  func range() throws(InputError) -> ClosedRange<Double> { try survey().range }

  /// Whether all are whole.
  func isWhole() throws(InputError) -> Bool { try survey().isWhole }

  private func survey() throws(InputError) -> DataFile.Survey {
    if let known { return known }
    let found = try file.survey()
    known = found
    return found
  }
}

extension Arithmetic {
  /// Refuses to speak of a finer arithmetic than the network's own.
  package func check(_ chain: ReLUChain, path: String) throws(InputError) {
    guard self != .real else { return }
    let own = chain.elementType
    let isFiner =
      switch own {
      case .float16, .bfloat16: rawValue != own.rawValue
      case .float32: self == .float64 && chain.narrowsData
      default: false
      }
    guard isFiner else { return }
    throw InputError(
      .usage, file: "--arithmetic",
      found: "\(rawValue), but \(path == "-" ? "the model" : path) rounds to \(own.rawValue)",
      expected: "\(own.rawValue) or real")
  }
}

extension Arithmetic {
  /// What the deployed network cannot hold: every verdict is unknown then, and a person should know
  /// why.
  func unheldWarnings(_ chain: ReLUChain) -> [RunWarning] {
    guard let obstacles = format.map(chain.obstacles), let first = obstacles.first else {
      return []
    }
    let more = obstacles.count > 1 ? ", and \(obstacles.count - 1) more" : ""
    return [
      RunWarning(
        .unheldNumbers,
        "\(first), for a network in \(rawValue)\(more): it may compute with infinities, and nothing"
          + " is known of any example")
    ]
  }
}
