"""Every error the domain raises.

ProcessingError
├── PermanentError      trying again can't help: the input or the configuration is wrong
└── TransientError      trying again may help
    └── RateLimited     … after the pause the far side asked for

A vendor's exception never leaves its adapter. `str()` of each is the one line that a person gets to see:
`CODE: cause; what to do`.
"""

import re

_LINE = re.compile(r"([A-Z][A-Z0-9_]*): (.*)", re.DOTALL)


class ProcessingError(Exception):
    """`code` is stable and documented in docs/errors.md; `retry_after` is in seconds, where the far side named one."""

    def __init__(self, code: str, cause: str, remedy: str, *, retry_after: float | None = None) -> None:
        self.code = code
        self.cause = one_line(cause)
        self.remedy = one_line(remedy)
        self.retry_after = retry_after
        super().__init__(f"{code}: {self.cause}; {self.remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders; the default would call __init__ with the message alone."""
        return (_rebuild, (type(self), self.code, self.cause, self.remedy, self.retry_after))


class PermanentError(ProcessingError):
    pass


class TransientError(ProcessingError):
    pass


class RateLimited(TransientError):
    pass


def parts_of(line: str) -> tuple[str, str, str | None]:
    """(code, cause, remedy) of an error's one line; UNEXPECTED where it has no code, None where it has no remedy."""
    found = _LINE.fullmatch(line)
    code, rest = found.groups() if found else ("UNEXPECTED", line)
    cause, semicolon, remedy = rest.rpartition("; ")
    return (code, cause, remedy) if semicolon else (code, rest, None)


def one_line(text: str) -> str:
    """Foreign text in a message must not forge a second line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _rebuild(
    kind: type[ProcessingError], code: str, cause: str, remedy: str, retry_after: float | None
) -> ProcessingError:
    return kind(code, cause, remedy, retry_after=retry_after)
