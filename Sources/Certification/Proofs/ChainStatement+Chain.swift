import DualBounds
import ProofRecords
import ReLUChain

extension ChainStatement {
  /// What proofs say of a chain.
  package init(_ chain: ReLUChain, arithmetic: Arithmetic) {
    self.init(
      inputCount: chain.inputCount,
      stages: chain.stages.map { $0.operators.map(OperatorStatement.init) },
      isRead: arithmetic.format.map(chain.isRead) ?? true)
  }
}

extension OperatorStatement {
  fileprivate init(_ linear: LinearOperator) {
    self.init(
      map: Map(linear.kind), inputCount: linear.inputCount, outputCount: linear.outputCount)
    let uncertainty = linear.uncertainty
    (relative, perInput, perUnit) = (
      uncertainty.relative, uncertainty.perInput, uncertainty.perUnit
    )
    (isVirtual, outputLimit) = (linear.isVirtual, linear.outputLimit)
    held = linear.heldNumbers.map { HeldPair(largest: $0.largest, least: $0.least) }
    guard case .scaling(let scaling) = linear.kind else { return }
    (roundings, sources) = (scaling.deployedRoundings, scaling.sources)
    (sourceRoundings, constantUnderflow) = (scaling.sourceRoundings, scaling.constantUnderflow)
    leastDivisor = scaling.leastDivisor
  }
}

extension OperatorStatement.Map {
  fileprivate init(_ kind: LinearOperator.Kind) {
    switch kind {
    case .dense(let dense): self = .dense(weights: dense.weights, bias: dense.bias)
    case .convolution(let c):
      let numbers = [
        c.inputChannels, c.inputHeight, c.inputWidth, c.outputChannels, c.outputHeight,
        c.outputWidth, c.kernelHeight, c.kernelWidth, c.strideY, c.strideX, c.padTop, c.padLeft,
        c.dilationY, c.dilationX, c.groups,
      ]
      guard let shape = ConvolutionShape(numbers) else { preconditionFailure("fifteen numbers") }
      self = .convolution(shape, weights: c.weights, bias: c.bias)
    case .scaling(let s):
      self = .scaling(
        scale: s.scale, shift: s.shift,
        magnitude: zip(s.shift, s.shiftMagnitude).map { max($0.magnitude, $1) })
    case .selection(let selection):
      self = .selection(source: selection.source, constant: selection.constant)
    }
  }
}
