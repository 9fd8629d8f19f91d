"""Who is named by an e-mail address is somebody who has confirmed it."""

from tests.dialogues.lore import Lore, words

BUDGET = "how much is the hiring budget for the platform team?"


def test_az22_who_has_not_confirmed_an_address_is_no_reader_of_what_it_may_read(lore: Lore) -> None:
    lore.slack.change_person("ben", is_email_confirmed=False)
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    said = words(lore.private_reply("ben", "#general"))
    assert "I found no answer" in said
    assert "640000" not in said
    said = lore.reply("#leads", lore.mention("ana", "#leads", BUDGET))
    assert "640000" not in said, "not everybody in #leads may read it"
    lore.slack.change_person("ben", is_email_confirmed=True)
    lore.slack.wait_for(lambda: lore.slack.ledger.events("user_change")[-1].acked)
    assert "640000 euros" in lore.reply("#leads", lore.mention("ana", "#leads", BUDGET))
