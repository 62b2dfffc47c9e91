"""Conversion: annotated records and the compiled plan to N-Quads, pure, with every record accounted for."""

from zonegraph.convert.document import Converted, convert_seed, graph_iri

__all__ = ["Converted", "convert_seed", "graph_iri"]
