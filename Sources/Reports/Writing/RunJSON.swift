import Numbers

extension RunDescription {
  var toolJSON: JSONValue {
    .object([
      ("name", .string("certify")), ("version", .string(toolVersion)),
      ("kernels", .string(kernels)),
    ])
  }
}

extension FileDescription {
  var members: [(key: String, value: JSONValue)] {
    var members: [(key: String, value: JSONValue)] = [
      ("path", .string(path)), ("sha256", .optional(digest.sha256) { .string($0) }),
    ]
    if let sampled = digest.sampled { members.append(("sampled_sha256", .string(sampled))) }
    if let array { members.append(("array", .string(array))) }
    return members
  }
}

extension Numeral {
  var json: JSONValue {
    .object([("text", .string(text)), ("value", .nearest(nearest))])
  }
}

extension ModelDescription {
  var json: JSONValue {
    .object(
      file.members + [
        ("format", .string(format)),
        ("external_files", .array(externalFiles.map { .object($0.members) })),
        ("input_shape", .shape(inputShape)),
        ("classes", .integer(classCount)),
        ("units", .integer(unitCount)),
        ("parameters", .integer(parameterCount)),
        ("layers", .array(layers.map(\.json))),
        ("notes", .array(notes.map { .string($0) })),
      ])
  }
}

extension LayerDescription {
  var json: JSONValue {
    .object([
      ("kind", .string(kind)),
      ("name", .string(name)),
      ("operator", .string(operatorType)),
      ("input_shape", .shape(inputShape)),
      ("output_shape", .shape(outputShape)),
      ("parameters", .integer(parameterCount)),
    ])
  }
}

extension DataDescription {
  var json: JSONValue {
    .object(
      file.members + [
        ("labels", .optional(labels) { .object($0.members) }),
        ("shape", .shape(shape)),
        ("element_type", .string(elementType)),
        ("scale", scale.json),
        ("mean", .array(mean.map(\.json))),
        ("std", .array(std.map(\.json))),
        ("layout", .optional(layout) { .string($0) }),
      ])
  }
}

extension OptionsDescription {
  /// The keys that a sample is known by.
  enum SampleKey {
    static let (seed, count, level) = ("seed", "sample", "confidence")
  }

  static let attackKey = "attack"
  /// What stands at that key where no attack was tried.
  static let noAttack = "none"

  var json: JSONValue {
    .object([
      ("epsilon", epsilon.json),
      ("effective_radius", .optional(effectiveRadius, \.json)),
      ("epsilon_file", .optional(epsilonFile) { .object($0.members) }),
      ("norm", .string(norm)),
      (
        "clip",
        .optional(clip) { .object([("lower", $0.lower.json), ("upper", $0.upper.json)]) }
      ),
      ("clip_cuts", .optional(clip) { _ in .string(norm == "linf" ? "ball" : "attack") }),
      ("output", .optional(output) { .string($0) }),
      ("decision", .string(decision)),
      ("arithmetic", .string(arithmetic)),
      ("accumulation", .optional(accumulation) { .string($0) }),
      ("slopes", .string(slopes)),
      ("rows", .string(rows)),
      ("radii", .string(radii?.selection ?? "off")),
      ("radius_tolerance", .optional(radii) { $0.tolerance.json }),
      ("max_radius", .optional(radii) { $0.maximum.json }),
      (OptionsDescription.attackKey, .string(attack?.kind ?? OptionsDescription.noAttack)),
      ("attack_steps", .optional(attack?.budget) { .integer($0.steps) }),
      ("restarts", .optional(attack?.budget) { .integer($0.restarts) }),
      (
        SampleKey.seed,
        .optional(sample?.examples.seed ?? attack?.budget?.seed) { .number("\($0)") }
      ),
      ("detect", .bool(detect)),
      (SampleKey.count, .optional(sample) { .integer($0.examples.count) }),
      (SampleKey.level, .optional(sample, \.level.json)),
      ("offset", .integer(offset)),
      ("limit", .integer(limit)),
    ])
  }
}

extension JSONValue {
  fileprivate static func shape(_ shape: [Int]) -> JSONValue {
    .array(shape.map { .integer($0) })
  }
}
