import Attack
import CertificateRecords
import Certification
import FileAccess
import Foundation
import Numbers
import Reports
import Runs
import Synchronization
import Testing

/// Whole runs, without a program that is started for them.
@Suite struct RunTests {
  static func digits(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "fixtures/digits/\(name)").path
  }

  static func plan() throws -> RunPlan {
    var plan = RunPlan(
      modelPath: digits("conv-robust.onnx"),
      reading: DataReading(digits("digits-test-images-idx3-ubyte")),
      epsilons: [try Numeral("0.05"), try Numeral("8/255")])
    (plan.offset, plan.limit) = (20, 30)
    return plan
  }

  @Test("a run's reports say what was asked of the engine, and do not depend on the workers")
  func reports() throws {
    let texts = try [1, 3].map { threads in
      var plan = try Self.plan()
      plan.threads = threads
      plan.radii = .init(selection: .certified, tolerance: try Numeral("0.01"), maximum: nil)
      plan.attack = AttackOptions(steps: 5, restarts: 1, seed: 3)
      let run = try Run(plan, RunInputs(plan))
      let reports = try run.reports()
      #expect(reports.map(\.run.options.epsilon.text) == ["0.05", "8/255"])
      for report in reports {
        #expect(report.certificates.map(\.index) == Array(20..<50))
        #expect(report.run.options.engine.attack == run.options.attack)
        #expect(report.run.options.engine.radii == run.options.radii)
        #expect(report.run.data.labels?.path == Self.digits("digits-test-labels-idx1-ubyte"))
      }
      return ReportText(reports).joined()
    }
    #expect(texts[0] == texts[1])
  }

  @Test("certificates come example by example, in the order of the data, one for each epsilon")
  func order() throws {
    var plan = try Self.plan()
    plan.threads = 3
    let run = try Run(plan, RunInputs(plan))
    let given = Mutex([[Certificate]]())
    try run.certify { certificates in given.withLock { $0.append(certificates) } }
    let found = given.withLock { $0 }
    #expect(found.map { $0.map(\.index) } == (20..<50).map { [$0, $0] })
    let lists = try run.certificates()
    #expect(lists == [0, 1].map { place in found.map { $0[place] } })
  }

  @Test("a run that is asked to stop begins no other example")
  func stopped() throws {
    var plan = try Self.plan()
    plan.threads = 1
    let run = try Run(plan, RunInputs(plan))
    let given = Mutex([Int]())
    let isStopped: @Sendable () -> Bool = { given.withLock { $0.count >= 5 } }
    #expect(throws: CertificationFailure.stopped) {
      try certify(
        chain: run.inputs.chain, source: ExampleSource(run.inputs), indices: run.inputs.positions,
        options: run.options, isStopped: isStopped
      ) { certificates in
        given.withLock { $0.append(certificates[0].index) }
      }
    }
    #expect(given.withLock { $0 } == Array(20..<25))
  }

  @Test("an example outside the domain is refused by its place and its value")
  func outside() throws {
    var plan = try Self.plan()
    plan.clip = Clip(lower: try Numeral("0.5"), upper: try Numeral("1"))
    let run = try Run(plan, RunInputs(plan))
    let error = #expect(throws: InputError.self) { try run.certificates() }
    #expect(error?.place == "item 20, value 0" && error?.found == "0.0 after scaling")
    #expect(error?.expected == "0.5 to 1, as --clip says")
  }

  @Test("a memory that not even one worker fits into is refused before anything is bounded")
  func memory() throws {
    var plan = try Self.plan()
    plan.memory = MemorySize(bytes: 1000)
    let inputs = try RunInputs(plan)
    let error = #expect(throws: InputError.self) { try Run(plan, inputs) }
    #expect(error?.kind == .limit && error?.place == "--memory 1 KiB")
  }
}
