"""Derived claims: what follows by arithmetic from what the documents state."""

from zonegraph.derive.run import DeriveQuery, derive, derive_store, read_derivations

__all__ = ["DeriveQuery", "derive", "derive_store", "read_derivations"]
