"""What is defined in source files, as a process of its own sees it: grammars are C, and sources anybody's."""
