/// The words of a page, for who meets them first.
enum Glossary {
  static let terms: [(term: String, words: String)] = [
    (
      "eps, the ball",
      "How far an input may lie from an example, in the units of the scaled data (bytes count as pixel/255). linf bounds the change of every feature, l2 the Euclidean length of the change, l1 the sum of all changes. All inputs so near are the ball."
    ),
    (
      "certified",
      "A proof that no input of the ball gets another class; found or not, there is none."
    ),
    ("falsified", "An input of the ball gets another class: a counterexample, itself proved."),
    ("misclassified", "A proof that the label loses already at the example itself."),
    ("unknown", "Neither a proof nor a counterexample: the example may be robust or not."),
    (
      "error",
      "The share of examples that are, or can be made, wrong. The attacked error counts what is proved wrong, and lies below the true one; the robust error counts all without a certificate, and lies above it. Shares are rounded to the side that keeps them true."
    ),
    (
      "margin",
      "A lower bound, over the whole ball, of how far the label’s score lies above that of another class. Above 0 it is a certificate; below, the bound alone decides nothing."
    ),
    (
      "radius",
      "An eps at which the example’s predicted class was certified. The example may be robust beyond it. Without a radius no certificate held, not even for the example alone."
    ),
    (
      "unstable unit",
      "A ReLU whose sign the ball leaves open. Each costs the bounds some of their tightness; the others cost nothing."
    ),
    (
      "nearest class",
      "The class whose margin is the smallest: where the bounds come closest to failing."
    ),
    (
      "cleared, flagged",
      "Cleared: no input of the ball gets another class than the input at hand. Flagged: not cleared. Neither says whether the class is right."
    ),
    (
      "as deployed",
      "With every operation rounded to the stated type, in any order of summation: what a runtime computes, not what the formula says."
    ),
  ]

  static func section(_ heading: PageHeading) -> Markup {
    let entries = terms.map { "<dt>\($0.term)</dt><dd>\($0.words)</dd>" as Markup }
    return """
      <section aria-labelledby="glossary">
      \(heading.element("Glossary", id: "glossary"))
      <dl>
      \(entries.lines)</dl>
      </section>

      """
  }
}
