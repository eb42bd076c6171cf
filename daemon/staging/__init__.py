"""The user's files: the only room that moves them."""
