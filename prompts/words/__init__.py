"""Every text that a person reads and every text that a model is given, each in a Markdown file of its own."""

from functools import lru_cache
from importlib.resources import files
from string import Formatter


def words(name: str, /, **values: object) -> str:
    """The text of `name`.md with each `{value}` filled in; what is filled in is never itself a template.

    Raises KeyError naming a value that the text wants and was not given, or was given and does not want.
    """
    text = template(name)
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if wanted != set(values):
        raise KeyError(f"{name}.md wants {sorted(wanted)} and was given {sorted(values)}")
    return text.format(**values)


@lru_cache(maxsize=64)
def template(name: str) -> str:
    """The text of `name`.md as it stands, without the line end at its end."""
    return files(__package__).joinpath(f"{name}.md").read_text("utf-8").rstrip("\n")
