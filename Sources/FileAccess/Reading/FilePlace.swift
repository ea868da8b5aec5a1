import Glibc

/// Where a path leads, whatever it is called on the way: two paths with one place are one file, be
/// they links, hard links or spelt differently.
public enum FilePlace: Hashable, Sendable {
  /// A regular file that is there, by its device and inode.
  case file(device: UInt64, inode: UInt64)
  /// A file that is not there yet: its folder, and its name in it.
  case name(String, device: UInt64, inode: UInt64)

  /// The file behind a path that is read, or behind standard input as `-`; nil where it is none, or
  /// no regular file.
  public init?(reading path: String) {
    self.init(existing: path, stream: STDIN_FILENO)
  }

  /// The file that a path would be written to, or behind standard output as `-`; nil where it is
  /// none that a rename replaces.
  public init?(writing path: String) {
    if path == "-" || access(path, F_OK) == 0 {
      self.init(existing: path, stream: STDOUT_FILENO)
      return
    }
    guard let end = try? linkEnd(of: path), let name = end.split(separator: "/").last else {
      return nil
    }
    var status = stat()
    guard stat(folderPart(of: end), &status) == 0 else { return nil }
    self = .name(String(name), device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  init?(existing path: String, stream: Int32? = nil) {
    var status = stat()
    let found = stream.flatMap { path == "-" ? fstat($0, &status) : nil } ?? stat(path, &status)
    guard found == 0 else { return nil }
    self.init(status)
  }

  init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    self = .file(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}
