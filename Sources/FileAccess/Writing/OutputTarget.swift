import Glibc

/// What an output path names, which decides how it is written.
enum OutputTarget {
  /// Standard output.
  case standardOutput
  /// A device, a pipe or a socket: nothing that a rename may replace.
  case direct
  /// A regular file, there already or not, symbolic links followed; the permissions of one's own.
  case replaced(destination: String, mode: mode_t?)

  init(_ path: String) throws(OutputError) {
    if path == "-" {
      // A stream that is closed, or open for reading only, takes nothing: said before any work.
      guard fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE != O_RDONLY else {
        throw OutputError(.cannotWrite, file: "standard output", found: "closed")
      }
      self = .standardOutput
      return
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw OutputError(.cannotCreate, file: quoted(path), found: "not the name of a file")
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Whatever else is wrong with the folder is found when the temporary file is created.
      guard errno == ENOENT, !path.hasSuffix("/") else {
        throw OutputError(.cannotCreate, file: path, found: systemErrorWords(errno))
      }
      self = .replaced(destination: try linkEnd(of: path), mode: nil)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw OutputError(.cannotCreate, file: path, found: "a directory")
    case S_IFREG:
      // A rename needs no right to the file itself, but whoever protects a file means it.
      guard access(path, W_OK) == 0 else {
        throw OutputError(.cannotCreate, file: path, found: systemErrorWords(errno))
      }
      let destination = try linkEnd(of: path)
      guard FilePlace(status) == FilePlace(existing: destination) else {
        throw OutputError(.cannotCreate, file: path, found: "a file that has lost its name")
      }
      // What a stranger allowed, set-user-id say, was not said of what this program writes.
      let isOwn = status.st_uid == geteuid()
      self = .replaced(destination: destination, mode: isOwn ? status.st_mode & 0o777 : nil)
    default: self = .direct
    }
  }
}

/// Where a path's symbolic links end, so that a rename replaces the file and not the link: a file
/// that is there, or one that a link promises.
func linkEnd(of path: String) throws(OutputError) -> String {
  var path = path
  // As many as the system follows.
  for _ in 0..<40 {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    if count < 0 { return path }
    guard let link = String(validating: bytes[..<count], as: UTF8.self) else {
      throw OutputError(.cannotCreate, file: path, found: "a link to a name that is not UTF-8")
    }
    path = link.hasPrefix("/") ? link : folderPart(of: path) + "/" + link
  }
  throw OutputError(.cannotCreate, file: path, found: systemErrorWords(ELOOP))
}

/// The folder of a path, usable as a path itself.
func folderPart(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
