import CKernels

/// One worker's scratch memory, and the entry to the algorithm.
///
/// Sign convention: margins are lower bounds of `z_y - z_j`; larger is better; coefficient rows start
/// at `c = e_y - e_j` (the paper's nu is their negative).
public final class BoundWorkspace {
  package let problem: BoundProblem
  package let states: [LayerState]
  let kernels: cm_kernels
  /// The most rows of one block.
  let rowsPerBlock: Int
  /// Blocks of rows, `[live units of a window][rows]`, for layers of even and of odd number.
  private let evenBlock: Buffer<Double>
  private let oddBlock: Buffer<Double>
  /// `[rows]`: what each row of the block has cost so far.
  let cost = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// `[rows]`: the deployed network's share of it.
  let budget = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// The forward direction, where it can be the cheaper one.
  package let columns: ColumnBlock?
  /// Whether the layers hold the bounds of the last ball.
  var isKnown = false
  /// Rows with lower lines of their own, once they are asked for.
  var tightRows: TightRows?
  /// Scratch for the list of open units.
  let open: Buffer<Int32>
  /// What the current ball is beside a box; nil for a box.
  var normPart: NormPart?
  /// What the first layer of ReLUs makes of it.
  package var leadingNorms = LeadingNorms()
  let rowNorms = RowNorms()

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
    let layers = problem.layers
    states = layers.indices.map { index in
      let producer = layers[index].compiled
      let consumer = index + 1 < layers.count ? layers[index + 1].compiled : nil
      return LayerState(
        layers[index].layout,
        offsets: WeightOffsets(
          layout: layers[index].layout, producer: producer, consumer: consumer),
        indexed: (producer?.isSparse ?? false) || (consumer?.isSparse ?? false))
    }
    let widest = layers.map(\.layout.count).max() ?? 0
    self.rowsPerBlock = min(max(rowsPerBlock, Int(CM_ROW_QUANTUM)), Int(CM_MAX_ROWS))
    let size = widest * self.rowsPerBlock
    evenBlock = Buffer(repeating: 0, count: size)
    oddBlock = Buffer(repeating: 0, count: size)
    columns = problem.columnLimit > 0 ? ColumnBlock(problem, widest: widest) : nil
    open = Buffer(repeating: 0, count: widest + 1)
  }

  /// Computes Algorithm 1 and the dual pass for the rows `e_y - e_j`.
  ///
  /// - Complexity: one forward pass, and one row for every unit that intervals leave open.
  public func margins(over ball: Ball, specificationClass: Int) -> MarginBounds {
    precondition((0..<problem.classCount).contains(specificationClass), "no such class")
    isKnown = boundLayers(over: ball)
    var result = MarginBounds(
      specificationClass: specificationClass, classCount: problem.classCount)
    for (layer, state) in zip(problem.layers, states) where layer.isReLU {
      result.unstable.append(state.unstable)
    }
    if isKnown { specify(&result) }
    return result
  }

  /// The bounds of every ReLU layer that the last call of `margins` used, in the file's order of
  /// units.
  public func preActivationBounds() -> [PreActivationBounds] {
    zip(problem.layers, states).filter(\.0.isReLU).map { layer, state in
      let units = (0..<layer.layout.count).map(layer.layout.physical)
      return PreActivationBounds(
        lower: units.map { state.bounds.lower[$0] }, upper: units.map { state.bounds.upper[$0] })
    }
  }

  /// The block of rows on a layer.
  func block(_ layer: Int) -> UnsafeMutablePointer<Double> {
    layer % 2 == 0 ? evenBlock.pointer : oddBlock.pointer
  }

  /// Rows are padded to whole vectors.
  func paddedRows(_ count: Int) -> Int {
    let quantum = Int(CM_ROW_QUANTUM)
    return (count + quantum - 1) / quantum * quantum
  }
}
