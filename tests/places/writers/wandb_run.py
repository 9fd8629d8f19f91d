"""Logs a run offline below the folder named first, with W&B's own client."""

import os
import sys

os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": sys.argv[1]}

import wandb


def main() -> None:
    run = wandb.init(
        project="digits",
        name="cosine-schedule",
        notes="A cosine schedule was no better than a constant one.",
        tags=["schedule"],
        config={"lr": 0.05, "model": {"hidden": 256}},
        settings=wandb.Settings(console="wrap"),
    )
    for step in range(300):
        run.log({"loss": 1 / (1 + step), "val/acc": min(0.98, step / 300)})
    run.log({"loss": float("nan")})
    print("epoch 3 done")
    run.finish()


if __name__ == "__main__":
    main()
