/// Where a heading stands in the order of headings.
struct PageHeading {
  /// 2 to 6; 1 is the page's own.
  let level: Int

  var below: PageHeading { PageHeading(level: min(6, level + 1)) }

  func element(_ title: String, id: String? = nil) -> Markup {
    let mark: Markup = id.map { " id=\"\($0)\"" } ?? ""
    return "<h\(level)\(mark)>\(title)</h\(level)>"
  }
}
