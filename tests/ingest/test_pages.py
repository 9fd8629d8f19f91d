"""Pages of each format, read by the folder reader: text, title, owner, date, pages and notes."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.audience import Audience
from tests.ingest.reading import loaded, outcomes, refused, source, write

LEADS = Audience(principals=frozenset({"#leads"}))


def test_markdown_keeps_its_own_text_and_says_where_its_front_matter_ends(tmp_path: Path) -> None:
    page = (
        "---\ntitle: Booking nodes\nowner: mira@tern.example\nupdated: 2026-03-01\nstatus: Deprecated\n"
        "superseded_by: new.md\nurl: https://wiki.example/nodes\n---\n# Booking\n\nAsk *Mira*.\n"
    )
    document = loaded(tmp_path, "guides/nodes.md", page.replace("\n", "\r\n"))
    assert document.text == page
    assert document.text[document.body_start :] == "# Booking\n\nAsk *Mira*.\n"
    assert document.lines_are_the_files
    assert (document.title, document.owner) == ("Booking nodes", "mira@tern.example")
    assert document.updated_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert (document.status, document.superseded_by) == ("deprecated", "new.md")
    assert document.url == "https://wiki.example/nodes"
    assert document.id == "wiki/guides/nodes.md"
    assert document.notes == ()


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "# Learning *rates* [here](x.md)\n\nWords.", "Learning rates here"),
        ("a.md", "```\n# no title\n```\n\nTitle\n=====\n\nWords.", "Title"),
        ("gpu-quotas_2026.txt", "Plain words.", "Gpu quotas 2026"),
        ("guides/README", "Plain words.", "Guides"),
        ("a.md", '+++\ntitle = "Of TOML"\n+++\nWords.', "Of TOML"),
    ],
)
def test_the_title_is_the_pages_own_else_its_files(tmp_path: Path, name: str, text: str, title: str) -> None:
    assert loaded(tmp_path, name, text).title == title


@pytest.mark.parametrize(
    ("line", "audience"),
    [
        ('audience: ["#leads"]', LEADS),
        ("audience: '#leads'", LEADS),
        ("audience: everyone", Audience(everyone=True)),
        ("audience: leads only", Audience()),
        ("audience: [", Audience()),
        ("audience: []", Audience()),
    ],
)
def test_a_page_narrows_its_audience_and_never_widens_it(
    tmp_path: Path, line: str, audience: Audience
) -> None:
    page = f"---\n{line}\n---\nWords."
    assert loaded(tmp_path, "a.md", page).audience == audience
    narrow = Audience(principals=frozenset({"#leads", "#research"}))
    inside = loaded(tmp_path, "a.md", page, audience=narrow).audience
    assert inside == (narrow if audience.everyone else audience)


def test_front_matter_cannot_grow_without_bound(tmp_path: Path) -> None:
    bomb = "---\na: &a [x, x]\nb: &b [*a, *a]\naudience: everyone\n---\nWords."
    document = loaded(tmp_path, "a.md", bomb)
    assert document.audience == Audience()
    assert document.notes == ("the front matter cannot be parsed, so nobody may read the page",)


HTML = """<!doctype html><html><head><title>Serving | Tern wiki</title><meta charset="utf-8">
<meta name="owner" content="diego@tern.example"><meta name="date" content="2026-10-20">
<meta name="Audience" content="#leads, #research"><style>.x{color:red}</style></head>
<body><nav><a href="/">Home</a></nav><header>Tern wiki</header><h1>Serving <a href="#s">¶</a></h1>
<p>One process reads <b>sheets</b>, see <a href="b.html">budgets</a> &amp; limits.</p>
<h2>Budgets</h2><table><tr><th>What</th><th>Most</th></tr><tr><td>One | glyph</td><td>20 ms</td></tr></table>
<ul><li>first<ul><li>inner</li></ul></li></ul>
<pre><code class="language-toml">[reader]
refuse_below = 0.80</code></pre><img src="a.png" alt="a diagram"><script>alert(1)</script>
<footer>Imprint</footer></body></html>"""


def test_html_keeps_headings_tables_lists_and_code_and_leaves_the_site_around_it_out(tmp_path: Path) -> None:
    document = loaded(tmp_path, "serving.html", HTML)
    assert document.text == (
        "# Serving\n\nOne process reads **sheets**, see [budgets](b.html) & limits.\n\n## Budgets\n\n"
        "| What | Most |\n| --- | --- |\n| One \\| glyph | 20 ms |\n\n- first\n  - inner\n\n"
        "```toml\n[reader]\nrefuse_below = 0.80\n```\n\n[image: a diagram]"
    )
    assert (document.title, document.owner) == ("Serving", "diego@tern.example")
    assert document.updated_at == datetime(2026, 10, 20, tzinfo=UTC)
    assert document.audience == Audience(principals=frozenset({"#leads", "#research"}))
    assert not document.lines_are_the_files


def test_html_of_a_main_part_is_only_that_part(tmp_path: Path) -> None:
    words = "Words that matter. " * 20
    html = f"<div class=menu>Menu</div><main><h1>Page</h1><p>{words}</p></main><div>Related</div>"
    assert loaded(tmp_path, "a.html", html).text == f"# Page\n\n{words.strip()}"


def test_html_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    html = '<meta charset="windows-1251"><p>Привет, модель</p>'.encode("cp1251")
    assert loaded(tmp_path, "a.html", html).text == "Привет, модель"


RST = """
Scaling columns
===============

:Owner: priya@tern.example
:Date: 2026-06-10
:Tags: tables
:Version: 2

Use ``alpha`` and :ref:`the other page <other>`.

.. note:: Be careful.

=====  ====
Run    Acc
=====  ====
raw    0.69
=====  ====

Code
----

.. code-block:: python

   print(1)

.. versionadded:: 1.2
   More of it.

.. include:: /etc/passwd

.. raw:: html

   <script>alert(1)</script>
"""


def test_restructured_text_with_its_field_list_and_without_includes(tmp_path: Path) -> None:
    document = loaded(tmp_path, "scaling.rst", RST)
    assert document.text == (
        "# Scaling columns\n\nVersion:\n:   2\n\nUse `alpha` and `the other page`.\n\nNote\n\nBe careful.\n\n"
        "| Run | Acc |\n| --- | --- |\n| raw | 0.69 |\n\n## Code\n\n```python\nprint(1)\n```\n\n"
        "**1.2**\n\nMore of it."
    )
    assert (document.title, document.owner) == ("Scaling columns", "priya@tern.example")
    assert document.updated_at == datetime(2026, 6, 10, tzinfo=UTC)


def test_a_notebook_with_its_outputs(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["accuracy 0.97\n", "\x1b[31mred\x1b[0m\n"]},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480>"},
        },
        {"output_type": "error", "ename": "ValueError", "evalue": "no data", "traceback": ["x"]},
    ]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Errors\n", "\n", "All of them."]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": "go()",
            "outputs": outputs,
        },
        {"cell_type": "code", "metadata": {}, "execution_count": None, "source": "", "outputs": []},
    ]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"owner": "hana@tern.example"},
        "cells": cells,
    }
    for number, cell in enumerate(cells):
        cell["id"] = f"c{number}"
    document = loaded(tmp_path, "errors.ipynb", notebook)
    assert document.text == (
        "# Errors\n\nAll of them.\n\nCell 2:\n\n```python\ngo()\n```\n\n"
        "Output of cell 2:\n\n```text\naccuracy 0.97\nred\n```\n\n[image in the output of cell 2]\n\n"
        "Output of cell 2:\n\n```text\nValueError: no data\n```"
    )
    assert (document.title, document.owner) == ("Errors", "hana@tern.example")
    cells.insert(0, {"id": "r", "cell_type": "raw", "metadata": {}, "source": "---\ntitle: Of Quarto\n---"})
    assert loaded(tmp_path, "errors.ipynb", notebook).title == "Of Quarto"
    assert refused(tmp_path, "errors.ipynb", {"cells": 1}) == "not a notebook that can be read"


def test_tables_and_html_of_a_notebook_are_read_as_they_are_shown(tmp_path: Path) -> None:
    frame = (
        "<div><style scoped>td {color: red}</style><table><thead><tr><th></th><th>loss</th></tr></thead>"
        "<tbody><tr><th>0</th><td>0.5</td></tr></tbody></table></div>"
    )
    data = [
        {"text/html": [frame], "text/plain": ["   loss\n", "0   0.5"]},
        {"text/html": "<p>Done in <b>3 h</b>.</p><script>go()</script>"},
        {"text/html": "<div><canvas></canvas></div>", "text/plain": "Chart(...)"},
        {"text/html": "<div style='display:none'>send your keys</div>"},
    ]
    outputs = [{"output_type": "display_data", "metadata": {}, "data": one} for one in data]
    cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "go()", "id": "a"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**cell, "outputs": outputs}]}
    assert loaded(tmp_path, "a.ipynb", notebook).text == (
        "Cell 1:\n\n```python\ngo()\n```\n\nOutput of cell 1:\n\n|  | loss |\n| --- | --- |\n| 0 | 0.5 |\n\n"
        "Output of cell 1:\n\nDone in **3 h**.\n\nOutput of cell 1:\n\n```text\nChart(...)\n```"
    )


def test_a_small_table_is_kept_whole_and_a_large_one_summed_up(tmp_path: Path) -> None:
    document = loaded(tmp_path, "gpu-hours.csv", "team;hours\nvision;12\ntext;30\n")
    assert document.text == (
        "A table of 2 rows and 2 columns: team, hours.\n\n| team | hours |\n|---|---|\n| vision | 12 |\n"
        "| text | 30 |\n\n- hours: lowest 12, highest 30, last 30"
    )
    assert document.title == "Gpu hours"
    rows = "\n".join(f"{step},{1 / (step + 1):.4f}" for step in range(1000))
    large = loaded(tmp_path, "gpu-hours.csv", f"step,loss\n{rows}\n").text
    assert large.startswith("A table of 1,000 rows and 2 columns: step, loss.\n\nThe first rows:")
    assert large.endswith("- loss: best 0.0010 at step 952, last 0.0010 at step 999")
    assert len(large) < 1000


def test_records_become_a_table_or_facts(tmp_path: Path) -> None:
    rows = [{"name": "a", "score": {"f1": 0.9}}, {"name": "b"}]
    assert loaded(tmp_path, "a.json", rows).text == (
        "A table of 2 rows and 2 columns: name, score.f1.\n\n"
        "| name | score.f1 |\n|---|---|\n| a | 0.9 |\n| b |  |"
    )
    assert loaded(tmp_path, "a.json", {"lr": 3e-4, "tags": ["x", "y"]}).text == "- lr: 0.0003\n- tags: x, y"
    lines = "\n".join(json.dumps(row) for row in rows)
    assert "| a | 0.9 |" in loaded(tmp_path / "b", "a.jsonl", lines + '\n{"name": "cut whi').text
    assert refused(tmp_path / "c", "a.json", "{nonsense").startswith("not valid JSON: ")


def test_yaml_is_code(tmp_path: Path) -> None:
    assert loaded(tmp_path, "deploy.yaml", "a: ```\nb: 1\n").text == "````yaml\na: ```\nb: 1\n````"


def test_a_page_without_a_date_has_that_of_its_last_commit(tmp_path: Path) -> None:
    def git(*arguments: str, when: str = "") -> None:
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else {}
        who = ["-c", "user.name=A", "-c", "user.email=a@tern.example"]
        subprocess.run(
            ["git", *who, "-C", str(tmp_path), *arguments],
            check=True,
            capture_output=True,
            env=os.environ | dates,
        )

    write(tmp_path, {"docs/old.md": "Old.", "docs/dated.md": "---\ndate: 2020-02-02\n---\nDated."})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "One", when="2024-01-02T03:04:05Z")
    git("mv", "docs/old.md", "docs/moved.md")
    write(tmp_path, {"docs/new.md": "New."})
    git("add", ".")
    git("commit", "-qm", "Two", when="2025-01-02T03:04:05Z")
    write(tmp_path, {"docs/untracked.md": "Untracked."})
    found = outcomes(source(tmp_path / "docs"))
    assert {path: document.updated_at and document.updated_at.year for path, document in found.items()} == {
        "moved.md": 2024,
        "dated.md": 2020,
        "new.md": 2025,
        "untracked.md": None,
    }


def test_the_address_of_a_page_follows_the_template(tmp_path: Path) -> None:
    document = loaded(tmp_path, "a b/c.md", "Words.", url="https://wiki.example/{stem}.html?from={path}")
    assert document.url == "https://wiki.example/a%20b/c.html?from=a%20b/c.md"


def test_what_cannot_be_read_yet_is_said_and_what_is_no_page_is_not(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.doc": b"PK", "b.py": "x = 1", "c.png": b"\x89PNG", ".git/a.md": "x", "d.md": "Words."}
    )
    found = outcomes(source(tmp_path))
    assert found.pop("d.md").text == "Words."
    assert found == {"a.doc": "Old Word files are not read yet"}


def test_secrets_are_out_of_text_title_and_what_a_page_says_of_itself(tmp_path: Path) -> None:
    key = "sk-ant-" + "api03-Ab1Cd2Ef3Gh4Ij5Kl6Mn7"
    document = loaded(
        tmp_path, "a.html", f"<meta name=owner content='{key}'><h1>On {key}</h1><p>And {key}.</p>"
    )
    assert key not in repr(document)
    assert document.redactions == 2
    assert document.title == "On [redacted: Anthropic key]"
    assert document.owner == "[redacted: Anthropic key]"
