"""What happened, in SQL: inbox, outbox, questions and audit, with their migrations."""
