import FileAccess
import Numbers

/// Reads what is asserted: comparisons of linear terms, `and` and `or`.
struct FormulaReader {
  /// Says where in the file something stands.
  let source: ExpressionReader
  /// The variables that were declared so far.
  let declared: Set<Variable>

  /// An assertion.
  func formula(_ expression: Expression) throws(InputError) -> Formula {
    guard let list = expression.list, let head = list.first?.word else {
      throw refusal(expression, expected: "'<=', '>=', 'and' or 'or' in parentheses")
    }
    let operands = list.dropFirst()
    switch head {
    case "and", "or":
      guard !operands.isEmpty else {
        throw source.refusal(
          at: expression.offset, found: "an empty '\(head)'", expected: "what it joins")
      }
      var parts: [Formula] = []
      for operand in operands { parts.append(try formula(operand)) }
      return head == "and" ? .all(parts) : .any(parts)
    case "<=", ">=":
      guard operands.count == 2, let first = operands.first, let second = operands.last else {
        throw source.refusal(
          at: expression.offset, found: "'\(head)' of \(operands.count) terms",
          expected: "two terms")
      }
      let (left, right) = head == "<=" ? (first, second) : (second, first)
      return try comparison(try term(left), try term(right), at: expression)
    case "<", ">":
      throw source.refusal(
        at: expression.offset, found: "a strict comparison '\(head)'", expected: "'<=' or '>='",
        remedy: "VNN-LIB 1.0 has closed sets only.")
    default: throw refusal(expression, expected: "'<=', '>=', 'and' or 'or' in parentheses")
    }
  }

  /// `left <= right`.
  private func comparison(
    _ left: LinearForm, _ right: LinearForm, at place: Expression
  ) throws(InputError) -> Formula {
    var form = left
    form.add(right.mapped { -$0 })
    guard form.isFinite else {
      throw source.refusal(
        at: place.offset, found: "numbers beyond the largest of binary64", expected: "smaller ones")
    }
    let terms = form.terms
    let inputs = terms.filter { if case .input = $0.variable { true } else { false } }
    guard let first = terms.first else {
      throw source.refusal(
        at: place.offset, found: "a comparison of numbers alone", expected: "a variable in it")
    }
    if inputs.isEmpty { return .constraint(constraint(form)) }
    guard terms.count == 1, case .input(let input) = first.variable else {
      let names = terms.prefix(4).map(\.variable.name).joined(separator: ", ")
      throw source.refusal(
        at: place.offset, found: "a constraint of \(names)\(terms.count > 4 ? ", ..." : "")",
        expected: inputs.count == terms.count
          ? "bounds of one input each: boxes" : "inputs apart from outputs")
    }
    guard !first.coefficient.mayBeZero else {
      throw source.refusal(
        at: place.offset, found: "a factor of \(first.variable.name) that underflows",
        expected: "one that binary64 tells from 0")
    }
    let value = -form.constant / first.coefficient
    guard value.isFinite else {
      throw source.refusal(
        at: place.offset, found: "a bound beyond the largest number of binary64",
        expected: "a smaller one")
    }
    return .bound(InputBound(input: input, isUpper: first.coefficient.lower > 0, value: value))
  }

  private func constraint(_ form: LinearForm) -> OutputConstraint {
    OutputConstraint(
      terms: form.terms.map { variable, coefficient in
        guard case .output(let output) = variable else {
          preconditionFailure("a constraint of outputs")
        }
        return OutputConstraint.Term(output: output, coefficient: coefficient)
      }, constant: form.constant)
  }

  /// A linear term.
  func term(_ expression: Expression) throws(InputError) -> LinearForm {
    guard let list = expression.list else { return try leaf(expression) }
    guard let head = list.first?.word, list.count > 1 else {
      throw refusal(expression, expected: "'+', '-', '*' or '/' of terms")
    }
    var operands: [LinearForm] = []
    for operand in list.dropFirst() { operands.append(try term(operand)) }
    switch head {
    case "+": return operands.dropFirst().reduce(into: operands[0]) { $0.add($1) }
    case "-":
      if operands.count == 1 { return operands[0].mapped { -$0 } }
      return operands.dropFirst().reduce(into: operands[0]) { sum, next in
        sum.add(next.mapped { -$0 })
      }
    case "*": return try product(operands, at: expression)
    case "/": return try quotient(operands, at: expression)
    default: throw refusal(expression, expected: "'+', '-', '*' or '/' of terms")
    }
  }

  private func product(
    _ operands: [LinearForm], at place: Expression
  ) throws(InputError) -> LinearForm {
    guard operands.count(where: { !$0.isConstant }) <= 1 else {
      throw source.refusal(
        at: place.offset, found: "a product of variables", expected: "a linear term")
    }
    let variable = operands.first { !$0.isConstant } ?? LinearForm(constant: Enclosure(1))
    let factor = operands.filter(\.isConstant).reduce(Enclosure(1)) { $0 * $1.constant }
    return variable.mapped { $0 * factor }
  }

  private func quotient(
    _ operands: [LinearForm], at place: Expression
  ) throws(InputError) -> LinearForm {
    guard operands.dropFirst().allSatisfy(\.isConstant) else {
      throw source.refusal(
        at: place.offset, found: "a quotient by a variable", expected: "a linear term")
    }
    var result = operands[0]
    for divisor in operands.dropFirst() {
      guard !divisor.constant.mayBeZero else {
        throw source.refusal(
          at: place.offset, found: "a quotient by 0", expected: "a number other than 0")
      }
      result = result.mapped { $0 / divisor.constant }
    }
    return result
  }

  /// A variable or a number.
  private func leaf(_ expression: Expression) throws(InputError) -> LinearForm {
    let word = expression.word ?? ""
    if let first = word.utf8.first, first < 0x3a, first != UInt8(ascii: "/") {
      return LinearForm(constant: try number(word, at: expression))
    }
    guard let variable = Variable(word) else {
      throw refusal(expression, expected: "a number, or a variable X_0, X_1, ..., Y_0, Y_1, ...")
    }
    guard declared.contains(variable) else {
      throw source.refusal(
        at: expression.offset, found: "\(variable.name), which is not declared",
        expected: "(declare-const \(variable.name) Real) before it")
    }
    return LinearForm(variable)
  }

  private func number(_ word: String, at place: Expression) throws(InputError) -> Enclosure {
    guard !word.utf8.contains(UInt8(ascii: "/")) else {
      throw refusal(place, expected: "a decimal number; a quotient is (/ 1 3)")
    }
    do throws(Numeral.Problem) {
      return Enclosure(try Numeral(word))
    } catch {
      throw source.refusal(
        at: place.offset, found: error.words(for: word), expected: "a decimal number")
    }
  }

  private func refusal(_ expression: Expression, expected: String) -> InputError {
    source.refusal(at: expression.offset, found: expression.summary, expected: expected)
  }
}

extension Variable {
  /// Reads `X_3` or `Y_0`; nil for anything else, leading zeros included.
  init?(_ word: String) {
    let digits = word.dropFirst(2)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let index = Int(digits),
      String(index) == digits
    else { return nil }
    switch word.prefix(2) {
    case "X_": self = .input(index)
    case "Y_": self = .output(index)
    default: return nil
    }
  }
}

extension Numeral.Problem {
  fileprivate func words(for word: String) -> String {
    switch self {
    case .empty, .notANumber, .zeroDenominator: "\(quoted(word)), which is no number"
    case .tooLong:
      "a number of \(word.utf8.count) characters (at most \(Numeral.longestText) are read)"
    case .exponentTooLarge:
      "\(quoted(word)), which has an exponent beyond \(Numeral.greatestExponent)"
    case .tooLarge: "\(quoted(word)), which is above the largest binary64 number"
    }
  }
}
