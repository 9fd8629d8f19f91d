"""Reads a project from the server named first with W&B's own client, and prints what it got as JSON."""

import json
import os
import re
import sys

os.environ |= {"WANDB_BASE_URL": sys.argv[1], "WANDB_API_KEY": sys.argv[2], "WANDB_SILENT": "true"}

import wandb
from wandb.apis.public.runs import RUN_FRAGMENT


def main(address: str, key: str) -> None:
    api = wandb.Api(overrides={"base_url": address}, api_key=key, timeout=120)
    (run,) = api.runs("team/digits", lazy=False)
    said = {
        "name": run.name,
        "notes": run.notes,
        "state": run.state,
        "config": run.config,
        "history": run.history(keys=["loss"], pandas=False),
        "asked_for": re.findall(r"\w+", RUN_FRAGMENT),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
