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
  func fits(_ content: [UInt8]) -> Bool {
    content.count % recordBytes == 0 && !content.isEmpty && firstWrongLabel(content) == nil
  }

  /// The first label byte that is none.
  func firstWrongLabel(_ content: [UInt8]) -> Int? {
    for start in stride(from: 0, to: content.count, by: recordBytes) {
      for k in 0..<labelBytes where content[start + k] >= labelCounts[k] { return start + k }
    }
    return nil
  }
}

extension Dataset {
  /// Reads a CIFAR file with its labels.
  init(cifar file: SourceFile, form: CIFARForm, format: DataFormat) throws(InputError) {
    let content = file.content
    guard content.count % form.recordBytes == 0 else {
      throw InputError(
        file: file.name, found: "\(content.count) bytes",
        expected: "a multiple of \(form.recordBytes), the size of one item of \(format)")
    }
    if let position = form.firstWrongLabel(content) {
      let label = (position % form.recordBytes)
      throw InputError(
        file: file.name, place: "byte \(position)", found: "label \(content[position])",
        expected: "0 to \(form.labelCounts[label] - 1)")
    }
    let storage = SampleStorage(
      bytes: content, offset: form.labelBytes, type: .uint8, isBigEndian: false)
    let count = content.count / form.recordBytes
    try self.init(
      file: file, format: format, shape: [count] + CIFARForm.itemShape, storage: storage,
      itemStride: form.recordBytes)
    labels = Labels(
      path: file.path, sha256: file.sha256,
      values: (0..<count).map { Int(content[$0 * form.recordBytes + form.labelBytes - 1]) })
  }
}
