"""The rules by which secrets are known, each linear in the text.

Prefixes that providers give their keys, private key blocks, passwords in web addresses, values assigned to
names such as `password`, and long random values beside words such as "W&B" or "secret".
"""

import re
from collections.abc import Iterator
from html import unescape

from ingest.secret_names import PLACEHOLDER, is_random, named_secrets

# kind, prefix, characters of the rest, fewest characters of the rest
_PREFIXES = (
    ("Anthropic key", "sk-ant-", r"A-Za-z0-9_-", 16),
    ("OpenRouter key", "sk-or-", r"A-Za-z0-9_-", 20),
    ("LangSmith key", "lsv2_", r"A-Za-z0-9_", 20),
    ("OpenAI key", "sk-", r"A-Za-z0-9_-", 20),
    ("Stripe key", "sk_live_", r"A-Za-z0-9", 16),
    ("Stripe key", "sk_test_", r"A-Za-z0-9", 16),
    ("Stripe key", "rk_live_", r"A-Za-z0-9", 16),
    ("Stripe key", "rk_test_", r"A-Za-z0-9", 16),
    ("webhook secret", "whsec_", r"A-Za-z0-9+/=", 16),
    ("Hugging Face token", "hf_oauth_", r"A-Za-z0-9_.-", 24),
    ("Hugging Face token", "hf_", r"A-Za-z0-9", 24),
    ("Hugging Face token", "api_org_", r"A-Za-z0-9", 24),
    ("Slack token", "xox", r"A-Za-z0-9.-", 12),
    ("Slack token", "xapp-", r"A-Za-z0-9-", 16),
    ("Slack webhook", "hooks.slack.com/", r"A-Za-z0-9/", 24),
    ("GitHub token", "ghp_", r"A-Za-z0-9", 30),
    ("GitHub token", "gho_", r"A-Za-z0-9", 30),
    ("GitHub token", "ghu_", r"A-Za-z0-9", 30),
    ("GitHub token", "ghs_", r"A-Za-z0-9", 30),
    ("GitHub token", "ghr_", r"A-Za-z0-9", 30),
    ("GitHub token", "github_pat_", r"A-Za-z0-9_", 20),
    ("GitLab token", "glpat-", r"A-Za-z0-9_.-", 18),
    ("GitLab token", "gldt-", r"A-Za-z0-9_-", 18),
    ("GitLab token", "glrt-", r"A-Za-z0-9_-", 18),
    ("GitLab token", "glptt-", r"A-Za-z0-9_-", 18),
    ("AWS key id", "AKIA", r"A-Z0-9", 16),
    ("AWS key id", "ASIA", r"A-Z0-9", 16),
    ("Google key", "AIza", r"A-Za-z0-9_-", 35),
    ("Google token", "ya29.", r"A-Za-z0-9_-", 20),
    ("Google token", "1//0", r"A-Za-z0-9_-", 40),
    ("Google secret", "GOCSPX-", r"A-Za-z0-9_-", 20),
    ("W&B key", "wandb_v1_", r"A-Za-z0-9_", 20),
    ("Databricks token", "dapi", r"a-f0-9", 32),
    ("npm token", "npm_", r"A-Za-z0-9", 30),
    ("PyPI token", "pypi-", r"A-Za-z0-9_-", 40),
    ("SendGrid key", "SG.", r"A-Za-z0-9_.-", 40),
    ("Replicate token", "r8_", r"A-Za-z0-9", 30),
    ("Groq key", "gsk_", r"A-Za-z0-9", 30),
    ("Perplexity key", "pplx-", r"A-Za-z0-9", 30),
    ("xAI key", "xai-", r"A-Za-z0-9", 40),
    ("NVIDIA key", "nvapi-", r"A-Za-z0-9_-", 40),
    ("Pinecone key", "pcsk_", r"A-Za-z0-9_", 30),
    ("Notion token", "ntn_", r"A-Za-z0-9", 30),
    ("Notion token", "secret_", r"A-Za-z0-9", 43),
    ("Tavily key", "tvly-dev-", r"A-Za-z0-9-", 32),
    ("Tavily key", "tvly-prod-", r"A-Za-z0-9-", 32),
    ("Tavily key", "tvly-", r"A-Za-z0-9-", 32),
    ("Fireworks key", "fw_", r"A-Za-z0-9", 20),
    ("Shopify token", "shpat_", r"A-Fa-f0-9", 32),
    ("Shopify token", "shpca_", r"A-Fa-f0-9", 32),
    ("Shopify token", "shppa_", r"A-Fa-f0-9", 32),
    ("Shopify secret", "shpss_", r"A-Fa-f0-9", 32),
    ("Figma token", "figd_", r"A-Za-z0-9_-", 40),
    ("Linear key", "lin_api_", r"A-Za-z0-9", 30),
    ("Docker token", "dckr_pat_", r"A-Za-z0-9_-", 20),
    ("Vault token", "hvs.", r"A-Za-z0-9_-", 20),
    ("DigitalOcean token", "dop_v1_", r"a-f0-9", 40),
    ("Grafana token", "glsa_", r"A-Za-z0-9_", 30),
    ("Atlassian token", "ATATT3", r"A-Za-z0-9_=-", 40),
    ("Neptune token", "eyJhcGlf", r"A-Za-z0-9+/=", 60),
    ("Together key", "tgp_v1_", r"A-Za-z0-9_-", 30),
    ("age key", "AGE-SECRET-KEY-1", r"A-Z0-9", 50),
)
_MANY = 300
_LONG_PREFIX = 8
# How long the rest usually is: one that is shorter goes on after a line end.
_USUAL = {
    "github_pat_": 82, "pypi-": 135, "hooks.slack.com/": 50, "lsv2_": 35, "sk-ant-": 90, "hf_": 34,
    "1//0": 99, "ntn_": 46, "fw_": 24,
}  # fmt: skip
# Prefixes that words have too: what follows must look random.
_COMMON = ("sk-", "xox", "hf_", "hf_oauth_", "SG.", "hooks.slack.com/", "secret_", "fw_")
# What may stand inside a secret without being part of it: escapes, backticks, emphasis, a wrapped line.
_BREAK = r"(?:\\|`|\*|[ \t]*\\?\n[ \t]*(?:>[ \t]*|\#[ \t]*|//[ \t]*)?)"
_SPELT = {
    "_": r"\\?(?:_|&\#95;|&\#x5[fF];|&lowbar;)",
    "-": r"\\?(?:-|&\#45;|&\#x2[dD];|&hyphen;|&dash;)",
}


def _pattern(prefix: str, rest: str, least: int) -> re.Pattern[str]:
    broken = f"{_BREAK}{{0,2}}" if len(prefix) > _LONG_PREFIX else ""
    spelt = broken.join(_SPELT.get(character, re.escape(character)) for character in prefix)
    also = [_SPELT["_"]] * ("_" in rest) + [_SPELT["-"]] * rest.endswith("-")
    body = "|".join([f"[{rest}]", *also])
    return re.compile(f"{spelt}(?:{_BREAK}{{0,2}}(?:{body})){{{least},{_MANY}}}")


_LEADS = sorted({re.split("[-_.]", prefix)[0] for _, prefix, _, _ in _PREFIXES}, key=len, reverse=True)
_LEAD = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_LEADS)})")
_BY_LEAD = {
    lead: [
        (kind, prefix, len(prefix) + _USUAL.get(prefix, least), _pattern(prefix, rest, least))
        for kind, prefix, rest, least in _PREFIXES
        if prefix.startswith(lead)
    ]
    for lead in _LEADS
}
_WRAP = re.compile(r"[ \t]*\\?\n[ \t]*(?:>[ \t]*|#[ \t]*|//[ \t]*)?")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = re.compile(r"(?:[\s>\"'\\]*(?:[A-Za-z0-9+/=]{16,}|[A-Za-z-]{4,20}: [^\n]{0,80}))*")
# What may be a web token, and what follows it, with the breaks in it.
_WEB_TOKEN = re.compile(
    rf"(?<![A-Za-z0-9])eyJ(?:[A-Za-z0-9_.-]++|{'|'.join(_SPELT.values())}"
    rf"|{_BREAK}{{1,2}}+(?=[A-Za-z0-9_.&-]))*+"
)
_SEGMENT = re.compile(r"[^.]+")
_HEAD = re.compile(r"(?<![A-Za-z0-9])eyJ")
_LEAST_SEGMENT = 11
_LEAST_SIGNATURE = 8
# How long signatures are: by HMAC, by ECDSA and EdDSA, by RSA of 2048, 3072 and 4096 bits.
_SIGNATURES = (43, 64, 86, 128, 176, 342, 512, 683)
_BREAKS = re.compile(_BREAK)
_USERINFO = re.compile(r"://(?P<user>[^\s/:@<>\"'`]{0,100}):(?P<value>[^\s/@<>\"'`]{1,200})@(?=[\w\[])")
_BEARER = re.compile(r"\b(?:[Bb]earer|[Bb]asic)[ \t]+(?P<value>[A-Za-z0-9._~+/=-]{16,2000})")
_KEY_ID_NEAR = 300
# kind, what must be there for the rule to be tried, the rule
_OTHERS = (
    ("Telegram token", ":AA", re.compile(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![\w-])")),
    ("Mailgun key", "key-", re.compile(r"(?<![\w-])key-[a-f0-9]{32}(?!\w)")),
    ("Twilio key", "SK", re.compile(r"(?<!\w)SK[a-f0-9]{32}(?!\w)")),
    ("signed address", "sig=", re.compile(r"[?&]sig=(?P<value>[A-Za-z0-9%+/]{40,80}(?:%3[dD]|=))")),
)


def secrets_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where secrets start and end in a text, in no order, and what each is. They may overlap."""
    yield from _prefixed(text)
    yield from _private_keys(text)
    yield from _web_tokens(text)
    for kind, needed, pattern in _OTHERS:
        for match in pattern.finditer(text) if needed in text else ():
            yield *match.span("value" if "value" in pattern.groupindex else 0), kind
    for match in _USERINFO.finditer(text):
        if not PLACEHOLDER.search(match["value"]):
            yield *match.span("value"), "password in a web address"
    for match in _BEARER.finditer(text) if "earer" in text or "asic" in text else ():
        if is_random(match["value"]):
            yield *match.span("value"), "authorization header"
    yield from named_secrets(text)
    yield from _beside_key_ids(text)


def _prefixed(text: str) -> Iterator[tuple[int, int, str]]:
    position = 0
    while lead := _LEAD.search(text, position):
        position = lead.end()
        for kind, prefix, usual, pattern in _BY_LEAD[lead[0]]:
            match = pattern.match(text, lead.start())
            if match is None:
                continue
            end = _end_of_secret(match[0], usual)
            position = max(position, lead.start() + end)
            if prefix not in _COMMON or is_random(match[0][:end]):
                yield lead.start(), position, kind
            break


def _end_of_secret(found: str, usual: int) -> int:
    """Where a secret ends that may go on after a line end: only while it is too short, or looks random."""
    end = 0
    for wrap in _WRAP.finditer(found):
        if end and not is_random(found[end : wrap.start()]) and end >= usual:
            break
        end = wrap.start()
    else:
        last = _WRAP.split(found)[-1]
        if end < usual or not end or (len(last) >= 6 and is_random(last)):
            end = len(found)
    return len(found[:end].rstrip("`*\\.-"))


def _web_tokens(text: str) -> Iterator[tuple[int, int, str]]:
    for run in _WEB_TOKEN.finditer(text) if "eyJ" in text else ():
        segments = list(_SEGMENT.finditer(text, *run.span()))
        for first, second, third in zip(segments, segments[1:], (*segments[2:], None), strict=False):
            head, body = _HEAD.search(text, *first.span()), _unbroken(second[0])
            if head is None or first.end() - head.start() < _LEAST_SEGMENT:
                continue
            if not body.startswith("eyJ") or len(body) < _LEAST_SEGMENT:
                continue
            end = second.start() + _end_of_secret(second[0], 0)
            if third is not None and _is_signature(third[0]):
                end = third.start() + _end_of_signature(third[0])
            yield head.start(), end, "JSON web token"


def _is_signature(segment: str) -> bool:
    """Whether what follows a web token's second full stop is not the next sentence."""
    signature = _unbroken(segment)
    return len(signature) >= _LEAST_SIGNATURE and (not _WRAP.match(segment) or is_random(signature))


def _end_of_signature(found: str) -> int:
    """Where a signature ends that may go on after line ends: where it is as long as signatures are."""
    length = start = end = 0
    for line_end in (*(wrap.span() for wrap in _WRAP.finditer(found)), (len(found), 0)):
        length += len(_unbroken(found[start : line_end[0]]))
        if length in _SIGNATURES:
            end = line_end[0]
        start = line_end[1]
    return len(found[:end].rstrip("`*\\")) or _end_of_secret(found, _SIGNATURES[0])


def _unbroken(segment: str) -> str:
    return unescape(_BREAKS.sub("", segment))


def _private_keys(text: str) -> Iterator[tuple[int, int, str]]:
    for opening in _PRIVATE_KEY.finditer(text):
        closing = _PRIVATE_KEY_END.search(text, opening.end(), opening.end() + 20_000)
        lines = _KEY_LINES.match(text, opening.end(), opening.end() + 20_000)
        yield (
            opening.start(),
            closing.end() if closing else lines.end() if lines else opening.end(),
            "private key",
        )


def _beside_key_ids(text: str) -> Iterator[tuple[int, int, str]]:
    for key_id in re.finditer(r"\bA[KS]IA[A-Z0-9]{16}\b", text):
        near = text[key_id.end() : key_id.end() + _KEY_ID_NEAR]
        for match in re.finditer(r"(?<![\w+/=])[A-Za-z0-9+/]{40}(?![\w+/=])", near):
            if is_random(match[0]):
                yield key_id.end() + match.start(), key_id.end() + match.end(), "AWS secret"
