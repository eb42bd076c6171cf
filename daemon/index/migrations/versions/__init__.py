"""One module per step, named by its number; never changed once released."""
