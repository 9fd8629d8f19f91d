"""Secrets are found wherever they stand, lines stay where they are, and ordinary text is left alone.

All secrets are drawn here at random; a failing test names the kind and the place, never the value.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.redaction import marks_in, redact, redact_pages, redact_value
from tests.planted import (
    EACH,
    HEX,
    KINDS,
    LETTERS,
    UPPER,
    drawn,
    hook,
    ordinary_lines,
    planted,
    prefixed,
    slack,
    web_token,
)
from tests.planted import PLACES as PLANTED_PLACES

EXAMPLES = Path(__file__).parents[2] / "examples"

BY_PREFIX: dict[str, Callable[[random.Random], str]] = {
    "OpenAI": prefixed("sk-proj-", LETTERS + "_-", 64),
    "OpenAI, old": prefixed("sk-", LETTERS, 48),
    "Anthropic": prefixed("sk-ant-api03-", LETTERS + "_-", 93),
    "Hugging Face": prefixed("hf_", LETTERS, 34),
    "W&B": prefixed("wandb_v1_", LETTERS, 40),
    "GitHub": prefixed("ghp_", LETTERS, 36),
    "GitHub, fine-grained": prefixed("github_pat_", LETTERS + "_", 82),
    "GitLab": prefixed("glpat-", LETTERS, 20),
    "AWS id": prefixed("AKIA", UPPER, 16),
    "Google": prefixed("AIza", LETTERS + "_-", 35),
    "Databricks": prefixed("dapi", HEX, 32),
    "npm": prefixed("npm_", LETTERS, 36),
    "PyPI": prefixed("pypi-AgEIcHlwaS5vcmc", LETTERS + "_-", 120),
    "Stripe": prefixed("sk_live_", LETTERS, 24),
    "SendGrid": lambda generator: f"SG.{drawn(LETTERS, 22)(generator)}.{drawn(LETTERS, 43)(generator)}",
    "Replicate": prefixed("r8_", LETTERS, 37),
    "Groq": prefixed("gsk_", LETTERS, 52),
    "Slack": slack,
    "Slack app": lambda generator: f"xapp-1-A{drawn(UPPER, 10)(generator)}-{drawn(HEX, 64)(generator)}",
    "Slack webhook": hook,
    "JWT": web_token,
    "LangSmith": prefixed("lsv2_pt_", HEX, 32),
    "Notion": prefixed("ntn_", LETTERS, 46),
    "Notion, old": prefixed("secret_", LETTERS, 43),
    "Tavily": prefixed("tvly-", LETTERS, 32),
    "Tavily, for trying": prefixed("tvly-dev-", LETTERS, 32),
    "Fireworks": prefixed("fw_", LETTERS, 24),
    "Shopify": prefixed("shpat_", HEX, 32),
    "Figma": prefixed("figd_", LETTERS + "_-", 40),
    "Hugging Face, signed in": lambda generator: f"hf_oauth_{web_token(generator)}",
    "Google, for renewing": prefixed("1//0", LETTERS + "_-", 99),
}
BY_CONTEXT = {
    "W&B, old": ("WANDB_API_KEY={}", drawn(HEX, 40)),
    "AWS secret": ("aws_secret_access_key = {}", drawn(LETTERS + "+/", 40)),
    "password": ("password: {}", lambda generator: drawn(LETTERS, 12)(generator) + "7aB!"),
    "in an address": ("postgresql://app:{}@db.tern.example/app", drawn(LETTERS, 20)),
    "bearer": ("Authorization: Bearer {}", drawn(LETTERS, 40)),
    "token in prose": ("the token is {} until May", drawn(LETTERS, 32)),
}
PLACES = {
    "prose": "Ask Mira; until then use {} for the batch jobs.\nNext line.",
    "assignment": 'export THE_KEY="{}"\n',
    "table": "| name | value |\n|---|---|\n| key | {} |\n",
    "code": "```python\nclient = Client('{}', region=1)\n```",
    "backticks": "The key is `{}`.",
    "json": '{{"key": "{}", "n": 1}}',
    "address": "See https://api.tern.example/v1?key={}&page=2",
    "bold": "**{}**",
    "end": "{}",
}
COUNT = 12


def check(what: str, place: str, text: str, secret: str) -> None:
    found = redact(text)
    kept = max((found.text.find(secret[at : at + 10]) for at in range(len(secret) - 9)), default=-1)
    assert kept < 0, f"a part of a secret stayed: {what}, in {place}"
    assert found.count >= 1
    assert found.text.count("\n") == text.count("\n"), f"a line moved: {what}, in {place}"
    line = text[: text.find(secret[:5])].count("\n") + 1
    assert line in found.lines


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", BY_PREFIX)
def test_pv_06_every_secret_with_a_providers_prefix_is_found_anywhere(kind: str, place: str) -> None:
    generator = random.Random(f"{kind} {place}")
    for _ in range(COUNT):
        secret = BY_PREFIX[kind](generator)
        check(kind, place, PLACES[place].format(secret), secret)


def test_pv_06_secrets_that_only_their_name_gives_away_are_found() -> None:
    generator = random.Random(6)
    missed: dict[str, int] = {}
    for kind, (context, draw) in BY_CONTEXT.items():
        for _ in range(100):
            secret = draw(generator)
            missed[kind] = missed.get(kind, 0) + (
                secret in redact(f"Words.\n{context.format(secret)}\n").text
            )
    assert sum(missed.values()) <= 0.01 * 100 * len(BY_CONTEXT), missed
    assert max(missed.values()) <= 3, missed


def test_pv_06_of_four_thousand_planted_secrets_nearly_all_are_found() -> None:
    missed: Counter[tuple[str, str]] = Counter()
    planted_here = 0
    for one in planted():
        planted_here += 1
        found = redact(one.text)
        assert found.text.count("\n") == one.text.count("\n")
        missed[one.kind.words, one.place] += one.survives(found.text) or not found.count
    assert planted_here == len(KINDS) * len(PLANTED_PLACES) * EACH == 4000
    of_providers = {kind.words for kind in KINDS if kind.provider}
    assert not {kind: count for (kind, _), count in missed.items() if count and kind in of_providers}
    assert missed.total() <= 0.01 * planted_here, +missed


@pytest.mark.parametrize(
    "table",
    [
        "node,wandb_api_key,region\na100-3,{},eu-1\na100-4,{},eu-1\n",
        "| node | W&B key | until |\n|---|---|---|\n| a100 | `{}` | May |\n| h100 | {} | May |\n",
        "what\tapi key\none\t{}\ntwo\t{}\n",
    ],
)
def test_pv_06_columns_under_a_name_are_looked_at_to_their_end(table: str) -> None:
    generator = random.Random(5)
    secrets = [drawn(HEX, 40)(generator) for _ in range(2)]
    done = redact(table.format(*secrets) + "\nThe next words, and more.\n")
    assert done.count == 2
    assert not any(secret in done.text for secret in secrets)
    assert done.text.endswith("\nThe next words, and more.\n")


def wrapped(secret: str, at: int) -> dict[str, str]:
    return {
        "line end": f"key {secret[:at]}\n{secret[at:]} end",
        "quoted line end": f"> key {secret[:at]}\n> {secret[at:]} end",
        "continued": f"key {secret[:at]}\\\n  {secret[at:]} end",
        "comment": f"# key {secret[:at]}\n# {secret[at:]} end",
        "backticks": f"`{secret[:at]}``{secret[at:]}`",
        "escapes": secret.replace("_", "\\_").replace("-", "\\-"),
        "entities": secret.replace("_", "&#95;").replace("-", "&#45;"),
    }


@pytest.mark.parametrize("kind", BY_PREFIX)
def test_pv_08_a_broken_secret_is_found_whole(kind: str) -> None:
    generator = random.Random(kind)
    for _ in range(COUNT):
        secret = BY_PREFIX[kind](generator)
        at = generator.randrange(10, len(secret) - 8)
        for how, text in wrapped(secret, at).items():
            found = redact(text)
            rest = found.text.replace("\\", "").replace("&#95;", "_").replace("&#45;", "-")
            parts = (secret[:at], secret[at:]) if how not in ("escapes", "entities") else (secret,)
            assert not any(part[-8:] in rest for part in parts), f"{kind}, broken by {how}"
            assert found.text.count("\n") == text.count("\n")


BEFORE_A_WEB_TOKEN = (
    "Until May take ",
    "token: ",
    "Authorization: Bearer ",
    "password=x1Y2z3W4&token=",
    "key\n",
)
LINE_ENDS = ("\n", "\n> ", "\n# ", "\n    // ", "\\\n  ")
SIGNATURES = (43, 64, 86, 342)


def signed(generator: random.Random, signature: int) -> str:
    return f"{web_token(generator).rpartition('.')[0]}.{drawn(LETTERS + '_-', signature)(generator)}"


@pytest.mark.parametrize("before", BEFORE_A_WEB_TOKEN)
def test_pv_08_a_web_token_is_found_whole_wherever_it_is_broken(before: str) -> None:
    generator = random.Random(before)
    token = signed(generator, 43)
    for at in range(4, len(token)):
        for end in LINE_ENDS:
            done = redact(f"{before}{token[:at]}{end}{token[at:]} is the one.")
            kept = {*pieces(token[:at], 8), *pieces(token[at:], 8)} & {*pieces(done.text, 8)}
            assert not kept, f"broken at {at} by {end!r}"
            assert done.text.endswith(" is the one.")


@pytest.mark.parametrize("width", [20, 43, 60, 64, 76])
@pytest.mark.parametrize("signature", SIGNATURES)
def test_pv_08_what_follows_a_web_token_stays_however_it_is_wrapped(signature: int, width: int) -> None:
    generator = random.Random(f"{signature} {width}")
    for after in (
        "Next line.",
        "region: eu-1",
        "- staging",
        "> quoted",
        "2026-03-04 10:12:13",
        "# A heading",
    ):
        token = signed(generator, signature)
        lines = [token[at : at + width] for at in range(0, len(token), width)]
        for end in LINE_ENDS:
            text = f"Before\n{end.join(lines)}"
            breaks = "\n" * (len(lines) - 1)
            expected = f"Before\n[redacted: JSON web token]{breaks}\n{after}"
            assert redact(f"{text}\n{after}").text == expected, f"broken by {end!r}"


def test_pv_08_web_tokens_on_lines_of_their_own_are_each_found() -> None:
    generator = random.Random(8)
    tokens = [signed(generator, length) for length in SIGNATURES]
    done = redact("\n".join(tokens) + "\nThe next sentence.")
    assert done.lines == (1, 2, 3, 4)
    assert done.text == "[redacted: JSON web token]\n" * 4 + "The next sentence."
    unsigned = signed(generator, 0)
    assert redact(f"It begins with {unsigned}\nSentences go on.").text.endswith("\nSentences go on.")


def pieces(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def test_a_private_key_is_taken_out_whole() -> None:
    body = "\n".join(drawn(LETTERS + "+/", 64)(random.Random(n)) for n in range(20))
    for name in ("RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY"):
        text = f"Before\n-----BEGIN {name}-----\n{body}\n-----END {name}-----\nAfter"
        assert redact(text).text == "Before\n[redacted: private key]" + "\n" * 21 + "\nAfter"
    cut = redact(f"Before\n-----BEGIN PRIVATE KEY-----\n{body}\n\nAfter the file was cut.").text
    assert not set(body.split("\n")) & set(cut.split("\n"))
    assert cut.endswith("After the file was cut.")


ORDINARY = [
    "commit 3f786850e387550fdab836ed7e6dc881de23001b fixed the loader",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "run 7d9f1c2e-6b7a-4c1e-9d35-0a1b2c3d4e5f finished",
    "https://wandb.ai/team/project/runs/1a2b3c4d",
    "The token count is 4096; max_tokens: 2048 and token_type_ids: 0",
    "password: (ask Mira)",
    "password = os.environ['DB_PASSWORD']",
    "api_key: ${OPENAI_API_KEY}",
    "api_key = YOUR_API_KEY_HERE_1234567890",
    "secret: <your-secret>",
    "token: sk-...",
    "sk-learn is not scikit-learn-contrib-extras-package",
    "hf_hub_download_with_progress_bar_and_retries(path)",
    "hf_oauth_expiration_minutes: 480 and hf_oauth_authorized_organizations",
    "secret_ThisIsTheNameOfAVariableThatGoesOnAndOnForEver = 3",
    "secret_names and secret_rules, fw_version, figd_token, tvly-...",
    "a header such as eyJhbGciOiJIUzI1NiJ9 says how it is signed.",
    "1//0 is refused, and 1//04 too",
    "tokenizer: meta-llama/Llama-2-7b-chat-hf",
    "key: model.layers.12.self_attn.q_proj.weight",
    "user:password@host is the form",
]


@pytest.mark.parametrize("line", ORDINARY)
def test_pv_07_ordinary_lines_are_left_alone(line: str) -> None:
    assert redact(line).text == line


def test_pv_07_hashes_and_ids_in_logs_are_left_alone() -> None:
    alarms = Counter[str]()
    lines = 0
    for what, line in ordinary_lines():
        lines += 1
        alarms[what] += redact(line).count > 0
    assert lines >= 4000
    assert alarms.total() <= 0.01 * lines, +alarms


def test_pv_07_nothing_of_a_teams_documents_is_taken_for_a_secret() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES.rglob("*.md")}
    assert sum(text.count("\n") for text in texts.values()) > 1_000
    assert {name: redact(text).lines for name, text in texts.items() if redact(text).count} == {}


PIECES = [
    *(
        "sk-ant-Ab1Cd2Ef3",
        "Gh4Ij5Kl6Mn7Op8",
        "hf_",
        "AKIA",
        "aB3dE6gH9!",
        "password: ",
        "https://mira:",
        "@db.example",
    ),
    *("\n", "> ", "\\\n", "`", "*", " ", "words", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
@example("sk-ant-Ab1Cd2Ef3password: password: sk-ant-Ab1Cd2Ef3")
def test_redacting_keeps_every_line_and_is_done_in_one_go(text: str) -> None:
    once = redact(text)
    assert once.text.count("\n") == text.count("\n")
    assert len(once.lines) == len(once.kinds) == once.count
    assert list(once.lines) == sorted(once.lines)
    assert redact(once.text).text == once.text
    if not once.count:
        assert once.text == text


def test_a_value_is_redacted_by_what_its_name_tells() -> None:
    secret = drawn(LETTERS, 32)(random.Random(1))
    assert redact_value("wandb.api_key", secret).text.startswith("[redacted: ")
    assert redact_value("run_id", secret).text == secret
    assert redact_value("learning_rate", "0.0003").text == "0.0003"


def test_the_report_has_kind_and_line_and_never_the_value() -> None:
    generator = random.Random(3)
    secrets = [prefixed("hf_", LETTERS, 34)(generator) for _ in range(3)]
    text = f"One\n{secrets[0]}\n\nTwo {secrets[1]}\nThree\n{secrets[2]}\n"
    redacted, pages = redact_pages(text, [0, text.index("Two"), text.index("Three")])
    assert [(one.kind, one.line) for one in redacted.found] == [
        ("Hugging Face token", line) for line in (2, 4, 6)
    ]
    assert [redacted.text[at : at + 3] for at in pages] == ["One", "Two", "Thr"]
    assert marks_in(redacted.text) == redacted.found
    assert not any(secret in repr(redacted.found) for secret in secrets)
