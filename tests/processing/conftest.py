"""This folder on the path, so that its tests and those in its subfolders find `media`."""
