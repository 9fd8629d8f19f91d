"""Google Drive: folders, exports, whom files are shared with, and when nothing has to be listed again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import drive
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Withheld
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import Unreadable
from tests.ingest.web_site import Elsewhere
from tests.protocols.drive import ACCOUNT, DOCUMENT, ROOT, DriveServer, group, key_of, user
from tests.protocols.places import source_of
from tests.protocols.server import serving


class Folder:
    """A folder at Google and the source that reads it."""

    def __init__(self, address: str, server: DriveServer) -> None:
        self.server = server
        self.elsewhere = Elsewhere()
        self.source = source_of("drive", {"key": key_of(address)}, address=address, folder=ROOT)

    def say(self, **options: Any) -> None:
        self.source = replace(self.source, options={**self.source.options, **options})

    def listed(self, reading: Reading | None = None) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        for one in drive.read(self.source, reading or Reading(), self.elsewhere.world):
            match one:
                case Item(path) | Skipped(path) | Withheld(path):
                    assert path not in found
                    found[path] = one
                case Incomplete():
                    found["incomplete"] = one
                case Remember():
                    found["remember"] = one
        return found

    def after(self, listed: dict[str, Listed]) -> Reading:
        """What the next sync is told when this one succeeded."""
        known = {path: one.digest for path, one in listed.items() if isinstance(one, Item)}
        remember = listed.get("remember")
        return Reading(known=known, remembered=remember.note if isinstance(remember, Remember) else {})


@pytest.fixture
def folder() -> Iterator[Folder]:
    server = DriveServer()
    with serving(server) as address:
        yield Folder(address, server)


def audience(listed: Listed) -> Audience | None:
    assert isinstance(listed, Item), listed
    return listed.audience


def named(*principals: str) -> Audience:
    return Audience(principals=frozenset(principals))


def test_folders_are_paths_and_twins_are_told_apart(folder: Folder) -> None:
    plans = folder.server.folder("Plans")
    deeper = folder.server.folder("2026", plans)
    folder.server.add("roadmap.md", b"# Roadmap\n\nShip it.", deeper)
    first = folder.server.add("notes.md", b"One.")
    second = folder.server.add("notes.md", b"Two.")
    listed = folder.listed()
    assert {path for path, one in listed.items() if isinstance(one, Item)} == {
        "Plans/2026/roadmap.md",
        "notes.md",
        f"notes.md ({second})",
    }
    assert first < second
    item = listed["Plans/2026/roadmap.md"]
    assert isinstance(item, Item)
    document = item.load()
    assert (document.title, document.owner) == ("Roadmap", "ana@example.com")
    assert document.url == f"https://drive.google.com/file/d/{list(folder.server.files)[3]}/view"


def test_documents_of_googles_own_are_exported_without_their_pictures(folder: Folder) -> None:
    text = b"# Recipe\n\nUse cosine. ![][image1]\n\n[image1]: <data:image/png;base64,iVBORw0KGgo=>\n"
    folder.server.add("Recipe", text, kind=DOCUMENT)
    item = folder.listed()["Recipe"]
    assert isinstance(item, Item)
    document = item.load()
    assert document.text.startswith("# Recipe\n\nUse cosine.")
    assert "base64" not in document.text
    assert document.title == "Recipe"


def test_a_document_too_large_to_export_is_exported_as_plain_text(folder: Folder) -> None:
    file_id = folder.server.add("Long", b"unused", kind=DOCUMENT)
    folder.server.exports = {(file_id, "text/plain"): b"The plain words."}
    item = folder.listed()["Long"]
    assert isinstance(item, Item)
    assert item.load().text == "The plain words."


def test_what_is_not_read_says_why(folder: Folder) -> None:
    folder.server.add("link", b"", kind="application/vnd.google-apps.shortcut")
    folder.server.add("form", b"", kind="application/vnd.google-apps.form")
    folder.server.add("empty.md", b"")
    folder.server.add("picture.png", b"x", kind="image/png")
    locked = folder.server.add("locked.md", b"Text.")
    folder.server.files[locked]["capabilities"] = {"canDownload": False}
    reasons = {path: one.reason for path, one in folder.listed().items() if isinstance(one, Skipped)}
    assert reasons == {
        "link": "a shortcut: shortcuts are not followed",
        "form": "Google's own kind of file 'form' is not read",
        "empty.md": "the file is empty",
        "locked.md": "its owner does not let it be downloaded",
    }


def test_in_11_a_file_that_changes_while_it_is_read_is_not_mixed(folder: Folder) -> None:
    file_id = folder.server.add("notes.md", b"One.")
    item = folder.listed()["notes.md"]
    folder.server.contents[file_id] = b"Two."
    assert isinstance(item, Item)
    with pytest.raises(Unreadable, match="changed while it was read"):
        item.load()


def test_in_12_a_folder_that_moves_keeps_the_digests_of_its_files(folder: Folder) -> None:
    plans, archive = folder.server.folder("Plans"), folder.server.folder("Archive")
    folder.server.add("roadmap.md", b"Ship it.", plans)
    before = folder.listed()["Plans/roadmap.md"]
    folder.server.files[plans]["parents"] = [archive]
    after = folder.listed()["Archive/Plans/roadmap.md"]
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert before.digest == after.digest


@pytest.mark.parametrize("shared_drive", [False, True])
def test_in_15_whom_a_file_is_shared_with_is_its_audience(folder: Folder, shared_drive: bool) -> None:
    server = folder.server
    server.shared_drive = shared_drive
    folder.say(groups=("leads@example.com = @leads",))
    everyone = server.add("everyone.md", b"a")
    people = server.add("people.md", b"b")
    leads = server.add("leads.md", b"c")
    strangers = server.add("strangers.md", b"d")
    domain = server.add("domain.md", b"e")
    server.permissions[people] = [user(ACCOUNT), user("Ana@example.com"), user("bo@example.com")]
    server.permissions[leads] = [user(ACCOUNT), group("leads@example.com")]
    server.permissions[strangers] = [user(ACCOUNT), group("strangers@example.com")]
    server.permissions[domain] = [{"id": "dom", "type": "domain", "domain": "example.com", "role": "reader"}]
    listed = folder.listed()
    assert audience(listed["everyone.md"]) == EVERYONE
    assert audience(listed["people.md"]) == named("ana@example.com", "bo@example.com")
    assert audience(listed["leads.md"]) == named("@leads")
    assert audience(listed["domain.md"]) == EVERYONE
    withheld = listed["strangers.md"]
    assert isinstance(withheld, Withheld)
    assert "group strangers@example.com" in withheld.reason
    assert everyone in server.files
    folder.say(domains=("other.example",))
    assert isinstance(folder.listed()["domain.md"], Withheld)


def test_links_of_published_views_and_deleted_accounts_open_nothing(folder: Folder) -> None:
    file_id = folder.server.add("a.md", b"a")
    folder.server.permissions[file_id] = [
        {"id": "anyone", "type": "anyone", "role": "reader", "view": "published"},
        {**user("gone@example.com"), "deleted": True},
        user("ana@example.com"),
    ]
    assert audience(folder.listed()["a.md"]) == named("ana@example.com")


def test_in_15_sharing_that_is_not_told_is_nobodys_unless_the_admin_says_otherwise(folder: Folder) -> None:
    folder.server.shared_drive = True
    folder.server.add("a.md", b"a")
    folder.server.changes(r"drive/v3/files\?", lambda answer: answer)
    folder.server.fails(r"File\d+/permissions", 403)
    folder.server.permissions[list(folder.server.files)[-1]] = [user("ana@example.com")]
    listed = folder.listed()
    withheld = listed["a.md"]
    assert isinstance(withheld, Withheld)
    assert "whom it is shared with cannot be told" in withheld.reason
    assert "remember" not in listed
    folder.say(sharing="ignore")
    assert audience(folder.listed()["a.md"]) == EVERYONE


def test_in_23_sharing_that_cannot_be_fetched_leaves_files_as_they_were(folder: Folder) -> None:
    folder.server.shared_drive = True
    folder.server.add("a.md", b"a")
    folder.server.permissions[list(folder.server.files)[-1]] = [user("ana@example.com")]
    folder.server.fails(r"File\d+/permissions", 500)
    listed = folder.listed()
    assert isinstance(listed["a.md"], Skipped)
    assert "remember" not in listed


def test_when_google_says_that_nothing_changed_what_is_known_stands(folder: Folder) -> None:
    for number in range(5):
        folder.server.add(f"{number}.md", f"Text {number}.".encode())
    first = folder.listed()
    before = folder.server.count(r"drive/v3/files\?")
    second = folder.listed(folder.after(first))
    assert folder.server.count(r"drive/v3/files\?") == before
    assert folder.after(second).known == folder.after(first).known
    item = second["3.md"]
    assert isinstance(item, Item)
    assert item.load().text == "Text 3."


def test_any_change_or_anything_that_is_not_known_lists_everything_again(folder: Folder) -> None:
    ids = [folder.server.add(f"{number}.md", f"Text {number}.".encode()) for number in range(5)]
    first = folder.listed()
    reading = folder.after(first)

    def lists(reading: Reading) -> bool:
        before = folder.server.count(r"drive/v3/files\?")
        folder.listed(reading)
        return folder.server.count(r"drive/v3/files\?") > before

    assert not lists(reading)
    assert lists(replace(reading, known=dict(list(reading.known.items())[1:])))
    folder.elsewhere.sleep(25 * 3600)
    assert lists(reading), "a day later"
    reading = folder.after(folder.listed())
    folder.source = replace(folder.source, exclude=("4.md",))
    assert lists(reading), "other patterns"
    folder.source = replace(folder.source, exclude=())
    folder.server.fails("changes", 400, times=1)
    assert lists(reading), "Google does not know the cursor any more"
    folder.server.permissions[ROOT] = [user("ana@example.com"), user(ACCOUNT)]
    assert lists(reading), "the folder is shared with others"
    reading = folder.after(folder.listed())
    folder.server.write(ids[0], b"New text.")
    assert lists(reading)


@pytest.mark.parametrize(
    ("options", "secrets", "message"),
    [
        ({"folder": "not a folder!"}, {}, "`folder` must be the address of a folder"),
        ({"folder": "1FolderThatIsNotThere"}, {}, f"share the folder with {ACCOUNT}"),
        ({}, {"key": "{}"}, "`key` does not lead to the key of a service account"),
        ({}, {"key": "/nowhere/key.json"}, "the file that `key` leads to cannot be read"),
    ],
)
def test_mistakes_are_told_with_the_fix(
    folder: Folder, options: dict[str, str], secrets: dict[str, str], message: str
) -> None:
    folder.say(**options)
    folder.source = replace(folder.source, secrets={**folder.source.secrets, **secrets})
    with pytest.raises(Unreadable, match=message) as told:
        folder.listed()
    assert "PRIVATE KEY" not in str(told.value)


def test_the_key_may_be_a_file_and_tokens_are_renewed_in_time(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(folder.source.secrets["key"])
    folder.source = replace(folder.source, secrets={"key": str(tmp_path / "key.json")})
    folder.server.add("a.md", b"Text.")
    assert isinstance(folder.listed()["a.md"], Item)
    assert folder.server.tokens == 1


def test_in_23_a_key_that_google_refuses_is_said(folder: Folder) -> None:
    folder.server.fails("/token", 400)
    with pytest.raises(Unreadable, match=f"Google refuses the key of {ACCOUNT}"):
        folder.listed()
