"""OWL 2 RL inference: the ontology's axioms compiled to rules over the data."""

from zonegraph.reason.clashes import Clash
from zonegraph.reason.infer import Inference, infer, infer_store, infer_with
from zonegraph.reason.proof import Derivation, Explainer, MemorySource, explain_triple
from zonegraph.reason.schema import Schema, close_schema
from zonegraph.reason.vocabulary import Term, Triple

__all__ = [
    "Clash",
    "Derivation",
    "Explainer",
    "Inference",
    "MemorySource",
    "Schema",
    "Term",
    "Triple",
    "close_schema",
    "explain_triple",
    "infer",
    "infer_store",
    "infer_with",
]
