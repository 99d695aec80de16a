"""The made-up district in the database: loaded once, kept alive by a simulator; the last stop of the street."""

from typing import Final

TIME_ZONE: Final = "Asia/Shanghai"

ACCOUNTS_FILE: Final = "demo-accounts.json"
SIMULATOR_FILE: Final = "demo-simulator.json"
DOOR_FILE: Final = "demo-door.txt"
