import CKernels
import DualBounds
import ReLUChain

/// The input layer over a ball as a block of rows sees it, all of it.
struct InputView {
  let relaxation: Relaxation
  let norms = RowNorms()
  private let looking: RowView

  init(_ chain: ReLUChain, _ ball: Ball) {
    let problem = BoundProblem(chain)
    relaxation = BoundWorkspace(problem).relaxation(over: ball)
    looking = RowView(problem.layers[0], ones: problem.ones)
    looking.take(relaxation.layers[0], ownLines: false)
    cm_open_window(looking.view, relaxation.layers[0].everything)
  }

  var view: cm_view { looking.view.pointee }
}
