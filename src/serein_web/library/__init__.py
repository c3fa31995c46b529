"""The public library: pages to read before anything else, the sources of their numbers, the evidence."""
