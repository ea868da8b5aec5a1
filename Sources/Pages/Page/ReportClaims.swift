import CertificateRecords
import Numbers
import Reports

/// What a report claims in two sentences, and what it does not.
struct ReportClaims {
  let report: ReportView

  private var counts: VerdictCounts { report.summary.counts }
  private var options: JSONValue { report.section("options") }

  func option(_ key: String) -> String? { options[key]?.string }

  /// Epsilon as it was typed.
  var epsilon: String { options["epsilon"]?["text"]?.string ?? "-" }

  /// The file of radii, where each feature has its own.
  var radiiPath: String? { options["epsilon_file"]?["path"]?.string }

  /// The question in a line: `linf, eps 0.1, clip 0:1, arithmetic float32`.
  var question: String {
    let clip = clip.map { ", clip \($0)" } ?? ""
    let eps = radiiPath.map { "of \($0)" } ?? epsilon
    return "\(option("norm") ?? "-"), eps \(eps)\(clip), arithmetic \(option("arithmetic") ?? "-")"
  }

  private var clip: String? {
    let ends = ["lower", "upper"].compactMap { options["clip"]?[$0]?["text"]?.string }
    return ends.count == 2 ? ends.joined(separator: ":") : nil
  }

  /// What an input of the ball is.
  private var ball: String {
    let cut =
      option("clip_cuts") == "ball" ? clip.map { ", within the domain \($0)" } ?? "" : ""
    if let radiiPath {
      return "input that changes every feature by at most \(epsilon) times its radius of "
        + radiiPath + cut
    }
    switch option("norm") {
    case "l2": return "input at a Euclidean distance of at most \(epsilon)"
    case "l1": return "input at an l1 distance (the sum of all changes) of at most \(epsilon)"
    default: return "input that changes no feature by more than \(epsilon)" + cut
    }
  }

  private var arithmetic: String {
    option("arithmetic") == "real"
      ? "in exact arithmetic"
      : "as deployed in \(option("arithmetic") ?? "-") arithmetic, in any order of summation"
  }

  /// What is proved, first sentence.
  var proved: String {
    let (count, whole) = (counts.certified, counts.examples)
    let own = report.isLabelled ? "than the example's label" : "than the example itself"
    return "For \(count) of \(counted(whole, "example")) it is proved that no \(ball) gets another "
      + "class \(own), by the network \(arithmetic)."
  }

  /// What follows of it.
  var consequence: String {
    let attacked = Share(counts.attacked, of: counts.examples).roundedDown
    let most = Share(counts.withoutCertificate, of: counts.examples).roundedUp
    guard report.isLabelled else {
      return "These are cleared; the other \(counts.withoutCertificate) are flagged, "
        + "\(most) of all: for \(counts.falsified) such an input of another class was found, "
        + "\(counts.unknown) are not decided."
    }
    guard !counts.isDecided else {
      return "No example is left open: under such changes the error on these examples is "
        + "\(counts.attacked) of \(counts.examples), \(most == attacked ? attacked : "\(attacked) to \(most)")."
    }
    return "So the error on these examples under such changes is at most \(most), and at least "
      + "\(attacked): \(counts.misclassified) are misclassified as they are, and for "
      + "\(counts.falsified) more such an input of another class was found."
  }

  /// What is not.
  var notClaimed: [String] {
    var all = [
      "Nothing is said of other inputs than these examples and what lies within eps of them, nor of "
        + "other kinds of change."
    ]
    if let sample = report.sample {
      all.append(
        "The examples are \(sample.count) drawn at random from \(report.range.count): of all of those, "
          + "only the confidence intervals speak.")
    }
    if report.isLabelled {
      all.append("Nothing is said of whether the labels are true.")
    } else {
      all.append(
        "The data have no labels: nothing is said of whether a prediction is right, and a cleared input "
          + "may be misclassified.")
    }
    if counts.unknown > 0 {
      all.append(
        "Of \(counts.unknown) unknown: there is neither a proof nor a counterexample; the network may be "
          + "robust there, or not.")
    }
    if !report.isAttacked {
      all.append(
        "No attack was run: what is not certified may have counterexamples that nobody looked for.")
    }
    if option("clip_cuts") == "attack" {
      all.append(
        "The domain of --clip restricts the attacks alone; certificates hold beyond it, too.")
    }
    all.append(
      option("arithmetic") == "real"
        ? "A deployed network rounds, and may answer differently from exact arithmetic."
        : "Winograd and FFT convolutions, TF32 and flush-to-zero are outside the model of deployment."
    )
    all.append("This page repeats the report; it proves nothing by itself, and is no part of it.")
    return all
  }
}
