"""How often an app may write to a member and a robot to its group (path/96212, path/91770), on a real clock."""

from collections import Counter, deque
from dataclasses import dataclass, field

WINDOWS = ((30, 60.0), (1000, 3600.0))
ROBOT = (20, 60.0)


@dataclass(slots=True)
class Limits:
    """Counts what came; `ahead` sets its clock on, in seconds."""

    ahead: float = 0.0
    dropped: Counter[str] = field(default_factory=Counter)  # members to whom too much was sent
    _times: dict[str, deque[float]] = field(default_factory=dict)

    def takes(self, member: str, now: float) -> bool:
        """Tell whether a message still reaches the member; what does not is counted and nobody told."""
        now += self.ahead
        times = self._times.setdefault(member, deque(maxlen=max(count for count, _span in WINDOWS)))
        recent = [sum(at > now - span for at in times) for _count, span in WINDOWS]
        if any(had >= count for had, (count, _span) in zip(recent, WINDOWS, strict=True)):
            self.dropped[member] += 1
            return False
        times.append(now)
        return True

    def robot_takes(self, key: str, now: float) -> bool:
        """Tell whether a robot may say something now."""
        now += self.ahead
        count, span = ROBOT
        times = self._times.setdefault(f"robot {key}", deque(maxlen=count))
        if len(times) == count and times[0] > now - span:
            return False
        times.append(now)
        return True
