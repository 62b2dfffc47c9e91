"""One seed to N-Quads: a pure function of plan and seed, with every record either emitted or rejected.

Order of work: mentions are resolved, events get their IRIs (a hash of what they say, so that the same fact in two
documents is one node), then each event's facts are checked against the shapes and written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from zonegraph.convert.events import Node, build_node
from zonegraph.convert.facts import Context, event_path
from zonegraph.convert.identity import Identities
from zonegraph.convert.parts import document_facts, label_facts, name_uses, span_facts, time_facts
from zonegraph.convert.resolve import Moment, Resolved, find_class, resolve
from zonegraph.convert.terms import iri, is_iri
from zonegraph.errors import SeedError, ValueFormatError, Where, ZonegraphError
from zonegraph.names import GRAPH_DOC, ZG, ZGI, expand, local_name
from zonegraph.plan import ClassPlan, Kind, Plan
from zonegraph.seeds import Document, Event, Finding, Mention, Seed, finding_from
from zonegraph.values import TimeValue, fold, read_edtf

STATEMENT: Final = ZG + "StatementClaim"


@dataclass(frozen=True, slots=True)
class Converted:
    """The result for one document: sorted distinct N-Quads lines, findings, and the count of records.

    ``records_in == emitted + rejected``, always; ``rejected`` counts findings of severity error.
    """

    doc: str
    file: str
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]
    records_in: int

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """The findings that stand for one lost record each."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def emitted(self) -> int:
        """Records that became quads."""
        return self.records_in - len(self.rejects)


def graph_iri(document: Document) -> str:
    """The named graph of a document."""
    return GRAPH_DOC + document.id


def convert_seed(plan: Plan, seed: Seed) -> Converted:
    """Convert one seed; nothing is raised for bad records, each becomes a finding."""
    if seed.document is None:
        return Converted(seed.id, seed.file, (), seed.findings, seed.records_in)
    return _Conversion(plan, seed, seed.document).run()


class _Conversion:
    """The state of one conversion: grows while mentions and events are worked through."""

    def __init__(self, plan: Plan, seed: Seed, document: Document) -> None:
        self.plan = plan
        self.seed = seed
        self.document = document
        self.findings: list[Finding] = list(seed.findings)
        self.rejected: dict[str, str] = {f.id: f.cause or f.id for f in seed.findings if f.id}
        self.mentions: dict[str, Resolved] = {}
        self.events = {event.id: event for event in seed.events}
        self.classes: dict[str, ClassPlan] = {}
        self.nodes: dict[str, Node] = {}
        self.open: set[str] = set()

    def run(self) -> Converted:
        anchor = self._header()
        if anchor is None and any(f.code in _FATAL for f in self.findings if f.severity == "error"):
            return self._refuse_all()
        for mention in self.seed.mentions:
            self._mention(mention, anchor)
        self._classify()
        self.identities = Identities(self.plan, self.events, self.classes)
        self.context = self._context(anchor)
        for event in self.seed.events:
            self._event(event)
        self._report_dropped(self.context)
        lines = tuple(sorted(set(self._lines())))
        return Converted(self.document.id, self.seed.file, lines, self._sorted(), self.seed.records_in)

    def _sorted(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.findings, key=lambda f: (f.line or 0, f.code, f.id)))

    def _header(self) -> TimeValue | None:
        document = self.document
        wanted = document.ontology
        if wanted and self.plan.version and expand(wanted) != self.plan.version:
            self._reject(
                SeedError(
                    f"annotated with {wanted}, the ontology here is {self.plan.version}",
                    code="ontology-version",
                    hint="annotate anew, or correct the header after checking the changes",
                ),
                document,
            )
            return None
        try:
            return read_edtf(document.issued) if document.issued else None
        except ValueFormatError as error:
            self._reject(SeedError(error.message, code="issued", hint=error.hint), document)
            return None

    def _refuse_all(self) -> Converted:
        records: list[Mention | Event] = [*self.seed.mentions, *self.seed.events]
        for record in records:
            error = SeedError("the document was refused", code="depends-on-rejected", hint="mend the header")
            self._reject(error, record, cause=self.document.id)
        return Converted(self.document.id, self.seed.file, (), self._sorted(), self.seed.records_in)

    def _mention(self, mention: Mention, anchor: TimeValue | None) -> None:
        try:
            self.mentions[mention.id] = resolve(self.plan, self.document, anchor, mention)
        except SeedError as error:
            self._reject(error, mention)

    def _classify(self) -> None:
        for event in self.seed.events:
            try:
                cls = event_class(self.plan, event)
                check_event(self.plan, event, cls)
                self.classes[event.id] = cls
            except SeedError as error:
                self._reject(error, event)
            except ZonegraphError as error:
                self._reject(SeedError(error.message, code="unknown-type", hint=error.hint), event)

    def _context(self, anchor: TimeValue | None) -> Context:
        return Context(
            plan=self.plan,
            document=self.document,
            anchor=anchor,
            mentions=self.mentions,
            rejected=self.rejected,
            events=self.events,
            event_iri=self._event_iri,
            event_built=self._built,
            event_class=self.classes,
            event_refs=frozenset(event_path(event) for event in self.seed.events if event.ref),
        )

    def _event_iri(self, identifier: str) -> str:
        return self.identities.iri(self.context, identifier)

    def _built(self, identifier: str) -> bool:
        """Whether another event became a node; builds it first when its turn has not come yet."""
        if identifier in self.open:
            raise SeedError(f"{identifier} refers to itself", code="cycle", hint="break the circle of events")
        self._event(self.events[identifier])
        return identifier in self.nodes

    def _event(self, event: Event) -> None:
        if event.id in self.nodes or event.id in self.rejected:
            return
        self.open.add(event.id)
        try:
            self.nodes[event.id] = build_node(self.context, event, self.classes[event.id])
        except ZonegraphError as error:
            inner = f"{error.where.id}: " if error.where.id not in {None, event.id} else ""
            where = Where(offset=error.where.offset)
            wrong = SeedError(inner + error.message, where=where, code=error.code, hint=error.hint)
            self._reject(wrong, event)
        finally:
            self.open.discard(event.id)

    def _reject(self, error: SeedError, record: Mention | Event | Document, cause: str = "") -> None:
        finding = finding_from(error, file=self.seed.file, line=record.line, id=record.id, doc=self.document.id)
        origin = cause or self._origin(error)
        self.findings.append(replace(finding, id=record.id, cause=origin))
        self.rejected[record.id] = origin or record.id

    def _origin(self, error: SeedError) -> str:
        if error.code != "depends-on-rejected":
            return ""
        first = error.message.split(" ", 1)[0]
        return self.rejected.get(first, first)

    def _report_dropped(self, context: Context) -> None:
        for event_id, argument in sorted(set(context.dropped)):
            if event_id in self.nodes:
                self.findings.append(
                    Finding(
                        "argument-left-out",
                        f"{argument} was rejected and is left out of this event",
                        f"mend {argument}",
                        doc=self.document.id,
                        file=self.seed.file,
                        line=self.events[event_id].line,
                        id=event_id,
                        severity="warning",
                        cause=argument,
                    )
                )

    def _lines(self) -> list[str]:
        tail = f" {iri(graph_iri(self.document))} ."
        return [f"<{subject}> <{predicate}> {term}{tail}" for subject, predicate, term in self._triples()]

    def _triples(self) -> Iterator[tuple[str, str, str]]:
        moments: dict[str, Moment] = {}
        yield from document_facts(self.plan, self.document)
        for resolved in self.mentions.values():
            yield from span_facts(self.document, resolved)
            if resolved.moment:
                moments[resolved.moment.iri] = resolved.moment
        yield from name_uses(self.plan, self.document, self.mentions.values())
        for node in self.nodes.values():
            moments.update({when.iri: when for when in node.moments})
            yield from node.triples
        yield from label_facts(self.plan, self.document, list(self.nodes.values()))
        for when in moments.values():
            yield from time_facts(self.plan, self.document, when)


_FATAL: Final = frozenset({"ontology-version", "issued"})


def event_class(plan: Plan, event: Event) -> ClassPlan:
    """The class of an event; a property as type makes it a statement claim. Raises `UnknownTermError`."""
    known: ClassPlan | None = plan.memo.get(("event", event.type))
    if known is None:
        known = plan.memo["event", event.type] = _event_class(plan, event)
    return known


def _event_class(plan: Plan, event: Event) -> ClassPlan:
    folded = fold(event.type)
    exact = expand(event.type)
    for candidate in (exact, ZG + event.type):
        if candidate in plan.classes:
            return plan.classes[candidate]
        if candidate in plan.roles:
            return plan.classes[STATEMENT]
    if folded not in plan.class_names.entries and folded in plan.role_names.entries:
        return plan.classes[STATEMENT]
    return find_class(plan, event.type)


def check_event(plan: Plan, event: Event, cls: ClassPlan) -> None:
    """Refuse a type that states nothing, and a ref that is no path of a thing or is taken by another kind of thing."""
    if cls.kind not in {Kind.CLAIM, Kind.THING}:
        raise SeedError(f"{cls.name} is no kind of fact", code="wrong-kind", hint="annotate it as a mention")
    if not event.ref:
        if cls.kind is Kind.THING:
            raise SeedError(f"which {cls.name}? there is no ref", code="missing-ref", hint="give the path of the thing")
        return
    path = event_path(event)
    if not is_iri(path) or not path.startswith(ZGI) or ".." in path.split("/"):
        raise SeedError(f"{event.ref!r} is no path of a thing", code="bad-ref", hint="write a path like expo/name-2019")
    known = plan.things.get(path)
    if known and not any(plan.is_a(kind, cls.iri) or plan.is_a(cls.iri, kind) for kind in known.types):
        kinds = ", ".join(local_name(kind) for kind in known.types)
        raise SeedError(
            f"{event.ref!r} is a {kinds}, not a {cls.name}", code="wrong-type", hint="mend the type or the ref"
        )
