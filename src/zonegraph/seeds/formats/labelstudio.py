"""Label Studio JSON, import only.

Its offsets have been UTF-16 and worse, so a region's text is trusted and found again near its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zonegraph.seeds.formats.common import Draft, Incoming, SourceText, find_near, header_of, load_json, malformed
from zonegraph.seeds.records import Seed, Span

_LABELS: Final = ("labels", "hypertextlabels", "paragraphlabels")


def read_labelstudio(incoming: Incoming) -> list[Seed]:
    """A list of tasks or one task; each finished annotation becomes a seed of its own."""
    data = load_json(incoming)
    tasks = data if isinstance(data, list) else [data]
    if not tasks or not all(isinstance(t, dict) and isinstance(t.get("data"), dict) for t in tasks):
        raise malformed(incoming.name, "no tasks with data")
    return [seed for task in tasks for seed in _task(incoming, task, len(tasks))]


def _task(incoming: Incoming, task: Mapping[str, Any], count: int) -> Iterator[Seed]:
    stem = incoming.id or incoming.stem
    name = stem if count == 1 else f"{stem}-{task.get('id', '')}"
    source = incoming.source or SourceText.from_text(f"{name}.txt", _text(incoming, task))
    document = header_of(incoming, source, name)
    done = [a for a in task.get("annotations") or [] if isinstance(a, dict)]
    kept = [a for a in done if not a.get("was_cancelled")]
    for annotation in kept or [{}]:
        by = _annotator(annotation)
        file = f"{document.id}.{by}.jsonl" if len(kept) > 1 else f"{document.id}.jsonl"
        reader = _Reader(Draft(file, document, source), source, by)
        if len(done) > len(kept):
            reader.lost("cancelled", f"{len(done) - len(kept)} skipped annotations", "finish them first")
        if task.get("predictions"):
            reader.lost("prediction", "predictions are not carried", "accept them in the tool first")
        yield reader.run(annotation.get("result") or [])


def _text(incoming: Incoming, task: Mapping[str, Any]) -> str:
    """The one long text of a task; the key is whatever the labelling configuration says."""
    texts = [value for value in task["data"].values() if isinstance(value, str)]
    if not texts:
        raise malformed(incoming.name, "a task without text")
    return str(task["data"].get("text") or max(texts, key=len))


def _annotator(annotation: Mapping[str, Any]) -> str:
    by = annotation.get("completed_by", "")
    named = by.get("email") or by.get("id", "") if isinstance(by, dict) else by
    return str(named)


@dataclass(slots=True)
class _Region:
    """What the results of one id say together."""

    value: Mapping[str, Any]
    kinds: list[str] = field(default_factory=list)
    attrs: dict[str, list[Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _Reader:
    """The results of one annotation to records."""

    def __init__(self, draft: Draft, source: SourceText, by: str) -> None:
        self.draft = draft
        self.source = source
        self.by = by
        self.regions: dict[str, _Region] = {}
        self.ids: dict[str, str] = {}
        self.relations: list[Mapping[str, Any]] = []

    def lost(self, code: str, message: str, hint: str, of: str = "", severity: str = "warning") -> None:
        """Note a loss."""
        self.draft.lost(code, message, hint, of=of, severity=severity)

    def run(self, results: list[Any]) -> Seed:
        """Sort the results by kind, then make mentions and relations."""
        for result in results:
            if isinstance(result, dict):
                self._take(result)
        for number, (region, said) in enumerate(self.regions.items(), start=1):
            self.ids[region] = f"T{number}"
            self._mention(region, said)
        for number, relation in enumerate(self.relations, start=1):
            self._relation(f"E{number}", relation)
        return self.draft.seed()

    def _take(self, result: Mapping[str, Any]) -> None:
        kind, value = str(result.get("type", "")), result.get("value")
        if kind == "relation":
            self.relations.append(result)
        elif not isinstance(value, dict) or "start" not in value or "end" not in value:
            self.lost("no-characters", f"a {kind or 'result'} that marks no characters", "add it by hand")
        else:
            self._collect(str(result.get("id", "")), kind, str(result.get("from_name", kind)), value)

    def _collect(self, identifier: str, kind: str, name: str, value: Mapping[str, Any]) -> None:
        region = self.regions.setdefault(identifier, _Region(value))
        said = value.get(kind)
        if kind in _LABELS:
            region.value = value
            region.kinds.extend(str(label) for label in said or [])
        elif kind == "textarea":
            # the notes of a region stand where a label has the quoted text
            notes = said or value.get("text")
            region.notes.extend(str(line) for line in (notes if isinstance(notes, list) else [notes]) if line)
        elif kind in {"choices", "number", "rating"} and said is not None:
            region.attrs.setdefault(name, []).extend(said if isinstance(said, list) else [said])
        else:
            self.lost("result-left-out", f"a result of type {kind!r}", "add it by hand", identifier)

    def _mention(self, region: str, said: _Region) -> None:
        identifier = self.ids[region]
        span = self._span(identifier, said.value)
        if span is None:
            return
        for other in said.kinds[1:]:
            self.lost("second-type", f"{other!r} is a second label", "annotate the span twice", identifier)
        note = "; ".join(said.notes)
        kind = said.kinds[0] if said.kinds else ""
        self.draft.mention(identifier, kind, [span], attrs=said.attrs, note=note, by=self.by)

    def _span(self, identifier: str, value: Mapping[str, Any]) -> Span | None:
        try:
            start, end = (int(value.get("globalOffsets", value)[key]) for key in ("start", "end"))
        except (TypeError, ValueError, KeyError):
            self.lost("no-characters", "offsets into markup, not into a text", "export plain text", identifier, "error")
            return None
        quote = value.get("text")
        if not isinstance(quote, str):
            self.lost("unit-unsure", "a region without its text", "check the offsets", identifier)
            return start, end
        span = find_near(self.source.text, quote, start)
        if span is None:
            what = f"{quote[:20]!r} is not in the text"
            self.lost("slice", what, "give the text that was annotated", identifier, "error")
        elif span[0] != start and not self._is_utf16(start, span[0]):
            self.lost("moved", f"the text stands at {span[0]}, not at {start}", "check the span", identifier)
        return span

    def _is_utf16(self, start: int, found: int) -> bool:
        """Whether the tool counted UTF-16 units, as browsers do."""
        return len(self.source.text[:found].encode("utf-16-le")) // 2 == start

    def _relation(self, identifier: str, relation: Mapping[str, Any]) -> None:
        ends = [self.ids.get(str(relation.get(key)), str(relation.get(key))) for key in ("from_id", "to_id")]
        if relation.get("direction") == "left":
            ends.reverse()
        labels = [str(label) for label in relation.get("labels") or []]
        if not labels:
            self.lost("no-type", "a relation without a label", "label it in the tool", identifier, "error")
            return
        for other in labels[1:]:
            self.lost("second-type", f"{other!r} is a second label", "draw the relation twice", identifier)
        if relation.get("direction") == "bi":
            self.lost("two-ways", "a relation in both directions is carried in one", "draw it twice", identifier)
        self.draft.event(identifier, labels[0], {"subject": [ends[0]], "object": [ends[1]]}, by=self.by)
