"""Tests of the Actor, against a Director that is a real HTTP server."""
