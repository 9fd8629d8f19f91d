"""An application of Hydra's: its folders are what it leaves behind."""

import json
import logging
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> None:
    logging.getLogger(__name__).info("learning rate %s", config.lr)
    out = Path(HydraConfig.get().runtime.output_dir)
    (out / "results.json").write_text(json.dumps({"val_acc": 0.9 + config.lr / 10}))


if __name__ == "__main__":
    main()
