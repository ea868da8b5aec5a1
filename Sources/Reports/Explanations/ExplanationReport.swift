import CertificateRecords
import ReLUChain

/// An explanation with the run that it belongs to, as a text for a person or as JSON.
public struct ExplanationReport: Sendable {
  let run: RunDescription
  let explanation: Explanation
  /// The most features that are listed.
  let featureCount: Int

  /// Puts both together.
  public init(run: RunDescription, explanation: Explanation, featureCount: Int) {
    (self.run, self.explanation, self.featureCount) = (run, explanation, featureCount)
  }

  /// A JSON document; schema/explain.schema.json describes it.
  public var jsonText: String {
    let certificate = explanation.certificate
    let members: [(key: String, value: JSONValue)] = [
      ("schema_version", .integer(Report.schemaVersion)), ("tool", run.toolJSON),
      ("model", run.model.json), ("data", run.data.json), ("options", run.options.json),
      ("certificate", certificate.json),
      ("input_width", .bound(explanation.inputWidth, .up)),
      ("layers", .array(layers.enumerated().map { $1.json(number: $0 + 1) })),
      ("widest_growth", .optional(explanation.widestGrowth) { .integer($0 + 1) }),
      ("rows", .array(explanation.rows.map(\.json))),
      ("features", .array(listed.map { $0.json(grid) })),
      ("features_total", explanation.features.isEmpty ? .null : .bound(total, .up)),
      ("relaxation_cost", .optional(explanation.relaxationCost) { .nearest($0) }),
    ]
    return JSONValue.object(members).laidOutText() + "\n"
  }

  /// A layer with its name and its growth.
  struct NamedLayer {
    var name: String
    var layer: Explanation.Layer
    var growth: Double?
  }

  var layers: [NamedLayer] {
    let names = run.model.reluInputs
    let growth = explanation.growth
    return explanation.layers.enumerated().map { place, layer in
      NamedLayer(
        name: names.indices.contains(place) ? names[place] : "", layer: layer,
        growth: growth[place])
    }
  }

  var listed: ArraySlice<Explanation.Feature> { explanation.features.prefix(featureCount) }
  var total: Double { explanation.featuresTotal }
  var grid: FeatureGrid { FeatureGrid(run.model.inputShape) }
}

extension ModelDescription {
  /// The operator in front of each layer of ReLUs.
  fileprivate var reluInputs: [String] {
    zip(layers.dropFirst(), layers).filter { $0.0.kind == LayerDescription.reluKind }.map {
      $1.name.isEmpty ? $1.kind : $1.name
    }
  }
}

/// Where a feature lies in the network's input.
struct FeatureGrid {
  let shape: [Int]

  init(_ shape: [Int]) { self.shape = shape }

  /// The feature's position along each dimension of the shape.
  func coordinates(_ index: Int) -> [Int] {
    var (rest, found) = (index, [Int]())
    for size in shape.reversed() where size > 0 {
      found.append(rest % size)
      rest /= size
    }
    return found.reversed()
  }

  /// Rows and columns where the input looks like an image: [channels, height, width], or with the
  /// channels last.
  var image: (height: Int, width: Int, isChannelLast: Bool)? {
    guard shape.count == 3, let first = shape.first, let last = shape.last else { return nil }
    let isLast = last <= 4 && first > 4
    return isLast ? (first, shape[1], true) : (shape[1], last, false)
  }

  /// The names of the coordinates.
  var names: String {
    guard let image else { return shape.count < 2 ? "" : "in \(shape)" }
    return image.isChannelLast ? "y,x,channel" : "channel,y,x"
  }
}

extension ExplanationReport.NamedLayer {
  fileprivate func json(number: Int) -> JSONValue {
    .object([
      ("layer", .integer(number)), ("name", .string(name)), ("units", .integer(layer.units)),
      ("inactive", .integer(layer.inactive)), ("active", .integer(layer.active)),
      ("unstable", .integer(layer.unstable)), ("mean_width", .bound(layer.meanWidth, .up)),
      ("largest_width", .bound(layer.largestWidth, .up)),
      ("widest_unit", .integer(layer.widestUnit)),
      ("growth", .optional(growth) { .bound($0, .up) }),
    ])
  }
}

extension Explanation.Row {
  fileprivate var json: JSONValue {
    .object([
      ("class", .integer(classIndex)), ("margin", .bound(margin, .down)),
      ("margin_at_example", .bound(marginAtExample, .down)),
      ("lost", .optional(lost) { .bound($0, .up) }), ("proved", .bool(margin > 0)),
    ])
  }
}

extension Explanation.Feature {
  fileprivate func json(_ grid: FeatureGrid) -> JSONValue {
    .object([
      ("index", .integer(index)),
      ("coordinates", .array(grid.coordinates(index).map { .integer($0) })),
      ("value", .nearest(value)), ("coefficient", .nearest(coefficient)),
      ("contribution", .bound(contribution, .up)),
    ])
  }
}
