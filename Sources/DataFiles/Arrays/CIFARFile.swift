import FileAccess

/// The binary form of CIFAR-10 and CIFAR-100: per item its labels, a byte each, and 3x32x32 bytes.
struct CIFARForm {
  /// The label bytes in front of each image; the last of them is the class.
  let labelBytes: Int
  /// The number of values that each label byte has.
  let labelCounts: [UInt8]

  static let cifar10 = CIFARForm(labelBytes: 1, labelCounts: [10])
  /// A coarse label of 20 and a fine one of 100: the fine one is the class.
  static let cifar100 = CIFARForm(labelBytes: 2, labelCounts: [20, 100])

  static let itemShape = [3, 32, 32]

  var recordBytes: Int { labelBytes + 3072 }

  /// Whether size and every label fit.
  func fits(_ content: ContentPieces) throws(InputError) -> Bool {
    guard let size = content.size, size % recordBytes == 0, size > 0 else { return false }
    return try firstWrongLabel(content, size) == nil
  }

  /// The first label byte that is none.
  func firstWrongLabel(
    _ content: ContentPieces, _ size: Int
  ) throws(InputError) -> (position: Int, label: UInt8)? {
    var first: (position: Int, label: UInt8)?
    try visitLabels(content, size) { position, label in
      if first == nil, label >= labelCounts[position % recordBytes] { first = (position, label) }
    }
    return first
  }

  /// The class of each item.
  func classes(_ content: ContentPieces, _ size: Int) throws(InputError) -> [Int] {
    var classes: [Int] = []
    classes.reserveCapacity(size / recordBytes)
    try visitLabels(content, size) { position, label in
      if position % recordBytes == labelBytes - 1 { classes.append(Int(label)) }
    }
    return classes
  }

  private func visitLabels(
    _ content: ContentPieces, _ size: Int, _ body: (Int, UInt8) -> Void
  ) throws(InputError) {
    let parts = stride(from: 0, to: size, by: recordBytes).lazy.map { $0..<$0 + labelBytes }
    let changed = InputError(file: content.name, found: "another size than before")
    try content.visit(parts, total: size, mismatch: { _ in changed }) { position, bytes in
      for (index, byte) in bytes.enumerated() { body(position + index, byte) }
    }
  }
}

extension DataFile {
  /// Opens a CIFAR file with its labels.
  init(
    cifar file: SourceFile, form: CIFARForm, _ format: DataFormat, _ limits: DataLimits
  ) throws(InputError) {
    let size = file.content.size ?? 0
    guard size % form.recordBytes == 0 else {
      throw InputError(
        file: file.name, found: "\(size) bytes",
        expected: "a multiple of \(form.recordBytes), the size of one item of \(format)")
    }
    if let (position, label) = try form.firstWrongLabel(file.content, size) {
      throw InputError(
        file: file.name, place: "byte \(position)", found: "label \(label)",
        expected: "0 to \(form.labelCounts[position % form.recordBytes] - 1)")
    }
    // The label bytes of the first item stand in front of all, those of the others between.
    let items = StoredItems(
      content: file.content, shape: [size / form.recordBytes] + CIFARForm.itemShape, type: .uint8,
      offset: form.labelBytes, stride: form.recordBytes)
    try self.init(file, format, items, limits)
    labels = Labels(
      path: file.path, digest: file.digest, values: try form.classes(file.content, size))
  }
}
