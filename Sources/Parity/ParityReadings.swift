import DataFiles
import DualBounds
import FileAccess
import Numbers
import ReLUChain

/// The usual other readings of the data, tried one by one: which of them gives the expected values?
struct ParityReadings {
  /// The network as its file has it.
  let chain: ReLUChain
  let arithmetic: Arithmetic
  let data: ComparedData
  let array: ExpectedValues.Array
  /// What a softmax between the chain and the array makes of the scores; nil for none.
  let probabilities: Probabilities?

  /// Features in another order, in words.
  private struct Order {
    var words: String
    var gather: [Int]?
  }

  /// A factor and a normalisation.
  private struct Units {
    var scale: Numeral
    var mean: [Numeral]
    var std: [Numeral]
    /// Whether they are those of the command line.
    var isCurrent: Bool

    /// Whether whole numbers remain such.
    var isWhole: Bool { mean.isEmpty && std.isEmpty && scale.isWhole }
  }

  /// How many examples must agree, and how many multiply-adds the search may take.
  private static let (witnesses, work) = (8, 4_000_000_000)

  /// The options, or the change of the data, that would make the values agree; nil for none of them.
  func agreeing() -> String? {
    let cost = chain.stages.flatMap(\.operators).reduce(1) { $0 + $1.cost }
    var left = max(24, ParityReadings.work / cost)
    let trace = DeployedTrace(chain, arithmetic: arithmetic)
    let (orders, units) = (orders(), units())
    // One change at a time first: order alone, units alone, then both.
    let changes =
      orders.dropFirst().map { ($0, units[0]) } + units.dropFirst().map { (orders[0], $0) }
      + orders.dropFirst().flatMap { order in units.dropFirst().map { (order, $0) } }
    for (order, units) in changes {
      guard left > 0 else { return nil }
      left -= 1
      if agrees(order, units, trace) { return words(order, units) }
    }
    return nil
  }

  private func agrees(_ order: Order, _ units: Units, _ trace: DeployedTrace) -> Bool {
    // Without `--mean` and `--std` in front.
    let place = chain.place(of: array.place.named)
    return (0..<min(array.items.count, ParityReadings.witnesses)).allSatisfy { example in
      let input = features(example, order, units)
      let theirs = array.values(of: example)
      let plain = chain.value(of: input, at: place)
      let ours = probabilities.map(plain.turned) ?? plain
      let scale = theirs.reduce(0) { max($0, $1.magnitude) }
      // Far away: not worth a trace.
      guard zip(ours, theirs).allSatisfy({ abs($0 - $1) <= 0.05 * scale }) else { return false }
      var values = trace.values(of: input)[place.stage][place.operatorCount - 1]
      if place.isRectified { values = values.rectified }
      if let probabilities { values = values.turned(into: probabilities) }
      // The normalisation's own roundings are not in the trace.
      return theirs.indices.allSatisfy {
        abs(values.values[$0] - theirs[$0]) <= 4 * values.tolerances[$0]
      }
    }
  }

  private func features(_ example: Int, _ order: Order, _ units: Units) -> [Double] {
    let raw = data.stored.features(of: example)
    let ordered = order.gather.map { gather in gather.map { raw[$0] } } ?? raw
    let inner = max(1, ordered.count / (chain.inputShape.first ?? 1))
    func value(_ list: [Numeral], _ feature: Int, _ standard: Double) -> Double {
      list.count < 2
        ? list.first?.nearest ?? standard : list[min(feature / inner, list.count - 1)].nearest
    }
    return ordered.indices.map { feature in
      (units.scale.times(ordered[feature]) - value(units.mean, feature, 0))
        / value(units.std, feature, 1)
    }
  }

  private func words(_ order: Order, _ units: Units) -> String {
    var parts: [String] = []
    if !units.isCurrent {
      parts.append("--scale \(units.scale.text)")
      if !units.mean.isEmpty { parts.append("--mean " + list(units.mean)) }
      if !units.std.isEmpty { parts.append("--std " + list(units.std)) }
      if data.normalizes && units.mean.isEmpty { parts.append("without --mean and --std") }
    }
    if !order.words.isEmpty { parts.append(order.words) }
    return parts.joined(separator: " ")
  }

  private func list(_ numbers: [Numeral]) -> String {
    numbers.map(\.text).joined(separator: ",")
  }
}

extension ParityReadings {
  private func units() -> [Units] {
    func numbers(_ texts: [String]) -> [Numeral] {
      texts.compactMap { try? Numeral($0) }
    }
    let scale = data.scaled.scale
    let scales =
      [scale]
      + numbers(["1/255", "1", "255", "1/256", "1/128", "2/255"]).filter {
        $0.nearest != scale.nearest
      }
    var normalizations = [(data.mean, data.standardDeviation)]
    if data.normalizes { normalizations.append(([], [])) }
    var usual = [(["0.5"], ["0.5"]), (["0.1307"], ["0.3081"]), (["0.2860"], ["0.3530"])]
    if chain.inputShape.count == 3, chain.inputShape[0] == 3 {
      usual += [
        (["0.485", "0.456", "0.406"], ["0.229", "0.224", "0.225"]),
        (["0.4914", "0.4822", "0.4465"], ["0.2470", "0.2435", "0.2616"]),
        (["0.4914", "0.4822", "0.4465"], ["0.2023", "0.1994", "0.2010"]),
        (["0.485", "0.456", "0.406"], ["0.225"]),
      ]
    }
    normalizations += usual.map { (numbers($0.0), numbers($0.1)) }
    let all = normalizations.enumerated().flatMap { index, normalization in
      scales.map { other in
        Units(
          scale: other, mean: normalization.0, std: normalization.1,
          isCurrent: index == 0 && other == scale)
      }
    }
    // No runtime gives a network fractions where it takes whole numbers.
    guard chain.wholeInputs != nil else { return all }
    return all.filter { $0.isCurrent || $0.isWhole }
  }

  /// The current order first, then what `--layout` can say, then other ways to lay an image out.
  private func orders() -> [Order] {
    let stored = data.stored
    var orders = [Order(words: "", gather: data.order)]
    let identity = Array(0..<stored.featureCount)
    var seen: Set<[Int]> = [data.order ?? identity]
    func add(_ words: String, _ gather: [Int]) {
      if seen.insert(gather).inserted { orders.append(Order(words: words, gather: gather)) }
    }
    for layout in Layout.allCases {
      do throws(InputError) {
        let gather = try Layout.permutation(
          from: stored.itemShape, layout: layout, to: chain.inputShape,
          channels: [data.mean.count, data.standardDeviation.count].first { $0 > 1 }, file: "")
        add("--layout \(layout.rawValue)", gather ?? identity)
      } catch { continue }
    }
    for shape in imageShapes() {
      for axes in [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1], [1, 0, 2], [2, 1, 0]] {
        for reversed in [nil, shape.firstIndex(of: 3)].prefix(shape.contains(3) ? 2 : 1) {
          var words = "the features of an example, seen as \(shape),"
          if axes != [0, 1, 2] { words += " transposed to \(axes.map { shape[$0] })" }
          if reversed != nil { words += " with the three colours in reverse" }
          add(words, ParityReadings.gather(shape, axes, reversed: reversed))
        }
      }
    }
    return orders
  }

  /// Images that the items may be.
  private func imageShapes() -> [[Int]] {
    var shapes: [[Int]] = []
    let stored = data.stored
    for shape in [stored.itemShape, chain.inputShape] {
      let axes = shape.filter { $0 > 1 }
      if axes.count == 3 { shapes.append(axes) }
      if axes.count == 2 { shapes.append([1] + axes) }
    }
    let count = stored.featureCount
    for channels in [1, 3] where count % channels == 0 {
      let side = Int(Double(count / channels).squareRoot().rounded())
      guard side > 1, side * side * channels == count else { continue }
      shapes += channels == 1 ? [[1, side, side]] : [[3, side, side], [side, side, 3]]
    }
    return shapes
  }

  /// The features of `[a, b, c]` with its axes in another order.
  private static func gather(_ shape: [Int], _ axes: [Int], reversed: Int?) -> [Int] {
    let strides = [shape[1] * shape[2], shape[2], 1]
    return axes.reduce([0]) { offsets, axis in
      offsets.flatMap { base in
        (0..<shape[axis]).map { position in
          base + (axis == reversed ? shape[axis] - 1 - position : position) * strides[axis]
        }
      }
    }
  }
}

extension LinearOperator {
  /// Multiply-adds.
  fileprivate var cost: Int {
    switch kind {
    case .dense(let dense): dense.weights.count
    case .convolution(let c):
      c.outputCount * (c.inputChannels / c.groups) * c.kernelHeight * c.kernelWidth
    case .scaling, .selection: outputCount
    }
  }
}
