import FileAccess
import Reports

/// The command line that makes a report again, from what stands in it.
struct ReportArguments {
  /// Words behind the program's name.
  private(set) var words: [String] = []
  private let report: ReportView

  /// - Parameter reports: those of one file: one run at several eps.
  init(_ reports: [ReportView]) throws(InputError) {
    guard let first = reports.first else { preconditionFailure("a report file without a report") }
    report = first
    if first.section("options")["shard"]?["count"] != nil {
      throw InputError(
        file: first.file, found: "a part of a run, made by --shard",
        expected: "the report of the whole, which certify merge makes")
    }
    try addFiles()
    addRadii(of: reports)
    addReading()
    addQuestion()
    addSearches()
    // Units that were accepted are, and others need no acceptance.
    words.append("--accept-units")
  }

  /// The question of one report put to files that are named anew: its examples, without any search.
  init(question report: ReportView, model: String, data: String) {
    self.report = report
    words = [model, "--data", data]
    addRadii(of: [report])
    addReading()
    addQuestion()
    words += ["--radii", "off", "--attack", "none", "--splits", "0", "--accept-units"]
  }

  private mutating func addRadii(of reports: [ReportView]) {
    let radii = reports.compactMap { $0.section("options")["epsilon"]?["text"]?.string }
    if let path = options["epsilon_file"]?["path"]?.string {
      words += ["--eps-file", path]
    } else {
      words += ["--eps", radii.joined(separator: ",")]
    }
  }

  private var options: JSONValue { report.section("options") }
  private var data: JSONValue { report.section("data") }

  private mutating func add(_ option: String, _ value: String?) {
    if let value { words += [option, value] }
  }

  private mutating func addFiles() throws(InputError) {
    let paths = [report.section("model")["path"]?.string, data["path"]?.string]
    for path in paths where path == nil || path == "-" {
      throw InputError(
        file: report.file, found: "a model or data from standard input",
        expected: "files, which can be read again")
    }
    words = [paths[0] ?? "", "--data", paths[1] ?? ""]
    add("--data-name", data["array"]?.string)
    let labels = data["labels"] ?? .null
    if labels["path"]?.string != data["path"]?.string { add("--labels", labels["path"]?.string) }
    add("--labels-name", labels["array"]?.string)
  }

  private mutating func addReading() {
    // Who was warned for want of a scale gave none.
    let hadNone = report.section("warnings").elements.contains { warning in
      switch warning["kind"]?.string {
      case RunWarning.Kind.binaryBytes.rawValue: true
      case RunWarning.Kind.unscaledNumbers.rawValue:
        warning["text"]?.string?.contains(" and no --scale") == true
      default: false
      }
    }
    if !hadNone { add("--scale", data["scale"]?["text"]?.string) }
    for (option, key) in [("--mean", "mean"), ("--std", "std")] {
      let texts = (data[key]?.elements ?? []).compactMap { $0["text"]?.string }
      if !texts.isEmpty { add(option, texts.joined(separator: ",")) }
    }
    add("--layout", data["layout"]?.string)
  }

  private mutating func addQuestion() {
    for key in ["norm", "decision", "arithmetic", "accumulation", "slopes", "rows"] {
      add("--" + key, options[key]?.string)
    }
    add("--output-name", options["output"]?.string)
    let ends = ["lower", "upper"].compactMap { options["clip"]?[$0]?["text"]?.string }
    if ends.count == 2 { add("--clip", ends.joined(separator: ":")) }
    // Without labels, every input is cleared or flagged.
    if options["detect"]?.isTrue == true, data["labels"]?["path"] != nil {
      words.append("--detect")
    }
  }

  private mutating func addSearches() {
    add("--radii", options["radii"]?.string)
    add("--radius-tolerance", options["radius_tolerance"]?["text"]?.string)
    add("--max-radius", options["max_radius"]?["text"]?.string)
    add("--attack", options["attack"]?.string)
    for (option, key) in [
      ("--attack-steps", "attack_steps"), ("--restarts", "restarts"), ("--splits", "splits"),
      ("--seed", "seed"), ("--sample", "sample"), ("--offset", "offset"), ("--limit", "limit"),
    ] {
      add(option, options[key]?.numeral)
    }
    add("--confidence", options["confidence"]?["text"]?.string)
  }
}
