import CertificateRecords
import FileAccess
import Numbers
import Reports

/// The pictures of one report.
struct ReportFigures {
  /// The errors of all examples.
  let errors: Figure
  /// Of each class; nil without labels.
  let classes: Figure?
  /// Histogram and curve of the radii; none where no radii were searched.
  let radii: [Figure]
  /// nil for a network without ReLUs.
  let layers: Figure?

  /// More classes make no picture that is read.
  static let mostClasses = 40

  init(of report: ReportView) throws(InputError) {
    let claims = ReportClaims(report: report)
    errors = VerdictBars(rows: [.init(name: "", counts: report.summary.counts)])
      .figure(name: "errors", title: "What is proved of the examples")
    let perClass = report.summary.labelled?.perClass ?? []
    let rows = perClass.enumerated().filter { $0.element.examples > 0 }.map {
      VerdictBars.Row(name: "class \($0.offset)", counts: $0.element)
    }
    classes =
      rows.isEmpty || rows.count > Self.mostClasses
      ? nil
      : VerdictBars(rows: rows).figure(name: "classes", title: "The same, class by class")
    // Radii of features of their own are not on the axis of eps.
    let epsilon = claims.epsilonValue
    radii =
      report.histogram.map { histogram in
        [
          RadiusBars(histogram: histogram, epsilon: epsilon).figure(name: "radius-histogram"),
          RadiusCurves(
            lines: histogram.groups.filter { !$0.curve.radii.isEmpty }.map {
              RadiusCurves.Line(name: $0.kind.words, [$0], look: $0.kind.lineLook)
            }, epsilon: epsilon
          ).figure(name: "radius-curve", title: "Radii in increasing order"),
        ]
      } ?? []
    layers = try Self.layers(of: report)
  }

  var all: [Figure] { [errors, classes].compactMap(\.self) + radii + [layers].compactMap(\.self) }

  private static func layers(of report: ReportView) throws(InputError) -> Figure? {
    let chain = report.section("model")["layers"]?.elements ?? []
    let relus = chain.filter { $0["kind"]?.string == "relu" }
    guard !relus.isEmpty else { return nil }
    var unstable = [[Int]](repeating: [], count: relus.count)
    for place in report.certificates.indices {
      let counts = try report.certificate(place)["unstable"]?.whole ?? []
      for (layer, count) in counts.enumerated() where unstable.indices.contains(layer) {
        unstable[layer].append(count)
      }
    }
    let layers = zip(relus, unstable).map { relu, counts in
      LayerBars.Layer(
        name: relu["name"]?.string ?? "",
        units: (relu["output_shape"]?.whole ?? []).reduce(1, *), unstable: counts.sorted())
    }
    return LayerBars(layers: layers).figure(name: "unstable-units")
  }
}

extension ReportClaims {
  /// Epsilon as a length on the axis of radii; nil where features have radii of their own.
  var epsilonValue: Double? {
    radiiPath == nil
      ? report.section("options")["epsilon"]?["value"]?.numeral.flatMap { Double($0) }
      : nil
  }
}
