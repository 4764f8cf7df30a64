"""Speech as text: recognised in windows, so that long recordings fit into little memory, and written as subtitles."""
