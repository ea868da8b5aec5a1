import CProcess
import Glibc

process_prepare()
exit(Entry.run().rawValue)
