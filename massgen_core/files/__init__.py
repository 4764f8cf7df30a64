"""A session's files, for plugins that read and make files: one protocol, and what it is without the file tools.

`massgen-workspace` brings a fuller one, with the folders that the config grants and a way back from every change.
"""

from massgen_core.files.plain import PlainFiles as PlainFiles
from massgen_core.files.protocol import NewFile as NewFile
from massgen_core.files.protocol import OpenFile as OpenFile
from massgen_core.files.protocol import SessionFiles as SessionFiles
from massgen_core.files.protocol import numbered as numbered
