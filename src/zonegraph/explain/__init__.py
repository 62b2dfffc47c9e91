"""What the graph knows of a thing or claim, and which characters say so."""

from zonegraph.explain.gather import Explanation, Fact, Quote, explain
from zonegraph.explain.render import explain_iri, render

__all__ = ["Explanation", "Fact", "Quote", "explain", "explain_iri", "render"]
