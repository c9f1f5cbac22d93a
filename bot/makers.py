"""What the workshop can make, by the kind of commission. What makes it is loaded with the first of its kind."""

from bot.workshop import Made, Maker, Order, Workshop
from handlers.admin.export import KIND as EXPORT
from handlers.admin.reports import KIND as REPORT
from handlers.admin.stats import KIND as STATS
from handlers.personal import KIND as MYDATA


async def _export(workshop: Workshop, order: Order) -> Made:
    from bot import export

    return await export.make(workshop, order)


async def _stats(workshop: Workshop, order: Order) -> Made:
    from bot import figures

    return await figures.make_stats(workshop, order)


async def _report(workshop: Workshop, order: Order) -> Made:
    from bot import figures

    return await figures.make_report(workshop, order)


async def _mydata(workshop: Workshop, order: Order) -> Made:
    from bot import mydata

    return await mydata.make(workshop, order)


MAKERS: dict[str, Maker] = {
    EXPORT: _export,
    STATS: _stats,
    REPORT: _report,
    MYDATA: _mydata,
}
QUICK = (STATS,)
"""What does not wait for the rest."""
