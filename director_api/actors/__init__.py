"""Actors and the tokens that let them enroll."""
