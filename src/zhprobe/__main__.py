"""`python -m zhprobe`."""

from zhprobe.cli import main

main()
