import PropertyFiles
import Testing

@Suite struct RefusalTests {
  /// Texts behind the declarations of `text()`, which have 6 lines, and their messages.
  private static let behind: [(String, String)] = [
    (
      "(assert (<= X_2 0))",
      "7, column 13: X_2, which is not declared; expected (declare-const X_2 Real) before it"
    ),
    (
      "(assert (< Y_0 0))",
      "7, column 9: a strict comparison '<'; expected '<=' or '>='\nVNN-LIB 1.0 has closed sets only."
    ),
    (
      "(assert (= Y_0 0))",
      "7, column 9: a list (= ...); expected '<=', '>=', 'and' or 'or' in parentheses"
    ),
    (
      "(declare-network N)",
      "7, column 1: a list (declare-network ...); expected (declare-const X_0 Real) or (assert ...)\n"
        + "That is VNN-LIB 2.0; what is read is version 1.0."
    ),
    ("(assert Y_0)", "7, column 9: \"Y_0\"; expected '<=', '>=', 'and' or 'or' in parentheses"),
    ("(assert (<= Y_0 0 1))", "7, column 9: '<=' of 3 terms; expected two terms"),
    (
      "(assert (<= Y_0 X_0))",
      "7, column 9: a constraint of X_0, Y_0; expected inputs apart from outputs"
    ),
    (
      "(assert (<= X_1 X_0))",
      "7, column 9: a constraint of X_0, X_1; expected bounds of one input each: boxes"
    ),
    ("(assert (<= 1 2))", "7, column 9: a comparison of numbers alone; expected a variable in it"),
    (
      "(assert (<= (- Y_0 Y_0) 2))",
      "7, column 9: a comparison of numbers alone; expected a variable in it"
    ),
    ("(assert (<= (* Y_0 Y_1) 2))", "7, column 13: a product of variables; expected a linear term"),
    ("(assert (<= (/ 1 Y_1) 2))", "7, column 13: a quotient by a variable; expected a linear term"),
    (
      "(assert (<= (/ Y_1 0.0) 2))", "7, column 13: a quotient by 0; expected a number other than 0"
    ),
    (
      "(assert (<= (max Y_1 0) 2))",
      "7, column 13: a list (max ...); expected '+', '-', '*' or '/' of terms"
    ),
    (
      "(assert (<= Y_0 1/3))",
      "7, column 17: \"1/3\"; expected a decimal number; a quotient is (/ 1 3)"
    ),
    (
      "(assert (<= Y_0 0.5.5))",
      "7, column 17: \"0.5.5\", which is no number; expected a decimal number"
    ),
    (
      "(assert (<= Y_0 1e999))",
      "7, column 17: \"1e999\", which is above the largest binary64 number; expected a decimal number"
    ),
    (
      "(assert (<= Y_0 nan))",
      "7, column 17: \"nan\"; expected a number, or a variable X_0, X_1, ..., Y_0, Y_1, ..."
    ),
    (
      "(assert (<= Y_00 0))",
      "7, column 13: \"Y_00\"; expected a number, or a variable X_0, X_1, ..., Y_0, Y_1, ..."
    ),
    ("(assert (and))", "7, column 9: an empty 'and'; expected what it joins"),
    ("(assert (<= Y_0 0)", "7, column 1: a parenthesis that nothing closes; expected ')'"),
    (
      "(assert (<= Y_0 0)))",
      "7, column 20: a parenthesis that nothing opens; expected '(' before it"
    ),
    (
      "\n (assert (<= Y_0 \u{e9}))",
      "8, column 18: byte 195, which is no printable ASCII; expected the text of a VNN-LIB file"
    ),
    (
      "(set-info :a \"b)\n(assert (<= Y_0 0))",
      "7, column 14: a quotation mark that nothing closes; expected another one"
    ),
    ("(set-info :a |b)", "7, column 14: a bar that nothing closes; expected another one"),
    (
      "(set-info :a \"b\\\" c\")",
      "7, column 16: a backslash in front of a quotation mark; expected a doubled mark where one is meant,"
        + " or a blank between both"
    ),
    (
      "(set-info :a |b\\|)", "7, column 16: a backslash in a symbol; expected none between two bars"
    ),
    (
      "(declare-const |Z 1| Real)",
      "7, column 16: \"|Z 1|\"; expected a variable X_0, X_1, ..., Y_0, Y_1, ..."
    ),
    (
      "(define-fun f () Real 1)",
      "7, column 1: a list (define-fun ...); expected (declare-const X_0 Real) or (assert ...)"
    ),
    ("(declare-const X_1 Real)", "7, column 16: a second X_1; expected every variable once"),
    (
      "(declare-const Z_1 Real)",
      "7, column 16: \"Z_1\"; expected a variable X_0, X_1, ..., Y_0, Y_1, ..."
    ),
    ("(declare-const Y_2 Int)", "7, column 20: \"Int\"; expected Real"),
    ("(declare-const Y_3 Real)", "7, column 16: 3 variables up to Y_3; expected Y_0 to Y_2"),
    (
      "(assert (<= (* 1e300 Y_0) (* 1e300 (* 1e300 Y_1))))",
      "7, column 9: numbers beyond the largest of binary64; expected smaller ones"
    ),
  ]

  @Test("what is no property is refused where it stands", arguments: behind.indices)
  func places(index: Int) {
    let (statement, words) = Self.behind[index]
    #expect(refusal(text(statement)) == "p.vnnlib: line " + words)
  }

  @Test("boxes have two ends a side, and are not empty; every disjunct has a constraint of outputs")
  func boxes() {
    let declared = "(declare-const X_0 Real)(declare-const Y_0 Real)"
    let constraint = "(assert (<= Y_0 0))"
    #expect(
      refusal(declared + "(assert (<= X_0 1))" + constraint)
        == "p.vnnlib: no lower bound of X_0; expected both bounds of every input, in every disjunct"
    )
    #expect(
      refusal(declared + "(assert (>= X_0 1))" + constraint)
        == "p.vnnlib: no upper bound of X_0; expected both bounds of every input, in every disjunct"
    )
    #expect(
      refusal(text("(assert (>= X_1 1.5))" + constraint))
        == "p.vnnlib: bounds of X_1 that contradict each other: at least 1.5, at most 1.0; expected a box"
        + " that is not empty: every property holds for an empty one")
    #expect(
      refusal(text("(assert (or (<= Y_0 0) (<= X_0 0.5)))"))
        == "p.vnnlib: a disjunct without a constraint of outputs; expected constraints of Y_0, Y_1, ... in"
        + " each")
    #expect(
      refusal("(assert (<= 1 1))")
        == "p.vnnlib: line 1, column 9: a comparison of numbers alone; expected a variable in it")
    #expect(
      refusal("")
        == "p.vnnlib: no variable X_0; expected inputs X_0, X_1, ... and outputs Y_0, Y_1, ...")
    #expect(
      refusal("version https://git-lfs.github.com/spec/v1\nsize 7\n")?.contains("Git LFS") == true)
  }

  @Test("limits are kept: depth, disjuncts, constraints, variables")
  func limits() {
    let pair = "(assert (or (<= Y_0 0) (<= Y_1 0)))"
    #expect(
      refusal(text(String(repeating: pair + "\n", count: 17)))
        == "p.vnnlib: line 23, column 1: more than 100000 disjuncts, with all before it written out;"
        + " expected at most that many")
    #expect(refusal(text(String(repeating: pair + "\n", count: 10))) == nil)
    let deep =
      String(repeating: "(and ", count: 600) + "(<= Y_0 0)" + String(repeating: ")", count: 600)
    #expect(
      refusal(text("(assert \(deep))"))
        == "p.vnnlib: line 7, column 2504: parentheses 501 deep; expected at most 500")
    var small = PropertyLimits()
    (small.constraints, small.variables) = (5, 3)
    #expect(refusal(text(pair + pair), limits: small)?.contains("4 variables") == true)
    small.variables = 4
    #expect(
      refusal(text(pair + pair), limits: small)
        == "p.vnnlib: line 7, column 36: disjuncts of more than 5 constraints; expected at most that many"
    )
  }
}
