"""Drafts a pair of cases for each shape that has none; look at them before you commit them.

    python tests/validate/draft_shape_cases.py

PASS holds one good node. XFAIL holds one node without any property and one whose every property has a value of
the wrong kind; beside it the focus, path and severity of what must be found. Existing files stay as they are.
"""

from __future__ import annotations

from pathlib import Path

from rdflib import RDF, SH, XSD, Graph, Literal, URIRef

from zonegraph.names import PREFIXES, ZGI, compact, local_name
from zonegraph.resources import data_dir
from zonegraph.validate.shapes import read_shapes, shape_names

CASES = Path(__file__).parent / "shapes"
KINDS = (SH["class"], SH.datatype, SH.nodeKind, SH.hasValue)
SAMPLES = {
    XSD.string: ["text", "other text"],
    XSD.integer: [1, 2],
    XSD.decimal: [Literal("1.0", datatype=XSD.decimal), Literal("2.0", datatype=XSD.decimal)],
    XSD.boolean: [True],
    RDF.langString: [Literal("名称", lang="zh-hans"), Literal("名稱", lang="zh-hant"), Literal("name", lang="en")],
    XSD.date: [Literal("2011-01-01", datatype=XSD.date), Literal("2011-12-31", datatype=XSD.date)],
}


def ontology() -> Graph:
    graph = Graph()
    for folder in (".", "codes"):
        for path in sorted((data_dir("ontology") / folder).glob("*.ttl")):
            graph.parse(path)
    return graph


def good_values(shapes: Graph, prop: URIRef, terms: Graph) -> list[object]:
    fixed = list(shapes.objects(prop, SH.hasValue)) or [
        item for head in shapes.objects(prop, SH["in"]) for item in shapes.items(head)
    ]
    count = int(shapes.value(prop, SH.minCount) or 1)
    if fixed:
        return fixed[:1]
    kind = shapes.value(prop, SH["class"])
    if kind is not None:
        codes = sorted(s for s in terms.subjects(RDF.type, kind))
        return codes[:count] or [URIRef(f"{ZGI}{local_name(kind)}-{n}") for n in range(count)]
    datatype = shapes.value(prop, SH.datatype)
    if shapes.value(prop, SH.pattern) is not None:
        return [Literal("0" * 64)]
    if datatype is None and shapes.value(prop, SH.nodeKind) == SH.Literal:
        return SAMPLES[RDF.langString][:count]
    if datatype is not None:
        return [v if isinstance(v, Literal) else Literal(v) for v in SAMPLES[datatype][:count]]
    return [URIRef(f"{ZGI}thing-{n}") for n in range(count)]


def wrong_value(shapes: Graph, prop: URIRef) -> object:
    datatype = shapes.value(prop, SH.datatype)
    if datatype is not None or shapes.value(prop, SH.nodeKind) == SH.Literal:
        return URIRef(ZGI + "wrong")
    return Literal("wrong", lang="en")


def draft(shapes: Graph, shape: URIRef, terms: Graph) -> tuple[Graph, Graph, list[tuple[str, str, str]]]:
    cls = min(shapes.objects(shape, SH.targetClass))
    passing, failing, rows = Graph(), Graph(), []
    good, bare, wrong = (URIRef(f"{ZGI}{name}") for name in ("case-good", "case-bare", "case-wrong"))
    passing.add((good, RDF.type, cls))
    failing.add((bare, RDF.type, cls))
    failing.add((wrong, RDF.type, cls))
    for prop in sorted(shapes.objects(shape, SH.property)):
        path = shapes.value(prop, SH.path)
        severity = local_name(str(shapes.value(prop, SH.severity) or SH.Violation)).lower()
        for value in good_values(shapes, prop, terms):
            passing.add((good, path, value))
            kind = shapes.value(prop, SH["class"])
            if kind is not None and (value, RDF.type, kind) not in terms:
                passing.add((value, RDF.type, kind))
        if int(shapes.value(prop, SH.minCount) or 0) > 0 or shapes.value(prop, SH.hasValue) is not None:
            rows.append((compact(bare), compact(path), severity))
        if any(shapes.value(prop, word) is not None for word in KINDS):
            failing.add((wrong, path, wrong_value(shapes, prop)))
            rows.append((compact(wrong), compact(path), severity))
    return passing, failing, rows


def write(path: Path, graph: Graph) -> None:
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, override=True)
    path.write_text(graph.serialize(format="turtle"), encoding="utf-8")


def main() -> None:
    shapes, terms = read_shapes(data_dir("ontology") / "shapes"), ontology()
    for iri in sorted(shape_names(shapes)):
        stem = CASES / local_name(iri)
        if Path(f"{stem}_PASS.ttl").exists():
            continue
        passing, failing, rows = draft(shapes, URIRef(iri), terms)
        write(Path(f"{stem}_PASS.ttl"), passing)
        write(Path(f"{stem}_XFAIL.ttl"), failing)
        lines = ["focus\tpath\tseverity", *("\t".join(row) for row in sorted(set(rows)))]
        Path(f"{stem}_XFAIL.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
