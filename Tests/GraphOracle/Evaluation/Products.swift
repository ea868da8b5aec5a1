import NumberSupport

/// Matrix products and batch normalisation.
extension NodeEvaluator {
  /// Sums of products with a bias, which may be added before, among or behind the products.
  mutating func affine(
    _ products: [Term<Number>], bias: Number?, _ role: Role, isLate: Bool
  ) -> Number {
    guard let bias else {
      return products.isEmpty ? system.stored(0) : system.sum(products, role)
    }
    guard isLate, !products.isEmpty else {
      return system.sum([.number(bias)] + products, role)
    }
    return system.total(system.sum(products, role), bias, role)
  }

  mutating func matrixProduct(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    var (a, b) = (tensors[0], tensors[1])
    let (isRow, isColumn) = (a.shape.count == 1, b.shape.count == 1)
    if isRow { a = a.with([1] + a.shape, a.numbers) }
    if isColumn { b = b.with(b.shape + [1], b.numbers) }
    let inner = a.shape[a.shape.count - 1]
    let (rows, columns) = (a.shape[a.shape.count - 2], b.shape[b.shape.count - 1])
    let lead = Self.broadcastShape([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
    let role = Role(a.type, isData: isData)
    func element(_ tensor: Tensor, _ head: [Int], _ row: Int, _ column: Int) -> Number {
      let own = zip(head.suffix(tensor.shape.count - 2), tensor.shape).map { $1 == 1 ? 0 : $0 }
      return tensor[own + [row, column]]
    }
    var numbers: [Number] = []
    for index in indices(of: lead + [rows, columns]) {
      let (head, row, column) = (Array(index.dropLast(2)), index[lead.count], index[lead.count + 1])
      let terms = (0..<inner).map { k in
        Term.product(element(a, head, row, k), element(b, head, k, column))
      }
      numbers.append(affine(terms, bias: nil, role, isLate: false))
    }
    let shape = lead + (isRow ? [] : [rows]) + (isColumn ? [] : [columns])
    return Tensor(shape, a.type, isData: isData, numbers)
  }

  /// `alpha A' B' + beta C`.
  mutating func gemm(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let (a, b) = (tensors[0], tensors[1])
    let (isFirst, isSecond) = (node.int("transA", 0) == 1, node.int("transB", 0) == 1)
    let rows = a.shape[isFirst ? 1 : 0]
    let inner = a.shape[isFirst ? 0 : 1]
    let columns = b.shape[isSecond ? 0 : 1]
    let role = Role(a.type, isData: isData)
    let alpha = system.stored(node.float("alpha", 1))
    let beta = system.stored(node.float("beta", 1))
    let (hasAlpha, hasBeta) = (node.float("alpha", 1) != 1, node.float("beta", 1) != 1)
    // alpha on the weights, or on the product; beta C ahead of time, or as one more product.
    let (alphaWay, betaWay, isLate) = (system.way(of: 2), system.way(of: 2), system.way(of: 2) == 1)
    let bias = tensors.count > 2 && node.float("beta", 1) != 0 ? tensors[2] : nil
    var numbers: [Number] = []
    for index in indices(of: [rows, columns]) {
      var terms: [Term<Number>] = []
      for k in 0..<inner {
        var (x, w) = (
          a[isFirst ? [k, index[0]] : [index[0], k]], b[isSecond ? [index[1], k] : [k, index[1]]]
        )
        if hasAlpha && alphaWay == 1 {
          if a.isData {
            w = scaled(w, alpha, role, isData)
          } else {
            x = scaled(x, alpha, role, isData)
          }
        }
        terms.append(.product(x, w))
      }
      var offset = bias.map { $0.broadcast(at: index) }
      if let own = offset, hasBeta {
        offset =
          betaWay == 0
          ? system.product(own, loadedScalar(beta, isData), role)
          : scaled(own, beta, role, isData)
      }
      guard hasAlpha, alphaWay == 0 else {
        numbers.append(affine(terms, bias: offset, role, isLate: isLate))
        continue
      }
      let product = system.sum(terms, role)
      let factor = loadedScalar(alpha, isData)
      numbers.append(
        offset.map { system.sum([.product(factor, product), .number($0)], role) }
          ?? system.product(factor, product, role))
    }
    return Tensor([rows, columns], a.type, isData: isData, numbers)
  }

  private mutating func scaled(
    _ number: Number, _ factor: Number, _ role: Role, _ isData: Bool
  ) -> Number {
    let product = system.product(number, loadedScalar(factor, isData), role)
    return isData ? system.loaded(product) : product
  }

  private mutating func loadedScalar(_ number: Number, _ isData: Bool) -> Number {
    isData ? system.loaded(number) : number
  }

  /// `(x - mean) / sqrt(variance + epsilon) * scale + bias`, or one of the forms that runtimes use.
  mutating func normalization(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let x = tensors[0]
    let channels = x.shape[1]
    let data = Role(x.type, isData: isData, isElementwise: true)
    let epsilon = loadedScalar(system.stored(node.float("epsilon", 1e-5)), isData)
    let form = system.way(of: 5)
    let forms = (0..<channels).map { channel in
      BatchForm(
        scale: tensors[1].numbers[channel], bias: tensors[2].numbers[channel],
        mean: tensors[3].numbers[channel], variance: tensors[4].numbers[channel],
        epsilon: epsilon, form: form)
    }
    let inner = x.shape.dropFirst(2).reduce(1, *)
    var numbers: [Number] = []
    for (position, value) in x.numbers.enumerated() {
      let form = forms[position / inner % channels]
      numbers.append(normalized(value, form, data))
    }
    return Tensor(x.shape, x.type, isData: isData, numbers)
  }

  private struct BatchForm {
    var scale, bias, mean, variance, epsilon: Number
    var form: Int
  }

  private mutating func normalized(_ x: Number, _ batch: BatchForm, _ role: Role) -> Number {
    let deviation = system.root(system.total(batch.variance, batch.epsilon, role), role)
    let centred = { (system: inout System) in
      system.total(x, system.negative(batch.mean), role)
    }
    switch batch.form {
    case 0:
      let quotient = system.quotient(centred(&system), deviation, role)
      return system.sum([.product(quotient, batch.scale), .number(batch.bias)], role)
    case 1:
      let inverse = system.quotient(system.stored(1), deviation, role)
      let quotient = system.product(centred(&system), inverse, role)
      return system.sum([.product(quotient, batch.scale), .number(batch.bias)], role)
    case 2:
      let factor = system.quotient(batch.scale, deviation, role)
      return system.sum([.product(centred(&system), factor), .number(batch.bias)], role)
    case 3:
      let inverse = system.quotient(system.stored(1), deviation, role)
      let factor = system.product(batch.scale, inverse, role)
      return byShift(x, factor, batch, role)
    default:
      return byShift(x, system.quotient(batch.scale, deviation, role), batch, role)
    }
  }

  private mutating func byShift(
    _ x: Number, _ factor: Number, _ batch: BatchForm, _ role: Role
  ) -> Number {
    let shift = system.sum(
      [.number(batch.bias), .product(system.negative(batch.mean), factor)], role)
    return system.sum([.product(x, factor), .number(shift)], role)
  }
}
