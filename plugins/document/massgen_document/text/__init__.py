"""From text to blocks, and from blocks to text."""
