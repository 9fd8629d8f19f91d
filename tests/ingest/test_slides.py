"""Presentations: a page and a section for each slide, without what an audience would not see."""

from pathlib import Path
from typing import Any

import pytest
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.util import Emu, Inches, Pt

from knowledge.chunking import chunk
from tests.ingest.offices import changed, slides
from tests.ingest.reading import loaded, refused

TITLE_AND_TEXT, BLANK = 1, 6


def deck(presentation: Any) -> None:
    first = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_TEXT])
    first.shapes.title.text = "GPU plan"
    body = first.placeholders[1].text_frame
    body.text = "Two nodes"
    inner = body.add_paragraph()
    inner.text, inner.level = "one at night", 1
    first.notes_slide.notes_text_frame.text = "Say that nights are cheap."
    second = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    table = second.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for n, words in enumerate(["Node", "Hours", "a100", "12"]):
        table.cell(n // 2, n % 2).text = words
    third = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("loss", (0.5, 0.25))
    third.shapes.add_chart(
        XL_CHART_TYPE.LINE, Inches(1), Inches(1), Inches(4), Inches(3), data
    ).chart.has_title = False


def test_each_slide_is_a_page_and_a_section(tmp_path: Path) -> None:
    document = loaded(tmp_path, "plan.pptx", slides(deck))
    assert document.title == "GPU plan"
    pages = [
        document.text[start:end]
        for start, end in zip(document.pages, (*document.pages[1:], None), strict=True)
    ]
    assert [page.strip() for page in pages] == [
        "## Slide 1: GPU plan\n\n- Two nodes\n    - one at night\n\nNotes: Say that nights are cheap.",
        "## Slide 2\n\n| Node | Hours |\n|---|---|\n| a100 | 12 |",
        "## Slide 3\n\nChart:\n\n|  | loss |\n|---|---|\n| May | 0.5 |\n| June | 0.25 |",
    ]
    chunks = chunk(document, lambda texts: [len(text) // 4 for text in texts], 256)
    assert [(one.page, one.section) for one in chunks] == [
        (1, ("Slide 1: GPU plan",)), (2, ("Slide 2",)), (3, ("Slide 3",)),
    ]  # fmt: skip


def box(presentation: Any, words: str = "WORDS", left: int = 914_400) -> Any:
    """A slide with one box of text; gives its only run."""
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    shape = slide.shapes.add_textbox(Emu(left), Inches(1), Inches(3), Inches(1))
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = words
    return slide, shape, run


def white(presentation: Any) -> None:
    box(presentation)[2].font.color.rgb = RGBColor(255, 255, 255)


def white_by_theme(presentation: Any) -> None:
    box(presentation)[2].font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def tiny(presentation: Any) -> None:
    box(presentation)[2].font.size = Pt(1)


def beside(presentation: Any) -> None:
    box(presentation, left=20_000_000)


def not_drawn(presentation: Any) -> None:
    box(presentation)[1]._element.nvSpPr.cNvPr.set("hidden", "1")


def not_shown(presentation: Any) -> None:
    box(presentation)[0]._element.set("show", "0")


def own_colour(presentation: Any) -> None:
    _, shape, run = box(presentation)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor(10, 20, 30)
    run.font.color.rgb = RGBColor(12, 20, 30)


@pytest.mark.parametrize("hide", [white, white_by_theme, tiny, beside, not_drawn, not_shown, own_colour])
def test_in_17_what_an_audience_does_not_see_is_left_out(tmp_path: Path, hide: Any) -> None:
    def both(presentation: Any) -> None:
        box(presentation, "Seen")
        hide(presentation)

    document = loaded(tmp_path, "a.pptx", slides(both))
    assert document.text.strip() == "## Slide 1\n\nSeen"
    assert len(document.notes) == 1
    assert document.notes[0].startswith("1 ")


def on_dark(presentation: Any) -> None:
    _, shape, run = box(presentation)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor(10, 20, 30)
    run.font.color.rgb = RGBColor(255, 255, 255)


def on_a_shape(presentation: Any) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    slide.shapes.add_shape(1, Inches(0), Inches(0), Inches(9), Inches(5))
    shape = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = "WORDS"
    run.font.color.rgb = RGBColor(255, 255, 255)


def on_dark_slide(presentation: Any) -> None:
    slide, _, run = box(presentation)
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = RGBColor(0, 0, 0)
    run.font.color.rgb = RGBColor(255, 255, 255)


@pytest.mark.parametrize("show", [on_dark, on_a_shape, on_dark_slide])
def test_white_on_dark_is_seen(tmp_path: Path, show: Any) -> None:
    document = loaded(tmp_path, "a.pptx", slides(show))
    assert "WORDS" in document.text
    assert document.notes == ()


def test_links_and_pictures_say_what_they_are(tmp_path: Path) -> None:
    def linked(presentation: Any) -> None:
        _, _, run = box(presentation, "the plan")
        run.hyperlink.address = "https://wiki.tern.example/plan"

    document = loaded(tmp_path, "a.pptx", slides(linked))
    assert document.text.strip() == "## Slide 1\n\n[the plan](https://wiki.tern.example/plan)"


def test_a_presentation_without_words_is_refused(tmp_path: Path) -> None:
    empty = slides(lambda made: made.slides.add_slide(made.slide_layouts[BLANK]))
    assert refused(tmp_path, "a.pptx", empty) == "there is nothing in it that can be seen"


def test_slides_come_in_the_order_of_the_presentation(tmp_path: Path) -> None:
    def two(presentation: Any) -> None:
        box(presentation, "First")
        box(presentation, "Second")

    made = slides(two)
    name = "ppt/_rels/presentation.xml.rels"
    for old, new in (("slide1", "slideX"), ("slide2", "slide1"), ("slideX", "slide2")):
        made = changed(made, name, f"slides/{old}", f"slides/{new}")
    text = loaded(tmp_path, "a.pptx", made).text
    assert text.index("Second") < text.index("First")
