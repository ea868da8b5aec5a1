import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReferenceSupport
import Testing

/// What no number of a run may depend on.
@Suite struct DeterminismTests {
  @Test(
    "threads, the rows of a block, and a split of the data or of the epsilons change no certificate",
    arguments: DigitsReference.names, [Arithmetic.real, .float32])
  func sameCertificates(name: String, arithmetic: Arithmetic) throws {
    let digits = try DigitsReference(name)
    let source = digits.examples.source()
    let epsilons = try ["0.03", "0.06"].map { try Numeral($0) }
    func run(_ indices: [Int], change: (inout CertificationOptions) -> Void = { _ in }) throws
      -> [[Certificate]]
    {
      var options = CertificationOptions(epsilons: epsilons, arithmetic: arithmetic)
      change(&options)
      return try certify(
        chain: digits.chain, source: source, indices: indices, options: options)
    }
    let indices = Array(0..<40)
    let whole = try run(indices)
    #expect(whole.map(\.count) == [40, 40])
    for threads in [2, 3] {
      #expect(try run(indices) { $0.threads = threads } == whole, "\(threads) threads")
    }
    #expect(try run(indices) { $0.rowsPerBlock = 8 } == whole)
    let parts = try [Array(0..<17), Array(17..<40)].map { try run($0) }
    #expect(zip(parts[0], parts[1]).map { $0 + $1 } == whole)
    for (epsilon, certificates) in zip(epsilons, whole) {
      #expect(try run(indices) { $0.epsilons = [epsilon] } == [certificates], "\(epsilon.text)")
    }
  }

  @Test("radii do not depend on the number of threads", arguments: DigitsReference.names)
  func sameRadii(name: String) throws {
    let digits = try DigitsReference(name)
    let runs = try [1, 2, 3].map { threads in
      try digits.certificates(
        CertificationOptions(
          epsilons: [try Numeral("0.05")], radii: RadiusOptions(cap: 1), threads: threads))
    }
    #expect(runs[0] == runs[1] && runs[0] == runs[2])
  }

  @Test(
    "portable and AVX2 kernels agree on every verdict",
    .enabled(if: Kernels(named: "avx2") != nil, "this processor has no AVX2"),
    arguments: DigitsReference.names)
  func portableKernels(name: String) throws {
    try compare("portable", "avx2", name) { index, portable, other in
      #expect((portable.smallest > 0) == (other.smallest > 0), "example \(index)")
      #expect(portable.unstable == other.unstable, "example \(index)")
      let margins = Disagreement(portable.margins, other.margins, within: .double)
      #expect(margins == nil, "example \(index)")
    }
  }

  @Test(
    "AVX2 and AVX-512 kernels agree on every bit",
    .enabled(if: Kernels(named: "avx512") != nil, "this processor has no AVX-512"),
    arguments: DigitsReference.names)
  func vectorKernels(name: String) throws {
    try compare("avx2", "avx512", name) { index, short, long in
      #expect(short == long, "example \(index)")
    }
  }

  private func compare(
    _ one: String, _ other: String, _ name: String,
    _ check: (_ index: Int, MarginBounds, MarginBounds) -> Void
  ) throws {
    let digits = try DigitsReference(name)
    for arithmetic in [Arithmetic.real, .float32] {
      let problem = BoundProblem(digits.chain, arithmetic: arithmetic)
      let workspaces = try [one, other].map {
        BoundWorkspace(problem, kernels: try #require(Kernels(named: $0)))
      }
      for index in digits.indices {
        let (ball, label) = (digits.examples.ball(index, 0.05), digits.examples.label(index))
        let found = workspaces.map { $0.margins(over: ball, specificationClass: label) }
        check(index, found[0], found[1])
      }
    }
  }
}
