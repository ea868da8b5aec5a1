import Glibc

/// What an output path names, which decides how it is written.
enum OutputTarget {
  /// Standard output.
  case standardOutput
  /// A device, a pipe or a socket: nothing that a rename may replace.
  case direct
  /// A regular file, there already (then with its permissions) or not; symbolic links followed.
  case replaced(destination: String, mode: mode_t?)

  init(_ path: String) throws(OutputError) {
    if path == "-" {
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
      self = .replaced(destination: path, mode: nil)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw OutputError(.cannotCreate, file: path, found: "a directory")
    case S_IFREG:
      // A rename needs no right to the file itself, but whoever protects a file means it.
      guard access(path, W_OK) == 0 else {
        throw OutputError(.cannotCreate, file: path, found: systemErrorWords(errno))
      }
      self = .replaced(destination: resolved(path), mode: status.st_mode & 0o7777)
    default: self = .direct
    }
  }
}

/// The path with its symbolic links followed, so that a rename replaces the file and not the link.
private func resolved(_ path: String) -> String {
  guard let real = realpath(path, nil) else { return path }
  defer { free(real) }
  return String(cString: real)
}

/// The folder of a path, usable as a path itself.
func folderPart(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Creates a new file in the folder of `destination`.
func openTemporary(
  beside destination: String, file: String
) throws(OutputError) -> (descriptor: Int32, path: String) {
  let folder = folderPart(of: destination)
  for attempt in 0..<1000 {
    let name = "\(folder)/.certify-\(getpid())-\(attempt).tmp"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor >= 0 { return (descriptor, name) }
    guard errno == EEXIST || errno == EINTR else { break }
  }
  let words = errno == ENOENT ? "no such folder" : systemErrorWords(errno)
  throw OutputError(.cannotCreate, file: file, found: words)
}
