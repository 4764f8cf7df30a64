"""Archives: read by what is in them, unpacked as if a stranger had packed them, and made."""
