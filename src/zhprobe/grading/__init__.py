"""Replies to verdicts and grades."""
