import CProcess
import Commands
import Glibc

process_prepare()
exit(Entry.run().rawValue)
