"""Work functions: what runs in a worker process, with files open for reading and one folder to write into."""
