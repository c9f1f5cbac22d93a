"""What the workshop can make, by the kind of commission."""

from bot import export
from bot.workshop import Maker
from handlers.admin.export import KIND as EXPORT

MAKERS: dict[str, Maker] = {
    EXPORT: export.make,
}
