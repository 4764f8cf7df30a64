"""Documents for agents: written from text, and read back, in PDF, Word, PowerPoint and Excel."""
