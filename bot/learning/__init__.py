"""Lunch-and-learns: from what is asked and not found to a talk and its recap."""
