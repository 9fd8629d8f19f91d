"""What wikis and document services need to be told: their kinds, with each setting."""

from ingest.kind import PRIVATE_NETWORK, Field, Kind

_GROUPS = Field(
    "groups",
    "Groups",
    'Which of its groups is which in Slack, such as "research-leads = @leads"; other groups are not known.',
    "names",
    default=(),
)

MEDIAWIKI = Kind(
    "mediawiki",
    "MediaWiki",
    "wiki",
    "ingest.readers.mediawiki:read",
    (
        Field("address", "Address", "Of the wiki or of its api.php.", "address", required=True),
        Field("namespaces", "Namespaces", 'By name or number, such as "Help".', "names", default=("main",)),
        Field("user", "Bot user", "Of a bot password, such as Lore@sync, where the wiki is not public."),
        Field("password", "Bot password", "The environment variable that holds it.", "secret"),
        Field(
            "full_listing_days",
            "Days between full listings",
            "In between, only what the wiki's recent changes name is looked at; 0 always lists everything.",
            "number",
            default=7,
        ),
        PRIVATE_NETWORK,
    ),
)

CONFLUENCE = Kind(
    "confluence",
    "Confluence",
    "wiki",
    "ingest.readers.confluence:read",
    (
        Field(
            "address", "Address", "Of the site, such as https://team.atlassian.net.", "address", required=True
        ),
        Field(
            "edition",
            "Edition",
            "Atlassian's cloud, or Data Center (also Server) on machines of your own.",
            "choice",
            default="cloud",
            choices=("cloud", "data-center"),
        ),
        Field("spaces", "Spaces", "Their keys; without any: all but personal ones.", "names", default=()),
        Field("user", "User", "The e-mail address of the token's account; not for tokens of Data Center."),
        Field("token", "Token", "The environment variable that holds an API token.", "secret", required=True),
        _GROUPS,
        Field(
            "people",
            "People",
            'Whose e-mail address it does not tell: "account id or user name = ana@example.com".',
            "names",
            default=(),
        ),
        Field("comments", "Comments", "Whether the comments on pages are read.", "yes_no", default=True),
        Field("attachments", "Attachments", "Whether the files of pages are read.", "yes_no", default=True),
        PRIVATE_NETWORK,
    ),
)

NOTION = Kind(
    "notion",
    "Notion",
    "wiki",
    "ingest.readers.notion:read",
    (
        Field(
            "token",
            "Token",
            "The environment variable that holds an internal integration's token.",
            "secret",
            required=True,
        ),
        Field(
            "pages",
            "Pages",
            "Addresses or ids: these and all below them; without any, all that are shared with it.",
            "names",
            default=(),
        ),
        Field("databases", "Databases", "Addresses or ids: all of their pages.", "names", default=()),
        Field("address", "Address", "Of its API.", "address", default="https://api.notion.com"),
        PRIVATE_NETWORK,
    ),
)

DRIVE = Kind(
    "drive",
    "Google Drive",
    "wiki",
    "ingest.readers.drive:read",
    (
        Field("folder", "Folder", "The address or id of a folder or a shared drive.", required=True),
        Field(
            "key",
            "Service account's key",
            "The environment variable that holds the JSON of the key, or the path of its file.",
            "secret",
            required=True,
        ),
        Field(
            "sharing",
            "Sharing",
            "Whether only those with whom a file is shared may read it here, or the source's whole audience.",
            "choice",
            default="follow",
            choices=("follow", "ignore"),
        ),
        Field(
            "domains",
            "Domains",
            "A file shared with one of these is for the whole audience; without any: with any domain.",
            "names",
            default=(),
        ),
        _GROUPS,
        Field("address", "Address", "Of its API.", "address", default="https://www.googleapis.com"),
        PRIVATE_NETWORK,
    ),
)
