"""Where things are under the mount."""

API = "/api/v1"
