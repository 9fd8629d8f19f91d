"""What a rich_text block may hold: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""

from bot.workspace.shapes import (
    Check,
    boolean,
    by_type,
    list_of,
    number,
    one_of,
    shape,
    string,
    url,
)

STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
MENTION_STYLE = shape(
    {},
    dict.fromkeys(("bold", "italic", "strike", "code", "highlight", "client_highlight", "unlink"), boolean),
)

INLINE = by_type(
    {
        "text": shape({"text": string(least=1)}, {"style": STYLE}),
        "link": shape({"url": url()}, {"text": string(), "unsafe": boolean, "style": STYLE}),
        "user": shape({"user_id": string(least=1)}, {"style": MENTION_STYLE}),
        "channel": shape({"channel_id": string(least=1)}, {"style": MENTION_STYLE}),
        "usergroup": shape({"usergroup_id": string(least=1)}, {"style": MENTION_STYLE}),
        "emoji": shape(
            {"name": string(least=1)}, {"unicode": string(), "skin_tone": number(1, 6), "style": STYLE}
        ),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": STYLE}),
        "color": shape({"value": string(7, 4)}, {"style": STYLE}),
        "date": shape(
            {"timestamp": number(), "format": string(least=1)},
            {"url": url(), "fallback": string(), "style": STYLE},
        ),
    }
)
PREFORMATTED = by_type(
    {
        "text": shape({"text": string(least=1)}, {"style": STYLE}),
        "link": shape({"url": url()}, {"text": string(), "unsafe": boolean, "style": STYLE}),
    }
)
SECTION = shape({"elements": list_of(INLINE)})
BORDER = number(0, 1)

ELEMENTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_list": shape(
        {"elements": list_of(by_type({"rich_text_section": SECTION})), "style": one_of("bullet", "ordered")},
        {"indent": number(0, 8), "offset": number(0), "border": BORDER},
    ),
    "rich_text_preformatted": shape(
        {"elements": list_of(PREFORMATTED)}, {"border": BORDER, "language": string()}
    ),
    "rich_text_quote": shape({"elements": list_of(INLINE)}, {"border": BORDER}),
}

RICH_TEXT = shape({"elements": list_of(by_type(ELEMENTS))}, {"block_id": string(255)})
