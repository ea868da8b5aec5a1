import CCommit
import CProcess
import Commands
import Glibc

process_prepare()
program_set_commit(commit_of_sources())
exit(Entry.run().rawValue)
