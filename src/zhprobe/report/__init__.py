"""Estimates and words to pages and tables."""
