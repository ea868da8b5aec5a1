import NumberSupport

/// Operators that move elements, or make them of shapes.
extension NodeEvaluator {
  mutating func rearranged(_ node: OracleNode) -> Tensor {
    switch node.op {
    case "Constant": return constantNode(node)
    case "ConstantOfShape": return constantOfShape(node)
    case "Shape", "Size": return shapeOf(node)
    case "Range": return range(node)
    case "Identity", "Dropout": return required(node, 0)
    case "Concat": return concatenation(node)
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return reshaped(node)
    case "Transpose": return transposed(node)
    case "Slice": return sliced(node)
    case "Gather": return gathered(node)
    case "GatherND": return gatheredTuples(node)
    case "ArrayFeatureExtractor":
      let x = required(node, 0)
      let places = required(node, 1).numbers.map { system.integer($0) }
      return picked(x, x.shape.dropLast().map { Array(0..<$0) } + [places])
    case "Expand", "Tile": return repeated(node)
    case "Pad": return padded(node)
    case "Resize", "Upsample":
      return node.string("mode", "nearest") == "nearest" ? resampled(node) : interpolated(node)
    case "DepthToSpace", "SpaceToDepth": return blocks(node)
    default: preconditionFailure("the oracle does not know \(node.op)")
    }
  }

  private func constantNode(_ node: OracleNode) -> Tensor {
    guard case .tensor(let tensor) = node.attributes["value"] else {
      if case .float(let value) = node.attributes["value_float"] {
        return Tensor(
          [], .float32, isData: false, [system.initial(Double(value), .float32)])
      }
      preconditionFailure("Constant without a value")
    }
    return Tensor(
      tensor.shape, tensor.type, isData: false,
      tensor.values.map { system.initial($0, tensor.type) })
  }

  private func constantOfShape(_ node: OracleNode) -> Tensor {
    let shape = required(node, 0).numbers.map { system.integer($0) }
    var (type, value) = (OracleType.float32, 0.0)
    if case .tensor(let tensor) = node.attributes["value"] {
      (type, value) = (tensor.type, tensor.values[0])
    }
    let number = system.initial(value, type)
    return Tensor(
      shape, type, isData: false,
      [Number](repeating: number, count: shape.reduce(1, *)))
  }

  private func shapeOf(_ node: OracleNode) -> Tensor {
    let name = node.inputs[0]
    let shape = name == OracleGraph.input ? inputShape : value(name).shape
    if node.op == "Size" {
      return Tensor([], .int64, isData: false, [system.stored(Double(shape.reduce(1, *)))])
    }
    return Tensor(
      [shape.count], .int64, isData: false, shape.map { system.stored(Double($0)) })
  }

  private mutating func range(_ node: OracleNode) -> Tensor {
    let (start, delta) = (required(node, 0), required(node, 2))
    let values = (0..<3).map { system.integer(required(node, $0).numbers[0]) }
    let count = max(0, (values[1] - values[0] + values[2] - 1) / values[2])
    let role = Role(start.type, isData: false)
    var numbers: [Number] = []
    for step in 0..<count {
      numbers.append(
        system.sum(
          [
            .number(start.numbers[0]),
            .product(system.stored(Double(step)), delta.numbers[0]),
          ], role))
    }
    return Tensor([count], start.type, isData: false, numbers)
  }

  private mutating func concatenation(_ node: OracleNode) -> Tensor {
    let (parts, isData) = operands(node)
    let rank = parts[0].shape.count
    let axis = node.int("axis", 0) < 0 ? node.int("axis", 0) + rank : node.int("axis", 0)
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let numbers = indices(of: shape).map { index -> Number in
      var own = index
      for part in parts {
        if own[axis] < part.shape[axis] { return part[own] }
        own[axis] -= part.shape[axis]
      }
      preconditionFailure("an index beyond all parts")
    }
    return Tensor(shape, parts[0].type, isData: isData, numbers)
  }

  private func reshaped(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    switch node.op {
    case "Flatten":
      let axis = node.int("axis", 1)
      let outer = x.shape[..<axis].reduce(1, *)
      return x.with([outer, x.numbers.count / max(outer, 1)], x.numbers)
    case "Reshape":
      var shape = (integers(node, input: 1, "shape") ?? []).enumerated().map { axis, size in
        size == 0 ? x.shape[axis] : size
      }
      if let axis = shape.firstIndex(of: -1) {
        shape[axis] = 1
        shape[axis] = x.numbers.count / shape.reduce(1, *)
      }
      return x.with(shape, x.numbers)
    case "Squeeze":
      let axes = (integers(node, input: 1, "axes") ?? []).map { $0 < 0 ? $0 + x.shape.count : $0 }
      return x.with(
        x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }, x.numbers)
    default:
      let given = integers(node, input: 1, "axes") ?? []
      let rank = x.shape.count + given.count
      let axes = Set(given.map { $0 < 0 ? $0 + rank : $0 })
      var rest = x.shape[...]
      return x.with((0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }, x.numbers)
    }
  }

  private func transposed(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let order = node.ints("perm") ?? Array(x.shape.indices.reversed())
    let shape = order.map { x.shape[$0] }
    return x.with(
      shape,
      indices(of: shape).map { index in
        var own = index
        for (place, axis) in order.enumerated() { own[axis] = index[place] }
        return x[own]
      })
  }

  private func sliced(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let starts = integers(node, input: 1, "starts") ?? []
    let ends = integers(node, input: 2, "ends") ?? []
    let axes = integers(node, input: 3, "axes") ?? Array(starts.indices)
    let steps =
      input(node, 4).map { $0.numbers.map { system.integer($0) } }
      ?? starts.map { _ in 1 }
    var chosen = x.shape.map { Array(0..<$0) }
    for (place, axis) in axes.enumerated() {
      let axis = axis < 0 ? axis + x.shape.count : axis
      let size = x.shape[axis]
      func bounded(_ position: Int, _ low: Int, _ high: Int) -> Int {
        min(max(position < 0 ? position + size : position, low), high)
      }
      chosen[axis] =
        steps[place] > 0
        ? Array(
          stride(
            from: bounded(starts[place], 0, size), to: bounded(ends[place], 0, size),
            by: steps[place]))
        : Array(
          stride(
            from: bounded(starts[place], 0, size - 1), to: bounded(ends[place], -1, size - 1),
            by: steps[place]))
    }
    return picked(x, chosen)
  }

  private func picked(_ x: Tensor, _ chosen: [[Int]]) -> Tensor {
    let shape = chosen.map(\.count)
    return x.with(
      shape, indices(of: shape).map { index in x[zip(index, chosen).map { $1[$0] }] })
  }

  private func gathered(_ node: OracleNode) -> Tensor {
    let (x, table) = (required(node, 0), required(node, 1))
    let axis = node.int("axis", 0) < 0 ? node.int("axis", 0) + x.shape.count : node.int("axis", 0)
    let rows = table.numbers.map { system.integer($0) }.map { $0 < 0 ? $0 + x.shape[axis] : $0 }
    var chosen = x.shape.map { Array(0..<$0) }
    chosen[axis] = rows
    let result = picked(x, chosen)
    return result.with(
      Array(x.shape[..<axis]) + table.shape + Array(x.shape[(axis + 1)...]), result.numbers)
  }

  private func repeated(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let given = required(node, 1).numbers.map { system.integer($0) }
    if node.op == "Tile" {
      return picked(
        x, zip(x.shape, given).map { size, count in (0..<size * count).map { $0 % size } })
    }
    let shape = Self.broadcastShape([x.shape, given])
    return x.with(shape, indices(of: shape).map { x.broadcast(at: $0) })
  }

  private mutating func padded(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let rank = x.shape.count
    let pads = integers(node, input: 1, "pads") ?? []
    let mode = node.string("mode", "constant")
    var filler = input(node, 2)?.numbers[0] ?? system.initial(node.float("value", 0), x.type)
    if x.isData { filler = system.loaded(filler) }
    let shape = (0..<rank).map { x.shape[$0] + pads[$0] + pads[$0 + rank] }
    let numbers = indices(of: shape).map { index in
      var own = (0..<rank).map { index[$0] - pads[$0] }
      for axis in 0..<rank where mode != "constant" {
        let last = x.shape[axis] - 1
        if mode == "edge" { own[axis] = min(max(own[axis], 0), last) }
        if mode == "reflect" {
          own[axis] = abs(own[axis])
          own[axis] = own[axis] > last ? 2 * last - own[axis] : own[axis]
        }
      }
      let isInside = zip(own, x.shape).allSatisfy { $0 >= 0 && $0 < $1 }
      return isInside ? x[own] : filler
    }
    return x.with(shape, numbers)
  }

  /// DepthToSpace in its default mode, and its inverse.
  private func blocks(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let size = node.int("blocksize", 1)
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    if node.op == "DepthToSpace" {
      let depth = c / (size * size)
      let shape = [n, depth, h * size, w * size]
      return x.with(
        shape,
        indices(of: shape).map { index in
          let block = index[2] % size * size + index[3] % size
          return x[[index[0], block * depth + index[1], index[2] / size, index[3] / size]]
        })
    }
    let shape = [n, c * size * size, h / size, w / size]
    return x.with(
      shape,
      indices(of: shape).map { index in
        let block = index[1] / c
        return x[
          [index[0], index[1] % c, index[2] * size + block / size, index[3] * size + block % size]]
      })
  }

  func split(_ node: OracleNode) -> [Tensor] {
    let x = required(node, 0)
    let axis = node.int("axis", 0) < 0 ? node.int("axis", 0) + x.shape.count : node.int("axis", 0)
    let each = (x.shape[axis] + node.outputs.count - 1) / node.outputs.count
    let sizes =
      integers(node, input: 1, "split")
      ?? node.outputs.indices.map { min(each, x.shape[axis] - $0 * each) }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      var chosen = x.shape.map { Array(0..<$0) }
      chosen[axis] = Array(start..<start + size)
      return picked(x, chosen)
    }
  }
}
