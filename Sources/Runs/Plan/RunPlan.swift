import Attack
import Certification
import DataFiles
import DualBounds
import Glibc
import Numbers
import Parity
import ReLUChain
import Reports

/// What a run is to do: the network, the examples and the question, in the engine's own terms.
package struct RunPlan: Sendable {
  package var modelPath: String
  /// The output that is meant; nil for the only one.
  package var outputName: String?
  package var reading: DataReading
  package var labelsPath: String?
  /// The labels that lie beside the data by their name, where none are named.
  package var foundLabelsPath: String?
  /// The array or column of the labels, where the user names it.
  package var labelsName: String?
  package var epsilons: [Numeral]
  /// Has a radius for each feature; then the only epsilon is 1, in units of this file.
  package var epsilonFile: String?
  package var clip: Clip?
  package var decision = Decision.argmax
  package var arithmetic = Arithmetic.float32
  /// Only a half-precision network asks for it.
  package var accumulation = Accumulation.float32
  package var slopes = SlopeChoice.auto
  package var rows = RowChoice.open
  package var norm = Norm.linf
  /// Whether units that look contradictory are taken as they are.
  package var acceptsUnits = false
  package var offset = 0
  package var limit: Int?
  /// Whether one example was asked for by its position.
  package var isSingle = false
  /// nil for every example.
  package var sample: OptionsDescription.Sample?
  /// Whether labelled examples are cleared or flagged, too.
  package var detects = false
  /// nil for no radii.
  package var radii: Radii?
  /// nil for no attacks.
  package var attack: AttackOptions?
  /// The most parts that the ball of an open example is split into; 0 for no search.
  package var splits = 0
  package var counterexamples: CounterexamplePaths?
  /// nil where nothing is kept before the end.
  package var journal: JournalPlan?
  /// Where what certificates rest on goes; nil for nowhere.
  package var proofsPath: String?
  /// nil for the whole of the examples that were asked for.
  package var shard: ShardDescription?
  package var logits: LogitsPath?
  package var threads = RunPlan.coreCount
  package var memory = MemorySize.standard
  package var outputPath = "-"
  /// Whether the report goes there; a terminal that did not ask for it gets the summary alone.
  package var writesReport = true
  /// What is written beside it.
  package var sideFiles = SideFiles()
  /// What the results have to keep to.
  package var gates: [Gate] = []
  package var limits = FileLimits()

  /// How radii are searched.
  package struct Radii: Sendable {
    package var selection: RadiusOptions.Selection
    package var tolerance: Numeral
    /// nil for the width of the data.
    package var maximum: Numeral?

    package init(selection: RadiusOptions.Selection, tolerance: Numeral, maximum: Numeral?) {
      (self.selection, self.tolerance, self.maximum) = (selection, tolerance, maximum)
    }
  }

  /// A run with neither radii nor attacks; labels are those beside the data, if any.
  package init(modelPath: String, reading: DataReading, epsilons: [Numeral]) {
    (self.modelPath, self.reading, self.epsilons) = (modelPath, reading, epsilons)
    foundLabelsPath = Labels.siblingPath(of: reading.path)
  }

  /// Decides nearly all that is left of robust networks, and keeps a run over others within minutes.
  package static let standardSplits = 20_000
  /// Closes nearly all radii of small networks; seconds where a large one leaves them open.
  package static let exactSplits = 400_000

  /// Whether radii are closed from both sides.
  package var isExact: Bool { radii?.selection == .exact }

  /// The file of the examples.
  package var dataPath: String { reading.path }

  /// More workers than any machine has cores for; each has memory of its own.
  package static let mostThreads = 1024

  package static var coreCount: Int {
    min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), mostThreads)
  }

  /// What the run reads and writes; nobody need have named the labels.
  package var files: FilesInUse {
    FilesInUse(
      inputs: [
        ("the model", modelPath), ("--data", dataPath), ("--labels", labelsPath),
        ("the file of the labels", foundLabelsPath), ("--eps-file", epsilonFile),
      ],
      outputs: [("--output", outputPath)]
        + (counterexamples?.all ?? []).map { ("--counterexamples", $0) }
        + [("--emit-logits", logits?.path), ("--journal", journal?.path), ("--proofs", proofsPath)]
        + sideFiles.outputs)
  }
}
