"""Which module looks into which kind of mailbox: also what this Actor says that it can do.

Names alone, so that saying so loads none of them.
"""

LOOKING = {
    "imap": "actor_agent.mail.imap.looking",
    "pop3": "actor_agent.mail.pop3.looking",
    "microsoft_graph": "actor_agent.mail.graph.looking",
    "gmail": "actor_agent.mail.gmail.looking",
}
