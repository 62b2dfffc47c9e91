"""Finding things by name, in Simplified or Traditional characters, pinyin or English."""

from zonegraph.search.index import INDEX_NAME, build_index
from zonegraph.search.lookup import Hit, NameSearch

__all__ = ["INDEX_NAME", "Hit", "NameSearch", "build_index"]
