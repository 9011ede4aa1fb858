"""zhprobe: probes for what language models can do in Chinese."""
