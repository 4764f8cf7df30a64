"""What a film shows and says, for those who cannot watch it."""
