"""The hub's migrations, run forward only by sync.hub.database.migrate."""
