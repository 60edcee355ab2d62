"""The sample video of `make demo`: 31 seconds of a lecture that the project made itself, with its truth."""
