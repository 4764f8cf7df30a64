"""Files as text: what they are written in, and windows of them in constant memory."""
