import FileAccess
import ProofRecords

// An example's proof as bytes, and back.
extension ByteWriter {
  mutating func example(_ proof: ExampleProof) {
    count(proof.index)
    count(proof.place)
    byte(proof.radius == nil ? 0 : 1)
    if let radius = proof.radius { number(radius) }
    count(proof.specificationClass)
    list(proof.relaxations) { $0.relaxation($1) }
    list(proof.margins) {
      $0.count($1.rival)
      $0.count($1.relaxation)
      $0.byte($1.lines == nil ? 0 : 1)
      if let lines = $1.lines { $0.lines(lines) }
    }
    list(proof.searched) {
      $0.count($1.rival)
      $0.count($1.relaxation)
      $0.list($1.leaves) { $0.guide($1) }
    }
    byte(proof.point == nil ? 0 : 1)
    if let point = proof.point {
      count(point.winner)
      numbers(point.values)
    }
  }

  private mutating func list<Element>(
    _ elements: [Element], _ write: (inout ByteWriter, Element) -> Void
  ) {
    count(elements.count)
    for element in elements { write(&self, element) }
  }

  private mutating func relaxation(_ relaxation: RelaxationProof) {
    switch relaxation.origin {
    case .algorithm1: byte(0)
    case .tightened(let parent, let rows):
      byte(1)
      count(parent)
      list(rows) {
        $0.count($1.layer)
        $0.count($1.unit)
        $0.byte($1.isUpper ? 1 : 0)
        $0.lines($1.lines)
      }
    case .narrowed(let parent, let rival, let splits, let rows):
      byte(splits.isEmpty ? 2 : 3)
      count(parent)
      count(rival)
      if !splits.isEmpty { list(splits) { $0.side($1) } }
      list(rows) { $0.guide($1) }
    }
    list(relaxation.layers) { writer, layer in
      writer.byte(layer == nil ? 0 : 1)
      guard let layer else { return }
      writer.increasing(layer.units)
      for value in layer.lower + layer.upper { writer.number(value) }
    }
  }

  private mutating func lines(_ lines: RowLines) {
    list(lines.layers) {
      let named = $1.filter { $0.slope != 0 }
      $0.increasing(named.map(\.unit))
      for line in named {
        $0.byte(line.slope == 1 ? 1 : 2)
        if line.slope != 1 { $0.number(line.slope) }
      }
    }
  }

  private mutating func guide(_ row: GuideRow) {
    number(row.weight)
    byte(row.target.map { $0.isUpper ? 2 : 1 } ?? 0)
    if let target = row.target {
      count(target.layer)
      count(target.unit)
    }
    list(row.splits) {
      $0.side($1.side)
      $0.number($1.multiplier)
    }
    lines(row.lines)
  }

  private mutating func side(_ side: SplitSide) {
    count(side.layer)
    count(side.unit)
    byte(side.isActive ? 1 : 0)
  }
}

extension ByteReader {
  mutating func example() throws(InputError) -> ExampleProof {
    let (index, place) = (try count(), try count())
    let radius = try byte(0...1) == 1 ? try number() : nil
    var proof = ExampleProof(
      index: index, place: place, radius: radius, specificationClass: try count())
    for _ in 0..<(try count(of: 2)) { proof.relaxations.append(try relaxation()) }
    for _ in 0..<(try count(of: 3)) {
      let (rival, relaxation) = (try count(), try count())
      proof.margins.append(
        MarginProof(
          rival: rival, relaxation: relaxation, lines: try byte(0...1) == 1 ? try lines() : nil))
    }
    for _ in 0..<(try count(of: 3)) {
      var search = SearchProof(rival: try count(), relaxation: try count(), leaves: [])
      for _ in 0..<(try count(of: 11)) { search.leaves.append(try guide()) }
      proof.searched.append(search)
    }
    if try byte(0...1) == 1 {
      proof.point = PointProof(winner: try count(), values: try numbers())
    }
    try checkEnd()
    return proof
  }

  private mutating func relaxation() throws(InputError) -> RelaxationProof {
    let kind = try byte(0...3)
    var origin = RelaxationProof.Origin.algorithm1
    if kind == 1 {
      let parent = try count()
      var rows: [UnitRow] = []
      for _ in 0..<(try count(of: 4)) {
        rows.append(
          UnitRow(
            layer: try count(), unit: try count(), isUpper: try byte(0...1) == 1,
            lines: try lines()))
      }
      origin = .tightened(parent: parent, rows: rows)
    } else if kind > 1 {
      let (parent, rival) = (try count(), try count())
      var (splits, rows) = ([SplitSide](), [GuideRow]())
      for _ in 0..<(kind == 3 ? try count(of: 3) : 0) { splits.append(try side()) }
      guard kind == 2 || !splits.isEmpty else { throw refusal("no splits", "one at least") }
      for _ in 0..<(try count(of: 11)) { rows.append(try guide()) }
      origin = .narrowed(parent: parent, rival: rival, splits: splits, rows: rows)
    }
    var layers: [UnstableUnits?] = []
    for _ in 0..<(try count(of: 1)) {
      guard try byte(0...1) == 1 else {
        layers.append(nil)
        continue
      }
      let units = try increasing()
      guard remaining / 16 >= units.count else {
        throw refusal("the end of a part", "the bounds of \(units.count) units")
      }
      var (lower, upper) = ([Double](), [Double]())
      for _ in units { lower.append(try number()) }
      for _ in units { upper.append(try number()) }
      layers.append(UnstableUnits(units: units, lower: lower, upper: upper))
    }
    return RelaxationProof(origin: origin, layers: layers)
  }

  private mutating func lines() throws(InputError) -> RowLines {
    var layers: [[RowLines.Line]] = []
    for _ in 0..<(try count(of: 1)) {
      var list: [RowLines.Line] = []
      for unit in try increasing() {
        list.append(.init(unit: unit, slope: try byte(1...2) == 1 ? 1 : try number()))
      }
      layers.append(list)
    }
    return RowLines(layers: layers)
  }

  private mutating func guide() throws(InputError) -> GuideRow {
    let weight = try number()
    let kind = try byte(0...2)
    let target: GuideRow.Target? =
      kind == 0 ? nil : .init(layer: try count(), unit: try count(), isUpper: kind == 2)
    var splits: [GuideRow.Split] = []
    for _ in 0..<(try count(of: 11)) {
      let side = try side()
      splits.append(
        .init(
          layer: side.layer, unit: side.unit, isActive: side.isActive, multiplier: try number()))
    }
    return GuideRow(weight: weight, target: target, splits: splits, lines: try lines())
  }

  private mutating func side() throws(InputError) -> SplitSide {
    SplitSide(layer: try count(), unit: try count(), isActive: try byte(0...1) == 1)
  }
}
