"""The estate in which the stories happen."""

import pytest

from storage.engine import Store
from tests.cast import Estate, open_estate


@pytest.fixture
async def estate(store: Store) -> Estate:
    """丰美小区, everybody on the plain channel, on each kind of database."""
    return await open_estate(store)
