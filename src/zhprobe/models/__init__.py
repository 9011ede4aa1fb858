"""A prompt in, a Reply out."""
