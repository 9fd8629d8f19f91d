"""Lunch-and-learns, reading groups, pairing and digests; what is said at a time of its own, and letters."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _notices()
    _talks()
    _topic_experts()
    _volunteers()
    _talk_polls()
    _recaps()
    _invitations()
    _digests()
    _page_changes()
    _anchors()
    _pairing()
    _papers()


def _notices() -> None:
    """What is said at a time of its own, in Slack and by e-mail."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("planned_at", sa.Float(), nullable=False),
        sa.Column("not_after", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claim", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.Float(), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("settled_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'said', 'skipped', 'missed', 'cancelled')",
            name=op.f("ck_notices_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("kind", "about", "recipient", name=op.f("uq_notices_kind_about_recipient")),
    )
    op.create_index(op.f("ix_notices_recipient"), "notices", ["recipient"], unique=False)
    op.create_index(op.f("ix_notices_state_planned_at"), "notices", ["state", "planned_at"], unique=False)
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("unsubscribe", sa.Text(), nullable=False),
        sa.Column("not_after", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("claim", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.Float(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("put_at", sa.Float(), nullable=False),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_letters_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("key", name=op.f("uq_letters_key")),
    )
    op.create_index(op.f("ix_letters_about"), "letters", ["about"], unique=False)
    op.create_index(op.f("ix_letters_state_due_at"), "letters", ["state", "due_at"], unique=False)


def _talks() -> None:
    """Series, proposals with their votes, talks with those who speak and come."""
    op.create_table(
        "series",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("co_owners", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint("kind IN ('learning', 'reading')", name=op.f("ck_series_kind")),
        sa.CheckConstraint("state IN ('active', 'paused', 'archived')", name=op.f("ck_series_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_channel"), "series", ["channel"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("series_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposer", sa.String(length=40), nullable=False),
        sa.Column("paper", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("merged_into", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'chosen', 'held', 'withdrawn', 'merged')", name=op.f("ck_proposals_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_series_id_state"), "proposals", ["series_id", "state"], unique=False)
    op.create_table(
        "votes",
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("voted_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "person", name=op.f("pk_votes")),
    )
    op.create_table(
        "talks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("series_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("floor", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.Float(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("floor IN ('wanted', 'found', 'open')", name=op.f("ck_talks_floor")),
        sa.CheckConstraint(
            "state IN ('planned', 'announced', 'held', 'cancelled', 'missed')", name=op.f("ck_talks_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talks")),
        sa.UniqueConstraint("series_id", "slot", name=op.f("uq_talks_series_id_slot")),
    )
    op.create_index(op.f("ix_talks_state_starts_at"), "talks", ["state", "starts_at"], unique=False)
    op.create_table(
        "speakers",
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("volunteer", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'speaks', 'declined', 'stepped back', 'silent')",
            name=op.f("ck_speakers_state"),
        ),
        sa.PrimaryKeyConstraint("talk_id", "person", name=op.f("pk_speakers")),
    )
    op.create_index(op.f("ix_speakers_person"), "speakers", ["person"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("reply", sa.String(length=20), nullable=False),
        sa.Column("replied_at", sa.Float(), nullable=False),
        sa.CheckConstraint("reply IN ('yes', 'no', 'waiting')", name=op.f("ck_attendance_reply")),
        sa.PrimaryKeyConstraint("talk_id", "person", name=op.f("pk_attendance")),
    )


def _volunteers() -> None:
    """Who would speak about what is proposed."""
    op.create_table(
        "volunteers",
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("offered_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "person", name=op.f("pk_volunteers")),
    )


def _topic_experts() -> None:
    """Who was asked whether they would speak about a topic."""
    op.create_table(
        "topic_experts",
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("suggested_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'willing', 'unwilling', 'silent')", name=op.f("ck_topic_experts_state")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "person", name=op.f("pk_topic_experts")),
    )
    op.create_index(
        op.f("ix_topic_experts_state_asked_at"), "topic_experts", ["state", "asked_at"], unique=False
    )


def _recaps() -> None:
    """What remains of talks, and whom it answered."""
    op.create_table(
        "recaps",
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("slides", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("speakers", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("posted_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('nothing', 'draft', 'posted', 'withdrawn')", name=op.f("ck_recaps_state")
        ),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_recaps")),
    )
    op.create_index(op.f("ix_recaps_state"), "recaps", ["state"], unique=False)
    op.create_table(
        "asked_again",
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_asked_again")),
    )
    op.create_index(op.f("ix_asked_again_talk_id"), "asked_again", ["talk_id"], unique=False)
    op.create_index(op.f("ix_asked_again_told_at"), "asked_again", ["told_at"], unique=False)


def _invitations() -> None:
    """Where talks were announced, and what of them was told and arranged."""
    op.create_table(
        "talk_invitations",
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.String(length=40), nullable=False),
        sa.Column("change_key", sa.String(length=80), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("gone", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("filed", sa.Integer(), nullable=False),
        sa.Column("arranged", sa.String(length=40), nullable=False),
        sa.Column("settled", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_talk_invitations")),
    )


def _digests() -> None:
    """Who gets a digest and how, and what each has told."""
    op.create_table(
        "digests",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("look_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_digests_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
    )
    op.create_index(op.f("ix_digests_state_look_at"), "digests", ["state", "look_at"], unique=False)
    op.create_table(
        "digests_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("not_after", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("letter", sa.String(length=120), nullable=False),
        sa.Column("audience_keys", sa.JSON(), nullable=False),
        sa.Column("document_ids", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('put', 'told', 'lost')", name=op.f("ck_digests_told_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests_told")),
        sa.UniqueConstraint("about", name=op.f("uq_digests_told_about")),
    )
    op.create_index(op.f("ix_digests_told_digest_until"), "digests_told", ["digest", "until"], unique=False)
    op.create_index(op.f("ix_digests_told_state"), "digests_told", ["state"], unique=False)
    op.create_table(
        "digest_letters",
        sa.Column("digest", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "person", name=op.f("pk_digest_letters")),
    )


def _pairing() -> None:
    """Pairing: how it is set up, who takes part, its rounds and who was paired with whom."""
    op.create_table(
        "pairings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("counted_from", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint("kind IN ('coffee', 'mentoring', 'modelling')", name=op.f("ck_pairings_kind")),
        sa.CheckConstraint("state IN ('active', 'paused', 'ended')", name=op.f("ck_pairings_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_channel"), "pairings", ["channel"], unique=False)
    op.create_table(
        "pairing_members",
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("snoozed_until", sa.String(length=10), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint("role IN ('either', 'mentor', 'mentee')", name=op.f("ck_pairing_members_role")),
        sa.CheckConstraint("state IN ('in', 'left', 'dropped')", name=op.f("ck_pairing_members_state")),
        sa.PrimaryKeyConstraint("pairing_id", "person", name=op.f("pk_pairing_members")),
    )
    op.create_index(op.f("ix_pairing_members_person"), "pairing_members", ["person"], unique=False)
    op.create_table(
        "pairing_exclusions",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("other", sa.String(length=40), nullable=False),
        sa.Column("said_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("person", "other", name=op.f("pk_pairing_exclusions")),
    )
    op.create_table(
        "pairing_rounds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Float(), nullable=False),
        sa.Column("ask_at", sa.Float(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_rounds")),
        sa.UniqueConstraint("pairing_id", "slot", name=op.f("uq_pairing_rounds_pairing_id_slot")),
    )
    op.create_table(
        "pairs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("meets_at", sa.Float(), nullable=True),
        sa.Column("introduced_at", sa.Float(), nullable=True),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "state IN ('matched', 'introduced', 'alone', 'dissolved')", name=op.f("ck_pairs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
    )
    op.create_index(op.f("ix_pairs_round_id"), "pairs", ["round_id"], unique=False)
    op.create_table(
        "pair_people",
        sa.Column("pair_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=True),
        sa.Column("reply", sa.String(length=20), nullable=False),
        sa.Column("replied_at", sa.Float(), nullable=True),
        sa.CheckConstraint("reply IN ('', 'met', 'planned', 'no')", name=op.f("ck_pair_people_reply")),
        sa.PrimaryKeyConstraint("pair_id", "person", name=op.f("pk_pair_people")),
    )
    op.create_index(op.f("ix_pair_people_person"), "pair_people", ["person"], unique=False)


def _anchors() -> None:
    """Where the headings of a page stand that a link can lead to."""
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("anchors", sa.JSON(), nullable=True))


def _page_changes() -> None:
    """What published versions changed in pages."""
    op.create_table(
        "page_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("audience_before", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "change IN ('new', 'changed', 'run', 'source')", name=op.f("ck_page_changes_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_page_changes_at"), "page_changes", ["at"], unique=False)
    op.create_table(
        "noted_versions",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_noted_versions")),
    )


def _papers() -> None:
    """How near papers are to what a team works on, and whether it has used them."""
    op.create_table(
        "paper_fits",
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("weighed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_paper_fits")),
    )
    op.create_table(
        "paper_uses",
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("said_at", sa.Float(), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'not yet', 'no')", name=op.f("ck_paper_uses_answer")),
        sa.PrimaryKeyConstraint("talk_id", "person", name=op.f("pk_paper_uses")),
    )
    op.create_index(op.f("ix_paper_uses_said_at"), "paper_uses", ["said_at"], unique=False)


def _talk_polls() -> None:
    """Polls about when a talk is."""
    op.create_table(
        "talk_polls",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("talk_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_talk_polls_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_polls")),
    )
    op.create_index(op.f("ix_talk_polls_state_ends_at"), "talk_polls", ["state", "ends_at"], unique=False)
    op.create_index(op.f("ix_talk_polls_talk_id"), "talk_polls", ["talk_id"], unique=False)
    op.create_table(
        "poll_votes",
        sa.Column("poll_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("poll_id", "person", "starts_at", name=op.f("pk_poll_votes")),
    )
