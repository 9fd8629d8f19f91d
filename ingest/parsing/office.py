"""Office documents (DOCX, PPTX, XLSX): which one a file is, by what it holds, and its text."""

from collections.abc import Sequence

from ingest.parsing.converted import Converted, Part
from ingest.parsing.package import Package
from knowledge.errors import Unreadable


def convert_office(parts: Sequence[Part]) -> Converted:
    """Convert one document. Raises Unreadable when it is damaged, too large or something else."""
    package = Package(parts[0].data)
    main = package.related("", "officeDocument")
    if main is None:
        raise Unreadable("it is an archive, not an office document")
    tree = package.tree(main)
    if tree.tag == "w_document":
        from ingest.parsing.word import convert_word

        return convert_word(package, main, tree)
    if tree.tag == "p_presentation":
        from ingest.parsing.slides import convert_slides

        return convert_slides(package, main, tree)
    if tree.tag == "x_workbook":
        from ingest.parsing.sheets import convert_sheets

        return convert_sheets(package, main, tree)
    raise Unreadable("it is an office document of a kind that is not read")
