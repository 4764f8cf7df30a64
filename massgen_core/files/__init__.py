"""A session's files, for plugins that read and make files: one protocol.

`massgen_core.files.plain` is what it is without the file tools: the session's workspace and nothing else.
`massgen-workspace` brings a fuller one, with the folders that the config grants and a way back from every change.
"""

from massgen_core.files.protocol import NewFile as NewFile
from massgen_core.files.protocol import OpenFile as OpenFile
from massgen_core.files.protocol import SessionFiles as SessionFiles
from massgen_core.files.protocol import Stored as Stored
from massgen_core.files.protocol import numbered as numbered
