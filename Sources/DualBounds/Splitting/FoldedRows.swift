import CKernels

/// The rows of a folded network, of which only the runs of entries are kept that are not zero.
final class FoldedRows {
  /// Where rows begin in `runs`; one more than there are rows.
  private(set) var runStart = UnsafeMutableBufferPointer<Int32>(start: nil, count: 0)
  private(set) var runs = UnsafeMutableBufferPointer<cm_fold_run>(start: nil, count: 0)
  /// Of each row the number that it shares with neighbours of its layer that have the same runs.
  private(set) var shapes = UnsafeMutableBufferPointer<Int32>(start: nil, count: 0)
  /// The numbers of each row.
  private(set) var numbers = UnsafeMutableBufferPointer<UnsafeRawPointer?>(
    start: nil, count: 0)
  /// Whether numbers are binary32, so that passes read half as much: for searches that end where a deployed
  /// network rounds, which is far more, and for large networks.
  let isNarrow: Bool
  /// The rows so far, until the list ends.
  var rowCount: Int { madeRows.count }
  /// All numbers of all rows.
  private(set) var count = 0

  private var madeStarts: [Int32] = [0]
  private var madeRuns: [cm_fold_run] = []
  private var madeShapes: [Int32] = []
  private var lastLayer = -1
  private var madeRows: [UnsafeRawPointer?] = []
  private var pages: [Page] = []

  init(isNarrow: Bool) {
    precondition(Self.quantum == Int(CM_FOLD_QUANTUM), "rows are padded to whole vectors")
    self.isNarrow = isNarrow
  }

  /// Memory for some rows; its address never changes.
  private final class Page {
    let numbers: Buffer<Double>
    var used = 0

    init(count: Int) { numbers = Buffer(repeating: 0, count: count) }
  }

  private static let pageCount = 1 << 14
  private static let quantum = SIMD8<Double>.scalarCount

  /// What so many rows take at most, of no more than `limit` numbers but for a block of rows.
  ///
  /// - Parameter wide: the most numbers that are not narrow.
  static func bytes(rows: Int, stride: Int, limit: Int, wide: Int) -> Int {
    let dense = rows.multipliedReportingOverflow(by: stride)
    let block = Int(CM_MAX_ROWS) * stride
    func bytes(_ limit: Int, each size: Int) -> Int {
      let numbers = dense.overflow ? limit + block : min(dense.partialValue, limit + block)
      // Pages are half full at least but for the last one; lists grow by doubling.
      return size * 2 * numbers + 8 * max(pageCount, stride)
        + 3 * (numbers / quantum * 8 + rows * 16)
    }
    return max(bytes(min(wide, limit), each: 8), bytes(limit, each: 4))
  }

  /// Appends a row.
  ///
  /// - Parameters:
  ///   - row: `[stride]`, a multiple of the quantum.
  ///   - inputs: the entries of the input, a multiple of it, too.
  ///   - layer: where the row's unit lies: those of one layer read none of each other.
  func append(_ row: UnsafePointer<Double>, stride: Int, inputs: Int, layer: Int) {
    let first = madeRuns.count
    for start in Swift.stride(from: 0, to: stride, by: Self.quantum)
    where Self.piece(of: row, at: start) != .zero {
      if madeRuns.count > first, let last = madeRuns.last, last.first + last.count == start,
        start != inputs
      {
        madeRuns[madeRuns.count - 1].count += Int32(CM_FOLD_QUANTUM)
      } else {
        madeRuns.append(cm_fold_run(first: Int32(start), count: CM_FOLD_QUANTUM))
      }
    }
    let needed = madeRuns[first...].reduce(0) { $0 + Int($1.count) }
    let space = isNarrow ? needed / 2 : needed
    let page = page(space)
    let start = UnsafeMutableRawPointer(page.numbers.pointer + page.used)
    madeRows.append(UnsafeRawPointer(start))
    var place = 0
    for run in madeRuns[first...] {
      for entry in Swift.stride(
        from: Int(run.first), to: Int(run.first + run.count), by: Self.quantum)
      {
        write(Self.piece(of: row, at: entry), at: place, of: start)
        place += Self.quantum
      }
    }
    page.used += space
    count += needed
    madeStarts.append(Int32(madeRuns.count))
    let shape = madeShapes.last ?? 0
    madeShapes.append(layer == lastLayer && isLastLikeTheOneBefore ? shape : shape + 1)
    lastLayer = layer
  }

  /// `quantum` entries of a row.
  private static func piece(of row: UnsafePointer<Double>, at entry: Int) -> SIMD8<Double> {
    UnsafeRawPointer(row + entry).loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Whether the last two rows have the same runs.
  private var isLastLikeTheOneBefore: Bool {
    guard madeStarts.count > 2 else { return false }
    let last = madeStarts.count - 1
    let (first, second) = (Int(madeStarts[last - 2]), Int(madeStarts[last - 1]))
    return madeRuns[first..<second].elementsEqual(madeRuns[second...]) {
      $0.first == $1.first && $0.count == $1.count
    }
  }

  private func write(_ piece: SIMD8<Double>, at place: Int, of row: UnsafeMutableRawPointer) {
    if isNarrow {
      row.storeBytes(of: SIMD8<Float>(piece), toByteOffset: 4 * place, as: SIMD8<Float>.self)
    } else {
      row.storeBytes(of: piece, toByteOffset: 8 * place, as: SIMD8<Double>.self)
    }
  }

  private func page(_ needed: Int) -> Page {
    if let page = pages.last, page.numbers.count - page.used >= needed { return page }
    let page = Page(count: max(Self.pageCount, needed))
    pages.append(page)
    return page
  }

  /// Ends the list of rows: the kernels may read it.
  func end() {
    (runStart, runs, numbers) = (Self.copy(madeStarts), Self.copy(madeRuns), Self.copy(madeRows))
    shapes = Self.copy(madeShapes)
    (madeStarts, madeRuns, madeRows, madeShapes) = ([], [], [], [])
  }

  private static func copy<Element>(_ list: [Element]) -> UnsafeMutableBufferPointer<Element> {
    let copied = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, list.count))
    _ = copied.initialize(from: list)
    return copied
  }

  deinit {
    runStart.deallocate()
    runs.deallocate()
    shapes.deallocate()
    numbers.deallocate()
  }

  /// A row with its zeros.
  func row(_ row: Int, stride: Int) -> [Double] {
    var entries = [Double](repeating: 0, count: stride)
    guard let from = numbers[row] else { return entries }
    var place = 0
    for run in runs[Int(runStart[row])..<Int(runStart[row + 1])] {
      for entry in Int(run.first)..<Int(run.first + run.count) {
        entries[entry] =
          isNarrow
          ? Double(from.load(fromByteOffset: 4 * place, as: Float.self))
          : from.load(fromByteOffset: 8 * place, as: Double.self)
        place += 1
      }
    }
    return entries
  }
}
