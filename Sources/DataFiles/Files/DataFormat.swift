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

  /// The format that the content shows; nil where only all of it can show one (what gzip packed).
  static func detect(_ file: SourceFile, limits: DataLimits) throws(InputError) -> DataFormat? {
    let start = try file.content.prefix(IDXHeader.longest)
    try refusePointer(start, file: file.name)
    if start.starts(with: NPYHeader.magic) { return .npy }
    if ZipArchive.isZip(start) {
      if let other = otherArchive(start) { throw refusal(other, of: file) }
      return file.content.size == nil ? nil : .npz
    }
    if IDXHeader.isIDX(start) {
      // An image file of CIFAR may begin like a header; a header also knows the file's size.
      let header = try? IDXHeader(start, file: file.name, limits: limits)
      if let header, header.fileSize == file.content.size ?? header.fileSize { return .idx }
    }
    guard file.content.size != nil else { return nil }
    if try CIFARForm.cifar10.fits(file.content) { return .cifar10 }
    if try CIFARForm.cifar100.fits(file.content) { return .cifar100 }
    if IDXHeader.isIDX(start) { return .idx }
    let known = KnownFile(start, path: "")
    if let known, known == .json || known == .journal { throw notData(known, file) }
    if isText(start.prefix(1000)) { return .csv }
    if known == .onnx { throw notData(.onnx, file) }
    if let other = otherFormat(start) { throw refusal(other, of: file) }
    guard start.count >= 4 else {
      throw InputError(
        file: file.name, found: "a file of \(start.count) bytes", expected: SourceFile.formats)
    }
    throw InputError(
      file: file.name, place: "byte 0", found: hexadecimal(start.prefix(8)),
      expected: "IDX (00 00), NPY (93 4E 55 4D 50 59), NPZ (50 4B), CIFAR binary or CSV")
  }

  /// Refuses what Git left in place of a file of data.
  static func refusePointer(_ start: [UInt8], file: String) throws(InputError) {
    if let error = GitLFS.refusal(start, file: file, expected: SourceFile.formats) { throw error }
  }

  /// A file of this program's own trade in the place of data.
  private static func notData(_ known: KnownFile, _ file: SourceFile) -> InputError {
    InputError(
      file: file.name, found: known.words, expected: SourceFile.formats,
      remedy: "data are meant here, not the network that reads them")
  }

  private static func refusal(
    _ other: (words: String, remedy: String), of file: SourceFile
  ) -> InputError {
    InputError(
      file: file.name, found: other.words, expected: SourceFile.formats, remedy: other.remedy)
  }

  private static let arrays = "save the arrays by numpy.save or numpy.savez"

  /// Archives of others, which their first member tells from NPZ.
  private static func otherArchive(_ start: [UInt8]) -> (words: String, remedy: String)? {
    guard start.count >= 30 else { return nil }
    let length = Int(start[26]) | Int(start[27]) << 8
    let name = String(decoding: start.dropFirst(30).prefix(length), as: UTF8.self)
    if name.hasSuffix("/data.pkl") { return ("an archive of PyTorch", arrays) }
    return name == "[Content_Types].xml"
      ? ("a document of an office program", "save its table as CSV") : nil
  }

  /// Other kinds of files that people hold in their hands when they mean data.
  private static func otherFormat(_ content: [UInt8]) -> (words: String, remedy: String)? {
    if content.dropFirst(257).starts(with: "ustar".utf8) {
      return ("a tar archive", "unpack it first (tar xf)")
    }
    let picture = "pictures are out of scope: write them into one NPY or IDX file"
    let unpack = "unpack it first; gzip alone is unpacked here"
    let known: [(start: [UInt8], words: String, remedy: String)] = [
      ([0x89] + Array("PNG".utf8), "a PNG picture", picture),
      ([0xff, 0xd8, 0xff], "a JPEG picture", picture),
      (Array("GIF8".utf8), "a GIF picture", picture),
      (Array("BM".utf8), "a BMP picture", picture),
      ([0x89] + Array("HDF".utf8), "an HDF5 file", arrays),
      (Array("PAR1".utf8), "a Parquet file", arrays),
      (Array("ARROW1".utf8), "a Feather file", arrays),
      (Array("MATLAB 5.0 MAT-file".utf8), "a MAT file of MATLAB", arrays),
      (Array("BZh".utf8), "a file that bzip2 packed", unpack),
      ([0xfd] + Array("7zXZ".utf8), "a file that xz packed", unpack),
      ([0x28, 0xb5, 0x2f, 0xfd], "a file that Zstandard packed", unpack),
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

extension DataFile {
  /// Opens a data file; `-` is standard input.
  ///
  /// - Parameters:
  ///   - format: The format, where the user states it; else the content decides.
  ///   - labelColumn: Where CSV has its labels; else its header must say so.
  ///   - names: The arrays that are meant, where the user says so.
  public static func open(
    path: String, format: DataFormat? = nil, labelColumn: LabelColumn? = nil,
    names: ArrayNames = ArrayNames(), limits: DataLimits = DataLimits()
  ) throws(InputError) -> DataFile {
    let file = try SourceFile(path: path, limits: limits)
    if let format {
      try DataFormat.refusePointer(file.content.prefix(1024), file: file.name)
      return try open(file, format, labelColumn, names, limits)
    }
    if let found = try DataFormat.detect(file, limits: limits) {
      return try open(file, found, labelColumn, names, limits)
    }
    let whole = try file.inMemory(limits)
    let found = try DataFormat.detect(whole, limits: limits)
    return try open(whole, found ?? .csv, labelColumn, names, limits)
  }

  /// Takes a file whose form is known.
  static func open(
    _ file: SourceFile, _ format: DataFormat, _ labelColumn: LabelColumn?, _ names: ArrayNames,
    _ limits: DataLimits
  ) throws(InputError) -> DataFile {
    switch format {
    case .npz: return try DataFile(npz: file.randomAccess(limits), names: names, limits: limits)
    case .csv:
      return try DataFile(
        csv: file.randomAccess(limits), labelColumn: labelColumn, names: names, limits: limits)
    case .idx, .npy, .cifar10, .cifar100: try names.refuse(in: file, form: format.words)
    }
    switch format {
    case .idx: return try DataFile(idx: file, limits: limits)
    case .cifar10:
      return try DataFile(cifar: file.randomAccess(limits), form: .cifar10, format, limits)
    case .cifar100:
      return try DataFile(cifar: file.randomAccess(limits), form: .cifar100, format, limits)
    case .npy, .npz, .csv: return try DataFile(npy: file, format: .npy, limits: limits)
    }
  }
}

extension Dataset {
  /// Reads all items of a data file; `-` is standard input.
  ///
  /// Parameters are those of `DataFile.open`.
  public static func read(
    path: String, format: DataFormat? = nil, labelColumn: LabelColumn? = nil,
    names: ArrayNames = ArrayNames(), limits: DataLimits = DataLimits()
  ) throws(InputError) -> Dataset {
    try DataFile.open(
      path: path, format: format, labelColumn: labelColumn, names: names, limits: limits
    ).dataset()
  }
}
