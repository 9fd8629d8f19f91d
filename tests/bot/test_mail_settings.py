"""`[mail]` of lore.toml: what is right, what is wrong in one line, and what `lore doctor` finds of it."""

from pathlib import Path

import pytest

from bot.cli.mail_findings import mail_findings
from bot.journal import letters
from bot.journal.letters import FAILED, Letter
from bot.journal.migrate import migrate
from bot.mail_settings import NONE, PASSWORD, STARTTLS, TLS, MailSettings, mail_settings
from bot.settings import Settings, load_settings
from bot.wiring import now
from knowledge.adapters.database import open_database
from knowledge.errors import SettingsError
from tests.mail import mail_server

RIGHT = {"server": "smtp.heron.example", "sender": "Lore of Heron <lore@heron.example>"}


def test_a_server_and_a_sender_are_enough() -> None:
    found = mail_settings("lore.toml", RIGHT, {})
    assert found == MailSettings("smtp.heron.example", 587, STARTTLS, "lore@heron.example", "Lore of Heron")
    assert mail_settings("lore.toml", {}, {PASSWORD: "x"}) is None


def test_each_security_has_its_port_and_the_password_comes_from_the_environment_and_is_not_shown() -> None:
    table = RIGHT | {"security": "tls", "user": "lore"}
    found = mail_settings("lore.toml", table, {PASSWORD: "secret of mine"})
    assert found is not None
    assert (found.port, found.security, found.password) == (465, TLS, "secret of mine")
    assert "secret of mine" not in repr(found)
    here = mail_settings(
        "lore.toml", table | {"server": "localhost", "security": "none", "port": 2525}, {PASSWORD: "x"}
    )
    assert here is not None
    assert (here.port, here.security) == (2525, NONE)


@pytest.mark.parametrize(
    ("changed", "password", "said"),
    [
        ({"server": ""}, "", "mail.server in lore.toml must be the name of a mail server"),
        ({"server": "smtp://heron"}, "", "mail.server"),
        ({"sender": ""}, "", "mail.sender in lore.toml must be an e-mail address"),
        ({"sender": "lore@heron.example\r\nBcc: x"}, "", "mail.sender"),
        ({"sender": 5}, "", "[mail] in lore.toml: `sender` must be text in quotes, not 5"),
        ({"port": 0}, "", "mail.port in lore.toml must be the number of a port, not 0"),
        ({"port": True}, "", "[mail] in lore.toml: `port` must be a whole number"),
        ({"security": "ssl"}, "", 'mail.security in lore.toml is "starttls", "tls" or "none"'),
        ({"user": "lore"}, "", "set LORE_MAIL_PASSWORD"),
        ({}, "x", "[mail] in lore.toml has no `user`"),
        ({"user": "lore", "security": "none"}, "x", "would send the password readably to smtp.heron.example"),
        ({"password": "x"}, "", "the password is taken from LORE_MAIL_PASSWORD"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_the_fix(
    changed: dict[str, object], password: str, said: str
) -> None:
    with pytest.raises(SettingsError) as error:
        mail_settings("lore.toml", RIGHT | changed, {PASSWORD: password})
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def settings_of(folder: Path, port: int) -> Settings:
    mail = f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "lore@heron.example"\n'
    (folder / "lore.toml").write_text(mail)
    return load_settings({"LORE_CONFIG": str(folder / "lore.toml"), "LORE_DATA_DIR": str(folder)})


def test_doctor_tries_the_server_and_tells_of_letters_that_failed(tmp_path: Path) -> None:
    with mail_server() as server:
        settings = settings_of(tmp_path, server.port)
        [found] = mail_findings(settings)
        assert (found.well, found.lacks, server.letters) == (True, False, [])
        assert "takes letters of lore@heron.example" in found.said
        database = open_database(tmp_path / "lore.db")
        migrate(database)
        at = now().timestamp()
        with database.writing() as connection:
            letters.put(connection, Letter("k", "word", "a", "U1", "S", "T", at + 60), at)
            claim, [one] = letters.claim(connection, letters.due(connection, at, 1), at)
            letters.end(connection, one.id, claim, FAILED, "the mail server says 550 no", at)
        database.close()
        _, failed = mail_findings(settings)
        assert (failed.lacks, "1 could not be sent" in failed.said, "550 no" in failed.said) == (True,) * 3
    away, _ = mail_findings(settings)
    assert away.lacks
    assert "nothing listens at its port" in away.said
    (tmp_path / "lore.toml").write_text("")
    [none] = mail_findings(load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml")}))
    assert (none.well, none.lacks) == (True, False)
