import NumberSupport
import PropertyFiles
import Testing

@Suite struct ReadingTests {
  @Test("a property as the competition writes it: one box, constraints of outputs")
  func plain() throws {
    let found = try property(
      """
      ; Property with label: 0.
      (declare-const X_0 Real)
      (declare-const X_1 Real) ; the second
      (declare-const Y_0 Real)
      (declare-const Y_1 Real)

      (assert (<= X_0 0.5))
      (assert (>= X_0 -0.25))
      (assert (<= X_1 1e-1))
      (assert (>= X_1 -1.5E+2))
      (assert (<= Y_1 Y_0))
      (assert (>= Y_0 3.5))
      """)
    #expect((found.inputCount, found.outputCount) == (2, 2))
    #expect(found.cases.count == 1)
    let box = found.cases[0].box
    #expect(box.lower == [Enclosure(-0.25), Enclosure(-150)])
    #expect(box.upper[0] == Enclosure(0.5))
    #expect(
      found.cases[0].conjunctions == [
        [OutputConstraint([0: -1, 1: 1], 0), OutputConstraint([0: -1], 3.5)]
      ])
  }

  @Test("decimals are the binary64 numbers around what is written")
  func decimals() throws {
    let written = "0.1000000000000000055511151231257827021181583404541015624"
    let found = try property(
      text("(assert (<= X_0 \(written))) (assert (<= Y_0 (* \(written) Y_1)))"))
    let exact = try #require(Rational(decimal: written))
    let constraint = found.cases[0].conjunctions[0][0]
    for number in [found.cases[0].box.upper[0], -constraint.terms[1].coefficient] {
      #expect(Rational(number.lower) < exact && exact < Rational(number.upper))
      #expect(number.lower.nextUp == number.upper && number.nearest == 0.1)
    }
  }

  @Test("both directions, either side, and, or, nests and factors say the same")
  func forms() throws {
    let plain = try property(text("(assert (<= X_0 0.5)) (assert (<= Y_0 Y_1))"))
    for same in [
      "(assert (>= 0.5 X_0)) (assert (>= Y_1 Y_0))",
      "(assert (and (<= X_0 0.5) (<= Y_0 Y_1)))",
      "(assert (or (and (<= Y_0 Y_1)))) (assert (<= X_0 0.5))",
      "(assert (and (and (<= X_0 0.5)) (or (<= Y_0 Y_1))))",
      "(assert (<= (* 2 X_0) 1)) (assert (<= (- Y_0 Y_1) 0))",
      "(assert (<= (- 0.5) (- X_0))) (assert (>= (+ Y_1 (* -1.0 Y_0)) 0))",
      "(assert (<= (+ X_0 0.25) (/ 3 4))) (assert (<= (+ Y_0 Y_0) (+ Y_0 Y_1)))",
      "(assert (<= X_0 +.5)) (assert (<= X_0 00.75)) (assert (<= (+ Y_0 1) (+ Y_1 1)))",
      "(assert(<= X_0 0.5))(assert(<= Y_0 Y_1));last",
      "(set-logic QF_LRA) (assert (<= X_0 0.5)) (assert (<= Y_0 Y_1)) (check-sat) (exit) (x",
    ] {
      #expect(try property(text(same)) == plain, "\(same)")
    }
    let declared = "(declare-fun X_0 () Real)"
    #expect(
      try property(
        text("").replacing("(declare-const X_0 Real)", with: declared)
          + "(assert (<= X_0 0.5)) (assert (<= Y_0 Y_1))") == plain)
    #expect(
      try property("\u{feff}" + text("(assert (<= X_0 0.5))\r\n(assert (<= Y_0 Y_1))")) == plain)
  }

  @Test(
    "disjuncts with bounds of their own are boxes, in the order of the text; equal boxes are one")
  func boxes() throws {
    let found = try property(
      text(
        """
        (assert (or
          (and (<= X_0 0.5) (>= X_0 0.25) (<= Y_0 0))
          (and (<= X_0 0.75) (<= Y_1 0))
          (and (>= X_0 0.25) (<= X_0 0.5) (>= Y_0 2) (>= Y_1 2))
          (and (>= X_0 2) (<= Y_0 7))))
        """))
    #expect(
      found.cases.map { [$0.box.lower[0].nearest, $0.box.upper[0].nearest] } == [
        [0.25, 0.5], [0, 0.75],
      ])
    #expect(
      found.cases[0].conjunctions == [
        [OutputConstraint([0: 1], 0)],
        [OutputConstraint([0: -1], 2), OutputConstraint([1: -1], 2)],
      ])
    #expect(found.cases[1].conjunctions == [[OutputConstraint([1: 1], 0)]])
  }

  @Test("every disjunct of one assertion meets every one of another")
  func products() throws {
    let found = try property(
      text("(assert (or (<= Y_0 0) (<= Y_1 0))) (assert (or (<= Y_0 1) (<= Y_1 1)))"))
    #expect(found.cases.count == 1 && found.cases[0].conjunctions.count == 4)
    #expect(
      found.cases[0].conjunctions[1] == [OutputConstraint([0: 1], 0), OutputConstraint([1: 1], -1)])
  }

  @Test(
    "what stands in a string, or between bars, is no code: every assertion counts",
    arguments: [
      ("(set-info :open \"(\")", "(set-info :close \")\")"),
      ("(set-info :open |(|)", "(set-info :close |)|)"),
      ("(set-info :a \"a \"\" (\")", "(set-info :b \") \"\" b\")"),
      ("(set-info :a \"\"\"\")", "(set-info :b \"\")"), ("(set-info :a \";\")", ""),
      ("(set-info :a |;|)", ""), ("(set-info :a \"\n(\u{e9}\n\")", ""),
      ("(set-info :a |two\n\"|)", "(set-info :b \"|\")"), ("; \" and |", ""),
    ])
  func strings(around: (String, String)) throws {
    let found = try property(
      text("(assert (>= Y_0 0.25))\n\(around.0)\n(assert (>= Y_1 5.0))\n\(around.1)\n"))
    #expect(
      found.cases.map(\.conjunctions) == [
        [[OutputConstraint([0: -1], 0.25), OutputConstraint([1: -1], 5)]]
      ])
  }

  @Test("a symbol between bars is the one without, and never a number")
  func symbols() throws {
    let declared = text("").replacing("declare-const Y_1", with: "declare-const |Y_1|")
    let found = try property(declared + "(assert (<= |Y_0| Y_1))")
    #expect(found.cases.map(\.conjunctions) == [[[OutputConstraint([0: 1, 1: -1], 0)]]])
    for word in ["|0.5|", "|1|", "\"0.5\"", "|-1|"] {
      #expect(
        refusal(text("(assert (<= Y_0 \(word)))"))?.contains("line 7, column 17: ") == true,
        "\(word)")
    }
  }
}
