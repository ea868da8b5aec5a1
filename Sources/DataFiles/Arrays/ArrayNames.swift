import FileAccess

/// Which arrays of an NPZ file, or which column of a CSV file, a user means.
public struct ArrayNames: Sendable {
  /// The array of the examples (`--data-name`).
  public var items: String?
  /// The array or the column of the labels (`--labels-name`).
  public var labels: String?

  /// Creates names; nil for what the file's own names say.
  public init(items: String? = nil, labels: String? = nil) {
    (self.items, self.labels) = (items, labels)
  }

  /// Refuses a name for the examples where a file has them without one.
  func refuseItems(in file: SourceFile, form: String) throws(InputError) {
    guard let items else { return }
    throw InputError(
      .usage, file: "--data-name", found: "\(quoted(items)), where \(file.name) is \(form)",
      expected: "data in NPZ form, whose arrays have names")
  }

  /// Refuses any name where a file has one array without one.
  func refuse(in file: SourceFile, form: String) throws(InputError) {
    try refuseItems(in: file, form: form)
    guard let labels else { return }
    throw InputError(
      .usage, file: "--labels-name", found: "\(quoted(labels)), where \(file.name) is \(form)",
      expected: "labels in NPZ form, or in CSV form with a header")
  }
}

/// What the name of an array says: `x_test` holds the items of a test split.
struct ArrayRole: Equatable {
  enum Part { case items, labels }
  /// Which part of a data set a file says it is.
  enum Split: String { case whole = "", train, validation, test }

  var part: Part
  var split: Split

  private static let items: Set<String> = [
    "x", "xs", "data", "image", "images", "img", "imgs", "feature", "features", "input", "inputs",
    "sample", "samples", "example", "examples", "arr_0",
  ]
  private static let labels: Set<String> = [
    "y", "ys", "label", "labels", "target", "targets", "class", "classes", "arr_1",
  ]
  /// The longer ones first: `validation` also begins with `val`.
  private static let splits: [(word: String, split: Split)] = [
    ("training", .train), ("train", .train), ("validation", .validation), ("valid", .validation),
    ("val", .validation), ("dev", .validation), ("testing", .test), ("test", .test),
  ]

  /// Nil where the name says nothing.
  init?(name: String) {
    let name = name.lowercased()
    guard let found = Self.part(of: name, .whole) ?? Self.splitPart(of: name) else { return nil }
    self = found
  }

  private init(_ part: Part, _ split: Split) {
    (self.part, self.split) = (part, split)
  }

  private static func splitPart(of name: String) -> ArrayRole? {
    func isJoint(_ character: Character) -> Bool { "_-. /".contains(character) }
    for (word, split) in splits {
      if name.hasPrefix(word) {
        let rest = name.dropFirst(word.count).drop(while: isJoint)
        if let found = part(of: String(rest), split) { return found }
      }
      if name.hasSuffix(word) {
        var rest = name.dropLast(word.count)
        while let last = rest.last, isJoint(last) { rest.removeLast() }
        if let found = part(of: String(rest), split) { return found }
      }
    }
    return nil
  }

  private static func part(of name: String, _ split: Split) -> ArrayRole? {
    if items.contains(name) { return ArrayRole(.items, split) }
    return labels.contains(name) ? ArrayRole(.labels, split) : nil
  }
}
