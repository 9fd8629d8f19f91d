"""The kill harness: a bot that is killed again and again, and the ledger of what it did."""
