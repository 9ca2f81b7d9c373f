"""Mailboxes and the search in them."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.MAILBOX_NOT_FOUND: failure(
        Phase.MAILBOX,
        "The login worked, but the mailbox does not exist.",
        "Check the mailbox of the profile. For a new account, log in once so that the server creates it.",
    ),
    FailureCode.MAILBOX_NOT_PERMITTED: failure(
        Phase.MAILBOX,
        "The login worked, but the account may not open this mailbox.",
        "Have the account given the right to read the mailbox, or correct the mailbox of the profile.",
    ),
    FailureCode.MAILBOX_IN_USE: failure(
        Phase.MAILBOX,
        "Another program holds the mailbox open and the server admits only one.",
        "Use a dedicated mailbox that no person or other program reads.",
        retryable=True,
    ),
    FailureCode.MAILBOX_UNAVAILABLE: failure(
        Phase.MAILBOX,
        "The login worked, but the server could not open the mailbox.",
        "The reply says why: a full disk, a damaged index or maintenance are the usual reasons.",
        retryable=True,
    ),
    FailureCode.CODE_NOT_FOUND: failure(
        Phase.SEARCH,
        "The mailbox can be read, but the message with the verification code did not arrive in time.",
        "Look for the message on its way: the mail server's queue, a quarantine, a rule that moves it. "
        "If the Director's mail cannot reach this account, send the code by hand (manual mode).",
        retryable=True,
    ),
    FailureCode.CODE_MISMATCH: failure(
        Phase.SEARCH,
        "The Actor reported a code that is not the one that was sent.",
        "The mailbox may hold a forged or mutilated message. If it does not, treat the Actor as compromised: "
        "delete it and enroll a new one.",
    ),
    FailureCode.FOUND_IN_JUNK: warning(
        Phase.SEARCH,
        "The message was found in the junk folder.",
        "Have the Director's address allowed by the mail server's spam filter.",
    ),
    FailureCode.CODE_WITHOUT_PARENTHESES: warning(
        Phase.SEARCH,
        "A message has the code in its subject, but without the parentheses around it.",
        "Send it again with the subject exactly as shown, parentheses included: (code).",
    ),
    FailureCode.CODE_INCOMPLETE: warning(
        Phase.SEARCH,
        "A message has a part of the code in its subject.",
        "Copy the whole subject, 26 characters between parentheses, and send it again.",
    ),
    FailureCode.CODE_OUTDATED: warning(
        Phase.SEARCH,
        "A message has a code from before the profile changed or the code was rotated.",
        "Look the present code up (View UUID code) and send that one.",
    ),
    FailureCode.MAIL_DELAYED: warning(
        Phase.SEARCH,
        "The message was held on its way for more than a minute.",
        "The detail names the server that held it, by the trace in the message: ask its administrator about "
        "greylisting, a scanner's queue or a relay that was down.",
    ),
    FailureCode.SUBJECT_ALTERED: warning(
        Phase.SEARCH,
        "A gateway changed the message's subject on its way.",
        "Nothing needs to be done for verification. Test mail will arrive with the same change.",
    ),
    FailureCode.MESSAGE_NOT_DELETED: warning(
        Phase.SEARCH,
        "The verification message could not be deleted after it was found.",
        "The account lacks the right to delete. Delete the message by hand or turn off "
        "delete_verification_message.",
    ),
}
