"""Kinds of inbox items of shortcuts, saved pages, quiet help, the Home and sources, and who hears of them."""

from bot.journal.blockers import BLOCKERS
from bot.journal.everything import FORGET_SLACK
from bot.journal.forgetting import PAIR
from bot.journal.recaps import INDEX_TALKS
from bot.journal.saved_pages import INDEX_SAVED
from bot.journal.standup_pages import INDEX_STANDUPS
from bot.manifest import ANSWER_THIS

SAVE_FORM = "save_form"
SAVE_PAGE = "save_page"
CHANGE_PAGE = "change_page"
REMOVE_PAGE = "remove_page"
QUIET_HELP = "quiet_help"
QUIET_HELP_ALOUD = "quiet_help_aloud"
QUIET_REFUSAL = "quiet_refusal"
HOME = "home"
MESSAGES_TAB = "messages_tab"
INVITED = "invited"
HOME_QUESTION = "home_question"
MISSING_SCOPE = "missing_scope"
SOURCE_STEP = "source_step"
SYNC_STEP = "sync_step"
ROLL_BACK = "roll_back"
ADD_SOURCE = "add_source"
FILL_SOURCE = "fill_source"
TRY_SOURCE = "try_source"
SAVE_SOURCE = "save_source"
REMOVE_SOURCE = "remove_source"
BENCH = "bench"
STANDUP = "standup"
ENTRY_FORM = "entry_form"
ENTRY_STEP = "entry_step"
BLOCKER_STEP = "blocker_step"
SET_UP_STANDUP = "set_up_standup"
MANAGE_STANDUP = "manage_standup"
STANDUP_ME = "standup_me"
STANDUP_PRUNE = "standup_prune"
STANDUP_SUMMARY = "standup_summary"
STANDUP_SUMMARY_STEP = "standup_summary_step"
LEAVE_CALENDARS = "leave_calendars"
LEARN = "learn"
TOPIC_FORM = "topic_form"
PROPOSE_TOPIC = "propose_topic"
TOPIC_STEP = "topic_step"
TOPIC_EXPERT = "topic_expert"
ASK_TOPIC_EXPERT = "ask_topic_expert"
FIND_GAPS = "find_gaps"
SERIES_STEP = "series_step"
TALK_STEP = "talk_step"
CHANGE_TALK = "change_talk"
POLL_STEP = "poll_step"
RECAP_STEP = "recap_step"
READING = "reading"
PAPER_FORM = "paper_form"
PROPOSE_PAPER = "propose_paper"
WEIGH_PAPER = "weigh_paper"
PAPER_USE = "paper_use"
PAIR_STEP = "pair_step"
PAIR_REPLY = "pair_reply"
PAIR_SETUP = "pair_setup"
MAKE_ROUND = "make_round"
DIGEST = "digest"
DIGEST_STEP = "digest_step"
TALK_REPLY = "talk_reply"
TALK_FILE = "talk_file"
OWN_TALK_FILE = "own_talk_file"

PRIVATE = frozenset(
    {
        ANSWER_THIS,
        SAVE_FORM,
        SAVE_PAGE,
        CHANGE_PAGE,
        REMOVE_PAGE,
        QUIET_HELP,
        QUIET_REFUSAL,
        SOURCE_STEP,
        SYNC_STEP,
        ROLL_BACK,
        ADD_SOURCE,
        FILL_SOURCE,
        TRY_SOURCE,
        SAVE_SOURCE,
        REMOVE_SOURCE,
        BENCH,
        STANDUP,
        ENTRY_FORM,
        ENTRY_STEP,
        BLOCKER_STEP,
        SET_UP_STANDUP,
        MANAGE_STANDUP,
        STANDUP_ME,
        STANDUP_PRUNE,
        STANDUP_SUMMARY_STEP,
        LEARN,
        TOPIC_FORM,
        PROPOSE_TOPIC,
        TOPIC_STEP,
        TOPIC_EXPERT,
        SERIES_STEP,
        TALK_STEP,
        CHANGE_TALK,
        POLL_STEP,
        RECAP_STEP,
        READING,
        PAPER_FORM,
        PROPOSE_PAPER,
        PAPER_USE,
        PAIR,
        PAIR_STEP,
        PAIR_REPLY,
        PAIR_SETUP,
        DIGEST,
        DIGEST_STEP,
        TALK_REPLY,
        OWN_TALK_FILE,
    }
)
"""One person alone reads what is said to these."""

SILENT = frozenset(
    {
        FORGET_SLACK,
        INDEX_SAVED,
        INDEX_STANDUPS,
        INDEX_TALKS,
        BLOCKERS,
        LEAVE_CALENDARS,
        ASK_TOPIC_EXPERT,
        FIND_GAPS,
        WEIGH_PAPER,
        MAKE_ROUND,
        STANDUP_SUMMARY,
        TALK_FILE,
        QUIET_HELP,
        QUIET_HELP_ALOUD,
        HOME,
        MESSAGES_TAB,
        INVITED,
        MISSING_SCOPE,
    }
)
"""Nobody asked for these, so nobody hears of their troubles but the log."""

PATIENT = frozenset(
    {
        FORGET_SLACK,
        ROLL_BACK,
        INDEX_SAVED,
        INDEX_STANDUPS,
        INDEX_TALKS,
        BENCH,
        LEAVE_CALENDARS,
        FIND_GAPS,
        MAKE_ROUND,
    }
)
"""These may take their time: they have a worker of their own, and nothing else waits for them."""
