import FileAccess

/// The items of an array where they lie: in a file, or in memory. Nothing is read before it is asked
/// for, and memory holds what was asked for alone.
struct StoredItems: ItemStore {
  let content: ContentPieces
  /// At least one dimension, none 0; the first counts the items.
  let shape: [Int]
  let type: SampleType
  var isBigEndian = false
  /// Whether the *first* index varies fastest (Fortran order).
  var isColumnMajor = false
  /// Where the first element begins.
  let offset: Int
  /// The bytes from one item to the next where something stands between.
  var stride: Int?

  var name: String { content.name }
  /// The size of the whole content.
  private var total: Int { offset + (count - 1) * (stride ?? itemBytes) + itemBytes }

  func load(_ items: ItemSelection, limit: Int) throws(InputError) -> SampleStorage {
    try checkRoom(for: items.count, limit: limit)
    let needed = items.count * itemBytes
    if let bytes = content.inMemory, items.isAll(of: count), !isColumnMajor, stride == nil {
      return SampleStorage(bytes: bytes, offset: offset, type: type, isBigEndian: isBigEndian)
    }
    let target = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 16)
    defer { target.deallocate() }
    try read(items, into: target)
    return SampleStorage(bytes: Array(target), offset: 0, type: type, isBigEndian: isBigEndian)
  }

  private func read(
    _ items: ItemSelection, into target: UnsafeMutableRawBufferPointer
  ) throws(InputError) {
    func mismatch(_ found: ContentPieces.Mismatch) -> InputError { refusal(of: found) }
    let rowMajor = isColumnMajor ? rowMajorFeatures : []
    // All at once: then every checksum is read, too.
    if items.isAll(of: count) {
      let whole = CollectionOfOne(0..<total)
      try content.visit(whole, total: total, mismatch: mismatch) { position, piece in
        place(piece, at: position, items, rowMajor, target)
      }
      return
    }
    let runs = items.runs
    if isColumnMajor {
      let parts = (0..<featureCount).lazy.flatMap { feature in
        runs.lazy.map { run in
          let first = offset + feature * count * type.byteCount
          return
            (first + run.lowerBound * type.byteCount)..<(first + run.upperBound * type.byteCount)
        }
      }
      try content.visit(parts, total: total, mismatch: mismatch) { position, piece in
        place(piece, at: position, items, rowMajor, target)
      }
      return
    }
    let step = stride ?? itemBytes
    let parts = runs.lazy.map { run in
      (offset + run.lowerBound * step)..<(offset + (run.upperBound - 1) * step + itemBytes)
    }
    try content.visit(parts, total: total, mismatch: mismatch) { position, piece in
      place(piece, at: position, items, rowMajor, target)
    }
  }

  /// Puts a piece of the content where its elements belong.
  private func place(
    _ piece: UnsafeRawBufferPointer, at position: Int, _ items: ItemSelection, _ rowMajor: [Int],
    _ target: UnsafeMutableRawBufferPointer
  ) {
    // A header may stand in front.
    let skipped = min(piece.count, max(0, offset - position))
    let rest = UnsafeRawBufferPointer(rebasing: piece.dropFirst(skipped))
    let start = position + skipped - offset
    if isColumnMajor {
      scatter(rest, from: start, items, rowMajor, target)
    } else {
      copyRows(rest, from: start, items, target)
    }
  }

  private func copyRows(
    _ piece: UnsafeRawBufferPointer, from start: Int, _ items: ItemSelection,
    _ target: UnsafeMutableRawBufferPointer
  ) {
    let step = stride ?? itemBytes
    var at = 0
    while at < piece.count {
      let (item, within) = (start + at).quotientAndRemainder(dividingBy: step)
      let left = piece.count - at
      guard within < itemBytes else {
        at += min(step - within, left)
        continue
      }
      let length = min(itemBytes - within, left)
      if let slot = items.slot(of: item) {
        let place = target[(slot * itemBytes + within)..<(slot * itemBytes + within + length)]
        UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: piece[at..<at + length]))
      }
      at += length
    }
  }

  /// Byte by byte: a piece may begin inside of an element.
  private func scatter(
    _ piece: UnsafeRawBufferPointer, from start: Int, _ items: ItemSelection, _ rowMajor: [Int],
    _ target: UnsafeMutableRawBufferPointer
  ) {
    let size = type.byteCount
    var (element, within) = start.quotientAndRemainder(dividingBy: size)
    var (feature, item) = element.quotientAndRemainder(dividingBy: count)
    var slot = items.slot(of: item)
    for byte in piece {
      if let slot { target[(slot * featureCount + rowMajor[feature]) * size + within] = byte }
      within += 1
      guard within == size else { continue }
      within = 0
      element += 1
      item += 1
      if item == count { (item, feature) = (0, feature + 1) }
      slot = items.slot(of: item)
    }
  }

  /// For every feature of an item whose first index varies fastest, its place row by row.
  private var rowMajorFeatures: [Int] {
    let sizes = Array(shape.dropFirst())
    var strides = [Int](repeating: 1, count: sizes.count)
    for axis in sizes.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    var places = [0]
    for (size, stride) in zip(sizes, strides) {
      places = (0..<size).flatMap { index in places.map { $0 + index * stride } }
    }
    return places
  }

  func checkRoom(for count: Int, limit: Int) throws(InputError) {
    // What cannot be there is not made room for, whatever a header claims.
    if total > content.greatestSize {
      try content.visit(
        CollectionOfOne(0..<total), total: total, mismatch: { refusal(of: $0) }, { _, _ in })
    }
    try refuse(count, beyond: limit)
  }

  func survey(_ count: Int, limit: Int) throws(InputError) -> SurveyTally {
    var tally = SurveyTally()
    let isAll = count == self.count
    // Elsewhere what is wanted does not lie together.
    guard stride == nil, isAll || !isColumnMajor else {
      tally.take(try load(.range(0..<count), limit: limit), count: count * featureCount)
      return tally
    }
    // From the start, so that a checksum of the whole is read, too.
    var held: [UInt8] = []
    let whole = 0..<offset + count * itemBytes
    try content.visit(
      CollectionOfOne(whole), total: total, mismatch: { refusal(of: $0) }
    ) { position, piece in
      held += piece.dropFirst(max(0, offset - position))
      if held.count >= 1 << 16 { tally.take(&held, type, isBigEndian: isBigEndian) }
    }
    tally.take(&held, type, isBigEndian: isBigEndian)
    return tally
  }

  private func refusal(of mismatch: ContentPieces.Mismatch) -> InputError {
    let expected = "\(total) bytes for \(shape) elements of \(type)"
    switch mismatch {
    case .shorter(let count):
      return InputError(
        file: content.name, place: "byte \(count)", found: "the file ends early",
        expected: expected)
    case .longer:
      return InputError(
        file: content.name, place: "byte \(total)",
        found: "more bytes than the header announces", expected: expected)
    }
  }

  func checkSize() throws(InputError) {
    guard let size = content.size, size != total else { return }
    throw refusal(of: size < total ? .shorter(size) : .longer)
  }
}

extension SurveyTally {
  /// Takes the elements that are there whole, and leaves the bytes of the last.
  fileprivate mutating func take(
    _ bytes: inout [UInt8], _ type: SampleType, isBigEndian: Bool
  ) {
    let count = bytes.count / type.byteCount
    let whole = bytes
    bytes = Array(whole.dropFirst(count * type.byteCount))
    take(
      SampleStorage(bytes: whole, offset: 0, type: type, isBigEndian: isBigEndian), count: count)
  }
}
