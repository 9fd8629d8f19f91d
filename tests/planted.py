"""Secrets made up for tests, planted where people leave them; and ordinary lines that look like secrets.

All is drawn from a seed. Whoever fails over one of them names its kind and place, never the value.
"""

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LETTERS, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
EACH = 50

Draw = Callable[[random.Random], str]


def drawn(alphabet: str, length: int) -> Draw:
    return lambda generator: "".join(generator.choice(alphabet) for _ in range(length))


def prefixed(prefix: str, alphabet: str, length: int) -> Draw:
    return lambda generator: prefix + drawn(alphabet, length)(generator)


def slack(generator: random.Random) -> str:
    numbers = "-".join(drawn(string.digits, 12)(generator) for _ in range(2))
    return f"{generator.choice(['xoxb', 'xoxp', 'xoxa'])}-{numbers}-{drawn(LETTERS, 24)(generator)}"


def hook(generator: random.Random) -> str:
    ids = f"T{drawn(UPPER, 8)(generator)}/B{drawn(UPPER, 10)(generator)}"
    return f"hooks.slack.com/services/{ids}/{drawn(LETTERS, 24)(generator)}"


def web_token(generator: random.Random) -> str:
    head, body, signature = (drawn(LETTERS + "_-", length)(generator) for length in (33, 60, 43))
    return f"eyJ{head}.eyJ{body}.{signature}"


def password(generator: random.Random) -> str:
    """What a person makes up: a word or two, digits, a mark."""
    word = "".join(generator.choice(string.ascii_lowercase) for _ in range(generator.randint(4, 7)))
    forms = (
        lambda: word.title() + drawn(string.digits, 4)(generator) + generator.choice("!?#%&+"),
        lambda: (
            drawn(LETTERS, 10)(generator) + generator.choice("!?#%&+") + drawn(string.digits, 2)(generator)
        ),
        lambda: word + generator.choice("-_.") + word.title() + drawn(string.digits, 3)(generator),
    )
    return generator.choice(forms)()


def private_key(generator: random.Random) -> str:
    kind = generator.choice(["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY"])
    lines = [drawn(LETTERS + "+/", 64)(generator) for _ in range(generator.randint(3, 8))]
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret: what people call it, what a program calls it, and how one is drawn.

    `around` is what it always stands in. `provider` says that its beginning alone gives it away.
    """

    words: str
    name: str
    draw: Draw
    provider: bool = True
    around: str = "{}"


KINDS = (
    Kind("OpenAI key", "OPENAI_API_KEY", prefixed("sk-proj-", LETTERS + "_-", 64)),
    Kind("Anthropic key", "ANTHROPIC_API_KEY", prefixed("sk-ant-api03-", LETTERS + "_-", 93)),
    Kind("Hugging Face token", "HF_TOKEN", prefixed("hf_", LETTERS, 34)),
    Kind("GitHub token", "GITHUB_TOKEN", prefixed("ghp_", LETTERS, 36)),
    Kind("fine-grained GitHub token", "GH_PAT", prefixed("github_pat_", LETTERS + "_", 82)),
    Kind("GitLab token", "GITLAB_TOKEN", prefixed("glpat-", LETTERS + "_-", 20)),
    Kind("Slack token", "SLACK_BOT_TOKEN", slack),
    Kind("Slack webhook", "SLACK_WEBHOOK", hook, around="https://{}"),
    Kind("AWS key id", "AWS_ACCESS_KEY_ID", prefixed("AKIA", UPPER, 16)),
    Kind("Google key", "GOOGLE_API_KEY", prefixed("AIza", LETTERS + "_-", 35)),
    Kind("Databricks token", "DATABRICKS_TOKEN", prefixed("dapi", HEX, 32)),
    Kind("Stripe key", "STRIPE_KEY", prefixed("sk_live_", LETTERS, 24)),
    Kind("npm token", "NPM_TOKEN", prefixed("npm_", LETTERS, 36)),
    Kind("PyPI token", "PYPI_TOKEN", prefixed("pypi-AgEIcHlwaS5vcmc", LETTERS + "_-", 120)),
    Kind("web token", "SESSION", web_token),
    Kind("private key", "DEPLOY_KEY", private_key),
    Kind("W&B key", "WANDB_API_KEY", drawn(HEX, 40), provider=False),
    Kind("AWS secret", "AWS_SECRET_ACCESS_KEY", drawn(LETTERS + "+/", 40), provider=False),
    Kind("password", "DB_PASSWORD", password, provider=False),
    Kind(
        "database address", "DATABASE_URL", drawn(LETTERS, 18), provider=False,
        around="postgresql://app:{}@db.tern.example:5432/app",
    ),
)  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    "prose": (
        "Ask Mira; until then the {words} is {secret} for all batch jobs.",
        "I have put a new {words} into the vault ({secret}), please use that one.",
        "> Jon: which {words}?\n> Mira: {words}: {secret}",
        "The {words} ({secret}) works again since Monday.",
        "Use **{words}** `{secret}`; the old one is gone.",
        "- {words} → {secret}\n- region → eu-1\n",
    ),
    "settings": (
        "export {name}={secret}\n",
        '{name}="{secret}"\nOTHER=1\n',
        "env:\n  {lower}: {secret}\n  region: eu-1\n",
        "[auth]\n{lower} = {secret}\ntimeout = 30\n",
        "{name}: '{secret}'  # change it in May\n",
        'set -x {name} "{secret}"\n',
    ),
    "code": (
        '```python\nclient = Client({lower}="{secret}")\n```',
        "```python\nos.environ['{name}'] = '{secret}'\nrun()\n```",
        '{{"region": "eu-1", "{lower}": "{secret}"}}',
        "$ docker run -e {name}={secret} tern/train:3",
        "    launch.py --{flag} {secret} --nodes 2",
        "const {lower} = '{secret}';",
    ),
    "table": (
        "| what | value | owner |\n|---|---|---|\n| {words} | {secret} | Mira |\n",
        "| what | value |\n|---|---|\n| `{name}` | `{secret}` |\n",
        "2026-03-04 10:12:13 INFO launcher: {name}={secret} node=a100-3\n",
        "node,{lower},region\na100-3,{secret},eu-1\n",
        "<tr><td>{words}</td><td>{secret}</td></tr>",
        "{name}\t{secret}\tMira\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A secret in its place. `secret` is never shown."""

    kind: Kind
    place: str
    text: str
    secret: str

    def survives(self, redacted: str) -> bool:
        """Whether a part of the secret that is worth something is still there."""
        pieces = [line for line in self.secret.split("\n") if "-----" not in line]
        most = min(10, min(map(len, pieces)))
        return any(
            piece[at : at + most] in redacted for piece in pieces for at in range(len(piece) - most + 1)
        )


def planted(seed: int = 6, each: int = EACH) -> Iterator[Planted]:
    """Every kind in every place, so many times."""
    generator = random.Random(seed)
    for kind in KINDS:
        for place, forms in PLACES.items():
            for _ in range(each):
                secret = kind.draw(generator)
                form = generator.choice(forms)
                text = form.format(
                    words=kind.words,
                    name=kind.name,
                    lower=kind.name.lower(),
                    flag=kind.name.lower().replace("_", "-"),
                    secret=kind.around.format(secret),
                )
                yield Planted(kind, place, text, secret)


def ordinary_lines(seed: int = 7, each: int = 200) -> Iterator[tuple[str, str]]:
    """Lines of logs, configurations and documents that hold what only looks like a secret, by what it is."""
    generator = random.Random(seed)

    def some(alphabet: str, length: int) -> str:
        return drawn(alphabet, length)(generator)

    def uuid() -> str:
        return "-".join(some(HEX, length) for length in (8, 4, 4, 4, 12))

    forms: dict[str, Callable[[], str]] = {
        "commit": lambda: f"{some(HEX, 40)} Merge branch main",
        "commit in prose": lambda: f"The token count changed with commit {some(HEX, 40)}, see the diff.",
        "sha256": lambda: f"step 100 loss 0.31 checkpoint {some(HEX, 64)}.pt",
        "image digest": lambda: f"image: registry.tern.example/train@sha256:{some(HEX, 64)}",
        "uuid": lambda: f"run_id: {uuid()}",
        "trace": lambda: f"2026-03-04 10:12:13 INFO trace={some(HEX, 32)} span={some(HEX, 16)} ok",
        "etag": lambda: f'{{"etag": "{some(HEX, 32)}", "loss": 0.{some(string.digits, 16)}}}',
        "W&B run": lambda: (
            f"wandb: View run at https://wandb.ai/tern/tokenizer/runs/{some(HEX[:10] + 'xyz', 8)}"
        ),
        "run folder": lambda: (
            f"wandb: Run data is saved in wandb/run-20260304_101213-{some(LETTERS.lower(), 8)}"
        ),
        "MLflow run": lambda: f"mlflow run {some(HEX, 32)} experiment 12 status FINISHED",
        "cache key": lambda: f"restored cache key linux-py311-{some(HEX, 64)}",
        "lock": lambda: f"    --hash=sha256:{some(HEX, 64)} \\",
        "integrity": lambda: f'"integrity": "sha512-{some(LETTERS + "+/", 86)}=="',
        "tokenizer": lambda: f"tokenizer: meta-llama/Llama-3-8b revision {some(HEX, 40)}",
        "tokens": lambda: f"max_tokens: {generator.randint(1, 9999)} tokens_per_s={generator.random():.4f}",
        "tensor": lambda: f"model.layers.{generator.randint(0, 80)}.self_attn.q_proj.weight {some(HEX, 16)}",
        "path": lambda: f"saved to s3://tern-runs/{some(HEX, 32)}/epoch={generator.randint(0, 99)}.ckpt",
        "seed": lambda: f"seed={generator.randint(0, 2**32)} numel={generator.randint(10**8, 10**11)}",
        "secret's name": lambda: f"secret: projects/tern/secrets/db-{some(string.digits, 6)}/versions/latest",
        "asking for one": lambda: f"password: (ask Mira, room {generator.randint(100, 999)})",
    }
    for what, form in forms.items():
        for _ in range(each):
            yield what, form()
