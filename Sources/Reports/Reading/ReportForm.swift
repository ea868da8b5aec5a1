import FileAccess
import JSONFiles
import Numbers

/// What a value of a report that is being read has to be. Other keys than these are carried along.
indirect enum ReportForm: Sendable {
  case text
  /// One of these.
  case word([String])
  /// 64 hexadecimal digits.
  case digest
  /// A whole number >= 0.
  case whole
  case number
  case truth
  /// A number as it was typed, and the nearest binary64, which has to be that of the text.
  case typed
  case list(ReportForm)
  case object([(key: String, form: ReportForm)])
  /// The form, or null.
  case optional(ReportForm)

  /// Refuses what is of another form, by its place.
  func check(_ value: JSONValue, at path: JSONPath, in file: String) throws(InputError) {
    func refusal(_ expected: String) -> InputError {
      InputError(
        file: file, place: path.description, found: value.words, expected: expected)
    }
    switch (self, value) {
    case (.text, .string), (.truth, .bool): return
    case (.optional, .null): return
    case (.word(let words), .string(let text)):
      guard words.contains(text) else { throw refusal("one of \(words.joined(separator: ", "))") }
    case (.optional(let form), _): try form.check(value, at: path, in: file)
    case (.digest, .string(let text)):
      let isDigest =
        text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
      guard isDigest else { throw refusal("64 hexadecimal digits") }
    case (.whole, .number(let text)):
      guard let whole = Int(text), whole >= 0 else { throw refusal("a whole number >= 0") }
    case (.number, .number(let text)):
      guard Double(text)?.isFinite == true else { throw refusal("a finite number") }
    case (.list(let form), .array(let elements)):
      for (index, element) in elements.enumerated() {
        try form.check(element, at: .index(path, index), in: file)
      }
    case (.object(let members), .members):
      for member in members {
        guard let found = value[member.key] else {
          throw InputError(
            file: file, place: path.description, found: "no key '\(member.key)'", expected: "one")
        }
        try member.form.check(found, at: .key(path, member.key), in: file)
      }
    case (.typed, .members):
      try ReportForm.object([("text", .text), ("value", .number)]).check(value, at: path, in: file)
      try checkTyped(value, at: path, in: file)
    default: throw refusal(words)
    }
  }

  /// The value that is computed with is that of the text that people read.
  private func checkTyped(
    _ value: JSONValue, at path: JSONPath, in file: String
  ) throws(InputError) {
    guard case .string(let text)? = value["text"], case .number(let numeral)? = value["value"]
    else { return }
    let number = try? Numeral(text)
    guard let number else {
      throw InputError(
        file: file, place: JSONPath.key(path, "text").description, found: quoted(text),
        expected: "a number such as 0.1 or 8/255")
    }
    guard Double(numeral) == number.nearest else {
      throw InputError(
        file: file, place: JSONPath.key(path, "value").description, found: numeral,
        expected: "\(number.nearest), the number nearest to the text \(quoted(text))")
    }
  }

  private var words: String {
    switch self {
    case .text, .word, .digest: "a string"
    case .whole, .number: "a number"
    case .truth: "true or false"
    case .typed, .object: "an object"
    case .list: "an array"
    case .optional(let form): form.words + ", or null"
    }
  }
}

// Made anew where they are needed, once a report: no checker of memory finds what an enumeration of
// references holds for ever.
extension ReportForm {
  private static var file: ReportForm { .object(path) }
  private static let path: [(key: String, form: ReportForm)] = [
    ("path", .text), ("sha256", .digest),
  ]
  /// Data may be too large to be read through.
  private static var dataPath: [(key: String, form: ReportForm)] {
    [("path", .text), ("sha256", .optional(.digest))]
  }

  static var tool: ReportForm {
    .object([("name", .text), ("version", .text), ("kernels", .text)])
  }

  static var model: ReportForm {
    .object(
      path + [
        ("format", .text), ("external_files", .list(file)), ("input_shape", .list(.whole)),
        ("classes", .whole), ("units", .whole), ("parameters", .whole), ("notes", .list(.text)),
        (
          "layers",
          .list(
            .object([
              ("kind", .text), ("name", .text), ("operator", .text), ("input_shape", .list(.whole)),
              ("output_shape", .list(.whole)), ("parameters", .whole),
            ]))
        ),
      ])
  }

  static var data: ReportForm {
    .object(
      dataPath + [
        ("labels", .optional(.object(dataPath))), ("shape", .list(.whole)), ("element_type", .text),
        ("scale", .typed), ("mean", .list(.typed)), ("std", .list(.typed)),
        ("layout", .optional(.text)),
      ])
  }

  static var options: ReportForm {
    .object([
      ("epsilon", .typed),
      (
        "effective_radius",
        .optional(.object([("stored", .number), ("scaled", .number), ("normalized", .object([]))]))
      ),
      ("epsilon_file", .optional(.object(dataPath))), ("norm", .word(["linf", "l2", "l1"])),
      ("clip", .optional(.object([("lower", .typed), ("upper", .typed)]))),
      ("clip_cuts", .optional(.text)),
      ("arithmetic", .word(["real", "float16", "bfloat16", "float32", "float64"])),
      ("accumulation", .optional(.text)),
      ("slopes", .text), ("rows", .text), ("radii", .word(["all", "certified", "off"])),
      ("radius_tolerance", .optional(.typed)),
      ("max_radius", .optional(.typed)), ("attack", .word(["none", "fgsm", "pgd"])),
      ("attack_steps", .optional(.whole)),
      ("restarts", .optional(.whole)), ("seed", .optional(.number)), ("detect", .truth),
      ("sample", .optional(.whole)), ("confidence", .optional(.typed)), ("offset", .whole),
      ("limit", .whole),
    ])
  }

  static var warnings: ReportForm {
    .list(
      .object([("kind", .word(RunWarning.Kind.allCases.map(\.rawValue))), ("text", .text)]))
  }

  static var certificate: ReportForm {
    .object([
      ("index", .whole), ("label", .optional(.whole)), ("prediction", .whole), ("verdict", .text),
      ("specification_class", .whole), ("margin", .optional(.number)),
      ("margin_real", .optional(.number)), ("rounding_budget", .optional(.number)),
      ("margins", .list(.optional(.number))), ("radius", .optional(.number)),
      ("radius_upper", .optional(.number)), ("radius_capped", .optional(.truth)),
      ("radius_steps", .optional(.whole)), ("radius_converged", .optional(.truth)),
      ("slopes_used", .optional(.list(.text))), ("robust_loss", .optional(.number)),
      ("unstable", .list(.whole)),
      (
        "attack",
        .optional(
          .object([
            (
              "counterexample",
              .optional(.object([("class", .whole), ("distance", .number), ("margin", .number)]))
            ), ("fgsm", .truth), ("steps", .whole),
          ]))
      ),
    ])
  }
}
