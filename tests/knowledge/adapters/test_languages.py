"""In which language a question is: measured on questions of every shape, and never wrong about English."""

import json
import re
from pathlib import Path

import pytest

from knowledge.adapters.languages import LANGUAGES, language_of

ROOT = Path(__file__).parents[3]
ASKED = {
    "de": (
        "Wie lange werden Checkpoints aufbewahrt?",
        "Wer ist für die Evaluierung zuständig?",
        "Wie beantrage ich mehr GPU-Stunden?",
    ),
    "fr": ("Combien de temps les checkpoints sont-ils conservés ?", "Comment demander plus de GPU ?"),
    "es": ("¿Cuánto tiempo se guardan los checkpoints?", "¿Quién se encarga de la evaluación?"),
    "it": ("Quanto tempo vengono conservati i checkpoint?", "Chi si occupa della valutazione?"),
    "pt": ("Por quanto tempo os checkpoints são guardados?", "Quem cuida da avaliação?"),
    "nl": ("Hoe lang worden checkpoints bewaard?", "Wie is verantwoordelijk voor de evaluatie?"),
    "pl": ("Jak długo przechowywane są punkty kontrolne?", "Kto odpowiada za ewaluację?"),
    "ru": ("Сколько хранятся чекпойнты?", "Кто отвечает за оценку моделей?"),
    "uk": ("Скільки зберігаються контрольні точки?",),
    "ja": ("チェックポイントはどれくらい保存されますか？", "評価の担当者は誰ですか？"),
    "zh": ("检查点保存多长时间？", "谁负责评估？"),
    "ko": ("체크포인트는 얼마나 보관되나요?",),
    "sv": ("Hur länge sparas checkpoints?",),
    "da": ("Hvor længe gemmes checkpoints?",),
    "tr": ("Kontrol noktaları ne kadar süre saklanır?",),
    "ar": ("كم من الوقت يتم الاحتفاظ بنقاط التفتيش؟",),
    "hi": ("चेकपॉइंट कितने समय तक रखे जाते हैं?",),
}
SHORT = (
    "tr11-176B lr?", "warmup steps", "do we use AdamW?", "scratch cleanup", "GPU quota", "wandb entity?",
    "conda env setup", "restore drill", "optimizer", "and for 13B?", "Deepspeed zero stage", "pager rotation",
    "onboarding checklist new hires", "loss spike bf16 fix", "data loader bottleneck", "vacation policy",
)  # fmt: skip


@pytest.mark.parametrize(("code", "question"), [(code, one) for code, all_ in ASKED.items() for one in all_])
def test_a_question_is_in_its_language(code: str, question: str) -> None:
    assert language_of(question) == code


def test_short_english_and_shop_talk_are_never_another_language() -> None:
    assert {language_of(one) for one in SHORT} <= {"", "en"}


def test_no_question_or_sentence_of_the_examples_is_taken_for_another_language() -> None:
    lines = (ROOT / "examples/eval/questions.jsonl").read_text().splitlines()
    questions = [json.loads(line) for line in lines]
    texts = [str(one.get("text") or one.get("question")) for one in questions]
    for page in (ROOT / "examples").rglob("*.md"):
        prose = [line for line in page.read_text().splitlines() if len(line) > 30 and line[0].isalpha()]
        texts += [one for line in prose for one in re.split(r"(?<=[.!?]) ", line) if len(one) > 20]
    assert len(texts) > 300
    assert {language_of(text) for text in texts} <= {"", "en"}


@pytest.mark.parametrize("question", ["Welche Lernrate hat digits-mlp-07?", "lr für 13B?"])
def test_a_short_question_full_of_code_may_stay_untold(question: str) -> None:
    assert language_of(question) == ""


@pytest.mark.parametrize("text", ["", "  ", "?", "1234 5678", "`code only here`", "\x00\ufffd", "🙂" * 50])
def test_nobody_can_tell_the_language_of_nothing(text: str) -> None:
    assert language_of(text) == ""


def test_every_language_has_a_name() -> None:
    assert all(len(code) == 2 and name[0].isupper() for code, name in LANGUAGES.items())
