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

  /// Adds up what `BoundProblem` and `BoundWorkspace` allocate for a chain, to within the few layers
  /// that only change the order of units.
  ///
  /// - Parameter slopes: the tightest that are asked for; any but parallel ones take a line for every
  ///   unit and row.
  public init(_ chain: ReLUChain, slopes: Slopes = .parallel) {
    var widest = chain.inputCount
    var units = chain.inputCount
    for linear in chain.stages.flatMap(\.operators) {
      network += Self.weightBytes(linear)
      // One rearrangement may stand in front of an operator.
      units += linear.outputCount + linear.inputCount
      widest = max(widest, linear.outputCount)
      if case .convolution(let c) = linear.kind {
        worker += (c.inputHeight + c.outputHeight) * MemoryLayout<cm_run>.stride
      }
    }
    // The dual norms of the first layer, which l2 and l1 take, are not above 8 bytes a unit.
    worker += units * (14 * 8 + 4 * 8 + 3 * 4) + 8 * widest
    if ColumnBlock.isWorthwhile(
      inputs: chain.inputCount, widths: chain.stages.dropLast().map(\.outputCount))
    {
      worker += 16 * widest * ColumnBlock.most
    }
    row = widest * 2 * 8
    if slopes > .parallel {
      worker += units * (6 * 8 + 2 * 4)
      row += units * 6 * 8
    }
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

  private static func weightBytes(_ linear: LinearOperator) -> Int {
    let padding = Int(CM_CHANNEL_QUANTUM)
    func padded(_ count: Int) -> Int { (count + padding - 1) / padding * padding }
    switch linear.kind {
    case .dense:
      return LayoutBytes.product(8, linear.inputCount, padded(linear.outputCount))
    case .convolution(let c) where c.groups == 1:
      let height = ((c.kernelHeight - 1) * c.dilationY / c.strideY + 1) * c.strideY
      let width = ((c.kernelWidth - 1) * c.dilationX / c.strideX + 1) * c.strideX
      return LayoutBytes.product(8, height, width, c.inputChannels, padded(c.outputChannels))
    case .convolution(let c):
      let taps = c.kernelHeight * c.kernelWidth * c.inputChannels / c.groups
      // The kernels count the entries in 32 bits.
      let entries = LayoutBytes.product(linear.outputCount, taps)
      return entries <= Int(Int32.max) ? 12 * entries : LayoutBytes.tooMuch
    case .scaling, .selection:
      return 32 * linear.outputCount
    }
  }
}
