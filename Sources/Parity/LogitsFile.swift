import DataFiles
import FileAccess
import Synchronization
import Threads

/// Where `--emit-logits` goes.
package struct LogitsPath: Sendable {
  let form: ArrayFile
  package let path: String

  /// Reads the option's value.
  package init(_ path: String) throws(InputError) {
    (form, self.path) = (try ArrayFile(endingOf: path, option: "--emit-logits"), path)
  }
}

/// The network's logits as a file, opened before the work.
package struct LogitsFile {
  private let form: ArrayFile
  /// The output, to be completed with the others.
  package let file: AtomicFile

  /// Opens the output.
  package init(_ path: LogitsPath) throws(OutputError) {
    form = path.form
    file = try AtomicFile(path.path)
  }

  /// Writes the logits of examples, `[examples, logits]`, as binary64.
  ///
  /// - Parameter logits: Of the features of an example, in the network's order.
  package func write(
    _ scaled: ScaledDataset, _ positions: [Int], classCount: Int, threads: Int,
    _ logits: @Sendable ([Double]) -> [Double]
  ) throws(OutputError) {
    try file.write(form.header(.float64, shape: [positions.count, classCount]))
    // A block at a time: what is not written yet stays small.
    var start = 0
    while start < positions.count {
      let block = positions[start..<min(start + 1024, positions.count)]
      let rows = mapInParallel(block.count, workers: threads) { row in
        logits(scaled.features(of: block[block.startIndex + row]))
      }
      for row in rows { try file.write(form.bytes(of: row)) }
      start += block.count
    }
  }

  /// Gives it up.
  package func discard() { file.discard() }
}

/// The results of independent pieces of work, in order.
package func mapInParallel<Result: Sendable>(
  _ count: Int, workers: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let results = Mutex([Result?](repeating: nil, count: count))
  let next = Mutex(0)
  @Sendable func take() -> Int? {
    next.withLock { next in
      guard next < count else { return nil }
      next += 1
      return next - 1
    }
  }
  runWorkers(min(workers, count)) {
    while let index = take() {
      let result = body(index)
      results.withLock { $0[index] = result }
    }
  }
  return results.withLock { $0.compactMap(\.self) }
}
