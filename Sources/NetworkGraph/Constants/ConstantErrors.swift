// What rounding does to constants that a graph computes: bounds of errors, all rounded up.
extension FloatFormat {
  /// How far one operation's result, exact or rounded to the format, may lie from `value`.
  ///
  /// - Parameters:
  ///   - value: The result held, a binary64 number.
  ///   - moved: What the operands' own errors and binary64's rounding may change of it.
  ///   - roundings: How many roundings of the format stand behind the result.
  ///   - size: What roundings are relative to, where it is more than the result: sums.
  /// - Returns: Infinity where the result, or a part of it, may overflow.
  func error(
    of value: Double, moved: Double, roundings: Int = 1, size: Double? = nil
  ) -> Double {
    let reach = (max(size ?? 0, value.magnitude) + moved) * (1 + 0x1p-40)
    let count = Double(roundings) * roundoff
    // Not below what rounds to an infinity; false for NaN, too.
    guard count < 0.5, reach * (1 + 2 * count) < greatest else { return .infinity }
    let rounded = count / (1 - count) * reach
    return (moved + rounded + Double(roundings) * tiny) * (1 + 0x1p-40)
  }

  /// What reading `value` in the format changes of it, at most; 0 where the format has it.
  func error(reading value: Double) -> Double {
    represents(value) || !value.isFinite ? 0 : error(of: value, moved: 0)
  }
}

extension Constant {
  /// The same tensor, elements that are not exact rounded to its type; their errors grow by as much.
  var heldInItsType: Constant {
    guard let format = elementType.format, let errors else { return self }
    var (values, moved) = (doubles, errors)
    for index in values.indices where errors[index] > 0 && errors[index] < .infinity {
      let rounded = format.rounded(values[index])
      moved[index] += (rounded - values[index]).magnitude
      if rounded != values[index] { moved[index] *= 1 + 0x1p-40 }
      values[index] = rounded
    }
    var result = self
    result.elements = .double(values)
    result.setErrors(moved)
    return result
  }
}

extension OperatorCall {
  /// The format that an operation of this type is charged in: its own, or that of the network's
  /// deployment where it is coarser.
  public func format(of type: ElementType) -> FloatFormat {
    (type.format ?? .binary32).coarser(deployed)
  }

  /// The errors with which an operation reads a constant.
  func errors(reading constant: Constant) -> [Double] {
    let format = format(of: constant.elementType)
    guard constant.elementType.isFloatingPoint else { return constant.allErrors }
    guard let errors = constant.errors else {
      return constant.doubles.map(format.error(reading:))
    }
    return zip(constant.doubles, errors).map { $1 == 0 ? format.error(reading: $0) : $1 }
  }

  /// Whether an operation reads a constant as it is held.
  public func readsExactly(_ constant: Constant) -> Bool {
    guard constant.isExact else { return false }
    guard constant.elementType.isFloatingPoint, let deployed else { return true }
    return constant.doubles.allSatisfy { $0.isNaN || $0.isInfinite || deployed.represents($0) }
  }

  /// Refuses a stored constant that the deployed network's type has to round.
  public func checkHeld(_ constant: Constant, as role: String) throws(NodeRefusal) {
    guard constant.isExact, !readsExactly(constant), let deployed else { return }
    let rounded = constant.doubles.first { $0.isFinite && !deployed.represents($0) } ?? 0
    throw NodeRefusal(
      "\(role) '\(constant.name)' has \(rounded), which the deployed network's type rounds; expected"
        + " numbers of that type")
  }
}
