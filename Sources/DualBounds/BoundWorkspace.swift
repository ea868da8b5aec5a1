import CKernels
import ReLUChain
import Threads

/// One worker's scratch memory, and the entry to the algorithm: what it finds out of a ball is a value
/// of its own, `Relaxation`.
///
/// Sign convention: margins are lower bounds of `z_y - z_j`; larger is better; coefficient rows start
/// at `c = e_y - e_j` (the paper's nu is their negative).
public final class BoundWorkspace {
  package let problem: BoundProblem
  package let kernels: cm_kernels
  /// Rows backwards.
  package let rows: RowPass
  /// The forward direction, where it can be the cheaper one.
  package let columns: ColumnBlock?
  /// Layers to write to.
  var store: LayerStore
  /// The units of a layer that are to get a row.
  let open: Buffer<Int32>
  /// How many products of each output of a layer may be other than 0.
  let terms: Buffer<Int32>
  /// What the first layer of ReLUs makes of a norm.
  package var leadingNorms = LeadingNorms()
  /// Whether relaxations and margins say how they came about.
  package var keepsOrigins = false
  /// Other threads, which help a search where they have nothing else to do; nil for none.
  public var crew: Crew?

  /// Allocates scratch for one worker.
  ///
  /// - Parameters:
  ///   - rowsPerBlock: a number of `MemoryNeed.blockRows`; no bound depends on it.
  public init(
    _ problem: BoundProblem, kernels: Kernels = .best,
    rowsPerBlock: Int = MemoryNeed.blockRows.upperBound
  ) {
    self.problem = problem
    self.kernels = kernels.functions
    rows = RowPass(problem, kernels: kernels.functions, most: rowsPerBlock)
    columns =
      problem.columnLimit > 0 ? ColumnBlock(problem, widest: problem.widest) : nil
    store = LayerStore(problem)
    open = Buffer(repeating: 0, count: problem.widest + 1)
    terms = Buffer(repeating: 0, count: problem.widest + 1)
  }

  /// Computes Algorithm 1 and the dual pass for the rows `e_y - e_j`, with slopes up to `slopes`:
  /// `parallel` first, the others only if asked for.
  ///
  /// - Parameters:
  ///   - untilCertified: stops as soon as every margin is positive, and climbs only rows that are not.
  public func bounds(
    over ball: Ball, specificationClass: Int, slopes: Slopes = .parallel,
    untilCertified: Bool = false, effort: AscentEffort = AscentEffort()
  ) -> BallBounds {
    let relaxation = relaxation(over: ball)
    var known = BallBounds(
      relaxation: relaxation,
      margins: margins(of: relaxation, specificationClass: specificationClass))
    tighten(&known, to: slopes, untilCertified: untilCertified, effort: effort)
    return known
  }

  /// The margins of `bounds`.
  public func margins(
    over ball: Ball, specificationClass: Int, slopes: Slopes = .parallel,
    untilCertified: Bool = false, effort: AscentEffort = AscentEffort()
  ) -> MarginBounds {
    bounds(
      over: ball, specificationClass: specificationClass, slopes: slopes,
      untilCertified: untilCertified, effort: effort
    ).margins
  }
}
