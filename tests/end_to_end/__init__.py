"""Real Director and Actor processes, a real mail server, real delivery."""
