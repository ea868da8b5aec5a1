import CertificateRecords
import Certification
import FileAccess
import ProofFiles
import ProofRecords
import Reports
import Synchronization

/// Where a run keeps what it has finished, and whether it goes on with what is there.
package struct JournalPlan: Sendable, Equatable {
  package var path: String
  package var resumes: Bool

  package init(path: String, resumes: Bool) { (self.path, self.resumes) = (path, resumes) }

  /// Opens the file, before any work.
  package func open() throws -> AppendedFile {
    let file = try AppendedFile(path)
    guard resumes || file.size == 0 else {
      throw InputError(
        .usage, file: "--journal", found: "\(quoted(path)), which has \(file.size) bytes",
        expected: "a new file, or --resume to go on with what it keeps")
    }
    return file
  }

  /// A journal of another build is refused, so that a build has to be told from others.
  static func checkProgram(_ program: ProgramDescription) throws(InputError) {
    guard program.build == nil else { return }
    throw InputError(
      .usage, file: "--journal",
      found: "a program without a build id whose own file cannot be read",
      expected: "one of them: what another build finished is not gone on with")
  }
}

/// The finished examples of a run on the disk: those of an earlier attempt, and those that are added
/// as soon as they are there.
package final class RunJournal: Sendable {
  /// The certificates of each example that an earlier attempt finished.
  package let kept: [Int: [Certificate]]
  /// What they rest on; empty where no proofs are asked for.
  package let keptProofs: [Int: [[UInt8]]]
  /// The bytes of an unfinished line that were dropped.
  package let dropped: Int

  private let file: AppendedFile
  private let head: String
  private let keepsProofs: Bool
  private struct State {
    var synced: Double
    var failure: OutputError?
  }
  private let state = Mutex(State(synced: secondsOfClock()))

  /// What a machine that stops may lose, in seconds of work.
  private static let interval = 1.0

  /// Goes on with a journal of this run, or begins one.
  ///
  /// - Throws: where the file is another run's, or damaged.
  package init(_ file: AppendedFile, _ run: Run) throws {
    self.file = file
    try JournalPlan.checkProgram(.this)
    let text = run.journal
    let bytes = try file.contents()
    let contents = try text.read(bytes, file: file.path)
    dropped = bytes.count - contents.end
    if dropped > 0 { try file.cut(to: contents.end) }
    (kept, keptProofs) = (contents.finished, contents.proofs)
    keepsProofs = run.options.keepsProofs
    if let head = contents.head {
      self.head = head
    } else {
      let line = Array(text.headLine.utf8)
      try file.append(line)
      head = JournalText.digest(ofHead: line)
    }
  }

  /// Adds an example; from any worker. What goes wrong is kept, and ends the run.
  func keep(_ certificates: [Certificate], _ proofs: [ExampleProof]) {
    let parts = keepsProofs ? proofs.map(ProofWriter.bytes(of:)) : nil
    let line = Array(JournalText.line(certificates, proofs: parts, under: head).utf8)
    do throws(OutputError) {
      try file.append(line)
      let now = secondsOfClock()
      let isDue = state.withLock { state in
        guard now - state.synced >= RunJournal.interval else { return false }
        state.synced = now
        return true
      }
      if isDue { try file.sync() }
    } catch {
      state.withLock { state in if state.failure == nil { state.failure = error } }
    }
  }

  /// Brings everything to the disk.
  func sync() throws(OutputError) { try file.sync() }

  /// Why no more examples can be kept; nil where they can.
  package var failure: OutputError? { state.withLock { $0.failure } }
}

extension Run {
  /// What a journal of this run says of it.
  var journal: JournalText {
    let reading = plan.reading
    return JournalText(
      options.epsilons.map(description),
      reading: [
        ("data_format", reading.format?.rawValue), ("label_column", reading.labelColumn?.rawValue),
      ], positions: inputs.positions, keepsProofs: options.keepsProofs)
  }

  /// For each epsilon, the certificates in the order of the data: those that the journal has already,
  /// and the others, each of which it gets as soon as it is there.
  ///
  /// - Parameters:
  ///   - progress: told how many of the others are done.
  ///   - isStopped: asked before each example.
  ///   - finished: given an example's certificates as soon as they are there, by several workers at once.
  ///   - proofs: gets what every certificate rests on, the kept ones too, in the order of the data.
  /// - Throws: `StoppedRun` where it was.
  package func certificates(
    _ journal: RunJournal,
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isStopped: @Sendable () -> Bool,
    finished: @Sendable ([Certificate]) -> Void = { _ in }, proofs: ProofOutput? = nil
  ) throws -> [[Certificate]] {
    let kept = journal.kept
    proofs?.insert(journal.keptProofs)
    let left = inputs.positions.filter { kept[$0] == nil }
    let counted = Mutex(kept.count)
    let result = Result {
      try certificates(
        at: left, progress: progress,
        isStopped: { isStopped() || journal.failure != nil },
        finished: { certificates, proofs in
          journal.keep(certificates, proofs)
          finished(certificates)
          counted.withLock { $0 += 1 }
        }, proofs: { proofs?.add($0) })
    }
    if let failure = journal.failure { throw failure }
    try journal.sync()
    if case .failure(let error) = result, error as? CertificationFailure == .stopped {
      throw StoppedRun(done: counted.withLock { $0 }, total: inputs.positions.count)
    }
    let found = try result.get()
    let places = Dictionary(uniqueKeysWithValues: zip(left, left.indices))
    return found.enumerated().map { epsilon, computed in
      inputs.positions.compactMap { position in
        kept[position]?[epsilon] ?? places[position].map { computed[$0] }
      }
    }
  }
}

/// A run that was asked to stop, and can be gone on with.
package struct StoppedRun: Error {
  package var done, total: Int
}
