import FileAccess
import Numbers
import Runs

extension DataReading {
  /// Reads every number.
  init(_ path: String, _ options: ReadingArguments) throws(InputError) {
    self.init(path)
    format = options.dataFormat
    labelColumn = options.labelColumn
    arrayName = options.dataName
    scale = try options.scale.map { (text) throws(InputError) in
      try Numeral(text, option: "--scale", domain: .positive)
    }
    mean =
      try options.mean.map { (text) throws(InputError) in
        try Numeral.list(text, option: "--mean", domain: .any)
      } ?? []
    standardDeviation =
      try options.standardDeviation.map { (text) throws(InputError) in
        try Numeral.list(text, option: "--std", domain: .positive)
      } ?? []
    layout = options.layout
  }
}
