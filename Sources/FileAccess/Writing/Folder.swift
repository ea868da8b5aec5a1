import Glibc

/// Makes a folder where there is none; its own folder has to be there.
public func makeFolder(_ path: String) throws(OutputError) {
  guard !path.isEmpty, !path.utf8.contains(0) else {
    throw OutputError(.cannotCreate, file: quoted(path), found: "not the name of a folder")
  }
  if mkdir(path, 0o777) == 0 || isFolder(path) { return }
  let words = errno == EEXIST ? "a file, not a folder" : systemErrorWords(errno)
  throw OutputError(.cannotCreate, file: path, found: words)
}
