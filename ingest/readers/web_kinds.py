"""What web sites and Git repositories need to be told: their kinds, with each setting."""

from ingest.kind import PRIVATE_NETWORK, Field, Kind

WEBSITE = Kind(
    "website",
    "Web site",
    "wiki",
    "ingest.readers.website:read",
    (
        Field(
            "address",
            "Address",
            "Where its pages begin, such as https://docs.example.com/guide: pages at and below it are read.",
            "address",
            required=True,
        ),
        Field(
            "find",
            "How pages are found",
            "By following links from the address, or by the site's own sitemap.",
            "choice",
            default="links",
            choices=("links", "sitemap"),
        ),
        Field(
            "sitemaps",
            "Sitemaps",
            "Their addresses; where none is given, those that robots.txt names, or /sitemap.xml.",
            "names",
            default=(),
        ),
        Field(
            "hosts",
            "Other hosts",
            "Further hosts whose pages belong to the source, such as docs2.example.com.",
            "names",
            default=(),
        ),
        Field("depth", "Depth", "How many links away from the address is read.", "number", default=5),
        Field("most_pages", "Most pages", "How many pages are read at most.", "number", default=2000),
        Field(
            "trust_lastmod",
            "Trust the sitemap's dates",
            "Whether pages are not even asked for while <lastmod> in the sitemap stays the same.",
            "yes_no",
            default=False,
        ),
        Field(
            "authorization",
            "Authorization",
            "The environment variable that holds the Authorization header for the site, such as `Bearer …`.",
            "secret",
        ),
        PRIVATE_NETWORK,
    ),
)

GIT = Kind(
    "git",
    "Git repository of pages",
    "wiki",
    "ingest.readers.git:read",
    (
        Field(
            "repository",
            "Repository",
            "As `git clone` takes it: https://…, ssh://git@…, or file:///… for one on this machine.",
            required=True,
        ),
        Field("branch", "Branch", "Where none is given, the repository's default one."),
        Field("folder", "Folder", "Which folder of it holds the pages; where none is given, all of it."),
        Field(
            "token",
            "Token",
            "The environment variable that holds an access token that may read the repository, over https.",
            "secret",
        ),
        Field(
            "user", "User name", "What the token belongs to, where the server wants to know.", default="git"
        ),
        Field(
            "ssh_key",
            "SSH key",
            "The environment variable that holds the file of a private key without a passphrase, over ssh.",
            "secret",
        ),
        Field(
            "history",
            "History",
            "How many commits are fetched, for when pages were changed and by whom; 0 fetches all.",
            "number",
            default=1000,
        ),
        PRIVATE_NETWORK,
    ),
)
