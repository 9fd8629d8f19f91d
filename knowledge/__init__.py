"""What the team knows: nouns, store, index, retrieval and answering. Imports nothing else of ours."""
