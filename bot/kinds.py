"""Kinds of inbox items of shortcuts, saved pages, quiet help and the Home, and who hears of them."""

from bot.journal.saved_pages import INDEX_SAVED
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
HOME_SYNC = "home_sync"
MISSING_SCOPE = "missing_scope"

PRIVATE = frozenset(
    {
        ANSWER_THIS,
        SAVE_FORM,
        SAVE_PAGE,
        CHANGE_PAGE,
        REMOVE_PAGE,
        QUIET_HELP,
        QUIET_REFUSAL,
    }
)
"""One person alone reads what is said to these."""

SILENT = frozenset({INDEX_SAVED, QUIET_HELP, QUIET_HELP_ALOUD, HOME, MESSAGES_TAB, INVITED, MISSING_SCOPE})
"""Nobody asked for these, so nobody hears of their troubles but the log."""
