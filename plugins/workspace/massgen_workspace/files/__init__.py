"""Files put in place as a whole: what a reader sees is the old content or the new one."""
