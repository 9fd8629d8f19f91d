"""Every error that Lore raises on purpose, in one tree.

LoreError                     something a person can act on; its text is one line and says what to do next
├── SettingsError             a wrong value in lore.toml or the environment
├── ModelError                the embedding model is missing, changed or of another dimension
├── StoreError                the database or the data folder cannot be used
│   └── Busy                  another process holds a lock that only one may hold
├── IndexDamaged              a generation is torn, missing or lies; the store answers meanwhile
│   └── IndexAway             the server that holds it does not answer
├── Unreadable                one document cannot be read; the rest goes on
├── Cancelled                 somebody asked to stop; nothing was changed for readers
└── ChatModelError            the chat model failed, was too late or talked nonsense
    └── OverBudget            it was not asked: what may be spent is spent
"""


class LoreError(Exception):
    """Something a person can act on; `str(error)` is one line for them."""


class SettingsError(LoreError):
    """A wrong value in lore.toml or the environment, with the fix."""


class ModelError(LoreError):
    """The embedding model is missing, was changed, or does not fit the index."""


class StoreError(LoreError):
    """The database or the data folder cannot be used."""


class Busy(StoreError):
    """Another process holds a lock that only one process may hold."""


class IndexDamaged(LoreError):
    """An index generation is torn or missing, or does not hold what it should."""


class IndexAway(IndexDamaged):
    """The server that holds the index generations does not answer."""


class Unreadable(LoreError):
    """One document cannot be read; `str(error)` is the reason for the report."""


class Cancelled(LoreError):
    """Somebody asked to stop, and nothing was changed for readers."""


class ChatModelError(LoreError):
    """The chat model failed, was too late, or returned something that is not an answer."""


class OverBudget(ChatModelError):
    """The chat model was not asked, because what may be spent is spent; `str(error)` is for the asker."""
