import CertificateRecords
import FileAccess
import JSONFiles

/// What a report was asked, as far as a table tells its rows apart by it.
struct TableQuestion: Sendable {
  let file: String
  let modelPath, dataPath, norm, epsilon: String
  /// The file of radii where each feature has its own, which says more than their multiple.
  let radiiPath: String?
  /// The cells of `columns`.
  let options: [String]
  /// How many examples a sample was drawn from; nil for no sample.
  let population: Int?
  private let sections: [(path: JSONPath, name: String, value: JSONValue)]

  /// The options that get a column where rows differ in them.
  static let columns = [
    "arithmetic", "slopes", "rows", "clip", "sums", "offset", "seed", "scale", "mean", "std",
    "layout", "decision", "output",
  ]

  /// How the data are read: a question of the run, not of what the file is.
  private static let reading: Set = ["scale", "mean", "std", "layout"]

  /// Options that change how hard a run tries, not what it is asked.
  private static let efforts: Set = [
    OptionsDescription.attackKey, "attack_steps", "restarts", "splits", "radii", "radius_tolerance",
    "max_radius", "detect", OptionsDescription.SampleKey.level,
  ]

  init(_ report: StoredReport) throws(InputError) {
    let found = report.sections
    guard found.summary["clean_error"] != nil else {
      throw InputError(
        file: report.file, place: JSONPath.key(report.path, "summary").description,
        found: "no error rates", expected: "a report of data with labels")
    }
    file = report.file
    modelPath = found.model["path"]?.string ?? ""
    dataPath = found.data["path"]?.string ?? ""
    norm = found.options["norm"]?.string ?? ""
    epsilon = found.options["epsilon"]?["text"]?.string ?? ""
    radiiPath = found.options["epsilon_file"]?["path"]?.string
    let isSample = report.sample != nil
    population = isSample ? report.range.count : nil
    let ends = ["lower", "upper"].compactMap { found.options["clip"]?[$0]?["text"]?.string }
    options = [
      found.options["arithmetic"]?.string ?? "-", found.options["slopes"]?.string ?? "-",
      found.options["rows"]?.string ?? "-",
      ends.isEmpty ? "-" : ends.joined(separator: ":"),
      found.options["accumulation"]?.string ?? "-",
      "\(report.range.lowerBound)", report.sample.map { "\($0.seed)" } ?? "-",
      found.data["scale"]?["text"]?.string ?? "-", Self.list(found.data["mean"]),
      Self.list(found.data["std"]), found.data["layout"]?.string ?? "-",
      found.options["decision"]?.string ?? "-", found.options["output"]?.string ?? "-",
    ]
    let seed: Set = isSample ? [] : [OptionsDescription.SampleKey.seed]
    // Where a file lies does not matter, its content does.
    let data = JSONPath.key(report.path, "data")
    let labels = (found.data["labels"] ?? .null).without(["path"])
    sections = [
      (
        .key(report.path, "model"), modelPath,
        // A normalisation in front of the network counts as a layer of it.
        found.model.without(["path", "external_files", "units", "parameters", "layers", "notes"])
      ),
      (data, dataPath, found.data.without(Self.reading.union(["path", "labels"]))),
      (
        data, "",
        found.data.without([
          "path", "labels", "sha256", "sampled_sha256", "array", "shape", "element_type",
        ])
      ),
      (.key(data, "labels"), dataPath, labels),
      (.key(report.path, "options"), "", found.options.without(Self.efforts.union(seed))),
    ]
  }

  /// Numbers as they were typed.
  private static func list(_ value: JSONValue?) -> String {
    guard case .array(let elements) = value, !elements.isEmpty else { return "-" }
    return elements.map { $0["text"]?.string ?? "-" }.joined(separator: ",")
  }

  func isSame(as other: TableQuestion) -> Bool {
    zip(sections, other.sections).allSatisfy {
      $0.value.difference(from: $1.value, at: .root) == nil
    }
  }

  /// Refuses one name for different networks, or for different data: rows would look alike.
  func checkNames(_ other: TableQuestion) throws(InputError) {
    for (here, there) in zip(sections, other.sections) {
      guard !here.name.isEmpty, here.name == there.name,
        let found = here.value.difference(from: there.value, at: here.path)
      else { continue }
      throw InputError(
        file: file, place: found.path.description, found: found.here,
        expected: "\(found.there), as in \(other.file), for the file of that name")
    }
  }
}

/// Reports that make one row.
struct TableGroup {
  let question: TableQuestion
  private var files: [String]
  private var isAttacked: Bool
  private var isPGD: Bool
  private var certificates: [PrintedCertificate]

  init(_ question: TableQuestion, _ report: StoredReport) {
    self.question = question
    files = [report.file]
    (isAttacked, isPGD) = (report.sections.isAttacked, report.isPGD)
    certificates = report.certificates
  }

  /// Adds what another report knows of the same examples.
  mutating func join(_ report: StoredReport) throws(InputError) {
    files.append(report.file)
    isAttacked = isAttacked || report.sections.isAttacked
    isPGD = isPGD || report.isPGD
    for (place, other) in report.certificates.enumerated() {
      let own = certificates[place]
      if other.fgsmSucceeds { certificates[place].fgsmSucceeds = true }
      switch (own.verdict, other.verdict) {
      case (let verdict, let other) where verdict == other: continue
      case (.certified, .unknown), (.falsified, .unknown): continue
      case (.unknown, .certified), (.unknown, .falsified):
        certificates[place].verdict = other.verdict
      case (let verdict, let other):
        let line = JSONPath.index(.key(report.path, ReportSections.certificatesKey), place)
        throw InputError(
          file: report.file, place: JSONPath.key(line, "verdict").description,
          found: quoted(other.rawValue),
          expected: "what does not contradict \(quoted(verdict.rawValue)) of \(files[0])")
      }
    }
  }

  var row: ErrorTable.Row {
    let counts = Summary(of: certificates, classCount: 0).counts
    let rates = counts.rates(isAttacked: isAttacked)
    func rate(_ key: String) -> JSONValue { rates.first { $0.key == key }?.value ?? .null }
    return ErrorTable.Row(
      question: question, files: files, examples: counts.examples, clean: rate("clean_error"),
      predicted: rate("predicted_error"), fgsm: rate("fgsm_error"),
      pgd: isPGD ? rate("attacked_error") : .null, certified: rate("robust_error"),
      isProved: counts.predictedWrong == counts.misclassified)
  }
}

extension StoredReport {
  fileprivate var isPGD: Bool {
    sections.options[OptionsDescription.attackKey]?.string == "pgd"
  }
}
