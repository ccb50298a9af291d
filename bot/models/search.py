"""Our search index: the same terms and ranking on both databases."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, BigId, Id

# Plain byte order, so that a prefix is a range on PostgreSQL too.
Term = String(32).with_variant(String(32, collation="C"), "postgresql")


class SearchDocument(Base):
    """A searchable thing of some subject (organisation, person, answer …)."""

    __tablename__ = "search_documents"
    __table_args__ = (UniqueConstraint("kind", "object_id"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[int]
    # How many words it has, for ranking.
    length: Mapped[int] = mapped_column(default=0)


class SearchTerm(Base):
    """A term of a document: a stem, a whole word, or a trigram (prefixed with ``~``)."""

    __tablename__ = "search_terms"
    __table_args__ = (Index("ix_search_terms_kind_term", "kind", "term", "document_id"),)

    document_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("search_documents.id", ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(Term, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    weight: Mapped[float] = mapped_column(default=1.0)
