import DualBounds
import NumberSupport
import PropertyFiles
import ReLUChain
import Synchronization
import TestSupport
import Testing
import Verification

@Suite struct SearchTests {
  /// `|x_0 - 1/3| + |x_1 - 1/3|`, whose least value over the unit square is 0, at a point that no binary
  /// fraction is.
  private func distance() throws -> ReLUChain {
    func linear(_ weights: [Double], _ bias: [Double]) -> LinearOperator {
      LinearOperator(
        name: "g", operatorType: "Gemm", kind: .dense(Dense(weights: weights, bias: bias)),
        inputShape: [weights.count / bias.count], outputShape: [bias.count])
    }
    let third = 0x1.555554p-2
    return ReLUChain(
      inputShape: [2],
      stages: [
        AffineStage(operators: [
          linear([1, 0, -1, 0, 0, 1, 0, -1], [-third, third, -third, third])
        ]),
        AffineStage(operators: [linear([1, 1, 1, 1], [0])]),
      ], notes: [])
  }

  private func property(below constant: String, _ more: String = "") throws -> Property {
    let text = """
      (declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)
      (assert (>= X_0 0)) (assert (<= X_0 1)) (assert (>= X_1 0)) (assert (<= X_1 1))
      (assert (<= Y_0 \(constant)))\(more)
      """
    return try PropertyFile.decode(Array(text.utf8), file: "p.vnnlib")
  }

  @Test("one output is asked about as it is, and a bound just below its least value is proved")
  func least() throws {
    for arithmetic in [Arithmetic.real, .float32] {
      let options = VerificationOptions(arithmetic: arithmetic)
      let chain = try distance()
      let below = try property(below: "-0.001")
      #expect(verify(chain: chain, property: below, options: options).answer == .holds)
      let above = verify(chain: chain, property: try property(below: "0.001"), options: options)
      guard case .violated(let violation) = above.answer else {
        Issue.record("\(above)")
        continue
      }
      #expect(violation.outputs[0] <= 0.001)
    }
  }

  @Test("what rounding decides is not answered, and the reason is said")
  func rounding() throws {
    // Exactly at the least value, the deployed network may err to either side.
    let result = verify(
      chain: try distance(), property: try property(below: "-1e-12"),
      options: VerificationOptions(arithmetic: .float32, splits: 100_000))
    #expect(result.answer == .undecided(.rounding) && result.boxes < 20_000, "\(result)")
  }

  @Test("the answer, and the work, depend on neither the workers nor the memory")
  func workers() throws {
    var chains = RandomChains(seed: 3, style: .singles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (3, 8, 3...3)
    chains.mixesKinds = false
    var searched = 0
    for seed in seeds(12) {
      let chain = chains.chain()
      // A little below what random points reach: neither bounds of the whole nor a point decide it.
      let level = leastReached(chain, &chains.random, points: 500) - 0.05
      let property = try property(of: chain, below: level, end: 1.1)
      func result(_ threads: Int, _ rows: Int) -> VerificationResult {
        verify(
          chain: chain, property: property,
          options: VerificationOptions(
            splits: 3000, restarts: 0, threads: threads, rowsPerBlock: rows))
      }
      let one = result(1, MemoryNeed.blockRows.upperBound)
      if one.boxes > 2 { searched += 1 }
      #expect(one == result(4, MemoryNeed.blockRows.upperBound), "seed \(seed)")
      #expect(one == result(3, MemoryNeed.blockRows.lowerBound), "seed \(seed)")
    }
    #expect(searched > 2)
  }

  @Test(
    "a counterexample far from where the search is deep is found beside it", arguments: [12, 18])
  func far(_ seed: UInt64) throws {
    var chains = RandomChains(seed: seed, style: .singles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (6, 24, 5...5)
    chains.mixesKinds = false
    let chain = chains.chain()
    // By 5000 random points: without any, a search takes more than 14000 boxes.
    let level = leastReached(chain, &chains.random, points: 5000)
    let result = verify(
      chain: chain, property: try property(of: chain, below: level),
      options: VerificationOptions(splits: 2000, restarts: 0))
    guard case .violated(let violation) = result.answer else {
      Issue.record("\(result)")
      return
    }
    #expect(chain.logits(of: violation.point)[0] <= level)
  }

  /// The least first output at random points of `[-1, 1]^n`.
  private func leastReached(
    _ chain: ReLUChain, _ random: inout SeededGenerator, points: Int
  ) -> Double {
    (0..<points).map { _ in
      chain.logits(
        of: (0..<chain.inputCount).map { _ in Double.random(in: -1...1, using: &random) })[0]
    }.min() ?? 0
  }

  /// What is violated where the first output is not above a level in `[-1, end]^n`.
  private func property(
    of chain: ReLUChain, below level: Double, end: Double = 1
  ) throws -> Property {
    let names = (0..<chain.inputCount).map { "(declare-const X_\($0) Real)" }
    let bounds = (0..<chain.inputCount).map {
      "(assert (>= X_\($0) -1)) (assert (<= X_\($0) \(end)))"
    }
    let outputs = (0..<chain.classCount).map { "(declare-const Y_\($0) Real)" }
    let text =
      (names + outputs + bounds).joined(separator: "\n") + "(assert (<= Y_0 \(level)))"
    return try PropertyFile.decode(Array(text.utf8), file: "p.vnnlib")
  }

  @Test(
    "more open units than a search takes are no matter of the budget, which may be 0",
    arguments: [10, 0])
  func tooLarge(splits: Int) throws {
    // |a + b| + |a - b| - |a| - |b| >= 0, of which bounds lack 2, beside thousands of units.
    let (inputs, count) = (25, 8300)
    let signs: [[Double]] = [[1, 1], [1, -1], [1, 0], [0, 1]]
    let pairs = signs + signs.map { $0.map(-) } + (0..<count).map { [Double($0) / 8192, 1] }
    let rest = [Double](repeating: 0x1p-20, count: inputs - 2)
    let weights = [1, 1, -1, -1, 1, 1, -1, -1] + (0..<count).map { _ in 0x1p-40 }
    let chain = denseChain([
      (pairs.map { $0 + rest }, pairs.map { _ in 0 }), ([weights], [0]),
    ])
    let result = verify(
      chain: chain, property: try property(of: chain, below: -0.5),
      options: VerificationOptions(arithmetic: .real, splits: splits, restarts: 0))
    #expect(result.answer == (splits > 0 ? .undecided(.size) : .outOfBudget(.splits)), "\(result)")
  }

  @Test("budgets end a search: boxes, and the time")
  func budgets() throws {
    let chain = try distance()
    let hard = try property(below: "-1e-12")
    let few = verify(
      chain: chain, property: hard, options: VerificationOptions(splits: 300, restarts: 0))
    #expect(few.answer == .outOfBudget(.splits) && few.boxes == 300)
    let late = verify(
      chain: chain, property: hard, options: VerificationOptions(), isOver: { true })
    #expect(late.answer == .outOfBudget(.time))
  }

  @Test(
    "a box that was left out because time was over is not proved, whenever that is",
    arguments: [1, 2])
  func overAtAnyTime(threads: Int) throws {
    let (chain, holding) = (try distance(), try property(below: "-1e-5"))
    let options = VerificationOptions(restarts: 0, threads: threads)
    let whole = verify(chain: chain, property: holding, options: options)
    #expect(whole.answer == .holds && whole.boxes > 32, "\(whole)")
    // Asked before every box, and in front of the search.
    for most in 0..<whole.boxes {
      let asked = Atomic(0)
      let cut = verify(
        chain: chain, property: holding, options: options,
        isOver: { asked.add(1, ordering: .relaxed).newValue > most })
      #expect(cut.answer == .outOfBudget(.time), "\(most)")
    }
  }

  @Test("every case is asked about; the first that is violated answers")
  func cases() throws {
    let chain = try distance()
    let two = """
      (assert (or (and (<= X_0 0.25) (<= Y_0 0.05)) (and (>= X_0 0.5) (<= Y_0 0.1))
        (and (>= X_1 0.9) (<= Y_0 0.6))))
      """
    let result = verify(
      chain: chain, property: try property(below: "5", two), options: VerificationOptions())
    guard case .violated(let violation) = result.answer else {
      Issue.record("\(result)")
      return
    }
    #expect(violation.caseIndex == 2 && violation.point[1] >= 0.9)
    let holding = two.replacing("(<= Y_0 0.6)", with: "(<= Y_0 0.5)")
    let held = verify(
      chain: chain, property: try property(below: "5", holding), options: VerificationOptions())
    #expect(held.answer == .holds && held.decidedCases == 3)
  }

  @Test("inputs that are fixed between two numbers of the network's type rest")
  func rest() throws {
    let fixed =
      "(assert (<= X_0 0.1)) (assert (>= X_0 0.1)) (assert (<= X_1 0.1)) (assert (>= X_1 0.1))"
    for arithmetic in [Arithmetic.real, .float32, .float64] {
      let options = VerificationOptions(arithmetic: arithmetic)
      let chain = try distance()
      // 7/15 = 0.4666...
      let holds = try property(below: "0.46", fixed)
      #expect(verify(chain: chain, property: holds, options: options).answer == .holds)
      let result = verify(
        chain: chain, property: try property(below: "0.47", fixed), options: options)
      guard case .violated(let violation) = result.answer else {
        Issue.record("\(result)")
        continue
      }
      #expect(violation.stated == [0.1, 0.1])
      #expect(
        violation.point
          == (arithmetic == .float32 ? [Double(Float(0.1)), Double(Float(0.1))] : [0.1, 0.1]))
    }
  }
}
