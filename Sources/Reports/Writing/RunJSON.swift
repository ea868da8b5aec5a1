import Attack
import Certification
import DualBounds
import Numbers
import ReLUChain

extension RunDescription {
  static var toolFields: [ReportField<RunDescription>] {
    ProgramDescription.fields.map { $0.of(\.program) } + [
      .init("kernels", .text) { .string($0.kernels) }
    ]
  }

  var toolJSON: JSONValue { .record(self, Self.toolFields) }
}

extension FileDescription {
  /// - Parameter digest: what its SHA-256 has to be: data may be too large to be read through.
  static func fields(digest: ReportForm) -> [ReportField<FileDescription>] {
    [
      .init("path", .text) { .string($0.path) },
      .init("sha256", digest) { .optional($0.digest.sha256) { .string($0) } },
      .init("sampled_sha256") { $0.digest.sampled.map { .string($0) } },
      .init("array") { $0.array.map { .string($0) } },
      .init("column") { $0.column.map { .string($0) } },
    ]
  }

  static var dataFields: [ReportField<FileDescription>] { fields(digest: .optional(.digest)) }

  var json: JSONValue { .record(self, Self.dataFields) }
}

extension Numeral {
  var json: JSONValue {
    .object([("text", .string(text)), ("value", .nearest(nearest))])
  }
}

extension ModelDescription {
  static var fields: [ReportField<ModelDescription>] {
    let file = FileDescription.fields(digest: .digest)
    return file.map { $0.of(\.file) } + [
      .init("format", .text) { .string($0.format) },
      .init("external_files", .list(.record(file))) { .array($0.externalFiles.map(\.json)) },
      .init("input_shape", .list(.whole)) { .whole($0.inputShape) },
      .init("classes", .whole) { .integer($0.classCount) },
      .init("units", .whole) { .integer($0.unitCount) },
      .init("parameters", .whole) { .integer($0.parameterCount) },
      .init("layers", .list(.record(LayerDescription.fields))) {
        .array($0.layers.map { .record($0, LayerDescription.fields) })
      },
      .init("notes", .list(.text)) { .strings($0.notes) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension LayerDescription {
  static var fields: [ReportField<LayerDescription>] {
    [
      .init("kind", .text) { .string($0.kind) },
      .init("name", .text) { .string($0.name) },
      .init("operator", .text) { .string($0.operatorType) },
      .init("input_shape", .list(.whole)) { .whole($0.inputShape) },
      .init("output_shape", .list(.whole)) { .whole($0.outputShape) },
      .init("parameters", .whole) { .integer($0.parameterCount) },
    ]
  }
}

extension DataDescription {
  static var fields: [ReportField<DataDescription>] {
    FileDescription.dataFields.map { $0.of(\.file) } + [
      .init("labels", .optional(.record(FileDescription.dataFields))) {
        .optional($0.labels, \.json)
      },
      .init("shape", .list(.whole)) { .whole($0.shape) },
      .init("element_type", .text) { .string($0.elementType.rawValue) },
      .init("scale", .typed) { $0.scale.json },
      .init("mean", .list(.typed)) { .array($0.mean.map(\.json)) },
      .init("std", .list(.typed)) { .array($0.std.map(\.json)) },
      .init("layout", .optional(.text)) { .optional($0.layout) { .string($0.rawValue) } },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension OptionsDescription {
  /// The keys that a sample is known by.
  enum SampleKey {
    static let (seed, count, level) = ("seed", "sample", "confidence")
  }

  static let attackKey = "attack"
  /// What stands at that key where no attack was tried.
  static let noAttack = "none"

  static var fields: [ReportField<OptionsDescription>] {
    question + bounds + searches + selection
  }

  /// The keys of what is asked, and of what follows from it; not of what is tried to answer it.
  static var askedKeys: [String] {
    (question + bounds).map(\.key).filter { $0 != "slopes" } + ["detect"]
  }

  private static var question: [ReportField<OptionsDescription>] {
    let radius = ReportForm.object([
      ("stored", .number), ("scaled", .number), ("normalized", .object([])),
    ])
    return [
      .init("epsilon", .typed) { $0.epsilon.json },
      .init("effective_radius", .optional(radius)) { .optional($0.effectiveRadius, \.json) },
      .init("epsilon_file", .optional(.record(FileDescription.dataFields))) {
        .optional($0.epsilonFile, \.json)
      },
      .init("norm", .name(Norm.self)) { .string($0.norm.rawValue) },
      .init("clip", .optional(.object([("lower", .typed), ("upper", .typed)]))) {
        .optional($0.clip) { .object([("lower", $0.lower.json), ("upper", $0.upper.json)]) }
      },
      .init("clip_cuts", .optional(.text)) { options in
        .optional(options.clip) { _ in .string(options.norm == .linf ? "ball" : "attack") }
      },
      .init("output") { .optional($0.output) { .string($0) } },
      .init("decision") { .string($0.decision.rawValue) },
    ]
  }

  private static var bounds: [ReportField<OptionsDescription>] {
    [
      .init("arithmetic", .name(Arithmetic.self)) { .string($0.engine.arithmetic.rawValue) },
      .init("accumulation", .optional(.text)) {
        $0.engine.arithmetic.isHalf ? .string($0.engine.accumulation.rawValue) : .null
      },
      .init("slopes", .text) { .string($0.engine.slopes.rawValue) },
      .init("rows", .text) { .string($0.engine.rows.rawValue) },
    ]
  }

  private static var searches: [ReportField<OptionsDescription>] {
    [
      .init("radii", .name(RadiusOptions.Selection.self, or: "off")) {
        .string($0.engine.radii?.selection.rawValue ?? "off")
      },
      .init("radius_tolerance", .optional(.typed)) {
        .optional($0.engine.radii, \.tolerance.json)
      },
      .init("max_radius", .optional(.typed)) { .optional($0.engine.radii, \.cap.json) },
      .init(attackKey, .name(AttackOptions.Kind.self, or: noAttack)) {
        .string($0.engine.attack?.kind.rawValue ?? noAttack)
      },
      .init("attack_steps", .optional(.whole)) { .optional($0.ascents) { .integer($0.steps) } },
      .init("restarts", .optional(.whole)) { .optional($0.ascents) { .integer($0.restarts) } },
      .init("splits", .whole) { .integer($0.engine.splits) },
      .init(SampleKey.seed, .optional(.number)) {
        .optional($0.sample?.examples.seed ?? $0.ascents?.seed) { .number("\($0)") }
      },
    ]
  }

  private static var selection: [ReportField<OptionsDescription>] {
    [
      .init("detect", .truth) { .bool($0.detect) },
      .init(SampleKey.count, .optional(.whole)) {
        .optional($0.sample) { .integer($0.examples.count) }
      },
      .init(SampleKey.level, .optional(.typed)) { .optional($0.sample, \.level.json) },
      .init("offset", .whole) { .integer($0.offset) },
      .init("limit", .whole) { .integer($0.limit) },
      .init(ShardDescription.key) { $0.shard.map(\.json) },
    ]
  }

  /// The attack, where it ascends; FGSM has a single step.
  private var ascents: AttackOptions? { engine.attack.flatMap { $0.kind == .pgd ? $0 : nil } }

  var json: JSONValue { .record(self, Self.fields) }
}
