import ArgumentParser
import DataFiles
import FileAccess

/// How the data of a report are read where their content does not say it: the report does not.
struct StoredDataArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Form of the report's data, as the run was told it. (default: by the content)",
      valueName: "form"))
  var dataFormat: DataFormat?

  @Option(
    help: ArgumentHelp(
      "Where rows of CSV have their label, as the run was told it. (default: by the header)",
      valueName: "place"))
  var labelColumn: LabelColumn?

  /// The words of a run that is told the same.
  var words: [String] {
    (dataFormat.map { ["--data-format", $0.rawValue] } ?? [])
      + (labelColumn.map { ["--label-column", $0.rawValue] } ?? [])
  }

  /// A property has no data.
  func refuse(beside property: String) throws(InputError) {
    guard let option = words.first else { return }
    throw InputError(
      .usage, file: option, found: "\(quoted(property)), a property",
      expected: "a report, which has data")
  }
}
