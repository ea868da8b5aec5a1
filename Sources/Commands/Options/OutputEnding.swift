import FileAccess

/// What the names of outputs end in: what is asked for by another ending is said to be another thing,
/// before any work.
enum OutputEnding {
  /// What an output is.
  enum Kind {
    case report, page, picture

    fileprivate var words: String {
      switch self {
      case .report: "a name for a JSON document, such as report.json"
      case .page: "a name for an HTML page, such as report.html"
      case .picture: "a name for an SVG picture, such as plot.svg"
      }
    }

    fileprivate var own: Set<String> {
      switch self {
      case .report: ["json"]
      case .page: ["html", "htm"]
      case .picture: ["svg"]
      }
    }
  }

  /// Endings that mean something else, and how that is had; others may mean anything.
  private static let known: [String: String] = [
    "gz": "Compress it afterwards: gzip FILE.", "xz": "Compress it afterwards: xz FILE.",
    "zst": "Compress it afterwards: zstd FILE.", "zip": "Pack it afterwards: zip FILE.zip FILE.",
    "html": "certify report makes a page of a report.",
    "htm": "certify report makes a page of a report.",
    "svg": "certify plot and certify report --svg draw reports.",
    "png": "Pictures are written as SVG: certify plot, certify report --svg.",
    "jpg": "Pictures are written as SVG: certify plot, certify report --svg.",
    "jpeg": "Pictures are written as SVG: certify plot, certify report --svg.",
    "pdf": "certify report makes a page, which a browser prints.",
    "csv": "certify table --format csv writes the errors, --csv the certificates.",
    "json": "The report itself is JSON.",
  ]

  /// Refuses a name that ends in what the output is not.
  static func check(_ path: String?, _ kind: Kind) throws(InputError) {
    guard let name = path?.split(separator: "/").last, let dot = name.lastIndex(of: "."),
      dot != name.startIndex
    else { return }
    let ending = name[dot...].dropFirst().lowercased()
    guard !kind.own.contains(ending), let remedy = known[ending] else { return }
    throw InputError(
      .usage, file: "--output", found: quoted(path ?? ""), expected: kind.words, remedy: remedy)
  }
}
