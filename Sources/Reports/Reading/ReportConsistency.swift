import CertificateRecords
import Certification
import FileAccess
import JSONFiles
import ReLUChain

/// What a report says twice, held together: whoever changed one of the two is told where.
struct ReportConsistency {
  private let file: String
  private let path: JSONPath
  private let sections: ReportSections
  private let layers: [JSONValue]
  private let certificateForm = ReportForm.record(Certificate.fields)

  /// - Parameter path: the report's place in the file.
  init(_ sections: ReportSections, at path: JSONPath, in file: String) throws(InputError) {
    (self.file, self.path, self.sections) = (file, path, sections)
    let forms: [ReportForm] = [
      .record(RunDescription.toolFields), .record(ModelDescription.fields),
      .record(DataDescription.fields), .record(OptionsDescription.fields),
      .list(.record(RunWarning.fields)),
    ]
    for ((key, value), form) in zip(sections.members, forms) {
      try form.check(value, at: .key(path, key), in: file)
    }
    if case .array(let layers)? = sections.model["layers"] {
      self.layers = layers
    } else {
      layers = []
    }
    try checkModel()
    try checkOptions()
  }

  private func checkModel() throws(InputError) {
    let model = JSONPath.key(path, "model")
    let relus = layers.filter { $0["kind"]?.string == LayerDescription.reluKind }
    let sums = [
      ("units", relus.reduce(0.0) { $0 + $1.size("output_shape") }),
      ("parameters", layers.reduce(0.0) { $0 + ($1["parameters"]?.double ?? 0) }),
      ("classes", layers.last?.size("output_shape") ?? 0),
    ]
    for (key, sum) in sums where sections.model[key]?.double != sum {
      throw refusal(
        .key(model, key), sections.model[key], "\(ReportConsistency.text(sum)), as the layers say")
    }
  }

  private func checkOptions() throws(InputError) {
    let options = JSONPath.key(path, "options")
    let (offset, limit) = (sections.options["offset"]?.double, sections.options["limit"]?.double)
    guard case .array(let shape)? = sections.data["shape"], let count = shape.first?.double,
      let offset, let limit, offset + limit <= count
    else {
      throw refusal(
        .key(options, "limit"), sections.options["limit"], "a range of the data's examples")
    }
    let scaled = sections.options["effective_radius"]?["scaled"]
    let epsilon = sections.options["epsilon"]?["value"]
    if let scaled, scaled.double != epsilon?.double {
      throw refusal(
        .key(.key(options, "effective_radius"), "scaled"), scaled,
        "\(epsilon?.words ?? ""), as epsilon says")
    }
  }

  /// Refuses a certificate that says two things.
  func check(_ line: JSONValue, at place: JSONPath) throws(InputError) {
    try certificateForm.check(line, at: place, in: file)
    func refuse(_ key: String, _ holds: Bool, _ expected: String) throws(InputError) {
      if !holds { throw refusal(.key(place, key), line[key], expected) }
    }
    let hasLabel = !line.isNull("label")
    try refuse(
      "label", hasLabel != sections.data.isNull("labels"),
      hasLabel ? "null, for data without labels" : "a class, for data with labels")
    let own = (hasLabel ? line["label"] : line["prediction"])?.double ?? -1
    try refuse(
      "specification_class", line["specification_class"]?.double == own,
      "\(ReportConsistency.text(own)), the \(hasLabel ? "label" : "prediction")")
    try checkMargins(line, own: Int(own), refuse)
    let relus = layers.filter { $0["kind"]?.string == LayerDescription.reluKind }
    let counts = line.elements("unstable")
    try refuse("unstable", counts.count == relus.count, "\(relus.count) counts")
    for (count, relu) in zip(counts, relus) {
      let units = relu.size("output_shape")
      try refuse(
        "unstable", (count.double ?? 0) <= units,
        "at most \(ReportConsistency.text(units)) of a layer")
    }
    try checkVerdict(line, own: own, refuse)
  }

  /// Refuses a key's value, unless something holds, and says what was expected.
  private typealias Refuse = (_ key: String, _ holds: Bool, _ expected: String) throws(InputError)
    -> Void

  private func checkMargins(
    _ line: JSONValue, own: Int, _ refuse: Refuse
  ) throws(InputError) {
    let margins = line.elements("margins")
    guard margins.indices.contains(own) else { return }
    try refuse("margins", margins[own].double == 0, "0 at class \(own) itself")
    let others = margins.indices.filter { $0 != own }.map { margins[$0].double ?? -.infinity }
    let smallest = others.min() ?? .infinity
    try refuse(
      "margin", others.isEmpty || (line["margin"]?.double ?? -.infinity) == smallest,
      "\(smallest.isFinite ? "\(smallest)" : "null"), the smallest of the margins")
    let slopes = line.elements("slopes_used")
    try refuse(
      "slopes_used", line.isNull("slopes_used") || slopes.count == margins.count,
      "\(margins.count) names, one a margin, or null")
  }

  private func checkVerdict(
    _ line: JSONValue, own: Double, _ refuse: Refuse
  ) throws(InputError) {
    let verdict = line["verdict"]?.string.flatMap(Verdict.init)
    let isSearched = line["search"]?.isTrue(SearchRecord.provedKey) ?? false
    let isProved = isSearched || line["margin"]?.double.map { $0 > 0 } ?? false
    let radius = line["radius"]?.double
    // Nine digits of both are known; a certificate at a larger radius holds here, too.
    let epsilon = sections.options["epsilon"]?["value"]?.double ?? 0
    let isInside = (radius ?? -1) >= epsilon * (1 - 1e-8)
    let speaksOfPrediction = line["prediction"]?.double == own
    try refuse(
      "verdict",
      isProved ? verdict == .certified : verdict != .certified || (isInside && speaksOfPrediction),
      isProved
        ? "\"certified\", as the \(isSearched ? "search" : "margin") says"
        : "another one: neither margin nor radius nor search prove it")
    let hasReason = line["search"].map { $0["reason"] != nil && !$0.isNull("reason") } ?? false
    try refuse(
      "search", line.isNull("search") || (verdict == .unknown) == hasReason,
      "a reason where the verdict is unknown, and only there")
    let upper = line["radius_upper"]?.double
    try refuse(
      "radius_upper", upper == nil || radius == nil || (upper ?? 0) >= (radius ?? 0),
      "no less than the radius")
    try checkExactRadius(line, radius, upper, refuse)
    let found = line["attack"]?["counterexample"].flatMap { $0["class"] == nil ? nil : $0 }
    try refuse(
      "verdict", (verdict == .falsified) == (found != nil),
      found == nil
        ? "another one: there is no counterexample" : "\"falsified\", by the counterexample")
    try refuse(
      "attack", line.isNull("attack") || sections.isAttacked, "null, for a run without attacks")
    guard let found, let distance = found["distance"]?.double else { return }
    try refuse("attack", found["class"]?.double != own, "a counterexample of another class")
    try refuse("attack", distance <= epsilon * (1 + 1e-8), "a counterexample within epsilon")
    try refuse(
      "attack", !speaksOfPrediction || distance >= (radius ?? 0),
      "no counterexample within the certified radius")
  }

  /// Where both ends of a radius were to meet, each line says whether they do.
  private func checkExactRadius(
    _ line: JSONValue, _ radius: Double?, _ upper: Double?, _ refuse: Refuse
  ) throws(InputError) {
    let key = ExactRadius.key
    let isExact = sections.options["radii"]?.string == RadiusOptions.Selection.exact.rawValue
    guard let exact = line[key] else {
      return try refuse(key, !isExact, "an object, for a run with exact radii")
    }
    try refuse(key, isExact, "no such key, for a run without exact radii")
    try refuse(
      key, exact.isNull(ExactRadius.reasonKey) == line.isTrue("radius_converged"),
      "a reason where radius_converged is not true, and only there")
    guard line.isTrue("radius_converged"), !line.isTrue("radius_capped") else { return }
    let tolerance = sections.options["radius_tolerance"]?["value"]?.double ?? 0
    try refuse(
      "radius_upper", (upper ?? .infinity) <= (radius ?? 0) * (1 + tolerance) * (1 + 1e-8),
      "within the radius_tolerance of the radius")
  }

  /// A number that is whole, unless it is beyond all bounds.
  private static func text(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private func refusal(
    _ place: JSONPath, _ found: JSONValue?, _ expected: String
  ) -> InputError {
    InputError(
      file: file, place: place.description, found: found?.words ?? "nothing", expected: expected)
  }
}

extension JSONValue {
  fileprivate var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  fileprivate func isNull(_ key: String) -> Bool {
    if case .null? = self[key] { true } else { false }
  }

  fileprivate func isTrue(_ key: String) -> Bool {
    if case .bool(true)? = self[key] { true } else { false }
  }

  fileprivate func elements(_ key: String) -> [JSONValue] {
    if case .array(let elements)? = self[key] { elements } else { [] }
  }

  /// The number of elements of a shape.
  fileprivate func size(_ key: String) -> Double {
    elements(key).reduce(1) { $0 * ($1.double ?? 0) }
  }
}
