"""Looking into a mailbox: one function for all protocols, each in a module that is loaded when it is used."""

from actor_agent.mail.looking import look
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import CloudEndpoints, Reach

__all__ = ["CloudEndpoints", "Found", "Reach", "SearchWindow", "Wanted", "look"]
