"""Video files from anywhere: opened by their content, with few demuxers and decoders, and what is in them."""
