"""The search from the command line. The search itself is include/db/search.py, which the API uses as well."""
