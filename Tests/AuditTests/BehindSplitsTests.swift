import Audit
import ProofRecords
import Testing

/// What an audit makes of bounds that hold behind splits.
@Suite struct BehindSplitsTests {
  @Test("bounds behind splits prove what searches make of them there", arguments: [false, true])
  func accepted(isRational: Bool) throws {
    try Self.audit(Self.proof(), isRational: isRational)
    // The order of records is free, and so is that of splits.
    var proof = Self.proof()
    proof.searched.reverse()
    proof.searched[1].leaves[0].splits.reverse()
    try Self.audit(proof, isRational: isRational)
    // Two parts may overlap.
    proof.searched.append(proof.searched[1])
    try Self.audit(proof, isRational: isRational)
    // Bounds of a part of a part that has no points; and tighter ones of a part keep its splits.
    proof = Self.proof()
    proof.relaxations.append(
      RelaxationProof(
        origin: .narrowed(
          parent: 3, rival: 1,
          splits: [Self.side(Self.a, false), Self.side(Self.c, true), Self.side(Self.b, true)],
          rows: []),
        layers: [Self.bounds()]))
    proof.relaxations.append(
      RelaxationProof(origin: .tightened(parent: 1, rows: []), layers: [nil]))
    proof.searched[0].relaxation = 5
    proof.searched.append(SearchProof(rival: 1, relaxation: 4, leaves: []))
    try Self.audit(proof, isRational: isRational)
    // Without the searches, or with the wider bounds alone, nothing is proved.
    proof.searched = []
    #expect(Self.refusal(proof, isRational: isRational).contains("certified claimed"))
    proof = Self.proof()
    proof.searched[0].relaxation = 0
    #expect(Self.refusal(proof, isRational: isRational).contains("a margin above 0 claimed"))
  }

  @Test("a leaf may split a unit that is stable behind other splits", arguments: [false, true])
  func stable(isRational: Bool) throws {
    let rows = [Self.b, Self.c].map {
      Self.end($0, isUpper: true, Self.split(Self.a, false, 1))
    }
    let layer = UnstableUnits(units: [0, 1], lower: [-1, -1.25], upper: [1, 0.25])
    var proof = Self.proof(2, rows: rows, layers: [layer])
    try Self.audit(proof, isRational: isRational)
    // For c >= 0, of which nothing is left: -c + 25/24 a - b / 6 leaves 1/2 + 1/2 - 5/24 - 5/12.
    proof.searched[2] = SearchProof(
      rival: 1, relaxation: 2,
      leaves: [Self.leaf(Self.split(Self.a, false, 25.0 / 24), Self.split(Self.c, true, 1))])
    try Self.audit(proof, isRational: isRational)
    // With -8 c and nothing of a, x alone takes off more than the 1/2 + 4 that there is.
    proof.searched[2].leaves[0].splits[0].multiplier = 0
    proof.searched[2].leaves[0].splits[1].multiplier = 8
    #expect(Self.refusal(proof, isRational: isRational).contains("a margin above 0 claimed"))
  }

  @Test("behind a split bounds say what a stable unit is", arguments: [false, true])
  func stableOnTheOtherSide(isRational: Bool) throws {
    // c <= -1/4 and relu(c) is 0, which c / 8 would not say: 3/8 a - b / 6 leaves 1/2 - 5/24 - 1/4.
    let rows = [Self.b, Self.c].map {
      Self.end($0, isUpper: true, Self.split(Self.a, false, 1))
    }
    let layer = UnstableUnits(units: [0, 1], lower: [-1, -1.25], upper: [1, 0.25])
    var proof = Self.proof(2, rows: rows, layers: [layer])
    proof.searched[2] = SearchProof(
      rival: 1, relaxation: 2,
      leaves: [Self.leaf(Self.split(Self.a, false, 0.375), Self.split(Self.c, true, 0))])
    try Self.audit(proof, isRational: isRational)
    // 1/2 a takes off a third, more than the 7/24 - 1/24 that there is.
    proof.searched[2].leaves[0].splits[0].multiplier = 0.5
    #expect(Self.refusal(proof, isRational: isRational).contains("a margin above 0 claimed"))
    // c >= 3/4 and relu(c) is c, which no side takes away: with relu(b) <= b / 2 + 5/8 and all of x taken off,
    // 1/2 - 5/8 + 1/4 - 3/32 are left on either side of a.
    proof = Self.proof(t: -2)
    proof.relaxations.removeLast(3)
    let sides = [true, false].flatMap { c in
      [(true, 0.625), (false, 0.375)].map { a, multiplier in
        Self.leaf(Self.split(Self.a, a, multiplier), Self.split(Self.c, c, 0))
      }
    }
    proof.searched = [SearchProof(rival: 1, relaxation: 0, leaves: sides)]
    try Self.audit(proof, isRational: isRational, t: -2)
    for leaf in sides.indices {
      var short = proof
      // An eighth of x more is taken off than the 1/32 that there is.
      short.searched[0].leaves[leaf].splits[0].multiplier += 0.125
      #expect(
        Self.refusal(short, isRational: isRational, t: -2).contains("a margin above 0 claimed"))
    }
  }

  @Test("a leaf stands behind all splits of its bounds", arguments: [false, true])
  func leaves(isRational: Bool) {
    let words = "search against class 1, leaf 0: stands on bounds behind a split"
    for splits in [
      [], [Self.split(Self.a, false, 1.0 / 6)], [Self.split(Self.b, true, 1.0 / 6)],
    ] {
      var proof = Self.proof()
      proof.searched[0].leaves[0].splits = splits
      let found = Self.refusal(proof, isRational: isRational)
      #expect(found.contains(words), "\(splits): \(found)")
      // Tighter bounds of the same part.
      proof.relaxations.append(
        RelaxationProof(origin: .tightened(parent: 1, rows: []), layers: [nil]))
      proof.searched[0].relaxation = 4
      let again = Self.refusal(proof, isRational: isRational)
      #expect(again.contains(words), "\(splits): \(again)")
    }
    var proof = Self.proof()
    proof.searched[1].relaxation = 1
    let found = Self.refusal(proof, isRational: isRational)
    #expect(found.contains(words), "\(found)")
  }

  @Test("bounds behind splits stand on none that hold elsewhere", arguments: [false, true])
  func origins(isRational: Bool) {
    let (right, left) = (Self.side(Self.a, true), Self.side(Self.a, false))
    let row = Self.end(Self.b, isUpper: false, Self.split(Self.a, true, 1))
    let other = Self.end(Self.b, isUpper: false, Self.split(Self.c, true, 1))
    var margin = row
    margin.target = nil
    let weighted = [-1, .infinity, .nan].map { (weight: Double) in
      var weighted = row
      weighted.weight = weight
      return (
        Self.proof(1, rows: [weighted]),
        "weight \(weight) of a margin; expected a number of at least 0"
      )
    }
    let behind = "stands on bounds behind a split that it does not have"
    for (proof, words) in [
      (Self.proof(1, rows: [other]), "relaxation 1: a row that bounds no unit, or only behind"),
      (Self.proof(2, rows: [row]), "relaxation 2: a row that bounds no unit, or only behind"),
      (Self.proof(1, splits: []), "relaxation 1: a row that bounds no unit, or only behind"),
      (Self.proof(1, rows: [margin]), "relaxation 1: a row that bounds no unit, or only behind"),
      (Self.proof(3, splits: [Self.side(Self.c, true)]), "relaxation 3: \(behind)"),
      (Self.proof(3, splits: [right, Self.side(Self.c, true)]), "relaxation 3: \(behind)"),
      (Self.proof(3, splits: []), "relaxation 3: \(behind)"),
      (Self.proof(3, splits: [left, right]), "relaxation 3: splits a unit twice"),
      (Self.proof(1, splits: [right, right]), "relaxation 1: splits a unit twice"),
      (Self.proof(1, splits: [right, Self.side(3, true)]), "layer 1: unit 3 named"),
      (
        Self.proof(1, splits: [right, .init(layer: 1, unit: 0, isActive: true)]),
        "layer 2: unit 0 named"
      ),
      (Self.proof(3, rival: 2), "relaxation 3: holds for rival 2, and stands on another's"),
      (Self.proof(1, rival: 0), "relaxation 1: holds for rival 0, and stands on another's"),
      (Self.proof(3, parent: 3), "made of relaxation 3, which is not known"),
      (
        Self.proof(
          1, rows: [Self.end(Self.b, isUpper: false, Self.split(Self.a, true, -1))]),
        "layer 1, unit 0: multiplier -1.0; expected a number of at least 0"
      ),
      (
        Self.proof(1, layers: [Self.bounds(b: -0.125...1.25)]),
        "layer 1, unit 1: lower bound -0.125 claimed"
      ),
    ] + weighted {
      let found = Self.refusal(proof, isRational: isRational)
      #expect(found.contains(words), "\(words): \(found)")
    }
  }

  @Test("a leaf whose margin is 0 proves nothing", arguments: [false, true])
  func tie(isRational: Bool) {
    // Where a and b are at least 0, the margin less m a is 1/2 - y / 4 - m x, at least 1/4 - m: without a rounding.
    for (multiplier, isProof) in [(0.25, false), (0.25 - 0x1p-40, true), (0.25 + 0x1p-40, false)] {
      var proof = Self.proof()
      proof.searched[0].leaves = [
        Self.leaf(Self.split(Self.a, true, multiplier), Self.split(Self.b, true, 0)),
        Self.leaf(Self.split(Self.a, true, 1), Self.split(Self.b, false, 0)),
      ]
      let found = Self.refusal(proof, isRational: isRational)
      #expect(
        isProof ? found == "valid" : found.contains("leaf 0: a margin above 0 claimed"), "\(found)")
    }
  }

  @Test(
    "bounds behind splits are none of the ball, nor of another rival", arguments: [false, true])
  func elsewhere(isRational: Bool) {
    var proof = Self.proof()
    proof.margins.append(MarginProof(rival: 1, relaxation: 1, lines: nil))
    var found = Self.refusal(proof, isRational: isRational)
    #expect(
      found.contains("margin against class 1: stands on bounds of a part of the ball"), "\(found)")
    proof = Self.proof()
    proof.searched.append(proof.searched[0])
    proof.searched[3].rival = 2
    found = Self.refusal(proof, isRational: isRational)
    #expect(
      found.contains("search against class 2: stands on bounds that hold for another"), "\(found)")
  }

  @Test("the parts of all searches together are the whole ball", arguments: [false, true])
  func cover(isRational: Bool) {
    let words = "search against class 1: no leaf covers the part with layer 1 unit 0 "
    for (kept, part) in [
      ([0, 1], "<= 0, layer 1 unit 2 >= 0"), ([0, 2], "<= 0, layer 1 unit 2 <= 0"),
      ([1, 2], ">= 0"), ([2], ""), ([0], "<= 0"),
    ] {
      var proof = Self.proof()
      proof.searched = kept.map { proof.searched[$0] }
      let found = Self.refusal(proof, isRational: isRational)
      #expect(found.contains(words + part), "\(kept): \(found)")
    }
    var proof = Self.proof()
    proof.searched[1].leaves = []
    let found = Self.refusal(proof, isRational: isRational)
    #expect(found.contains(words), "\(found)")
    // Another rival's parts are none of this one's.
    proof = Self.proof()
    proof.searched[1] = SearchProof(rival: 2, relaxation: 0, leaves: [Self.leaf()])
    let mixed = Self.refusal(proof, isRational: isRational)
    #expect(mixed.contains(words), "\(mixed)")
  }

  @Test(
    "a side of one point is a part, and so is one that nothing rules out", arguments: [false, true])
  func touching(isRational: Bool) throws {
    // With t = 1/4, c is 0 at (0, 1): at most 0 for a <= 0, and at least.
    let words = "layer 1: claimed to contradict itself, and does not"
    var found = Self.refusal(Self.proof(t: 0.25), isRational: isRational, t: 0.25)
    #expect(found.contains(words), "\(found)")
    // A hair more, and it is none.
    let t = 0.25 + 0x1p-30
    try Self.audit(Self.proof(t: t), isRational: isRational, t: t)
    found = Self.refusal(Self.proof(3, rows: []), isRational: isRational)
    #expect(found.contains(words), "\(found)")
    // The other side of c is no contradiction.
    let sides = [Self.side(Self.a, false), Self.side(Self.c, false)]
    found = Self.refusal(Self.proof(3, splits: sides), isRational: isRational)
    #expect(found.contains(words), "\(found)")
    // An upper side: a is at least 1/4 where c is, and so not at most 0.
    let row = Self.end(Self.a, isUpper: false, Self.split(Self.c, true, 1))
    let empty = [Self.side(Self.c, true), Self.side(Self.a, false)]
    try Self.audit(Self.proof(3, parent: 0, splits: empty, rows: [row]), isRational: isRational)
  }
}
