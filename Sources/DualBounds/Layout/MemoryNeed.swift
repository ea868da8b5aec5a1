import CKernels
import ReLUChain

/// What bounding a chain takes in memory, known before any of it is allocated.
public struct MemoryNeed: Sendable, Equatable {
  /// Bytes of the network laid out for the kernels, shared by all workers.
  public private(set) var network = 0
  /// Bytes of one worker's scratch, its blocks of rows aside.
  public private(set) var worker = 0
  /// Bytes that one more row of a block takes in each worker.
  public private(set) var row = 0

  /// The smallest and the largest useful number of rows in a block.
  public static let blockRows = Int(CM_ROW_QUANTUM)...Int(CM_MAX_ROWS)

  /// Adds up what the chain, `BoundProblem` and `BoundWorkspace` hold.
  ///
  /// - Parameters:
  ///   - slopes: the tightest that are asked for; any but parallel ones take a line for every unit and
  ///     row.
  ///   - relaxations: how many a worker keeps at once, the one that it makes aside.
  public init(_ chain: ReLUChain, slopes: Slopes = .parallel, relaxations: Int = 1) {
    let layout = ChainLayout(chain)
    let layouts = layout.layouts
    let widest = layouts.map(\.count).max() ?? 0
    network = chain.numberBytes + Buffer<Double>.bytes(widest + 1)
    network += layout.steps.reduce(0) { $0 + CompiledOperator.bytes($1) }
    network += layouts.reduce(0) { $0 + 2 * Buffer<Int64>.bytes($1.count) }
    for unit in layouts {
      worker += RowView.bytes(unit) + (1 + relaxations) * LayerRelaxation.bytes(unit)
      guard slopes > .parallel else { continue }
      worker += LayerRelaxation.bytes(unit) + LineBlock.bytes(unit.count)
      row += LineBlock.numbersPerLine * 8 * unit.count
    }
    worker += 2 * Buffer<Int32>.bytes(widest + 1)
    // The dual norms of the first layer, which l2 and l1 take, and their scratch.
    worker += 8 * widest + RowNorms.bytes + RowPass.ownBytes
    let widths = layout.steps.filter(\.isReLU).map(\.output.count)
    if ColumnBlock.isWorthwhile(inputs: chain.inputCount, widths: widths) {
      worker += ColumnBlock.bytes(widest: widest)
    }
    row += 2 * 8 * widest
  }

  /// Adds what complete searches take, relaxations aside.
  public mutating func addSearches(_ chain: ReLUChain) {
    let units = ChainLayout(chain).steps.filter(\.isReLU).reduce(0) { $0 + $1.output.count }
    worker += FoldedNetwork.bytes(inputs: chain.inputCount, units: units)
    row += LineBlock.bytesPerGuide * ChainLayout(chain).layouts.reduce(0) { $0 + $1.count }
  }

  /// Adds what a companion of the bounds takes: shared by all workers, and in each of them.
  public mutating func add(network: Int, worker: Int) {
    self.network += network
    self.worker += worker
  }

  /// Bytes for one worker with the smallest blocks.
  public var least: Int { total(workers: 1, rows: Self.blockRows.lowerBound) }

  /// Bytes for a number of workers with blocks of so many rows.
  public func total(workers: Int, rows: Int) -> Int {
    network + workers * (worker + rows * row)
  }

  /// The most rows, in whole quanta, with which so many workers stay within a budget; nil where not
  /// even the smallest block fits.
  public func rows(workers: Int, within budget: Int) -> Int? {
    let quantum = Self.blockRows.lowerBound
    let affordable = (budget - network - workers * worker) / max(1, workers * row)
    let rows = min(Self.blockRows.upperBound, affordable / quantum * quantum)
    return rows >= quantum ? rows : nil
  }

  /// The workers and the rows of a block that fit into a budget: fewer rows at a time first, then fewer
  /// workers; nil where not even one worker fits.
  public func fitted(_ workers: Int, within budget: Int) -> (workers: Int, rows: Int)? {
    for workers in stride(from: max(1, workers), to: 0, by: -1) {
      if let rows = rows(workers: workers, within: budget) { return (workers, rows) }
    }
    return nil
  }
}
