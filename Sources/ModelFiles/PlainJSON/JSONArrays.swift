import FileAccess
import JSONFiles
import NetworkGraph

/// Reads the numbers of a plain weight file: nested arrays, sizes and pairs.
struct JSONArrays {
  /// The type that the file's numbers are rounded to: float32 or float64.
  let elementType: ElementType

  /// The shape of one example.
  func shape(_ value: JSONNode, limit: Int) throws(InputError) -> [Int] {
    var shape: [Int] = []
    var count = 1
    guard try value.count() <= maximumRank else {
      throw value.refusal(try counted(value.count(), "dimension"), "at most \(maximumRank)")
    }
    for element in try value.elements() {
      let size = Int(try integer(element, from: 1))
      let product = count.multipliedReportingOverflow(by: size)
      if product.overflow || product.partialValue > limit {
        throw element.refusal(
          "\(size), which makes the input too large", "at most \(limit) elements")
      }
      count = product.partialValue
      shape.append(size)
    }
    if shape.isEmpty { throw value.refusal("no dimensions", "at least one") }
    return shape
  }

  /// A rectangular nested array.
  func tensor(_ value: JSONNode, rank: Int) throws(InputError) -> Tensor {
    var shape: [Int] = []
    var corner = value
    for _ in 0..<rank {
      let count = try corner.count()
      if count == 0 { throw corner.refusal("an empty array", "at least one element") }
      shape.append(count)
      corner = corner.element(0)
    }
    var floats: [Float] = []
    var doubles: [Double] = []
    try visit(value, shape[...]) { (number) throws(InputError) in
      if elementType == .float32 {
        floats.append(try number.float())
      } else {
        doubles.append(try number.double())
      }
    }
    return Tensor(
      shape: shape, elementType: elementType,
      elements: elementType == .float32 ? .float(floats) : .double(doubles))
  }

  /// An array of numbers of which the length is known.
  func vector(_ value: JSONNode, count: Int) throws(InputError) -> Tensor {
    guard try value.count() == count else {
      throw value.refusal(counted(try value.count(), "value"), "\(count)")
    }
    return try tensor(value, rank: 1)
  }

  /// One number, or an array of them.
  func scalarOrVector(_ value: JSONNode) throws(InputError) -> Tensor {
    if value.isArray { return try tensor(value, rank: 1) }
    return Tensor(
      shape: [], elementType: elementType,
      elements: elementType == .float32
        ? .float([try value.float()]) : .double([try value.double()]))
  }

  /// An integer within the range of sizes.
  func integer(_ value: JSONNode, from lowest: Int64) throws(InputError) -> Int64 {
    try value.integer(in: lowest...Int64(Int32.max))
  }

  /// One size for both directions, or `[vertical, horizontal]`; nil where absent.
  func pair(_ value: JSONNode?, from lowest: Int64) throws(InputError) -> [Int64]? {
    guard let value else { return nil }
    guard value.isArray else {
      let number = try integer(value, from: lowest)
      return [number, number]
    }
    guard try value.count() == 2 else {
      throw value.refusal(
        "\(try value.count()) numbers", "one number or [vertical, horizontal]")
    }
    return [
      try integer(value.element(0), from: lowest), try integer(value.element(1), from: lowest),
    ]
  }

  /// One size for all sides, `[vertical, horizontal]`, or `[top, left, bottom, right]`.
  func padding(_ value: JSONNode?) throws(InputError) -> [Int64] {
    guard let value else { return [0, 0, 0, 0] }
    if value.isArray, try value.count() == 4 {
      var pads: [Int64] = []
      for element in try value.elements() { pads.append(try integer(element, from: 0)) }
      return pads
    }
    let both = try pair(value, from: 0) ?? [0, 0]
    return both + both
  }

  private func visit(
    _ value: JSONNode, _ shape: ArraySlice<Int>,
    _ body: (JSONNode) throws(InputError) -> Void
  ) throws(InputError) {
    guard let count = shape.first else { return try body(value) }
    guard try value.count() == count else {
      throw value.refusal(
        counted(try value.count(), "element"), "\(count), as in its neighbours")
    }
    for index in 0..<count { try visit(value.element(index), shape.dropFirst(), body) }
  }
}

extension JSONFields {
  /// A member that must be there.
  func required(_ name: String, of object: JSONNode) throws(InputError) -> JSONNode {
    guard let value = self[name] else { throw object.refusal("'\(name)' is missing", "") }
    return value
  }
}
