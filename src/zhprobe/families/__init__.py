"""Items made from seeds, with answers that are computed."""
