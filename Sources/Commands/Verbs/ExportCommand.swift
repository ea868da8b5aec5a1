import ArgumentParser
import CertificateRecords
import Certification
import DataFiles
import DualBounds
import FileAccess
import Numbers
import PropertyFiles
import ReLUChain
import Runs

/// `certify export-vnnlib MODEL --eps E --data D -o FOLDER`: the open examples of a run, as properties.
struct ExportCommand: CertifyingVerb {
  static let configuration = CommandConfiguration(
    commandName: "export-vnnlib",
    abstract: "Writes the open examples of a run as properties of VNN-LIB.",
    usage: """
      certify export-vnnlib <model> --eps <eps> --data <file>
                            --output <folder> [<options>]
      """,
    discussion: """
      Certifies and attacks as a run does, and writes what stays unknown to the folder that --output \
      names: a property for each example, example-INDEX.vnnlib, and instances.csv, which lists them as \
      the competition's benchmarks do. The options are those of a run, for one eps and linf.
      """)

  @Argument(help: .model, completion: .network)
  var model: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds that instances.csv gives each instance, >= 1. (default: 60)", valueName: "seconds"))
  var timeout: Int?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The folder for the properties; made where it is not there.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @OptionGroup(title: "The question") var question: QuestionArguments
  @OptionGroup(title: "The data") var data: DataArguments
  @OptionGroup(title: "The radii") var radii: RadiusArguments
  @OptionGroup(title: "The attacks") var attacks: AttackArguments
  @OptionGroup(title: "The search") var search: SearchArguments
  @OptionGroup(title: "The work") var work: WorkArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  var splits: Int? { search.splits }

  func execute() throws -> ExitStatus {
    var plan = try RunPlan(self)
    try plan.refuseReportOptions(verb: "export-vnnlib")
    let seconds = try RunPlan.whole(timeout, "--timeout", least: 1) ?? 60
    try refuseOtherQuestions(plan)
    // Nobody reads them here.
    plan.radii = nil
    try makeFolder(plan.outputPath)
    let list = try AtomicFile(plan.outputPath + "/instances.csv")
    defer { list.discard() }
    let inputs = try RunInputs(plan)
    inputs.say(plan, diagnostics)
    // The property speaks of the file's own output.
    let values = try validatedChain(
      of: inputs.model, plan.limits, deployed: plan.arithmetic.elementType, keepsValues: true)
    guard values.classCount == inputs.chain.classCount else {
      throw InputError(
        file: plan.modelPath, found: "one output that is read as two classes",
        expected: "an output for each class")
    }
    let progress = ProgressLine(isEnabled: !work.quiet)
    let run = try Run(plan, inputs)
    let certificates = try run.certificates { progress.show(done: $0, of: $1) }.first ?? []
    progress.clear()
    let open = certificates.filter { $0.verdict == .unknown }
    for certificate in open {
      let name = "example-\(certificate.index).vnnlib"
      let file = try AtomicFile("\(plan.outputPath)/\(name)")
      defer { file.discard() }
      for piece in try pieces(certificate, run, plan) { try file.write(piece) }
      try file.commit()
      try list.write("\(quotedField(plan.modelPath)),\(name),\(seconds)\n")
    }
    try list.commit()
    diagnostics.text([
      "\(plan.outputPath): \(open.count) of \(certificates.count) examples are open"
    ])
    return .done
  }

  private var diagnostics: Diagnostics { Diagnostics(isQuiet: work.quiet) }

  /// What no property of the network's own inputs and outputs can ask.
  private func refuseOtherQuestions(_ plan: RunPlan) throws(InputError) {
    guard plan.outputPath != "-" else {
      throw InputError(.usage, file: "--output", found: "none", expected: "a folder")
    }
    guard plan.norm == .linf else {
      throw InputError(
        .usage, file: "--norm", found: plan.norm.rawValue, expected: "linf, whose balls are boxes")
    }
    let (mean, deviation) = (plan.reading.mean, plan.reading.standardDeviation)
    guard mean.isEmpty && deviation.isEmpty else {
      throw InputError(
        .usage, file: mean.isEmpty ? "--std" : "--mean",
        found: "a normalisation in front of the network",
        expected: "data as the network takes them, which a property speaks of")
    }
  }

  /// The property of one example: rivals that are not proved to lose, over its exact ball.
  private func pieces(
    _ certificate: Certificate, _ run: Run, _ plan: RunPlan
  ) throws(InputError) -> [String] {
    let source = ExampleSource(run.inputs)
    var features = [Double](repeating: 0, count: source.featureCount)
    features.withUnsafeMutableBufferPointer { source.copyFeatures(certificate.index, $0) }
    let ball = ExampleBall(
      center: features, isExact: source.isExact, arithmetic: .real, domain: run.options.domain,
      shape: run.options.shape
    ).ball(plan.epsilons[0])
    let winner = certificate.specificationClass
    let text = PropertyText(
      comments: [
        "example \(certificate.index), class \(winner), linf, eps \(plan.epsilons[0].text)"
      ],
      lower: zip(ball.center, ball.radius).map { ($0 - $1).nextDown },
      upper: zip(ball.center, ball.radius).map { ($0 + $1).nextUp },
      outputCount: run.inputs.chain.classCount, winner: winner,
      rivals: certificate.margins.indices.filter {
        $0 != winner && !(certificate.margins[$0] > 0)
      }, smallestWins: plan.decision == .argmin)
    guard let pieces = text.pieces() else {
      throw InputError(
        file: plan.dataPath, place: "item \(certificate.index)",
        found: "a ball beyond the largest number of binary64", expected: "a smaller one")
    }
    return pieces
  }

  /// A field of CSV.
  private func quotedField(_ text: String) -> String {
    text.contains { "\",\n\r".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
