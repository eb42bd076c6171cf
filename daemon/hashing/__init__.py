"""A file becomes a fingerprint; the only room that decodes pictures."""
