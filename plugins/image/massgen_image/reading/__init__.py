"""What can be said of a picture without a model: facts, colours, codes, letters."""
