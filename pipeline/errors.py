"""One exception tree: what happened, what to do, and the exit code it ends in.

The constructor takes facts; ``str()`` is the Chinese sentence a clerk reads. Adapters translate library errors
at the call and raise ``... from error``; only the faces and the loop that must not die catch ``Exception``.
"""

from __future__ import annotations


class PipelineError(Exception):
    """Trouble that ends in a Chinese message: what happened and what to do next."""

    exit_code = 3

    def __init__(self, what: str, do: str = "") -> None:
        self.what = what
        self.do = do
        super().__init__(what, do)

    def __str__(self) -> str:
        return f"{self.what}。{self.do}" if self.do else self.what


# --- trouble with one input: it is set aside with its reason, its neighbours go on


class UnprocessableDocument(PipelineError):
    """One file cannot be taken in; ``code`` is a stable word for scripts and statistics."""

    exit_code = 1
    code = "unprocessable"


class UnsupportedFormat(UnprocessableDocument):
    code = "unsupported_format"


class DamagedDocument(UnprocessableDocument):
    code = "damaged"


class EncryptedDocument(UnprocessableDocument):
    code = "encrypted"


class HostileDocument(UnprocessableDocument):
    """The file is built to harm its reader: bomb, entity, macro, link out of its place."""

    code = "hostile"


class DocumentTooLarge(UnprocessableDocument):
    code = "too_large"


class NoTextFound(UnprocessableDocument):
    """The file opens but holds no text that could be read (a scan without text layer, an empty paper)."""

    code = "no_text"


class SecretDocument(UnprocessableDocument):
    """The paper carries a secrecy mark: it does not belong here, is locked away and alarms."""

    code = "secret"


class NotAFile(UnprocessableDocument):
    """A link, a device, a folder or a pipe lies where a document should."""

    code = "not_a_file"


# --- trouble that passes by itself: wait and try again


class NotReady(PipelineError):
    """The file is still being written, locked or out of reach: leave it where it lies and look again later."""

    exit_code = 1


class PartMissing(NotReady):
    """This machine lacks a part that the file needs; it waits, and is taken once ``part`` (ocr, libreoffice) is there."""

    def __init__(self, part: str, what: str, do: str = "") -> None:
        super().__init__(what, do)
        self.part = part


# --- trouble with the workspace: every file stays where it is


class Unavailable(PipelineError):
    """A part of the workspace is away for a while (full, locked, not reachable): the watcher waits and tries again."""


class UsageError(PipelineError):
    exit_code = 2


class FlowRefused(UsageError):
    """A case cannot take this step now; the message says which it can."""


class FrozenYear(UsageError):
    """A year's assessment cannot be frozen like this: facts are missing, or it stands otherwise already."""


class SettingsError(PipelineError):
    pass


class RosterError(PipelineError):
    """The roster file does not fit; ``problems`` names every row and column at once."""

    exit_code = 2

    def __init__(self, what: str, do: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(what, do)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *self.problems))


class FactsError(RosterError):
    """The facts of an assessment do not fit; ``problems`` names every place at once."""


class RulebookError(PipelineError):
    """The rulebook does not fit; ``problems`` names file, line and key of every fault at once."""

    def __init__(self, what: str, do: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(what, do)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *self.problems))


class TemplateError(PipelineError):
    """A letter template asks for what nobody supplies, or its result lost a value."""


class LedgerUnavailable(Unavailable):
    pass


class SearchUnavailable(Unavailable):
    pass


class ArchiveUnavailable(Unavailable):
    """The archive's disk is full, nearly full, or cannot be written."""


class InboxUnavailable(Unavailable):
    """The shared folder cannot be written; the share may be away."""


class ReadingStopped(Unavailable):
    """A reading process could not be started or died before it was given its file."""


class ArchiveDamaged(PipelineError):
    exit_code = 4
