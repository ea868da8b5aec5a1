import ArgumentParser
import DataFiles
import FileAccess
import Pages
import Reports
import Runs

/// `certify report REPORT -o report.html`: a report as a page for people.
struct ReportCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Makes a page for people of a report.",
    usage: """
      certify report <report> [--data <file>] [--output <page>] [<options>]
      """,
    discussion: """
      One HTML file that needs no network, no script and nothing beside it: what is proved and what \
      is not, radii, classes, layers, single examples, every option and hash, and a glossary. With \
      --data the examples are shown as pictures, with --counterexamples what was found beside them.
      """)

  @Argument(
    help: ArgumentHelp("Report of certify; '-' is standard input.", valueName: "report"),
    completion: .report)
  var report: String

  @Option(
    help: ArgumentHelp(
      "The examples that the report is about, known by their SHA-256. (default: no pictures)",
      valueName: "file"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The points that the run saved by its --counterexamples. (default: none)",
      valueName: "file"),
    completion: .file())
  var counterexamples: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Examples of each kind that are shown, 0 to 200. (default: 12)", valueName: "count"))
  var examples: Int?

  @Option(
    help: ArgumentHelp(
      "Write the plots there as SVG files, making the folder. (default: none)",
      valueName: "folder"),
    completion: .directory)
  var svg: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the page there, whole or not at all. (default: standard output; with --svg, no page)",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp("Most data held of --data. (default: 2G)", valueName: "size"))
  var maxData: String?

  @OptionGroup var storedData: StoredDataArguments

  func execute() throws -> ExitStatus {
    let outputPath = output ?? (svg == nil ? "-" : nil)
    try FilesInUse(
      inputs: [
        ("the report", report), ("--data", data), ("--counterexamples", counterexamples),
      ],
      outputs: [("--output", outputPath)]
    ).check()
    try OutputEnding.check(output, .page)
    let count = try RunPlan.whole(examples, "--examples", in: 0...200) ?? 12
    if counterexamples != nil, data == nil {
      throw InputError(
        .usage, file: "--counterexamples", found: "no --data",
        expected: "the examples that the points lie beside")
    }
    if let option = storedData.words.first, data == nil {
      throw InputError(
        .usage, file: option, found: "no --data", expected: "the examples that are read so")
    }
    let output = try outputPath.map { path throws(OutputError) in try AtomicFile(path) }
    defer { output?.discard() }
    let page = try page(ReportFile(path: report), count: count)
    var files: [AtomicFile] = []
    defer { for file in files { file.discard() } }
    if let svg {
      try makeFolder(svg)
      for picture in try page.pictures() {
        let file = try AtomicFile("\(svg)/\(picture.name)")
        files.append(file)
        try file.write(picture.text)
      }
    }
    try output?.write(page.text())
    try AtomicFile.commit(files + [output].compactMap(\.self))
    return .done
  }

  private func page(_ file: ReportFile, count: Int) throws -> ReportPage {
    let views = file.views
    guard counterexamples == nil || views.count == 1 else {
      throw InputError(
        .usage, file: "--counterexamples", found: "\(views.count) reports in \(file.path)",
        expected: "one, whose counterexamples the file has")
    }
    let limits = try maxData.map {
      DataLimits(contentBytes: try MemorySize($0, option: "--max-data").bytes)
    }
    let choices = try views.map { try ExampleChoice(of: $0, count: count) }
    let shown = try zip(views, choices).map { view, choice -> PageExamples? in
      guard let data, !choice.positions.isEmpty else { return nil }
      return try PageExamples(
        of: view, positions: choice.positions, dataPath: data, pointsPath: counterexamples,
        form: (storedData.dataFormat, storedData.labelColumn), limits: limits ?? DataLimits())
    }
    return ReportPage(file: file, choices: choices, examples: shown)
  }
}
