"""The tracking servers that runs are read from: what each asks for."""

from ingest.kind import PRIVATE_NETWORK, Field, Kind

_UI = Field("ui", "Address for links", "Where people open it, if that is not the address above.", "address")

MLFLOW = Kind(
    "mlflow",
    "MLflow tracking server",
    "run",
    "ingest.readers.mlflow:read",
    (
        Field("address", "Address", "Of the tracking server.", "address", required=True),
        Field("experiments", "Experiments", "Names or ids; without any: all of them.", "names", default=()),
        Field("models", "Registered models", "Whether the registry is read too.", "yes_no", default=True),
        Field(
            "artifacts",
            "Text artifacts",
            "Whether small texts among a run's artifacts are read (README, notes, .md, .txt, .json).",
            "yes_no",
            default=True,
        ),
        Field("user", "User", "Who signs in, where the server asks for user and password.", "text"),
        Field("password", "Password", "Of that user.", "secret"),
        Field("token", "Token", "To sign in with, where the server asks for one.", "secret"),
        _UI,
        PRIVATE_NETWORK,
    ),
)

WANDB = Kind(
    "wandb",
    "Weights & Biases",
    "run",
    "ingest.readers.wandb:read",
    (
        Field("team", "Team", "The team or user that has the projects, as in addresses.", required=True),
        Field("projects", "Projects", "Their names, as in their addresses.", "names", required=True),
        Field("api_key", "API key", "Of an account that may read the projects.", "secret", required=True),
        Field(
            "address",
            "Address",
            "Of the API, where it is not W&B's own.",
            "address",
            default="https://api.wandb.ai",
        ),
        _UI,
        PRIVATE_NETWORK,
    ),
)
