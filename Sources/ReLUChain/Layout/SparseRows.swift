/// A sparse matrix under construction, one row an output unit, both sides in the kernels' order.
package struct SparseRows {
  package let inputCount: Int
  package private(set) var rowStart: [Int32] = [0]
  package private(set) var column: [Int32] = []
  package private(set) var weight: [Double] = []
  package private(set) var bias: [Double] = []
  package private(set) var biasMagnitude: [Double] = []

  private init(inputCount: Int) { self.inputCount = inputCount }

  private mutating func add(column: Int, weight: Double) {
    self.column.append(Int32(column))
    self.weight.append(weight)
  }

  private mutating func endRow(bias: Double, magnitude: Double) {
    self.bias.append(bias)
    biasMagnitude.append(magnitude)
    rowStart.append(Int32(column.count))
  }

  /// Leaves out the entries of weight 0, which are nothing to anybody but a count of terms.
  package mutating func dropZeros() {
    var kept = SparseRows(inputCount: inputCount)
    for row in bias.indices {
      for entry in Int(rowStart[row])..<Int(rowStart[row + 1]) where weight[entry] != 0 {
        kept.add(column: Int(column[entry]), weight: weight[entry])
      }
      kept.endRow(bias: bias[row], magnitude: biasMagnitude[row])
    }
    self = kept
  }

  /// The transposed matrix, its rows' entries in increasing order; without an offset.
  package var transposed: SparseRows {
    var counts = [Int32](repeating: 0, count: inputCount + 1)
    for unit in column { counts[Int(unit) + 1] += 1 }
    for unit in 0..<inputCount { counts[unit + 1] += counts[unit] }
    var turned = SparseRows(inputCount: bias.count)
    turned.rowStart = counts
    turned.column = [Int32](repeating: 0, count: column.count)
    turned.weight = [Double](repeating: 0, count: column.count)
    for row in bias.indices {
      for entry in Int(rowStart[row])..<Int(rowStart[row + 1]) {
        let place = Int(counts[Int(column[entry])])
        counts[Int(column[entry])] += 1
        (turned.column[place], turned.weight[place]) = (Int32(row), weight[entry])
      }
    }
    return turned
  }

  /// The most entries in one row.
  package var fanIn: Int {
    zip(rowStart, rowStart.dropFirst()).map { Int($1 - $0) }.max() ?? 0
  }

  /// The most entries in one column.
  package var fanOut: Int {
    var counts = [Int](repeating: 0, count: inputCount)
    for unit in column { counts[Int(unit)] += 1 }
    return counts.max() ?? 0
  }
}

extension SparseRows {
  /// The matrix of a map between two layouts.
  package init(_ map: ChainLayout.SparseMap, input: UnitLayout, output: UnitLayout) {
    switch map {
    case .grouped(let c): self.init(c, input: input, output: output)
    case .scaling(let scaling): self.init(scaling, layout: input)
    case .selection(let selection): self.init(selection, input: input, output: output)
    case .rearrangement: self.init(rearranging: input, to: output)
    }
  }

  /// The diagonal of a scaling; both sides share one layout.
  private init(_ scaling: Scaling, layout: UnitLayout) {
    self.init(inputCount: layout.count)
    for unit in 0..<layout.count {
      let logical = layout.logical(unit)
      add(column: unit, weight: scaling.scale[logical])
      endRow(bias: scaling.shift[logical], magnitude: scaling.shiftMagnitude[logical])
    }
  }

  /// A selection between two layouts.
  private init(_ selection: Selection, input: UnitLayout, output: UnitLayout) {
    self.init(inputCount: input.count)
    for unit in 0..<output.count {
      let logical = output.logical(unit)
      let source = selection.source[logical]
      if source >= 0 { add(column: input.physical(source), weight: 1) }
      endRow(bias: selection.constant[logical], magnitude: selection.constant[logical].magnitude)
    }
  }

  /// A change of layout only.
  private init(rearranging input: UnitLayout, to output: UnitLayout) {
    self.init(inputCount: input.count)
    for unit in 0..<output.count {
      add(column: input.physical(output.logical(unit)), weight: 1)
      endRow(bias: 0, magnitude: 0)
    }
  }

  /// A grouped convolution, written out: group by group the kernel reaches few channels, and the
  /// vector kernels' dense channels would be mostly zeros.
  private init(_ source: Convolution, input: UnitLayout, output: UnitLayout) {
    self.init(inputCount: input.count)
    let groupInputs = source.inputChannels / source.groups
    let groupOutputs = source.outputChannels / source.groups
    for unit in 0..<output.count {
      let channel = unit % output.channels
      let (y, x) = (unit / output.channels / output.width, unit / output.channels % output.width)
      for ky in 0..<source.kernelHeight {
        let inputY = y * source.strideY - source.padTop + ky * source.dilationY
        guard (0..<source.inputHeight).contains(inputY) else { continue }
        for kx in 0..<source.kernelWidth {
          let inputX = x * source.strideX - source.padLeft + kx * source.dilationX
          guard (0..<source.inputWidth).contains(inputX) else { continue }
          for c in 0..<groupInputs {
            let logical =
              ((channel / groupOutputs * groupInputs + c) * source.inputHeight + inputY)
              * source.inputWidth + inputX
            let weight =
              ((channel * groupInputs + c) * source.kernelHeight + ky) * source.kernelWidth + kx
            add(column: input.physical(logical), weight: source.weights[weight])
          }
        }
      }
      endRow(bias: source.bias[channel], magnitude: source.bias[channel].magnitude)
    }
  }
}
