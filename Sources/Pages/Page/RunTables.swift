import Reports

/// Every option, file and hash of a report, as its keys and values stand there.
struct RunTables {
  let report: ReportView
  /// Of `Markup.table`.
  let scope: String

  var sections: Markup {
    ["options", "model", "data", "summary", "tool"].map { key in
      // What has a table or a picture of its own.
      let without: Set = ["layers", "per_class"]
      let rows = Self.rows(report.section(key), prefix: "", without: without).map {
        "<tr><th scope=\"row\"><code>\($0.key)</code></th><td><code>\($0.text)</code></td></tr>"
          as Markup
      }
      return .table(
        caption: "The report’s section “\(key)”", scope: scope,
        head: "<th scope=\"col\">key</th><th scope=\"col\">value</th>", rows: rows,
        style: " class=\"text\"") + (key == "model" ? layers : .none)
    }.together
  }

  private var layers: Markup {
    let keys = ["kind", "name", "operator", "input_shape", "output_shape", "parameters"]
    let rows = (report.section("model")["layers"]?.elements ?? []).map { layer -> Markup in
      let cells = keys.map { "<td>\(Self.text(layer[$0] ?? .null))</td>" as Markup }.together
      return "<tr>\(cells)</tr>"
    }
    let head = keys.map {
      "<th scope=\"col\">\($0.replacing("_", with: " "))</th>" as Markup
    }
    return .table(
      caption: "The network, layer by layer", scope: scope, head: head.together, rows: rows,
      style: " class=\"text\"")
  }

  /// Keys of objects in objects get the names of all of them.
  private static func rows(
    _ value: JSONValue, prefix: String, without: Set<String>
  ) -> [(key: String, text: String)] {
    value.members.filter { !without.contains($0.key) }.flatMap {
      member -> [(key: String, text: String)] in
      let key = prefix + member.key
      // A number as it was typed says what its value does.
      if let typed = member.value["text"]?.string { return [(key, typed)] }
      guard !member.value.members.isEmpty else { return [(key, text(member.value))] }
      return rows(member.value, prefix: key + ".", without: [])
    }
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "–"
    case .bool(let truth): truth ? "true" : "false"
    case .string(let text): text
    case .integer, .number: value.numeral ?? "–"
    case .array(let elements):
      elements.isEmpty
        ? "none"
        : elements.map { $0["text"]?.string ?? text($0) }
          .joined(separator: elements.allSatisfy { $0.numeral != nil } ? " × " : "; ")
    case .members: value.members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
    }
  }
}
