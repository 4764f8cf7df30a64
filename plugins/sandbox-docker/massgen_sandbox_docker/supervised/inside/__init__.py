"""What runs inside an idle sandbox: standard library alone, shipped as text; see `massgen_core.sandbox.shipping`."""
