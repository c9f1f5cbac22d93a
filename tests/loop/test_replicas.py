"""Three processes on one PostgreSQL, one killed again and again while residents report: nothing lost, nothing twice."""

from pathlib import Path

import pytest

from bench.replicas import Plan, torture

PLAN = Plan(replicas=3, seconds=9.0, every=3.0, residents=2, stewards=2, module="tests.loop.replica_process")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_replica_may_be_killed_at_any_time(database_url: str, tmp_path: Path) -> None:
    seen = await torture(PLAN, tmp_path, database_url)
    made, taken = seen.updates
    assert seen.quiet
    assert (seen.lost, seen.twice, seen.unseen) == ([], [], [])
    assert made == taken
    assert seen.finished > 0
    assert (seen.floods, seen.violations) == (0, [])
    assert seen.again <= seen.kills * 30  # what may have been on its way in each kill
