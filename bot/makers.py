"""What the workshop can make, by the kind of commission."""

from bot import export, mydata
from bot.workshop import Maker
from handlers.admin.export import KIND as EXPORT
from handlers.personal import KIND as MYDATA

MAKERS: dict[str, Maker] = {
    EXPORT: export.make,
    MYDATA: mydata.make,
}
