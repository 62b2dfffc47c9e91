"""Small ontologies and data for the tests of inference, and owlrl as the oracle."""

from __future__ import annotations

from functools import cache

import owlrl
import pyoxigraph as ox
import rdflib

from zonegraph.names import PREFIXES
from zonegraph.reason import Schema, Triple, close_schema
from zonegraph.reason.infer import is_data_level

HEADER = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in PREFIXES.items()) + "@prefix : <http://example.org/> .\n"


def triples(turtle: str) -> list[Triple]:
    """The triples of a Turtle text, in the syntax that inference works on."""
    parsed = ox.parse(HEADER + turtle, format=ox.RdfFormat.TURTLE)
    return [(str(q.subject), str(q.predicate), str(q.object)) for q in parsed]


@cache
def schema(ontology: str) -> Schema:
    """The closed ontology, computed once for all tests."""
    return close_schema(triples(ontology))


def closure_by_owlrl(data: list[Triple], ontology: list[Triple]) -> tuple[set[Triple], list[str]]:
    """The data-level part of owlrl's closure without what was given, and owlrl's complaints."""
    graph = rdflib.Graph()
    graph.parse(data="".join(f"{s} {p} {o} .\n" for s, p, o in [*data, *ontology]), format="nt")
    semantics = owlrl.OWLRL_Semantics(graph, False, False)
    semantics.closure()
    for subject in [s for s in graph.subjects(unique=True) if isinstance(s, rdflib.Literal)]:
        graph.remove((subject, None, None))
    parsed = ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
    closed = {(str(q.subject), str(q.predicate), str(q.object)) for q in parsed}
    elements = close_schema(ontology).elements
    blank_free = {t for t in closed if "_:" not in (t[0][:2], t[2][:2])}
    return {t for t in blank_free if is_data_level(t, elements)} - {*data, *ontology}, semantics.error_messages


#: Every kind of axiom once, in the words of the product.
ONTOLOGY = """
zg:Place a owl:Class ; rdfs:subClassOf geo:Feature .
geo:Feature a owl:Class .
zg:TerritorialUnit a owl:Class ; rdfs:subClassOf zg:Place .
zg:AdministrativeDivision a owl:Class ; rdfs:subClassOf zg:TerritorialUnit .
zg:FunctionalZone a owl:Class ; rdfs:subClassOf zg:TerritorialUnit ; owl:disjointWith zg:AdministrativeDivision .
zg:DevelopmentZone a owl:Class ; rdfs:subClassOf zg:FunctionalZone .
zg:IntegratedUnit a owl:Class ; rdfs:subClassOf zg:TerritorialUnit .
org:Organization a owl:Class . org:ChangeEvent a owl:Class . prov:Entity a owl:Class . skos:Concept a owl:Class .
zg:Enterprise a owl:Class ; rdfs:subClassOf org:Organization .
zg:Claim a owl:Class ; rdfs:subClassOf prov:Entity ; rdfs:label "claim"@en .
zg:QuantityClaim a owl:Class ; rdfs:subClassOf zg:Claim .
zg:Observation a owl:Class ; rdfs:subClassOf zg:QuantityClaim .
zg:Target a owl:Class ; rdfs:subClassOf zg:QuantityClaim .
zg:Forecast a owl:Class ; rdfs:subClassOf zg:QuantityClaim .
[] a owl:AllDisjointClasses ; owl:members ( zg:Observation zg:Target zg:Forecast ) .
zg:Unit a owl:Class ; rdfs:subClassOf skos:Concept . zgc:unit-cny a zg:Unit ; rdfs:label "CNY"@en .
zg:AdministrativeIntegration a owl:Class ; rdfs:subClassOf zg:Claim , org:ChangeEvent .
zg:integrates a owl:ObjectProperty ; rdfs:domain zg:AdministrativeIntegration ; rdfs:range zg:TerritorialUnit .
zg:establishesUnit a owl:ObjectProperty ; rdfs:range zg:IntegratedUnit .
zg:componentOf a owl:ObjectProperty ; rdfs:subPropertyOf zg:partOf ;
  owl:propertyChainAxiom ( [ owl:inverseOf zg:integrates ] zg:establishesUnit ) .
zg:partOf a owl:ObjectProperty ; owl:inverseOf zg:hasPart .
zg:hasPart a owl:ObjectProperty .
zg:locatedIn a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:domain geo:Feature ; rdfs:range geo:Feature .
zg:administrativelyPartOf a owl:ObjectProperty ; rdfs:subPropertyOf zg:locatedIn , zg:partOf .
zg:hasMembership a owl:ObjectProperty ; rdfs:range zg:AllianceMembership . zg:AllianceMembership a owl:Class .
zg:member a owl:ObjectProperty , owl:FunctionalProperty .
zg:hasMember a owl:ObjectProperty ; owl:propertyChainAxiom ( zg:hasMembership zg:member ) .
zg:alliedWith a owl:ObjectProperty , owl:SymmetricProperty ; rdfs:domain org:Organization .
zg:governs a owl:ObjectProperty , owl:AsymmetricProperty , owl:IrreflexiveProperty ; rdfs:domain zg:GoverningBody .
zg:GoverningBody a owl:Class ; rdfs:subClassOf org:Organization .
zg:unit a owl:ObjectProperty ; rdfs:range zg:Unit .
zg:value a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:range xsd:decimal .
[] a owl:Restriction ; owl:onProperty zg:unit ; owl:hasValue zgc:unit-cny ; rdfs:subClassOf zg:MoneyClaim .
zg:MoneyClaim a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty zg:unit ; owl:hasValue zgc:unit-cny ] .
zg:MergedDivision a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
   zg:AdministrativeDivision
   [ a owl:Restriction ; owl:onProperty zg:componentOf ; owl:someValuesFrom zg:IntegratedUnit ] ) ] .
zg:Zone a owl:Class ; owl:equivalentClass zg:FunctionalZone .
zg:Actor a owl:Class ; owl:unionOf ( zg:GoverningBody zg:Enterprise ) .
zg:creditCode a owl:DatatypeProperty . zg:stockCode a owl:ObjectProperty , owl:InverseFunctionalProperty .
skos:prefLabel a owl:AnnotationProperty ; rdfs:subPropertyOf rdfs:label . rdfs:label a owl:AnnotationProperty .
"""

DATA = """
:uetdz a zg:DevelopmentZone ; skos:prefLabel "zone"@en ; zg:locatedIn :urumqi .
:urumqi zg:administrativelyPartOf :xinjiang .
:toutunhe a zg:AdministrativeDivision ; zg:administrativelyPartOf :urumqi .
:merger zg:integrates :uetdz , :toutunhe ; zg:establishesUnit :joint .
:alliance zg:hasMembership :m1 , :m2 . :m1 zg:member :a . :m2 zg:member :b , :b2 . :b zg:alliedWith :a .
:obs a zg:Observation ; zg:unit zgc:unit-cny ; zg:value 113400000000.0 . :money a zg:MoneyClaim .
:goldwind a zg:Enterprise ; zg:stockCode :s002202 . :jinfeng zg:stockCode :s002202 ; zg:locatedIn :uetdz .
"""
