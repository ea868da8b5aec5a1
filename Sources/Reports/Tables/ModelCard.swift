import CertificateRecords
import FileAccess

/// A section of a model card: Markdown, behind the YAML head in which model hubs look for results.
package struct ModelCard {
  private let reports: [ReportView]
  private let table: String

  /// Takes reports of labelled data.
  package init(_ files: [ReportFile]) throws(InputError) {
    reports = files.flatMap(\.views)
    table = try ErrorTable(files).text(.markdown)
  }

  /// The document, with its last line end.
  package var text: String {
    let models = Dictionary(grouping: reports.indices) { Self.name(reports[$0]) }
    let names = reports.map(Self.name).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    let results = names.map { name in
      "- name: \(Self.quoted(name))\n  results:\n"
        + (models[name] ?? []).map { Self.result(reports[$0]) }.joined()
    }
    let hashes = names.compactMap { name in
      models[name]?.first.flatMap { place in
        reports[place].section("model")["sha256"]?.string.map {
          "- `\(Self.plain(name))`: `\($0)`\n"
        }
      }
    }
    return """
      ---
      tags:
      - certified-robustness
      model-index:
      \(results.joined())---

      ## Certified robustness

      What is proved of this network, by linear relaxation and its dual (Wong and Kolter 2018). The error
      without any perturbation and under attacks is a lower bound of the error under every perturbation
      within eps, the robust error an upper one. A certificate speaks of this network, these examples and
      this eps, and of nothing else.

      \(table)
      SHA-256 of the networks:

      \(hashes.joined())
      """
  }

  private static func result(_ report: ReportView) -> String {
    let options = report.section("options")
    let data = report.section("data")["path"]?.string ?? "-"
    let epsilon =
      options["epsilon_file"]?["path"]?.string ?? options["epsilon"]?["text"]?.string ?? "-"
    let question = "\(options["norm"]?.string ?? "-"), eps \(epsilon)"
    let metrics = ["clean_error", "attacked_error", "robust_error"].compactMap { key in
      report.section("summary")[key]?.numeral.map { value in
        "    - type: \(key)\n      name: \(quoted("\(key.replacing("_", with: " ")), \(question)"))\n"
          + "      value: \(value)\n"
      }
    }
    return "  - task:\n      type: classification\n    dataset:\n      type: local\n"
      + "      name: \(quoted(String(data.split(separator: "/").last ?? "-")))\n    metrics:\n"
      + metrics.joined()
  }

  private static func name(_ report: ReportView) -> String {
    let path = report.section("model")["path"]?.string ?? "-"
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A YAML scalar in double quotes, of which JSON's are a part.
  private static func quoted(_ text: String) -> String { JSONValue.string(text).compactText }

  /// Within a code span.
  private static func plain(_ text: String) -> String { printed(text).replacing("`", with: "'") }
}
