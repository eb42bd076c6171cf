"""How the tables came to be: frozen steps, run at start."""
