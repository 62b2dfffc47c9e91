"""What the brat tool needs to know of the ontology: ``annotation.conf`` and ``visual.conf``, from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zonegraph.names import ZG
from zonegraph.plan import ClassPlan, Kind, Plan, Role, ValueKind
from zonegraph.seeds.formats.brat_names import escape

_SHOWN = ("zh-hans", "zh-hant", "en")


def brat_configuration(plan: Plan) -> Mapping[str, bytes]:
    """The two files; labels are the ontology's."""
    annotation = "\n".join([
        "[entities]", *_entities(plan), "", "[relations]", "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>",
        "", "[events]", *_events(plan), "", "[attributes]", *_attributes(plan), "",
    ])  # fmt: skip
    visual = "\n".join(["[labels]", *_labels(plan), "", "[drawing]", ""])
    return {"annotation.conf": annotation.encode("utf-8"), "visual.conf": visual.encode("utf-8")}


def _own(plan: Plan, *, claims: bool) -> list[ClassPlan]:
    return sorted(
        (c for c in plan.classes.values() if c.iri.startswith(ZG) and (c.kind is Kind.CLAIM) is claims),
        key=lambda c: c.name,
    )


def _entities(plan: Plan) -> Iterator[str]:
    """Classes of things, codes, dates and literals, indented below their nearest parent."""
    classes = {c.iri: c for c in _own(plan, claims=False)}
    children: dict[str, list[ClassPlan]] = {}
    for cls in classes.values():
        above = [classes[a] for a in cls.ancestors if a in classes and a != cls.iri]
        parent = max(above, key=lambda c: (len(c.ancestors), c.iri), default=None)
        children.setdefault(parent.iri if parent else "", []).append(cls)

    def walk(iri: str, depth: int) -> Iterator[str]:
        for cls in children.get(iri, ()):
            yield "\t" * depth + escape(cls.name)
            yield from walk(cls.iri, depth + 1)

    return walk("", 0)


def _events(plan: Plan) -> Iterator[str]:
    for cls in _own(plan, claims=True):
        yield f"{escape(cls.name)}\t{', '.join(_roles(plan, cls))}".rstrip()
    for role in _statements(plan):
        yield f"{escape(role.name)}\tsubject:<ENTITY>, object:<ENTITY>"


def _statements(plan: Plan) -> Iterable[Role]:
    """Properties between things: an event of that type states them."""
    kinds = {ValueKind.NODE, ValueKind.ANY}
    return sorted((r for r in plan.roles.values() if r.kind in kinds and r.iri.startswith(ZG)), key=lambda r: r.name)


def _roles(plan: Plan, cls: ClassPlan) -> Iterator[str]:
    for iri in sorted(cls.constraints):
        role = plan.roles.get(iri)
        if role is not None and role.kind is not ValueKind.BOOLEAN:
            target = "<ENTITY>|<EVENT>" if role.kind in {ValueKind.NODE, ValueKind.ANY} else "<ENTITY>"
            yield f"{escape(role.name)}{_count(cls.constraints[iri].most)}:{target}"


def _count(most: int | None) -> str:
    # what is implied has no characters, so no role can be demanded here
    return "?" if most == 1 else "*"


def _attributes(plan: Plan) -> Iterator[str]:
    """Roles that take codes, with the codes of their lists."""
    for role in sorted(plan.roles.values(), key=lambda r: r.name):
        if role.kind is ValueKind.CODE and role.iri.startswith(ZG):
            codes = sorted(_codes(plan, role))
            if codes:
                yield f"{escape(role.name)}\tArg:<ANY>, Value:{'|'.join(codes)}"


def _codes(plan: Plan, role: Role) -> Iterator[str]:
    for iri, thing in plan.things.items():
        if any(plan.is_a(kind, wanted) for kind in thing.types for wanted in role.ranges):
            yield iri.rsplit("/", 1)[-1]


def _labels(plan: Plan) -> Iterator[str]:
    for cls in sorted((*_own(plan, claims=False), *_own(plan, claims=True)), key=lambda c: c.name):
        shown = dict.fromkeys(label for tag in _SHOWN if (label := cls.labels.get(tag)))
        if shown:
            yield " | ".join([escape(cls.name), *(label.replace("|", "/") for label in shown)])
