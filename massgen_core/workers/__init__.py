"""Work on bytes from outside, in processes that may do little else and are ended at once.

A decoder is C code that reads what a stranger has written: it runs in a process without a network, without the
program's secrets, with the files it was handed and one folder to write into, under limits of memory and time. Such a
process is forked from a warm one, so that it costs milliseconds; `Workers` is the side that asks.
"""

from massgen_core.workers.asking import Workers as Workers
from massgen_core.workers.limits import Limits as Limits
from massgen_core.workers.processes import WorkFailed as WorkFailed
from massgen_core.workers.work import Work as Work
