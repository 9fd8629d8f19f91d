"""A translation is shown only when no rule speaks against its saying what the original says."""

import pytest

from knowledge.language import faithful

ORIGINAL = "The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run."
GOOD = {
    "de": "Die letzte Übung fand am 12. Mai 2026 statt und dauerte 41 Minuten für den 7B-Lauf.",
    "fr": "Le dernier exercice a eu lieu le 12 mai 2026 et a duré 41 minutes pour le run 7B.",
    "ja": "最後の復元訓練は2026年5月12日に行われ、7Bの実行で41分かかりました。",
}


@pytest.mark.parametrize("code", ["de", "fr"])
def test_a_good_translation_is_faithful(code: str) -> None:
    assert faithful(GOOD[code], ORIGINAL, code)


@pytest.mark.parametrize(
    "translation",
    [
        GOOD["de"].replace("41", "14"),
        GOOD["de"].replace("41 Minuten", "lange"),
        GOOD["de"].replace("7B", "13B"),
        GOOD["de"].replace("dauerte", "dauerte nicht"),
        GOOD["de"] + " Siehe https://evil.example/x_1.",
        GOOD["de"] + " Danach 5 GB.",
        "",
    ],
)
def test_what_changes_numbers_names_or_negation_is_not(translation: str) -> None:
    assert not faithful(translation, ORIGINAL, "de")


@pytest.mark.parametrize(
    ("translation", "original", "language", "same"),
    [
        ("Alte Dateien werden nicht gelöscht.", "Old files are not deleted.", "de", True),
        ("Alte Dateien werden gelöscht.", "Old files are not deleted.", "de", False),
        ("古いファイルは削除されません。", "Old files are not deleted.", "ja", True),
        ("古いファイルは削除されます。", "Old files are not deleted.", "ja", False),
        ("Die Rate ist 0,003.", "The rate is 0.003.", "de", True),
        ("Es gibt 1.500 Läufe.", "There are 1,500 runs.", "de", True),
        ("Es gibt 15.000 Läufe.", "There are 1,500 runs.", "de", False),
        ("Nach 2 Wochen.", "After two weeks.", "de", True),
        ("Eski dosyalar silinmez.", "Old files are not deleted.", "tr", False),
        ("Eski dosyalar silinir.", "Old files are deleted.", "tr", True),
        ("Frag Ada nach AdamW.", "Ask Ada about AdamW.", "de", True),
        ("Frag Bob nach AdamW.", "Ask Ada about AdamW.", "de", False),
    ],
)
def test_each_rule(translation: str, original: str, language: str, same: bool) -> None:
    assert faithful(translation, original, language) is same
