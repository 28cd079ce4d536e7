"""Alembic's scripts; ``pipeline.ledger.upgrade`` runs them."""
