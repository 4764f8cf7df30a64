"""What runs inside the sandbox: Python, shipped as text by `massgen_sandbox_docker.audit.ship`."""
