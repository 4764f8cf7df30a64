"""Films, animations and pictures as files; the same pictures and samples give the same bytes."""
