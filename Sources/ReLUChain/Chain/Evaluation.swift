/// The chain as plain loops in binary64, for inspection, tests and reference; no bound is made here.
extension ReLUChain {
  /// The logits of one example.
  ///
  /// - Parameter input: `[inputCount]`, row-major in the file's own order.
  /// - Returns: `[classCount]`, rounded to nearest at every operation.
  public func logits(of input: [Double]) -> [Double] {
    activations(of: input).last ?? []
  }

  /// The pre-activations of every stage, the last being the logits.
  ///
  /// - Parameter input: `[inputCount]`, row-major in the file's own order.
  public func activations(of input: [Double]) -> [[Double]] {
    precondition(input.count == inputCount, "one value a feature")
    var layers: [[Double]] = []
    var values = input
    for (index, stage) in stages.enumerated() {
      if index > 0 {
        for unit in values.indices { values[unit] = max(values[unit], 0) }
      }
      values = stage.applied(to: values)
      layers.append(values)
    }
    return layers
  }
}

extension AffineStage {
  /// The stage's output, operator by operator.
  public func applied(to input: [Double]) -> [Double] {
    operators.reduce(input) { $1.applied(to: $0) }
  }
}

extension LinearOperator {
  /// `W x + b` in binary64.
  public func applied(to input: [Double]) -> [Double] {
    switch kind {
    case .dense(let dense): dense.applied(to: input)
    case .convolution(let convolution): convolution.applied(to: input)
    case .scaling(let scaling):
      input.indices.map { scaling.scale[$0] * input[$0] + scaling.shift[$0] }
    case .selection(let selection):
      zip(selection.source, selection.constant).map { $0 < 0 ? $1 : input[$0] }
    }
  }
}

extension Dense {
  func applied(to input: [Double]) -> [Double] {
    var output = bias
    weights.withUnsafeBufferPointer { weights in
      input.withUnsafeBufferPointer { input in
        for row in output.indices {
          let start = row * input.count
          var sum = 0.0
          for column in 0..<input.count { sum += weights[start + column] * input[column] }
          output[row] += sum
        }
      }
    }
    return output
  }
}

extension Convolution {
  /// One kernel element at a time, each a row of shifted sums.
  func applied(to input: [Double]) -> [Double] {
    var output = [Double](repeating: 0, count: outputCount)
    let area = outputHeight * outputWidth
    output.withUnsafeMutableBufferPointer { output in
      input.withUnsafeBufferPointer { input in
        for channel in 0..<outputChannels {
          for unit in channel * area..<(channel + 1) * area { output[unit] = bias[channel] }
          add(channel: channel, from: input, to: output)
        }
      }
    }
    return output
  }

  private func add(
    channel: Int, from input: UnsafeBufferPointer<Double>,
    to output: UnsafeMutableBufferPointer<Double>
  ) {
    let depth = inputChannels / groups
    let group = channel / (outputChannels / groups)
    for source in 0..<depth {
      for ky in 0..<kernelHeight {
        for kx in 0..<kernelWidth {
          let tap = ((channel * depth + source) * kernelHeight + ky) * kernelWidth + kx
          let columns = windows(
            tap: kx * dilationX - padLeft, stride: strideX, size: inputWidth, count: outputWidth)
          let rows = windows(
            tap: ky * dilationY - padTop, stride: strideY, size: inputHeight, count: outputHeight)
          for y in rows {
            let row = y * strideY - padTop + ky * dilationY
            let from = ((group * depth + source) * inputHeight + row) * inputWidth
            let to = (channel * outputHeight + y) * outputWidth
            for x in columns {
              output[to + x] +=
                weights[tap] * input[from + x * strideX - padLeft + kx * dilationX]
            }
          }
        }
      }
    }
  }

  /// The windows whose tap (its place in window 0) falls inside the input.
  private func windows(tap: Int, stride: Int, size: Int, count: Int) -> Range<Int> {
    let first = tap >= 0 ? 0 : (-tap + stride - 1) / stride
    let end = tap >= size ? 0 : (size - 1 - tap) / stride + 1
    return min(first, count)..<max(min(first, count), min(end, count))
  }
}
