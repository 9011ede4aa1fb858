"""Numbers in, estimates out."""
