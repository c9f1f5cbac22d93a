"""What the clock tells people in one round. Who would hear of many cases at once gets one list instead of a burst."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cases import life
from cases.states import Action
from handlers import words
from handlers.desk import Desk
from handlers.message import Choice, Message
from handlers.priority import EMERGENCY, NOTICE
from handlers.task_card import task_card
from handlers.texts import Translate
from storage.models import Case

APART = 3  # so many cases are told one by one
LISTED = 8  # buttons of a list; the rest is behind one more
LASTS = timedelta(days=1)  # what could not be sent within a day is no news; the clock tells it anew

Text = Callable[[Translate], str]
Card = Callable[[Desk, Case, int, Translate, str], Message]


def with_card(desk: Desk, case: Case, person_id: int, t: Translate, alert: str) -> Message:
    """Return the task's card under the alert."""
    return task_card(desk, case, person_id, t, alert=alert)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing for one person."""

    case: Case
    text: Text
    card: Card
    verb: str  # of the button in a list


@dataclass(slots=True)
class Alerts:
    """Collects what is to be told; `flush` tells it."""

    desk: Desk
    _notes: defaultdict[Action, list[tuple[Case, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    _waiting: defaultdict[int, list[Alert]] = field(default_factory=lambda: defaultdict(list))

    def add(self, person_id: int, case: Case, text: Text, card: Card = with_card, verb: str = "card") -> None:
        """Tell a person about a case at the end of the round."""
        self._waiting[person_id].append(Alert(case, text, card, verb))

    def note(self, action: Action, case: Case, facts: dict[str, Any]) -> None:
        """Have it written into the case's history at the end of the round."""
        self._notes[action].append((case, facts))

    def flush(self) -> None:
        """Tell everything, and write it down."""
        for action, told in self._notes.items():
            life.note(self.desk.context, action, told)
        for person_id, alerts in self._waiting.items():
            urgent = [alert for alert in alerts if alert.case.emergency]
            rest = [alert for alert in alerts if not alert.case.emergency]
            for alert in [*urgent, *(rest if len(rest) <= APART else ())]:
                self._tell(person_id, alert)
            if len(rest) > APART:
                self._tell_list(person_id, rest)
        self._waiting.clear()
        self._notes.clear()

    def _tell(self, person_id: int, alert: Alert) -> None:
        case = alert.case
        self.desk.tell(
            person_id, lambda t: alert.card(self.desk, case, person_id, t, alert.text(t)), case_id=case.id,
            priority=EMERGENCY if case.emergency else NOTICE, expires=case.look_at or self.desk.context.now + LASTS,
        )  # fmt: skip

    def _tell_list(self, person_id: int, alerts: list[Alert]) -> None:
        """Tell of many cases in one message, the nearest deadline first."""
        alerts = sorted(alerts, key=lambda alert: (alert.case.resolve_by, alert.case.id))

        def say(t: Translate) -> Message:
            rows = tuple(
                (Choice(self._line(alert, t), f"c:{alert.verb}:{alert.case.id}"),) for alert in alerts[:LISTED]
            )
            more = ((Choice(t("All of them"), "l:late:0"),),) if len(alerts) > LISTED else ()
            title = t("{count} cases need you").format(count=len(alerts))
            return Message(t("Nearest deadline first."), title=title, choices=(*rows, *more))

        self.desk.tell(person_id, say, expires=self.desk.context.now + LASTS)

    def _line(self, alert: Alert, t: Translate) -> str:
        case = alert.case
        late = min(case.resolve_by, case.accept_by if case.state in ("new", "assigned") else case.resolve_by)
        due = t("late") if late <= self.desk.context.now else words.time(self.desk, late, t)
        place = self.desk.rules.tree.short(case.place_id)
        return f"{words.headline(self.desk.rules, case, t)} · {place} · {due}"
