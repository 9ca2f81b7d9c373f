"""What each failure and warning code says to a person.

One row each: code, phase, severity, whether time alone may mend it, what happened, what to do; one
module for each family. Texts may be improved at any time; the codes are stable.
"""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import actor, dialogue, director, gmail, graph, login, mailbox, network, tls
from wire_contract.failure_texts.rows import FailureText, Phase, Severity

__all__ = ["FAILURE_TEXTS", "FailureText", "Phase", "Severity"]

FAILURE_TEXTS: dict[FailureCode, FailureText] = {
    code: text
    for family in (network, tls, dialogue, login, mailbox, graph, gmail, actor, director)
    for code, text in family.TEXTS.items()
}
