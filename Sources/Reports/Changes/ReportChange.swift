import CertificateRecords
import FileAccess
import JSONFiles

/// Two reports about the same examples at one epsilon, held against each other.
struct ReportChange: Sendable {
  let base, new: StoredReport
  /// Examples with a certificate in the new report alone, and in the old one alone.
  let gained, lost: [Int]
  /// Settings in which the two differ.
  let differences: [JSONDifference]

  /// What has to be the same, or examples and balls are not: sections, and keys of them.
  private static let question: [(section: String, keys: [String])] = [
    ("data", ["sha256", "sampled_sha256", "array", "shape", "labels", "scale"]),
    (
      "options",
      ["epsilon", "epsilon_file", "norm", "offset", "limit", OptionsDescription.SampleKey.count]
    ),
  ]
  /// What says nothing of its own: where files lie, and what follows from the rest.
  private static let silent: Set = [
    "path", "labels", "effective_radius", "clip_cuts", OptionsDescription.SampleKey.level,
  ]

  /// - Throws: where the two are about other examples, or other balls.
  init(base: StoredReport, new: StoredReport) throws(InputError) {
    (self.base, self.new) = (base, new)
    let (old, young) = (ReportChange.sections(base), ReportChange.sections(new))
    // A domain that cuts one of the balls makes it another one.
    let isCut = [base, new].contains { $0.sections.options["clip_cuts"]?.string == "ball" }
    for (section, keys) in ReportChange.question {
      let asked = Set(
        keys + (base.sample == nil ? [] : [OptionsDescription.SampleKey.seed])
          + (isCut && section == "options" ? ["clip"] : []))
      for key in asked.sorted() {
        try ReportChange.checkSame(key, section, old, young, base, new)
      }
    }
    guard base.positions == new.positions else {
      throw InputError(
        file: new.file, found: "other examples", expected: "those of \(base.file)")
    }
    let certified = zip(base.positions, zip(base.certificates, new.certificates))
    gained = certified.filter { $1.0.verdict != .certified && $1.1.verdict == .certified }
      .map { $0.0 }
    lost = certified.filter { $1.0.verdict == .certified && $1.1.verdict != .certified }
      .map { $0.0 }
    let asked = ReportChange.question.reduce(into: ReportChange.silent) { $0.formUnion($1.keys) }
    differences = ["tool", "data", "options"].flatMap { section in
      ReportChange.differences(section, old[section] ?? .null, young[section] ?? .null, but: asked)
    }
  }

  private static func sections(_ report: StoredReport) -> [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: report.sections.members.map { ($0.key, $0.value) })
  }

  private static func checkSame(
    _ key: String, _ section: String, _ old: [String: JSONValue], _ young: [String: JSONValue],
    _ base: StoredReport, _ new: StoredReport
  ) throws(InputError) {
    let path = JSONPath.key(.key(new.path, section), key)
    let (here, there) = (young[section]?[key] ?? .null, old[section]?[key] ?? .null)
    let found = here.without(["path"]).difference(from: there.without(["path"]), at: path)
    guard let found else { return }
    throw InputError(
      file: new.file, place: found.path.description, found: found.here,
      expected: "\(found.there), as in \(base.file)",
      remedy: "Reports are compared on the same examples, at the same eps.")
  }

  /// The keys of a section in which two differ.
  private static func differences(
    _ section: String, _ old: JSONValue, _ young: JSONValue, but known: Set<String>
  ) -> [JSONDifference] {
    guard case .members(let members) = young else { return [] }
    let keys = members.map(\.key) + old.keys.filter { young[$0] == nil }
    return keys.filter { !known.contains($0) }.compactMap { key in
      let (here, there) = (young[key] ?? .null, old[key] ?? .null)
      guard here.without(["path"]).difference(from: there.without(["path"]), at: .root) != nil
      else { return nil }
      return JSONDifference(
        path: .key(.key(.root, section), key), here: here.typedWords, there: there.typedWords)
    }
  }

  /// Whether the model's file is the same.
  var isSameModel: Bool {
    base.sections.model["sha256"]?.string == new.sections.model["sha256"]?.string
  }
}

extension ReportChange {
  /// A count of both reports.
  struct Count {
    var name: String
    var base, new: Int
    /// What a share of it is: a bound of an error, rounded to its side, or what was counted.
    var key: String?
  }

  var summaries: (base: Summary, new: Summary) {
    (
      Summary(of: base.certificates, classCount: base.classCount),
      Summary(of: new.certificates, classCount: new.classCount)
    )
  }

  /// Verdicts, then errors.
  var counts: [Count] {
    let (old, young) = summaries
    func count(_ name: String, _ value: (Summary) -> Int, _ key: String? = nil) -> Count {
      Count(name: name, base: value(old), new: value(young), key: key)
    }
    let isLabelled = old.labelled != nil
    let first = [
      count(isLabelled ? "certified" : "cleared", { $0.counts.certified }),
      count("falsified", { $0.counts.falsified }),
    ]
    guard isLabelled else {
      return first + [count("flagged", \.flagged), count("unknown", { $0.counts.unknown })]
    }
    return first + [
      count("misclassified", { $0.counts.misclassified }),
      count("unknown", { $0.counts.unknown }),
      count("predicted error", { $0.counts.predictedWrong }, "predicted_error"),
      count("attacked error", { $0.counts.attacked }, "attacked_error"),
      count("robust error", { $0.counts.withoutCertificate }, "robust_error"),
    ]
  }

  /// In how many examples the new report is worse, in words; empty where it is not.
  var regressions: [String] {
    let (old, young) = summaries
    let certified = old.counts.certified - young.counts.certified
    let wrong = young.counts.predictedWrong - old.counts.predictedWrong
    return [
      certified > 0 ? "\(certified) fewer certificates" : nil,
      wrong > 0 ? "\(wrong) more wrong predictions" : nil,
    ].compactMap(\.self)
  }

  /// The quantiles of the radii of what is rightly classified, or of everything without labels.
  var radii: (base: Quantiles?, new: Quantiles?) {
    func quantiles(_ report: StoredReport) -> Quantiles? {
      RadiusHistogram(of: report.certificates)?.groups.first { $0.kind != .wrong }?.quantiles
    }
    return (quantiles(base), quantiles(new))
  }
}

extension JSONValue {
  /// The keys of an object.
  fileprivate var keys: [String] {
    guard case .members(let members) = self else { return [] }
    return members.map(\.key)
  }

  /// What a person typed, where the value has it.
  fileprivate var typedWords: String {
    if case .string(let text)? = self["text"] { return text }
    if case .string(let text) = self { return text }
    return words
  }
}
