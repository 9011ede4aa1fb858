"""Facts about Chinese text: pure functions of strings, with their tables."""
