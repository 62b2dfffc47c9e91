"""Reading SPARQL texts without evaluating them: what a query is, whether it may run, and its variables bound."""

from zonegraph.sparql.bind import bind
from zonegraph.sparql.guard import QueryFacts, inspect, refuse_foreign, tokens, with_using

__all__ = ["QueryFacts", "bind", "inspect", "refuse_foreign", "tokens", "with_using"]
