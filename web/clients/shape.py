"""The base of every shape read from a service."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """What we use of an answer: frozen; what a service adds later is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")
