"""Messages that are nearly the wanted one: said while the search goes on, in place of waiting for its end.

Someone who sends the code by hand may forget its parentheses, cut it, or send one from before a rotation.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable

from actor_agent.mail.subjects import codes_among
from actor_agent.mail.wanted import Wanted
from mail_transport.journal import Journal, OpenStep
from wire_contract.diagnostics import StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import CODE_LENGTH, LOCATOR_LENGTH

_DETAILS = {
    FailureCode.CODE_WITHOUT_PARENTHESES: "messages_with_the_code_without_its_parentheses",
    FailureCode.CODE_INCOMPLETE: "messages_with_a_part_of_the_code",
    FailureCode.CODE_OUTDATED: "messages_with_an_earlier_code",
}
"""Each with its name in a step's detail, the most telling first."""


class NearMisses:
    """Which messages of one search are nearly the wanted one, each counted once."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        # Where the code ends is not known: whatever could be more of it is taken along.
        self._code = re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(wanted.locator)}[A-Za-z0-9_-]*")
        self._messages: defaultdict[FailureCode, set[Hashable]] = defaultdict(set)

    def take(self, subjects: Collection[str], message: Hashable) -> None:
        """Look at the ``subjects_of`` a message that does not carry the code as it should."""
        if (code := self._kind(subjects)) is not None:
            self._messages[code].add(message)

    def show(self, step: OpenStep) -> bool:
        """Tell in the step that is under way what was seen so far; return whether that is news."""
        before = step.code
        for code, name in _DETAILS.items():
            step.detail[name] = len(self._messages[code])
        seen = [code for code in _DETAILS if self._messages[code]]
        if seen:
            step.warn(seen[0])
        return step.code != before

    def conclude(self, step: OpenStep, journal: Journal, *, found: bool) -> None:
        """When the message was found, its likes don't matter any more; when it wasn't, they explain it."""
        if found:
            step.outcome, step.code = StepOutcome.OK, None
            return
        for code in _DETAILS:
            if self._messages[code]:
                journal.warn(code)

    def _kind(self, subjects: Collection[str]) -> FailureCode | None:
        longest = max(
            (len(match) for subject in subjects for match in self._code.findall(subject)),
            default=0,
        )
        if longest >= CODE_LENGTH:
            return FailureCode.CODE_WITHOUT_PARENTHESES
        if longest >= LOCATOR_LENGTH:
            return FailureCode.CODE_INCOMPLETE
        if codes_among(subjects, self._wanted.earlier_locators):
            return FailureCode.CODE_OUTDATED
        return None
