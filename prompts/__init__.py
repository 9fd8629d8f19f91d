"""What is due and what is said: pure functions, and the words that people and models read."""
