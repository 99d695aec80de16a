"""What an installation may set: environment `GRIDMAP_*` or one TOML file, read once, validated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

BODY_BYTES = 1 << 20


def default_data_dir() -> Path:
    """Where an installation keeps its state: the system's place for root, the user's own otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/gridmap")
    share = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(share) / "gridmap"


class Settings(BaseSettings):
    """Everything has a default that works on one machine without internet."""

    model_config = SettingsConfigDict(env_prefix="GRIDMAP_", extra="forbid", frozen=True)

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Directory of the private database, the media and the anchor of the audit.",
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy address of your own PostgreSQL for gridmap_app; the private cluster otherwise.",
    )
    database_owner_url: str | None = Field(
        default=None, description="The same for the role gridmap_owner, which runs migrations."
    )
    host: str = Field(default="127.0.0.1", description="Address the web listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web listens on.")
    web_threads: int = Field(default=160, ge=8, le=512, description="Threads of one web worker, streams included.")
    streams: int = Field(default=128, ge=0, le=480, description="Most live streams of one web worker.")
    pool_size: int = Field(default=16, ge=1, le=100, description="Database connections of one process.")
    language: Literal["zh-CN", "en"] = Field(default="zh-CN", description="Language of the installation.")
    public_url: str | None = Field(
        default=None, description="Address people use, such as https://grid.example; links are made from it."
    )
    tls: bool = Field(default=False, description="The public address is served over TLS: send HSTS.")
    proxy_hops: int = Field(default=0, ge=0, le=3, description="How many proxies before us are believed.")
    body_bytes: int = Field(default=BODY_BYTES, ge=1024, description="Largest JSON body.")
    api_per_minute: int = Field(default=300, ge=1, description="API calls one account may make a minute.")
    demo: bool = Field(default=False, description="The made-up district with its demo accounts; loopback only.")
    smtp_url: SecretStr | None = Field(
        default=None, description="Mail server: smtp:// (STARTTLS), smtps:// or smtp+plain://, with user and password."
    )
    smtp_from: str | None = Field(default=None, description="Address that e-mails are sent from.")
    outbox_ports: str = Field(
        default="443 8443", pattern=r"^\d{1,5}( \d{1,5})*$", description="Ports that webhooks may be sent to."
    )
    outbox_ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) that webhooks and mail servers may show beside the system's."
    )
    outbox_loopback: bool = Field(
        default=False, description="Webhooks may go to this machine itself, without TLS; for trying things out."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="How the service writes its log.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in code wins over the environment, the environment over the file."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if file := os.environ.get("GRIDMAP_SETTINGS"):
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=Path(file)))
        return tuple(sources)


def load_settings(**overrides: object) -> Settings:
    """
    Read the settings of this process.

    Raises
    ------
    Invalid
        If a value is of the wrong kind; the sentence names the setting.
    """
    from pydantic import ValidationError

    from gridmap.errors import Invalid
    from gridmap.language import N_

    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "GRIDMAP_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Invalid(
            N_("The setting %(name)s is wrong: %(reason)s. `gridmap settings` lists what each one takes."),
            name=name,
            reason=first["msg"],
        ) from error
