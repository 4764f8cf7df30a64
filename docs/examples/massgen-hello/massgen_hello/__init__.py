"""A plugin for massgen-core; `massgen_hello.plugin` says what it brings."""
