"""Charts: a table in, a drawing out; bars, lines, areas, points, pies."""
