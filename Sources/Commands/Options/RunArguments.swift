import ArgumentParser
import Certification
import DataFiles
import DualBounds
import ReLUChain

/// What is asked of every example.
struct QuestionArguments: ParsableArguments {
  @Option(
    name: .customLong("eps"), parsing: .unconditional,
    help: ArgumentHelp(
      "Radius of the ball, >= 0, in units of the scaled data: 0.1, 8/255, or a list 0.05,0.1.",
      valueName: "list"))
  var epsilon: String?

  @Option(
    help: ArgumentHelp(
      "Instead: a radius for each feature, NPY, NPZ or IDX; linf. (default: --eps)",
      valueName: "file"),
    completion: .file())
  var epsFile: String?

  @Option(help: ArgumentHelp("Norm of the ball.", valueName: "norm"))
  var norm: Norm = .linf

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Domain of the scaled data, such as 0:1; cuts an linf ball. (default: none)",
      valueName: "lo:hi"))
  var clip: String?

  @Option(help: .decision)
  var decision: Decision = .argmax

  @Option(
    help: ArgumentHelp(
      "Which network verdicts speak of: exact, or as deployed.",
      valueName: "kind"))
  var arithmetic: Arithmetic = .float32

  @Option(
    help: ArgumentHelp(
      "Where float16 and bfloat16 networks sum up: in float32, or in their own type.",
      valueName: "type"))
  var accumulation: Accumulation = .float32

  @Option(
    help: ArgumentHelp(
      "Slopes of the relaxation; auto climbs while an example is open.", valueName: "kind"))
  var slopes: SlopeChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Units that get a row of their own: those that intervals leave open, or all.",
      valueName: "which"))
  var rows: RowChoice = .open

  @Flag(
    help: "Clear or flag labelled examples, too (Corollary 2). (default: only without labels)")
  var detect = false
}

/// Where the examples come from, and in which units.
struct DataArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The examples: IDX, NPY, NPZ, CIFAR binary or CSV; '-' reads standard input.",
      valueName: "file"),
    completion: .file())
  var data: String

  @Option(
    help: ArgumentHelp(
      "The labels, in any of these forms. (default: the sibling of the data by name, else none)",
      valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Array (NPZ) or column (CSV with a header) of the labels. (default: by its usual names)",
      valueName: "name"))
  var labelsName: String?

  @OptionGroup var reading: ReadingArguments
  @OptionGroup var selection: SelectionArguments

  @Flag(
    help: "Take eps as it is where data and --scale seem to be in other units. (default: refused)")
  var acceptUnits = false
}

/// How examples are read, in which units and order.
struct ReadingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Form of the data. (default: by the content)", valueName: "form"))
  var dataFormat: DataFormat?

  @Option(
    help: ArgumentHelp(
      "Array of an NPZ file that has the examples. (default: by its usual names)",
      valueName: "name"))
  var dataName: String?

  @Option(
    help: ArgumentHelp(
      "Where rows of CSV have their label. (default: by the header)", valueName: "place"))
  var labelColumn: LabelColumn?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Factor on stored elements, > 0. (default: 1/255 for uint8 unless the network takes integers, else 1)",
      valueName: "factor"))
  var scale: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Subtracted after scaling; one value, or one a channel: 0.5,0.4,0.3. (default: none)",
      valueName: "list"))
  var mean: String?

  @Option(
    name: .customLong("std"), parsing: .unconditional,
    help: ArgumentHelp(
      "Divided by after that, > 0; one value, or one a channel. (default: none)",
      valueName: "list"))
  var standardDeviation: String?

  @Option(
    help: ArgumentHelp(
      "Order of an image's features in the data. (default: as the network reads)",
      valueName: "order"))
  var layout: Layout?
}

/// Which examples of a file are meant.
struct SelectionArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after so many examples, >= 1. (default: all)", valueName: "count"))
  var limit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Skip so many examples, >= 0. (default: 0)", valueName: "count"))
  var offset: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only this example, counted from 0. (default: all)", valueName: "position"))
  var index: Int?

  @OptionGroup var sample: SampleArguments
}

/// How the certified radius of an example is searched.
struct RadiusArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Search certified radii; exact: between a proof and a counterexample.", valueName: "which"))
  var radii: RadiiName = .all

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Relative width at which a search ends, > 0 and < 1. (default: 1e-3; exact: 1e-2)",
      valueName: "width"))
  var radiusTolerance: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest radius searched, > 0, in units of eps. (default: the width of --clip, else of the data)",
      valueName: "radius"))
  var maxRadius: String?
}

/// How far a proof is searched where neither bounds nor attack decide.
struct SearchArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Split the ball of an open example into so many parts at most, 0 for none. (default: 20000 with --slopes auto, 400000 with --radii exact, else 0)",
      valueName: "count"))
  var splits: Int?
}

/// How counterexamples are searched where no certificate was found.
struct AttackArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Search counterexamples where no certificate was found.", valueName: "kind"))
  var attack: AttackName = .pgd

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Gradients of one ascent, >= 1. (default: 40)", valueName: "count"))
  var attackSteps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random starts, >= 0, beside the centre and the dual's point. (default: 3)",
      valueName: "count"))
  var restarts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seeds the random starts and --sample, >= 0. (default: 0)", valueName: "number"))
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "Write the counterexamples there, NPY or IDX by its name. (default: nowhere)",
      valueName: "file"),
    completion: .file())
  var counterexamples: String?
}

/// How the work is done.
struct WorkArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Workers, 1 to 1024; the result does not depend on it. (default: all cores)")
  )
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory for the bounds, such as 512M; the result does not depend on it. (default: half)",
      valueName: "size"))
  var memory: String?

  @Flag(name: [.short, .long], help: .quiet)
  var quiet = false
}

/// Where the result goes.
struct ResultArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the result there, whole or not at all. (default: standard output)",
      valueName: "file"),
    completion: .file())
  var output: String?
}

/// How the run is done.
struct RunArguments: ParsableArguments {
  @OptionGroup var work: WorkArguments
  @OptionGroup var result: ResultArguments
  @OptionGroup var journal: JournalArguments
  @OptionGroup var shard: ShardArguments
  @OptionGroup var streams: StreamArguments
  @OptionGroup var interchange: InterchangeArguments

  @Option(
    help: ArgumentHelp(
      "Write there all that the verdicts rest on, for 'certify audit'. (default: nowhere)",
      valueName: "file"),
    completion: .file())
  var proofs: String?

  @Option(
    help: ArgumentHelp(
      "Write the network's logits there, NPY or IDX by its name. (default: nowhere)",
      valueName: "file"),
    completion: .file())
  var emitLogits: String?
}
