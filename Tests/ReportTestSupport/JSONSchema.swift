/// A checker for the part of JSON Schema (draft 2020-12) that `schema/` uses.
///
/// A keyword that it does not know is a finding, so that no rule is passed over in silence.
public struct JSONSchema: Sendable {
  private let root: JSONText
  private let others: [String: JSONText]

  /// Takes a schema document, and those that it refers to, by the names of their files.
  public init(_ root: JSONText, others: [String: JSONText] = [:]) {
    (self.root, self.others) = (root, others)
  }

  /// Every way in which the document departs from the schema, by place; empty when it conforms.
  public func findings(in document: JSONText) -> [String] {
    check(document, against: root, at: "$")
  }

  private func check(_ value: JSONText, against schema: JSONText, at place: String) -> [String] {
    guard case .object(let rules) = schema else { return ["\(place): a schema is not an object"] }
    return rules.flatMap { rule in
      check(value, rule: rule.key, rule.value, of: schema, at: place)
    }
  }

  private func check(
    _ value: JSONText, rule: String, _ argument: JSONText, of schema: JSONText, at place: String
  ) -> [String] {
    switch rule {
    case "$schema", "$defs", "title", "description": return []
    case "$ref": return reference(value, argument, at: place)
    case "type": return type(value, argument, at: place)
    case "const": return value == argument ? [] : ["\(place): \(value) is not \(argument)"]
    case "enum":
      return argument.elements.contains(value) ? [] : ["\(place): \(value) is not one of the enum"]
    case "minimum": return limit(value, argument, at: place) { $0 >= $1 }
    case "maximum": return limit(value, argument, at: place) { $0 <= $1 }
    case "minItems":
      guard case .array(let elements) = value, let least = argument.int else { return [] }
      return elements.count >= least ? [] : ["\(place): fewer than \(least) items"]
    case "minLength":
      guard let text = value.string, let least = argument.int else { return [] }
      return text.unicodeScalars.count >= least ? [] : ["\(place): shorter than \(least)"]
    case "maxLength":
      guard let text = value.string, let most = argument.int else { return [] }
      return text.unicodeScalars.count <= most ? [] : ["\(place): longer than \(most)"]
    case "items":
      return value.elements.enumerated().flatMap { position, element in
        check(element, against: argument, at: "\(place)[\(position)]")
      }
    case "properties": return properties(value, argument, at: place)
    case "required":
      guard case .object = value else { return [] }
      let missing = argument.elements.compactMap(\.string).filter { value[$0] == nil }
      return missing.map { "\(place): key '\($0)' is missing" }
    case "additionalProperties":
      guard argument == .bool(false) else { return ["\(place): rule \(rule): \(argument)"] }
      let known = schema["properties"]?.keys ?? []
      return value.keys.filter { !known.contains($0) }.map { "\(place): key '\($0)' is not known" }
    case "anyOf", "oneOf":
      let results = argument.elements.map { check(value, against: $0, at: place) }
      let passed = results.count { $0.isEmpty }
      if rule == "anyOf" ? passed > 0 : passed == 1 { return [] }
      return ["\(place): \(passed) of \(results.count) alternatives of \(rule) fit"]
        + results.joined()
    default: return ["\(place): the checker does not know the rule '\(rule)'"]
    }
  }

  private func reference(_ value: JSONText, _ argument: JSONText, at place: String) -> [String] {
    let prefix = "#/$defs/"
    if let text = argument.string, let other = others.first(where: { text.hasPrefix($0.key + "#") })
    {
      let local = JSONText.string(String(text.dropFirst(other.key.count)))
      return JSONSchema(other.value, others: others).reference(value, local, at: place)
    }
    guard let path = argument.string, path.hasPrefix(prefix),
      let target = root["$defs"]?[String(path.dropFirst(prefix.count))]
    else { return ["\(place): reference \(argument) leads nowhere"] }
    return check(value, against: target, at: place)
  }

  private func type(_ value: JSONText, _ argument: JSONText, at place: String) -> [String] {
    let allowed = argument.string.map { [$0] } ?? argument.elements.compactMap(\.string)
    let actual: [String] =
      switch value {
      case .null: ["null"]
      case .bool: ["boolean"]
      case .number: value.int == nil ? ["number"] : ["number", "integer"]
      case .string: ["string"]
      case .array: ["array"]
      case .object: ["object"]
      }
    return allowed.contains(where: actual.contains) ? [] : ["\(place): \(actual) is not \(allowed)"]
  }

  private func limit(
    _ value: JSONText, _ argument: JSONText, at place: String, _ holds: (Double, Double) -> Bool
  ) -> [String] {
    guard let value = value.double, let limit = argument.double else { return [] }
    return holds(value, limit) ? [] : ["\(place): \(value) is beyond \(limit)"]
  }

  private func properties(_ value: JSONText, _ argument: JSONText, at place: String) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.flatMap { member in
      argument[member.key].map { check(member.value, against: $0, at: "\(place).\(member.key)") }
        ?? []
    }
  }
}
