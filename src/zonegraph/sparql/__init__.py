"""Reading SPARQL texts without evaluating them: what a query is and whether it may run."""

from zonegraph.sparql.inspect import QueryFacts, bind, inspect_query

__all__ = ["QueryFacts", "bind", "inspect_query"]
