import ArgumentParser
import Attack
import CertificateRecords
import FileAccess
import Reports
import Runs

/// `certify plane MODEL --eps E --data POINTS -o plane.svg`: decision regions of a network with two
/// inputs, with the certified balls of the examples.
struct PlaneCommand: CertifyingVerb {
  static let configuration = CommandConfiguration(
    commandName: "plane",
    abstract: "Draws the decision regions of a network with two inputs.",
    usage: """
      certify plane <model> --eps <eps> --data <points> [--output <picture>]
                    [<options>]
      """,
    discussion: """
      An SVG picture: every example in the colour of its class, and its ball, drawn whole where it is \
      certified and dashed where it is not. The options are those of a run.
      """)

  @Argument(help: .model, completion: .network)
  var model: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Cells of the regions along the longer side, 2 to 2000. (default: 400)", valueName: "count"))
  var resolution: Int?

  @OptionGroup(title: "The question") var question: QuestionArguments
  @OptionGroup(title: "The data") var data: DataArguments
  @OptionGroup(title: "The radii") var radii: RadiusArguments
  @OptionGroup(title: "The attacks") var attacks: AttackArguments
  @OptionGroup(title: "The work") var work: WorkArguments
  @OptionGroup(title: "The work") var result: ResultArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  var output: String? { result.output }

  func execute() throws -> ExitStatus {
    var plan = try RunPlan(self)
    try plan.refuseReportOptions(verb: "plane")
    try OutputEnding.check(result.output, .picture)
    let cells = try RunPlan.whole(resolution, "--resolution", in: 2...2000) ?? 400
    // A picture needs verdicts alone.
    plan.radii = nil
    let output = try AtomicFile(plan.outputPath)
    defer { output.discard() }
    let inputs = try RunInputs(plan)
    guard inputs.chain.inputCount == 2 else {
      throw InputError(
        file: plan.modelPath, found: "\(inputs.chain.inputCount) input features",
        expected: "2, which span a plane")
    }
    inputs.say(plan, diagnostics)
    let picture = try PlanePicture(inputs, plan)
    try output.write(picture.drawing(cells: cells).text)
    try output.commit()
    return .done
  }
}

/// What goes into the picture of a run.
struct PlanePicture {
  private let inputs: RunInputs
  private let plan: RunPlan
  private let certificates: [Certificate]

  /// Certifies the examples.
  init(_ inputs: RunInputs, _ plan: RunPlan) throws {
    (self.inputs, self.plan) = (inputs, plan)
    var run = try Run(plan, inputs)
    run.options.keepsCounterexamples = true
    certificates = try run.certificates().first ?? []
  }

  func drawing(cells: Int) throws(InputError) -> PlaneDrawing {
    let examples = certificates.map(example)
    guard let frame = PlaneDrawing.Frame(around: examples) else {
      throw InputError(
        file: plan.dataPath, found: "a ball that reaches beyond \(PlaneDrawing.Frame.farthest)",
        expected: "balls within that, for a picture")
    }
    let certified = certificates.count { $0.verdict == .certified }
    let epsilon = plan.epsilonFile.map { "of \($0)" } ?? plan.epsilons.first?.text ?? ""
    let options = "\(plan.norm.rawValue), eps \(epsilon)"
    return PlaneDrawing(
      title: "Decision regions of \(plan.modelPath.split(separator: "/").last ?? "")",
      subtitle: "\(options), arithmetic \(plan.arithmetic.rawValue): "
        + "\(certified) of \(certificates.count) examples certified",
      frame: frame, cells: regions(frame, cells), examples: examples, shape: shape)
  }

  private var shape: PlaneDrawing.Shape {
    switch plan.norm {
    case .linf: .box
    case .l2: .circle
    case .l1: .diamond
    }
  }

  private func example(_ certificate: Certificate) -> PlaneDrawing.Example {
    let point = inputs.scaled.features(of: certificate.index)
    let epsilon = plan.epsilons.first?.nearest ?? 0
    func reach(_ feature: Int) -> (low: Double, value: Double, high: Double) {
      let value = point[feature]
      let radius = epsilon * (inputs.featureRadii?.values[feature] ?? 1)
      let (low, high) = (value - radius, value + radius)
      // A domain cuts no other ball.
      guard let clip = plan.clip, plan.norm == .linf else { return (low, value, high) }
      return (max(low, clip.lower.nearest), value, min(high, clip.upper.nearest))
    }
    let found = certificate.attack?.counterexample?.point ?? []
    return PlaneDrawing.Example(
      x: reach(0), y: reach(1),
      classIndex: certificate.label ?? certificate.prediction, verdict: certificate.verdict,
      counterexample: found.count == 2 ? (found[0], found[1]) : nil)
  }

  /// The class at the middle of each cell, evaluated in binary32, row by row from the top.
  private func regions(_ frame: PlaneDrawing.Frame, _ longest: Int) -> [[Int]] {
    let workspace = GradientWorkspace(GradientNetwork(inputs.chain))
    let (width, height) = (
      frame.x.upperBound - frame.x.lowerBound, frame.y.upperBound - frame.y.lowerBound
    )
    func count(_ side: Double) -> Int {
      max(1, Int((side / max(width, height) * Double(longest)).rounded()))
    }
    let (columns, rows) = (count(width), count(height))
    return (0..<rows).map { row in
      let y = frame.y.upperBound - (Double(row) + 0.5) / Double(rows) * height
      return (0..<columns).map { column in
        let x = frame.x.lowerBound + (Double(column) + 0.5) / Double(columns) * width
        return PlanePicture.largest(workspace.logits(at: [Float(x), Float(y)]))
      }
    }
  }

  /// The class of the largest logit, the lowest one on a tie; -1 where one is not a number.
  private static func largest(_ logits: [Float]) -> Int {
    guard !logits.contains(where: \.isNaN) else { return -1 }
    return logits.indices.max { (logits[$0], $1) < (logits[$1], $0) } ?? -1
  }
}
