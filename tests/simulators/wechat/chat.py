"""What the platform knows of one person and the account."""

from dataclasses import dataclass, field


@dataclass
class Chat:
    """What the platform knows of one person and the account."""

    openid: str
    follows: bool = False
    windows: list[list[float]] = field(default_factory=list)  # until, messages left
    screen: list[tuple[str, str]] = field(default_factory=list)  # how it came, what it says
    menu: dict[str, str] = field(default_factory=dict)  # of the newest msgmenu: what it says, its id
    consents: dict[str, int] = field(default_factory=dict)  # template: notices agreed to
