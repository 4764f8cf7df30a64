"""PowerPoint (PresentationML, ISO/IEC 29500), by python-pptx: slides from text, with text that fits."""
