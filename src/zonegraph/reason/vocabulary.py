"""The words of RDF, RDFS and OWL as N-Triples terms, and which of them state axioms."""

from __future__ import annotations

from typing import Final, TypeAlias

from zonegraph.names import OWL, RDF, RDFS, XSD

#: A term in N-Triples syntax: ``<iri>``, ``_:label``, ``"text"@en``, ``"1"^^<datatype>``.
Term: TypeAlias = str
#: Subject, predicate and object, each in N-Triples syntax.
Triple: TypeAlias = tuple[Term, Term, Term]


def owl(name: str) -> Term:
    """The OWL word ``name`` as a term."""
    return f"<{OWL}{name}>"


def rdfs(name: str) -> Term:
    """The RDFS word ``name`` as a term."""
    return f"<{RDFS}{name}>"


def rdf(name: str) -> Term:
    """The RDF word ``name`` as a term."""
    return f"<{RDF}{name}>"


def _words(text: str) -> list[str]:
    return text.split()


TYPE: Final = rdf("type")
FIRST: Final = rdf("first")
REST: Final = rdf("rest")
NIL: Final = rdf("nil")
SUB_CLASS: Final = rdfs("subClassOf")
SUB_PROPERTY: Final = rdfs("subPropertyOf")
DOMAIN: Final = rdfs("domain")
RANGE: Final = rdfs("range")
SAME: Final = owl("sameAs")
DIFFERENT: Final = owl("differentFrom")
THING: Final = owl("Thing")
NOTHING: Final = owl("Nothing")
LITERAL: Final = rdfs("Literal")

#: Predicates that state an axiom (as against a fact about an individual).
AXIOM_PREDICATES: Final = frozenset(
    {SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE, FIRST, REST}
    | {
        owl(name)
        for name in _words(
            "equivalentClass equivalentProperty inverseOf disjointWith complementOf unionOf intersectionOf oneOf"
            " onProperty someValuesFrom allValuesFrom hasValue hasSelf cardinality minCardinality maxCardinality"
            " qualifiedCardinality minQualifiedCardinality maxQualifiedCardinality onClass onDataRange"
            " propertyChainAxiom propertyDisjointWith disjointUnionOf members distinctMembers hasKey"
            " sourceIndividual assertionProperty targetIndividual targetValue onDatatype withRestrictions"
        )
    }
)

#: Types that make their subject an element of the schema.
SCHEMA_TYPES: Final = frozenset(
    {rdfs("Class"), rdfs("Datatype"), rdf("Property"), rdf("List")}
    | {
        owl(name)
        for name in _words(
            "Class Restriction DataRange DeprecatedClass DeprecatedProperty Ontology OntologyProperty Axiom"
            " Annotation AnnotationProperty ObjectProperty DatatypeProperty FunctionalProperty"
            " InverseFunctionalProperty SymmetricProperty AsymmetricProperty ReflexiveProperty"
            " IrreflexiveProperty TransitiveProperty AllDisjointClasses AllDisjointProperties AllDifferent"
            " NegativePropertyAssertion"
        )
    }
)

#: Predicates whose subject, and whose object when it is not a literal, are elements of the schema.
SCHEMA_RELATIONS: Final = frozenset(
    {SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE}
    | {owl(n) for n in ("equivalentClass", "equivalentProperty", "inverseOf", "disjointWith", "complementOf")}
    | {owl(n) for n in ("onProperty", "someValuesFrom", "allValuesFrom", "onClass", "propertyDisjointWith")}
)

_RESERVED: Final = tuple("<" + namespace for namespace in (OWL, RDFS, RDF, XSD))

_BUILTIN: Final = tuple("<" + namespace for namespace in (OWL, RDFS, XSD))
_RDF_DATATYPES: Final = frozenset(rdf(n) for n in ("langString", "PlainLiteral", "HTML", "XMLLiteral", "dirLangString"))


def is_literal(term: Term) -> bool:
    """Whether the term is a literal."""
    return term[0] == '"'


def is_blank(term: Term) -> bool:
    """Whether the term is a blank node."""
    return term[0] == "_"


def is_reserved(term: Term) -> bool:
    """Whether the term belongs to RDF, RDFS, OWL or XML Schema itself."""
    return term.startswith(_RESERVED)


def is_builtin_class(term: Term) -> bool:
    """Whether the term is a datatype or a class of OWL or RDFS, which says nothing of an individual."""
    return term.startswith(_BUILTIN) or term in _RDF_DATATYPES


def is_axiom(triple: Triple) -> bool:
    """Whether the triple states an axiom or declares an element of the schema."""
    _, predicate, obj = triple
    return predicate in AXIOM_PREDICATES or (predicate == TYPE and obj in SCHEMA_TYPES)


def literal_parts(term: Term) -> tuple[str, Term, str]:
    """Escaped lexical form, datatype term and language (lower case) of a literal term."""
    end = term.rindex('"')
    tail = term[end + 1 :]
    if tail.startswith("^^"):
        return term[1:end], tail[2:], ""
    if tail.startswith("@"):
        return term[1:end], rdf("langString"), tail[1:].lower()
    return term[1:end], f"<{XSD}string>", ""
