"""The Director: owns email profiles and verification state; the only one that touches the database."""
