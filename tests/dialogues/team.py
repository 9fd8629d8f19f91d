"""Who is in the workspace that conversations are held in, and the small wiki they are about."""

from bot.workspace.description import Description

WIKI = {
    "checkpoints.md": """---
title: Checkpoints
updated: 2026-06-01
owner: ana@heron.example
---
# Checkpoints

## Retention
The trainer keeps the last three checkpoints of every run. Older checkpoints are deleted each night.

## Restore drill
The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run.
The restore drill for the 13B run took 93 minutes.
""",
    "learning-rate.md": """---
title: Learning rate
updated: 2026-07-01
---
# Learning rate

We warm up the learning rate for 2000 steps and then decay it with a cosine schedule.
""",
}
SECRETS = {
    "salaries.md": """---
title: Hiring plan
updated: 2026-08-01
---
# Hiring plan

## Budget
The hiring budget for the platform team is 640000 euros in 2027.
""",
}


def team() -> Description:
    """Ana is an admin; Gus is a guest; #leads and #pair are private; #partners is shared with others."""
    return Description.from_dict(
        {
            "people": [
                {"name": "ana", "real_name": "Ana Costa", "is_admin": True},
                {"name": "ben", "real_name": "Ben Okafor"},
                {"name": "chloe", "real_name": "Chloe Martin"},
                {"name": "gus", "real_name": "Gus Lindqvist", "is_restricted": True},
                {"name": "mallory", "real_name": "Mallory", "is_stranger": True},
                {"name": "deploybot", "real_name": "Deploy Bot", "is_bot": True},
            ],
            "channels": [
                {"name": "general"},
                {"name": "small", "members": ["ana", "ben", "lore"]},
                {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]},
                {"name": "pair", "private": True, "members": ["ana", "ben", "chloe", "lore"]},
                {"name": "visitors", "private": True, "members": ["ana", "gus", "lore"]},
                {"name": "partners", "members": ["ana", "mallory", "lore"], "is_ext_shared": True},
                {"name": "bots", "members": ["ana", "deploybot", "lore"]},
            ],
        }
    )
