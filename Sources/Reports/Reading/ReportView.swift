import CertificateRecords
import FileAccess
import JSONFiles

/// A report as pages, plots and exports show it: read and held together as any report that is read,
/// every number with the text that stands in the file.
package struct ReportView: Sendable {
  private let stored: StoredReport

  /// What its certificates say together; the same as `section("summary")`, which was held against it.
  package let summary: Summary
  /// How the radii are spread; nil where none were searched.
  package let histogram: RadiusHistogram?

  init(_ stored: StoredReport) {
    self.stored = stored
    summary = Summary(of: stored.certificates, classCount: stored.classCount)
    histogram = RadiusHistogram(of: stored.certificates)
  }

  /// The file as the user named it.
  package var file: String { stored.file }
  /// The number of classes of the network.
  package var classCount: Int { stored.classCount }
  /// The positions of the examples in the data; of those that a sample was drawn from.
  package var range: Range<Int> { stored.range }
  /// nil where the report has every example of the range.
  package var sample: ExampleSample? { stored.sample }
  /// Whether the run tried attacks.
  package var isAttacked: Bool { stored.sections.isAttacked }
  /// Whether the examples have labels.
  package var isLabelled: Bool { summary.labelled != nil }
  /// What the certificates say, as far as a summary needs, in the order of the data.
  package var certificates: [PrintedCertificate] { stored.certificates }

  /// The sections before the certificates, in the order of the document.
  package var sections: [(key: String, value: JSONValue)] { stored.sections.members }

  /// A section; null for none of that name.
  package func section(_ key: String) -> JSONValue {
    sections.first { $0.key == key }?.value ?? .null
  }

  /// A certificate with all of its keys.
  package func certificate(_ position: Int) throws(InputError) -> JSONValue {
    try stored.lines[position].read { (node) throws(InputError) in try JSONValue(node) }
  }
}

extension ReportView {
  /// Refuses a report that says something else of its network, its data and its question than a run of the same
  /// files does; names of files aside, and what bounds and searches were tried.
  package func check(against run: RunDescription) throws(InputError) {
    for (key, made) in [("model", run.model.json), ("data", run.data.json)] {
      try refuse(
        section(key).withoutPaths.difference(from: made.withoutPaths, at: .key(.root, key)))
    }
    let (claimed, made) = (section("options"), run.options.json)
    for key in OptionsDescription.askedKeys {
      let (here, there) = (claimed[key] ?? .null, made[key] ?? .null)
      let place = JSONPath.key(.key(.root, "options"), key)
      try refuse(here.withoutPaths.difference(from: there.withoutPaths, at: place))
    }
  }

  private func refuse(_ difference: JSONDifference?) throws(InputError) {
    guard let found = difference else { return }
    throw InputError(
      file: file, place: found.path.description, found: found.here,
      expected: "\(found.there), as the files and the options make it")
  }
}

extension JSONValue {
  /// Without what files are called.
  fileprivate var withoutPaths: JSONValue {
    switch self {
    case .members(let members):
      .members(
        members.filter { $0.key != "path" }
          .map { JSONMember(key: $0.key, value: $0.value.withoutPaths) })
    case .array(let elements): .array(elements.map(\.withoutPaths))
    default: self
    }
  }
}

extension ReportFile {
  /// Its reports, at least one.
  package var views: [ReportView] { reports.map(ReportView.init) }
}
