import FileAccess

/// Reads a property from the bytes of a VNN-LIB 1.0 file.
///
/// The form is that of the competition's benchmarks (SMT-LIB 2, logic QF_LRA): `declare-const` or
/// `declare-fun` of `X_i` and `Y_i`, each `Real`, and `assert` of comparisons (`<=`, `>=`) joined by `and`
/// and `or`. A comparison bounds one input, or is linear in outputs. All assertions together say what a
/// counterexample is.
struct PropertyReader {
  private let file: String
  private let limits: PropertyLimits
  private var source: ExpressionReader
  private var declared: Set<Variable> = []
  /// Where the last variable is declared.
  private var lastDeclaration = 0
  /// Bounds that every disjunct has, and what else is asserted.
  private var common = Disjunct()
  private var compounds: [(formula: Formula, offset: Int)] = []

  init(_ bytes: [UInt8], file: String, limits: PropertyLimits) {
    (self.file, self.limits) = (file, limits)
    source = ExpressionReader(bytes, file: file, nesting: limits.nesting)
  }

  /// Reads all of it.
  mutating func property() throws(InputError) -> Property {
    while let statement = try source.next() {
      guard try take(statement) else { break }
    }
    let (inputs, outputs) = try counts()
    return Property(
      inputCount: inputs, outputCount: outputs, cases: try cases(try disjuncts(), inputs))
  }

  /// Takes a statement; false for the one that ends the text.
  private mutating func take(_ statement: Expression) throws(InputError) -> Bool {
    let words = statement.list ?? []
    switch words.first?.word {
    case "declare-const" where words.count == 3: try declare(words[1], words[2])
    case "declare-fun" where words.count == 4 && words[2].list?.isEmpty == true:
      try declare(words[1], words[3])
    case "assert" where words.count == 2:
      let reader = FormulaReader(source: source, declared: declared)
      assert(try reader.formula(words[1]), at: statement.offset)
    case "set-logic", "set-info", "set-option", "check-sat", "get-model", "get-value": break
    case "exit": return false
    default:
      let isLater = ["vnnlib-version", "declare-network"].contains(words.first?.word)
      throw source.refusal(
        at: statement.offset, found: statement.summary,
        expected: "(declare-const X_0 Real) or (assert ...)",
        remedy: isLater ? "That is VNN-LIB 2.0; what is read is version 1.0." : "")
    }
    return true
  }

  private mutating func declare(
    _ name: Expression, _ type: Expression
  ) throws(InputError) {
    guard let variable = name.word.flatMap(Variable.init) else {
      throw source.refusal(
        at: name.offset, found: name.summary, expected: "a variable X_0, X_1, ..., Y_0, Y_1, ...")
    }
    guard type.word == "Real" else {
      throw source.refusal(at: type.offset, found: type.summary, expected: "Real")
    }
    guard declared.insert(variable).inserted else {
      throw source.refusal(
        at: name.offset, found: "a second \(variable.name)", expected: "every variable once")
    }
    guard declared.count <= limits.variables else {
      throw source.limit(
        at: name.offset, found: "\(declared.count) variables",
        expected: "at most \(limits.variables)")
    }
    lastDeclaration = name.offset
  }

  /// What stands outside any `or` holds for every disjunct.
  private mutating func assert(_ formula: Formula, at offset: Int) {
    switch formula {
    case .bound(let bound): common.bounds.append(bound)
    case .constraint(let constraint): common.constraints.append(constraint)
    case .all(let parts): for part in parts { assert(part, at: offset) }
    case .any(let parts) where parts.count == 1: assert(parts[0], at: offset)
    case .any: compounds.append((formula, offset))
    }
  }

  /// The numbers of inputs and outputs, which are counted from 0 without a gap.
  private func counts() throws(InputError) -> (inputs: Int, outputs: Int) {
    var counts = (inputs: 0, outputs: 0)
    var largest = (inputs: -1, outputs: -1)
    for variable in declared {
      switch variable {
      case .input(let index):
        (counts.inputs, largest.inputs) = (counts.inputs + 1, max(largest.inputs, index))
      case .output(let index):
        (counts.outputs, largest.outputs) = (counts.outputs + 1, max(largest.outputs, index))
      }
    }
    for (letter, count, last) in [
      ("X", counts.inputs, largest.inputs), ("Y", counts.outputs, largest.outputs),
    ] {
      guard count > 0 else {
        throw InputError(
          file: file, found: "no variable \(letter)_0",
          expected: "inputs X_0, X_1, ... and outputs Y_0, Y_1, ...")
      }
      guard count == last + 1 else {
        throw source.refusal(
          at: lastDeclaration, found: "\(count) variables up to \(letter)_\(last)",
          expected: "\(letter)_0 to \(letter)_\(count - 1)")
      }
    }
    return counts
  }

  /// All assertions but the common ones as disjuncts.
  private func disjuncts() throws(InputError) -> [Disjunct] {
    let form = NormalForm(limits: limits)
    var all = [Disjunct()]
    for (formula, offset) in compounds {
      do throws(NormalForm.Excess) {
        all = try form.product(all, try form.disjuncts(of: formula))
      } catch {
        throw source.limit(
          at: offset,
          found: error == .disjuncts
            ? "more than \(limits.disjuncts) disjuncts, with all before it written out"
            : "disjuncts of more than \(limits.constraints) constraints",
          expected: "at most that many")
      }
    }
    return all
  }

  /// The disjuncts by their boxes, in the order of the text; those of empty boxes are left out.
  private func cases(
    _ disjuncts: [Disjunct], _ inputCount: Int
  ) throws(InputError) -> [PropertyCase] {
    var cases: [PropertyCase] = []
    var places: [InputBox: Int] = [:]
    let shared = OpenBox(count: inputCount).cut(by: common.bounds)
    var sharedBox: InputBox?
    var empty: (feature: Int, box: InputBox)?
    var held = 0
    for disjunct in disjuncts {
      let box: InputBox
      if disjunct.bounds.isEmpty, let known = sharedBox {
        box = known
      } else {
        box = try shared.cut(by: disjunct.bounds).closed(file: file)
        if disjunct.bounds.isEmpty { sharedBox = box }
      }
      if let feature = box.firstEmpty {
        empty = empty ?? (feature, box)
        continue
      }
      let constraints = common.constraints + disjunct.constraints
      guard !constraints.isEmpty else {
        throw InputError(
          file: file, found: "a disjunct without a constraint of outputs",
          expected: "constraints of Y_0, Y_1, ... in each")
      }
      guard let place = places[box] else {
        held += 2 * inputCount
        guard held <= limits.constraints else {
          throw InputError(
            .limit, file: file, found: "\(cases.count + 1) boxes of \(inputCount) inputs",
            expected: "at most \(limits.constraints) bounds in all")
        }
        places[box] = cases.count
        cases.append(PropertyCase(box: box, conjunctions: [constraints]))
        continue
      }
      cases[place].conjunctions.append(constraints)
    }
    guard cases.isEmpty, let (feature, box) = empty else { return cases }
    throw InputError(
      file: file,
      found: "bounds of X_\(feature) that contradict each other: at least"
        + " \(box.lower[feature].nearest), at most \(box.upper[feature].nearest)",
      expected: "a box that is not empty: every property holds for an empty one")
  }
}

/// A box that may not have all its ends yet.
private struct OpenBox {
  private var lower, upper: [Enclosure?]

  init(count: Int) {
    lower = [Enclosure?](repeating: nil, count: count)
    upper = lower
  }

  /// The part of the box that keeps bounds.
  func cut(by bounds: [InputBound]) -> OpenBox {
    var result = self
    for bound in bounds {
      if bound.isUpper {
        let known = result.upper[bound.input]
        result.upper[bound.input] = known.map { .smaller($0, bound.value) } ?? bound.value
      } else {
        let known = result.lower[bound.input]
        result.lower[bound.input] = known.map { .larger($0, bound.value) } ?? bound.value
      }
    }
    return result
  }

  /// The box.
  func closed(file: String) throws(InputError) -> InputBox {
    for (ends, side) in [(lower, "lower"), (upper, "upper")] {
      guard let open = ends.firstIndex(where: { $0 == nil }) else { continue }
      throw InputError(
        file: file, found: "no \(side) bound of X_\(open)",
        expected: "both bounds of every input, in every disjunct")
    }
    return InputBox(lower: lower.compactMap(\.self), upper: upper.compactMap(\.self))
  }
}
