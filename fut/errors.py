"""What can go wrong at this edge: a code, a Danish sentence for people, and the facts as attributes.

A screen that wants another language translates by `code`. None of the texts holds a CPR number,
though the platform's own words in them may have.
"""

from collections.abc import Sequence

from citizens.cpr_pattern import without_cpr


class FutError(Exception):
    """Anything that went wrong towards the platform."""

    code = "fut_error"

    def __init__(self, sentence: str) -> None:
        self.sentence = without_cpr(sentence)
        super().__init__(self.sentence)


class MappingInvalid(FutError):
    """What we were about to send breaks a profile or FHIR itself; nothing was sent. Ours to mend: permanent.

    `problems`: one entry a fault, in the form "path: what is wrong".
    """

    code = "mapping_invalid"

    def __init__(self, resource_type: str, problems: Sequence[str]) -> None:
        self.resource_type = resource_type
        self.problems = tuple(without_cpr(problem) for problem in problems)
        super().__init__(
            f"{resource_type} blev ikke sendt, fordi den ikke er gyldig: {'; '.join(self.problems)}"
        )


class FutRefused(FutError):
    """The platform understood and said no (4xx): sending the same again will not help.

    `status`: HTTP status. `words`: the OperationOutcome's own words. `issue_codes`: its codes, such as
    `EPISODEOFCARE_PATCH_NO_CONSENT`.
    """

    code = "refused"

    def __init__(self, *, what: str, status: int, words: str, issue_codes: Sequence[str] = ()) -> None:
        self.what = what
        self.status = status
        self.words = without_cpr(words)
        self.issue_codes = tuple(issue_codes)
        super().__init__(f"FUT afviste {what} ({status}): {self.words}")


class FutChangedMeanwhile(FutError):
    """Somebody else has changed the resource since we read it (412): read it again before anything is written."""

    code = "changed_meanwhile"

    def __init__(self, *, what: str) -> None:
        self.what = what
        super().__init__(f"FUT tog ikke imod {what}: andre har ændret den imens. Den læses igen.")


class FutConflict(FutError):
    """The platform and we say different things, and neither may be overwritten: a person must look.

    `ours`, `theirs`: the two statuses.
    """

    code = "conflict"

    def __init__(self, *, resource_type: str, ours: str, theirs: str) -> None:
        self.resource_type, self.ours, self.theirs = resource_type, ours, theirs
        super().__init__(
            f"{resource_type} har status {theirs} på FUT og {ours} her. Intet blev overskrevet; se på begge sider."
        )


class FutUnavailable(FutError):
    """The platform could not answer: try again later.

    `unclear`: True when it may have done what we asked, so look before sending again.
    `retry_after`: seconds the platform asked us to wait, None if it did not say.
    `is_busy`: it is there, and we ask too much of it (429).
    `receiver`: which service, as `ServiceBases.receiver` names it; "" where all need it, None where nobody knows.
    """

    code = "unavailable"

    def __init__(
        self,
        *,
        what: str,
        reason: str,
        unclear: bool,
        retry_after: float | None = None,
        is_busy: bool = False,
        receiver: str | None = None,
    ) -> None:
        self.receiver = receiver
        self.is_busy = is_busy
        self.what = what
        self.reason = reason
        self.unclear = unclear
        self.retry_after = retry_after
        outcome = "; det er uklart, om den nåede frem" if unclear else ""
        super().__init__(f"FUT kunne ikke tage imod {what}: {reason}{outcome}. Der forsøges igen.")


class FutAuthenticationFailed(FutError):
    """The platform does not know us: client id or secret is wrong. A person must look at the settings."""

    code = "authentication_failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"FUT godkendte ikke vores adgang: {reason}. Kontrollér FUT_CLIENT_ID og FUT_CLIENT_SECRET."
        )
