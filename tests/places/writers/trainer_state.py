"""Saves a trainer's state below the folder named first, with Hugging Face's own class."""

import sys
from pathlib import Path

from transformers.trainer_callback import TrainerState


def main(root: Path) -> None:
    for steps in (100, 200):
        folder = root / "out" / f"checkpoint-{steps}"
        folder.mkdir(parents=True)
        state = TrainerState(max_steps=200, num_train_epochs=2, train_batch_size=8, logging_steps=50)
        for step in range(50, steps + 1, 50):
            at = {"epoch": step / 100, "step": step}
            state.log_history.append({"loss": 100 / step, "learning_rate": 5e-5, **at})
            state.log_history.append({"eval_f1": step / 250, **at})
        state.global_step, state.epoch = steps, steps / 100
        state.best_metric, state.best_global_step = steps / 250, steps
        state.best_model_checkpoint = str(folder.relative_to(root))
        state.save_to_json(str(folder / "trainer_state.json"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
