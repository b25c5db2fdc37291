"""Reads the fenced blocks, the links and the headings of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.settings import ROOT

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?P<info>[^\n]*)\n(?P<text>.*?)^ *```$", re.S | re.M
)
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)


@dataclass(frozen=True)
class Block:
    """A fenced block: ```` ```console ````, ```` ```python title="surveys/models.py" ````."""

    language: str
    text: str
    line: int
    """Of its first line of text, counted from 1."""
    title: str = ""
    """The file that the block is, or is the end of."""
    appended: bool = False
    unrun: str = ""
    """Why the block is not run."""

    @property
    def is_session(self) -> bool:
        """True for what a person types into `manage.py shell`."""
        return self.language == "python" and self.text.startswith(">>> ")


def all_pages() -> list[str]:
    """Give the paths of README and of the documentation, from the root of the project."""
    pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/surveymaker/README.md"]
    return pages + sorted(str(each.relative_to(ROOT)) for each in (ROOT / "docs").rglob("*.md"))


def read_page(page: str) -> str:
    """Give the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """Give the fenced blocks of a page in order."""
    for found in FENCE.finditer(text):
        indent = found["indent"]
        attributes = dict(ATTRIBUTE.findall(found["info"]))
        yield Block(
            language=found["language"],
            text=re.sub(f"^{indent}", "", found["text"], flags=re.M),
            line=text.count("\n", 0, found.start("text")) + 1,
            title=attributes.get("title", ""),
            appended=attributes.get("mode") == "append",
            unrun=attributes.get("unrun", ""),
        )


def links(page: str) -> list[str]:
    """Give the targets of the links of a page; what stands in fenced blocks is no link."""
    return LINK.findall(FENCE.sub("", read_page(page)))


def anchors(path: Path) -> set[str]:
    """Give what may stand behind the # of a link to a page, as GitHub makes it of headings."""
    headings = HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    plain = (re.sub(r"[^\w\- ]", "", each.lower()) for each in headings)
    return {each.replace(" ", "-") for each in plain}
