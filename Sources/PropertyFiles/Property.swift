/// What is asked of a network: whether some input of a box leads to outputs that are not wanted.
///
/// A property is violated by `x` where, for one of the cases, `x` lies in the case's box, and the
/// network's outputs meet every constraint of one of its conjunctions. It holds where no input does.
public struct Property: Sendable, Equatable {
  /// The number of inputs that the file declares.
  public var inputCount: Int
  /// The number of outputs that the file declares.
  public var outputCount: Int
  /// Never empty; boxes may overlap.
  public var cases: [PropertyCase]

  /// Creates a property.
  public init(inputCount: Int, outputCount: Int, cases: [PropertyCase]) {
    (self.inputCount, self.outputCount, self.cases) = (inputCount, outputCount, cases)
  }
}

/// The disjuncts of a property that share a box of inputs.
public struct PropertyCase: Sendable, Equatable {
  /// The box.
  public var box: InputBox
  /// Any of them violates the property; none is empty.
  public var conjunctions: [[OutputConstraint]]

  /// Creates a case.
  public init(box: InputBox, conjunctions: [[OutputConstraint]]) {
    (self.box, self.conjunctions) = (box, conjunctions)
  }
}

/// A closed box of inputs, its ends as exactly as binary64 has them.
public struct InputBox: Sendable, Hashable {
  /// `[inputCount]`.
  public var lower, upper: [Enclosure]

  /// Creates a box.
  public init(lower: [Enclosure], upper: [Enclosure]) {
    precondition(lower.count == upper.count, "two ends a feature")
    (self.lower, self.upper) = (lower, upper)
  }

  /// The first feature that has no value for certain.
  var firstEmpty: Int? { lower.indices.first { lower[$0].lower > upper[$0].upper } }
}

/// `sum of coefficient y + constant <= 0`.
public struct OutputConstraint: Sendable, Hashable {
  /// One output with its factor.
  public struct Term: Sendable, Hashable {
    /// The output's position.
    public var output: Int
    /// Not 0.
    public var coefficient: Enclosure

    /// Creates a term.
    public init(output: Int, coefficient: Enclosure) {
      (self.output, self.coefficient) = (output, coefficient)
    }
  }

  /// By the outputs' positions, none twice, at least one.
  public var terms: [Term]
  /// What is added.
  public var constant: Enclosure

  /// Creates a constraint.
  public init(terms: [Term], constant: Enclosure) {
    (self.terms, self.constant) = (terms, constant)
  }
}
