import CertificateRecords
import Numbers
import Reports

/// The examples of a page, each with what the report says of it and, where the data are at hand, its
/// picture.
struct ExampleCards {
  let choice: ExampleChoice
  let examples: PageExamples?
  /// Above the cards.
  let heading: PageHeading
  let report: ReportView
  /// The bytes that pictures may take on the page.
  let room: Int

  /// The sections of the kinds of which there are any.
  func sections() -> Markup {
    let cards = self.cards()
    var all = Markup.none
    for group in choice.groups where !group.places.isEmpty {
      let cards = group.places.compactMap { cards[$0] }
      all += """
        \(heading.below.element("\(title(group.verdict)), \(group.places.count) of \(group.total)"))
        <p>\(words(group.verdict))</p>
        <ul class="cards">
        \(cards.lines)</ul>

        """
    }
    return all
  }

  /// All cards, by place: where pictures are large every kind has its share of the room, and what one leaves
  /// goes to the next, those with counterexamples first.
  private func cards() -> [Int: Markup] {
    let groups = choice.groups.filter { !$0.places.isEmpty }
    let order: [Verdict] = [.falsified, .unknown, .misclassified, .certified]
    var (left, cards) = (room, [Int: Markup]())
    for (done, group) in order.flatMap({ kind in groups.filter { $0.verdict == kind } })
      .enumerated()
    {
      let share = left / (groups.count - done)
      var own = share
      for place in group.places { cards[place] = card(place, &own) }
      left -= share - own
    }
    return cards
  }

  private func title(_ verdict: Verdict) -> String {
    switch verdict {
    case .certified: "Certified, the closest calls first"
    case .unknown: "Unknown"
    case .falsified: "Falsified"
    case .misclassified: "Misclassified"
    }
  }

  private func words(_ verdict: Verdict) -> String {
    switch verdict {
    case .certified: "Proved; of all that are, these have the least radius or margin."
    case .unknown: "Neither proved nor refuted."
    case .falsified, .misclassified:
      "An input within eps gets another class; that it does is proved."
    }
  }

  private func card(_ place: Int, _ left: inout Int) -> Markup {
    guard let certificate = choice.certificates[place],
      let position = ExampleChoice.position(certificate)
    else { return .none }
    return """
      <li>
      \(heading.below.below.element("Example \(position)"))
      \(pictures(position, certificate, &left))\(facts(certificate).map { "<p>\($0)</p>" }.lines)</li>
      """
  }

  private func facts(_ certificate: JSONValue) -> [Markup] {
    func number(_ key: String) -> String { certificate[key]?.numeral ?? "not known" }
    let label: Markup = certificate["label"]?.numeral.map { "label \($0), " } ?? ""
    var all: [Markup] = ["\(label)predicted \(number("prediction"))"]
    let nearest = NearestClasses.nearest(certificate).map { " against class \($0)" } ?? ""
    all.append("margin \(number("margin"))\(nearest)")
    if certificate["search"]?["proved"]?.isTrue == true {
      all.append("proved by the search")
    }
    if let reason = certificate["search"]?["reason"]?.string {
      all.append("left open by the search: \(reason)")
    }
    if let radius = certificate["radius"]?.numeral {
      let upper =
        certificate["radius_upper"]?.numeral.map { "; no certificate by the same slopes at \($0)" }
        ?? ""
      all.append("radius \(radius), where class \(number("prediction")) was certified\(upper)")
    }
    if let found = certificate["attack"]?["counterexample"],
      let winner = found["class"]?.numeral
    {
      all.append(
        "class \(winner) wins by \(found["margin"]?.numeral ?? "-") at distance \(found["distance"]?.numeral ?? "-")"
      )
    }
    return all
  }

  // MARK: Pictures

  private func pictures(
    _ position: Int, _ certificate: JSONValue, _ left: inout Int
  ) -> Markup {
    guard let examples, let features = examples.features[position] else { return .none }
    guard let image = examples.image, image.featureCount == features.count else {
      return values(features, examples.points[position])
    }
    let range = examples.range
    var words: [String] = []
    var all = [picture(image.picture(features, range: range), "original", "Example \(position)")]
    if let point = examples.points[position] {
      let winner =
        certificate["attack"]?["counterexample"]?["class"]?.numeral ?? "-"
      let extent = zip(features, point).map { abs($0 - $1) }.max() ?? 0
      all.append(
        picture(
          image.picture(point, range: range), "counterexample",
          "Counterexample to example \(position), which gets class \(winner)"))
      // What only the type of the saved points makes is no difference to draw.
      if zip(features, point).contains(where: Self.differ) {
        let most = "up to about \(Self.rounded(extent))"
        words.append("The difference is \(most).")
        all.append(
          picture(
            image.difference(from: features, to: point, extent: extent), "difference",
            "What was added to example \(position): red for more, blue for less, \(most)"))
      }
    }
    if image.width > Self.width {
      words.append("Made smaller, from \(image.width) × \(image.height).")
    }
    let below: Markup = words.isEmpty ? "" : "<p>\(words.joined(separator: " "))</p>\n"
    let markup: Markup = "<div class=\"pictures\">\n\(all.lines)</div>\n\(below)"
    let size = markup.text.utf8.count
    guard size <= left else {
      return "<p>No picture: the page would be too large; --examples shows fewer.</p>\n"
    }
    left -= size
    return markup
  }

  private func picture(_ image: PNG, _ caption: String, _ alternative: String) -> Markup {
    // What is larger than its place on the page has its pixels merged there.
    let isScaled = image.width > Self.width
    let look: Markup = isScaled ? " class=\"scaled\"" : ""
    return """
      <figure><img\(look) src="\(image.dataURI)" width="\(image.width)" height="\(image.height)" \
      alt="\(alternative)"/><figcaption>\(caption)</figcaption></figure>
      """
  }

  /// The pixels that a picture has across on the page, as the style says.
  private static let width = 112

  /// Whether a feature moved by more than binary32, in which points may be saved, makes of it.
  private static func differ(_ feature: Double, _ point: Double) -> Bool {
    Float(feature) != Float(point)
  }

  /// To three digits: points are saved rounded to the data's type.
  private static func rounded(_ number: Double) -> String {
    let texts = [DirectedDecimal.Rounding.down, .up].compactMap {
      DirectedDecimal.text(number, rounded: $0, digits: 3)
    }
    func distance(_ text: String) -> Double { abs((Double(text) ?? .infinity) - number) }
    return texts.min { distance($0) < distance($1) } ?? "\(number)"
  }

  /// What is no image: the features that a counterexample moves most, or the first ones.
  private func values(_ features: [Double], _ point: [Double]?) -> Markup {
    let most = 8
    guard let point else {
      let some = features.prefix(most).map { "\($0)" }.joined(separator: ", ")
      return "<p>features: \(some)\(features.count > most ? ", …" : "")</p>\n"
    }
    let moved = features.indices.filter { Self.differ(features[$0], point[$0]) }
      .sorted { abs(features[$0] - point[$0]) > abs(features[$1] - point[$1]) }
    guard !moved.isEmpty else {
      return "<p>the counterexample has the example’s own numbers, as they are saved</p>\n"
    }
    let some = moved.prefix(most).map { "feature \($0): \(features[$0]) to \(point[$0])" }
    return "<p>moved most: \(some.joined(separator: "; "))</p>\n"
  }
}

extension PageExamples {
  /// What is black and what is white: 0 and 1 where all values lie between, else the least and the
  /// greatest of what is shown.
  var range: ClosedRange<Double> {
    let all = features.values.joined()
    let (least, greatest) = (all.min() ?? 0, all.max() ?? 1)
    return least >= 0 && greatest <= 1 ? 0...1 : least...greatest
  }
}
