"""One reply in, one Verdict out."""
