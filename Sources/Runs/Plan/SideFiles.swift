/// What a run writes beside its report, for other programs; nil for nothing.
package struct SideFiles: Sendable {
  /// The certificates as CSV.
  package var csv: String?
  /// The figures as flat JSON.
  package var metrics: String?
  /// Who made the report, when and where.
  package var provenance: String?
  /// The results of gates as JUnit's XML.
  package var junit: String?

  package init() {}

  /// Options and files.
  var outputs: [(String, String?)] {
    [
      ("--csv", csv), ("--metrics", metrics), ("--provenance", provenance), ("--junit", junit),
    ]
  }
}
