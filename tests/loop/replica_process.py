"""A desk as a process of its own, like `python -m bot`, whose leases run out soon: a test has no minute to wait."""

from datetime import timedelta

from bot import lease, outrows, shares
from bot.cli import main

outrows.LEASE = timedelta(seconds=8)
lease.LEASE_SECONDS, lease.RENEW_SECONDS, lease.LOOK_SECONDS = 5.0, 1.0, 0.3
shares.LASTS = 4.0

if __name__ == "__main__":
    main()
