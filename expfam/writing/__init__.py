"""Pages without a format, and their writers: text for terminals, HTML, LaTeX, CSV and JSON."""
