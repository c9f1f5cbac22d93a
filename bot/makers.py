"""What the workshop can make, by the kind of commission."""

from bot import export, figures, mydata
from bot.workshop import Maker
from handlers.admin.export import KIND as EXPORT
from handlers.admin.reports import KIND as REPORT
from handlers.admin.stats import KIND as STATS
from handlers.personal import KIND as MYDATA

MAKERS: dict[str, Maker] = {
    EXPORT: export.make,
    STATS: figures.make_stats,
    REPORT: figures.make_report,
    MYDATA: mydata.make,
}
QUICK = (STATS,)
"""What does not wait for the rest."""
