import CertificateRecords
import Foundation
import GraphOracle
import DualBounds
import ModelFiles
import NetworkGraph
import NumberSupport
import ReLUChain
import Testing

/// What became of the cases, by kind.
struct Tally: Sendable {
  var counts: [String: Int] = [:]
  var violations: [(seed: UInt64, settings: Settings, violation: Violation)] = []

  mutating func count(_ key: String) { counts[key, default: 0] += 1 }

  mutating func add(_ other: Tally) {
    counts.merge(other.counts, uniquingKeysWith: +)
    violations += other.violations
  }

  var lines: String {
    counts.sorted { ($0.key) < ($1.key) }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
  }
}

/// One case from the file to its certificates, and these against the graph.
func judged(_ instance: OracleCase, evaluations: Int = 4, points: Int = 4) -> Tally {
  var tally = Tally()
  for settings in Settings.both(for: instance) {
    let chain: ReLUChain
    do {
      chain = try instance.chain(for: settings.arithmetic)
    } catch {
      tally.count("\(settings.arithmetic) refused")
      tally.count("refused: \(reason(error))")
      continue
    }
    tally.count("\(settings.arithmetic) accepted")
    let format = settings.arithmetic.elementType?.format
    let isHeld = format.map { chain.obstacles(in: $0).isEmpty } ?? true
    if !isHeld { tally.count("\(settings.arithmetic) has numbers that it cannot hold") }
    var judge = Judge(instance, settings, evaluations: evaluations)
    judge.isHeld = isHeld
    do {
      let certificates = try instance.certificates(chain, settings)
      for certificate in certificates {
        tally.count("\(settings.arithmetic) \(certificate.verdict)")
        judge.check(certificate, points: points)
      }
      tally.violations += judge.violations.map { (instance.seed, settings, $0) }
      let backwards = try instance.certificates(chain, settings, indices: [2, 1, 0])
      for (one, other) in zip(certificates, backwards.reversed()) where "\(one)" != "\(other)" {
        let violation = Violation(
          kind: .neighbours, example: one.index, text: "\(one) and, in another order, \(other)")
        tally.violations.append((instance.seed, settings, violation))
      }
    } catch {
      let violation = Violation(kind: .failure, example: 0, text: "\(error)")
      tally.violations.append((instance.seed, settings, violation))
    }
  }
  return tally
}

/// The kind of a refusal: its text without names and numbers.
private func reason(_ error: any Error) -> String {
  let text = (error as? ChainRefusals)?.reasons.first?.reason ?? "\(error)"
  return String(
    text.replacing(/'[^']*'/, with: "'...'").replacing(/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/, with: "#")
      .prefix(110))
}

private let environment = ProcessInfo.processInfo.environment

/// The first seed and how many: `CERTIFY_SEED`, `CERTIFY_GRAPHS`.
private var range: Range<UInt64> {
  let first = environment["CERTIFY_SEED"].flatMap(UInt64.init) ?? 1
  let isCampaign = environment["CERTIFY_CAMPAIGN"] != nil
  let count =
    environment["CERTIFY_GRAPHS"].flatMap(UInt64.init)
    ?? (environment["CERTIFY_SEED"] != nil ? 1 : isCampaign ? 20_000 : 2_000)
  return first..<first + count
}

/// Certificates of files, held against the graphs in the files.
@Suite struct GraphOracleTests {
  @Test("no certificate of a random graph's file is contradicted by the graph itself")
  func certificates() async {
    let range = range
    let tally = await withTaskGroup(of: Tally.self) { group in
      let step = UInt64(50)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(step)) {
        group.addTask {
          var tally = Tally()
          for seed in start..<min(start + step, range.upperBound) {
            let instance = OracleCase(seed: seed)
            if let folder = environment["CERTIFY_DUMP"] { try? instance.write(to: folder) }
            let own = judged(instance)
            // At once, too: a campaign is long.
            for (seed, _, violation) in own.violations {
              print("CERTIFY_SEED=\(seed) \(violation)")
            }
            tally.add(own)
          }
          return tally
        }
      }
      return await group.reduce(into: Tally()) { $0.add($1) }
    }
    print(tally.lines)
    let found = tally.violations.sorted { $0.seed < $1.seed }
    for kind in Violation.Kind.allCases {
      let own = found.filter { $0.violation.kind == kind }
      guard !own.isEmpty else { continue }
      let seeds = Set(own.map(\.seed)).sorted()
      print("violations, \(kind): \(own.count) in \(seeds.count) graphs: \(seeds.prefix(40))")
    }
    for kind in Violation.Kind.allCases {
      var seeds: Set<UInt64> = []
      for (seed, settings, violation) in found where violation.kind == kind {
        guard seeds.count < Self.shown, seeds.insert(seed).inserted else { continue }
        let small = seeds.count <= Self.shrunk ? smallest(seed, settings, violation) : ""
        Issue.record("CERTIFY_SEED=\(seed), \(settings): \(violation)\n\(small)")
      }
    }
    #expect(found.isEmpty, "\(found.count) claims are contradicted")
  }

  /// How many graphs of a kind are shown, and how many of these made small.
  private static let shown = environment["CERTIFY_SHOWN"].flatMap(Int.init) ?? 8
  private static let shrunk = environment["CERTIFY_SHRUNK"].flatMap(Int.init) ?? 1

  /// The case made small, where there are few.
  private func smallest(
    _ seed: UInt64, _ settings: Settings, _ violation: Violation
  ) -> String {
    var shrinker = Shrinker(OracleCase(seed: seed), settings, violation)
    let small = shrinker.run()
    if let folder = environment["CERTIFY_DUMP"] { try? small.write(to: folder + "/small") }
    return "made small:\n\(small.text)"
  }
}
