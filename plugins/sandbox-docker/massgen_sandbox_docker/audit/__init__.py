"""The attack suite behind `massgen-core docker audit`: attempts, how they are made, and how they are judged."""
