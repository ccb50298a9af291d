"""Ready-made forms: monitoring, workload, demand, a draft discussed in a РУМО; each is changed before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.config import ROOT
from bot.errors import NotFound
from bot.models import FormAudience, Role
from bot.services.data_files import read

PATH = ROOT / "data" / "forms.yaml"


@dataclass(frozen=True, slots=True)
class Sample:
    """A form to begin with; questions as ``rules.forms.checked`` takes them."""

    slug: str
    title: str
    about: str
    audience: FormAudience
    role: str
    questions: tuple[tuple[str, str, str, bool], ...]


@lru_cache(maxsize=1)
def samples() -> dict[str, Sample]:
    """By slug, in the order of the file; read once a process."""
    made = {}
    for entry in read(PATH).entries("forms"):
        role = entry.maybe("role", str, "")
        slug = entry.need("slug", str)
        made[slug] = Sample(
            slug,
            entry.need("title", str),
            entry.need("about", str),
            FormAudience(entry.need("audience", str)),
            Role(role).value if role else "",
            tuple((str(text), str(kind), str(options), bool(must)) for text, kind, options, must in entry["questions"]),
        )
    return made


def sample(slug: str) -> Sample:
    """One of them. NotFound for another word."""
    if slug not in samples():
        raise NotFound()
    return samples()[slug]
