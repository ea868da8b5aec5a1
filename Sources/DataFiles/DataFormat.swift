import FileAccess

/// The formats of data files.
public enum DataFormat: String, Sendable, CaseIterable {
  /// The format of MNIST: a header with element type and dimensions, then the elements.
  case idx
  /// One array as NumPy saves it.
  case npy
  /// Several arrays as NumPy saves them, each with a name.
  case npz
  /// CIFAR-10's binary form: a label and 3x32x32 bytes an item.
  case cifar10
  /// CIFAR-100's: a coarse label, a fine one and 3x32x32 bytes an item.
  case cifar100
  /// Numbers in rows of text, a row an item.
  case csv

  /// The form in words.
  var words: String {
    switch self {
    case .idx, .npy, .npz, .csv: rawValue.uppercased()
    case .cifar10: "CIFAR-10's binary form"
    case .cifar100: "CIFAR-100's binary form"
    }
  }

  /// The format that the content shows.
  static func detect(_ content: [UInt8], file: String, limits: DataLimits) throws(InputError)
    -> DataFormat
  {
    if let error = GitLFS.refusal(content, file: file, expected: SourceFile.formats) { throw error }
    if content.starts(with: NPYHeader.magic) { return .npy }
    if ZipArchive.isZip(content) { return .npz }
    if IDXHeader.isIDX(content) {
      // An image file of CIFAR may begin like a header; a header also knows the file's size.
      let header = try? IDXHeader(content, file: file, limits: limits)
      if header?.fileSize == content.count { return .idx }
    }
    if CIFARForm.cifar10.fits(content) { return .cifar10 }
    if CIFARForm.cifar100.fits(content) { return .cifar100 }
    if IDXHeader.isIDX(content) { return .idx }
    if isText(content.prefix(1000)) { return .csv }
    if let other = otherFormat(content) {
      throw InputError(
        file: file, found: other.words, expected: SourceFile.formats, remedy: other.remedy)
    }
    guard content.count >= 4 else {
      throw InputError(
        file: file, found: "a file of \(content.count) bytes", expected: SourceFile.formats)
    }
    throw InputError(
      file: file, place: "byte 0", found: hexadecimal(content.prefix(8)),
      expected: "IDX (00 00), NPY (93 4E 55 4D 50 59), NPZ (50 4B), CIFAR binary or CSV")
  }

  /// Other kinds of files that people hold in their hands when they mean data.
  private static func otherFormat(_ content: [UInt8]) -> (words: String, remedy: String)? {
    let picture = "pictures are out of scope: write them into one NPY or IDX file"
    let arrays = "save the arrays by numpy.save or numpy.savez"
    let known: [(start: [UInt8], words: String, remedy: String)] = [
      ([0x89] + Array("PNG".utf8), "a PNG picture", picture),
      ([0xff, 0xd8, 0xff], "a JPEG picture", picture),
      (Array("GIF8".utf8), "a GIF picture", picture),
      (Array("BM".utf8), "a BMP picture", picture),
      ([0x89] + Array("HDF".utf8), "an HDF5 file", arrays),
      ([0xff, 0xfe], "a text in UTF-16", "save it in UTF-8"),
      ([0xfe, 0xff], "a text in UTF-16", "save it in UTF-8"),
      ([0x80, 0x02], "a Python pickle", arrays), ([0x80, 0x03], "a Python pickle", arrays),
      ([0x80, 0x04], "a Python pickle", arrays), ([0x80, 0x05], "a Python pickle", arrays),
    ]
    return known.first { content.starts(with: $0.start) }.map { ($0.words, $0.remedy) }
  }

  private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || (0x09...0x0d).contains($0) }
      && (bytes.first.map { $0 < 0x80 || $0 == 0xef } ?? false)
  }
}

extension Dataset {
  /// Reads a data file; `-` is standard input.
  ///
  /// - Parameters:
  ///   - format: The format, where the user states it; else the content decides.
  ///   - labelColumn: Where CSV has its labels; else its header must say so.
  ///   - names: The arrays that are meant, where the user says so.
  public static func read(
    path: String, format: DataFormat? = nil, labelColumn: LabelColumn? = nil,
    names: ArrayNames = ArrayNames(), limits: DataLimits = DataLimits()
  ) throws(InputError) -> Dataset {
    let file = try SourceFile(path: path, format: format, limits: limits)
    return try read(file, format: format, labelColumn: labelColumn, names: names, limits: limits)
  }

  /// Takes a file that has been read.
  static func read(
    _ file: SourceFile, format: DataFormat?, labelColumn: LabelColumn?,
    names: ArrayNames = ArrayNames(), limits: DataLimits
  ) throws(InputError) -> Dataset {
    let chosen: DataFormat
    if let format {
      if let error = GitLFS.refusal(file.content, file: file.name, expected: SourceFile.formats) {
        throw error
      }
      chosen = format
    } else {
      chosen = try .detect(file.content, file: file.name, limits: limits)
    }
    switch chosen {
    case .npz: return try Dataset(npz: file, names: names, limits: limits)
    case .csv:
      return try Dataset(csv: file, labelColumn: labelColumn, names: names, limits: limits)
    case .idx, .npy, .cifar10, .cifar100: try names.refuse(in: file, form: chosen.words)
    }
    switch chosen {
    case .idx: return try Dataset(idx: file, limits: limits)
    case .cifar10: return try Dataset(cifar: file, form: .cifar10, format: .cifar10)
    case .cifar100: return try Dataset(cifar: file, form: .cifar100, format: .cifar100)
    case .npy, .npz, .csv: return try Dataset(npy: file, format: .npy, limits: limits)
    }
  }
}
