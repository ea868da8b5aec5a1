import CertificateRecords
import FileAccess
import Reports

/// The examples that a page shows one by one: the certified that came closest to not being it, the
/// unknown, and the falsified.
package struct ExampleChoice: Sendable {
  /// One of the kinds.
  struct Group: Sendable {
    let verdict: Verdict
    /// How many there are altogether.
    let total: Int
    /// Those that are shown: places among the report's certificates.
    let places: [Int]
  }

  let groups: [Group]
  /// The certificates by their places.
  let certificates: [Int: JSONValue]

  /// Chooses at most `count` of each kind.
  package init(of report: ReportView, count: Int) throws(InputError) {
    let all = report.certificates
    var (groups, certificates) = ([Group](), [Int: JSONValue]())
    for verdict in [Verdict.certified, .unknown, .falsified] {
      let places = all.indices.filter { all[$0].verdict == verdict }
      // By radius where each has one: margins of different examples have no common unit.
      let byRadius = places.allSatisfy { all[$0].radius != nil }
      let ranked = places.sorted { left, right in
        let (own, other) =
          byRadius
          ? (all[left].radius ?? 0, all[right].radius ?? 0) : (all[left].margin, all[right].margin)
        return own != other ? own < other : left < right
      }
      groups.append(
        Group(verdict: verdict, total: places.count, places: Array(ranked.prefix(count))))
    }
    for place in groups.flatMap(\.places) { certificates[place] = try report.certificate(place) }
    (self.groups, self.certificates) = (groups, certificates)
  }

  /// The positions in the data, in increasing order.
  package var positions: [Int] { certificates.values.compactMap(Self.position).sorted() }

  static func position(_ certificate: JSONValue) -> Int? {
    certificate["index"]?.numeral.flatMap { Int($0) }
  }
}
