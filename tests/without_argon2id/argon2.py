"""Stands in for argon2-cffi on a phone that lacks it: `PYTHONPATH=tests/without_argon2id pytest` runs without it, child
processes too. Vaults are made with scrypt then."""

raise ImportError("patched away")
