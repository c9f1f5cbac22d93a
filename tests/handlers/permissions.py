"""Who may do what, as data: a line for every command and every button of a case.

A line says in which scene (`tests.handlers.stage`) it is tried, who may, and what comes with it; everybody else of
`WHO` is refused. `changes`: whoever may changes something; `shows`: nothing is changed, only shown or asked.

Inside, at the place of the case: a resident of the same building, who reported it, who follows it, its steward, another
steward, coordinator, admin, admin of the root. Outside: the same at another community (what one is to the case itself,
and the root, have no outside).
"""

from dataclasses import dataclass

INSIDE = "resident reporter follower steward colleague coordinator admin root"
EVERYBODY = f"{INSIDE} far_resident far_steward far_coordinator far_admin"
WHO = tuple(EVERYBODY.split())
ADMINS = "admin root"
LEADERS = f"coordinator {ADMINS}"
AT_WORK = f"steward {LEADERS}"
CONCERNED = f"reporter follower {AT_WORK}"
ANY_ADMIN = f"{ADMINS} far_admin"
ANY_LEADER = f"coordinator far_coordinator {ANY_ADMIN}"
ANY_STAFF = f"steward colleague far_steward {ANY_LEADER}"


@dataclass(frozen=True, slots=True)
class Line:
    """What is tried, and who may. `{scene}` in what is said or pressed becomes the number of that scene's case."""

    scene: str
    may: str
    said: str  # behind the button's verb, or behind the command
    changes: bool
    before: tuple[str, ...] = ()  # what the person does just before: presses, "photo"
    in_group: bool = False


def changes(scene: str, may: str, said: str = "", *before: str) -> Line:
    """Return a line of what changes something."""
    return Line(scene, may, said, changes=True, before=before)


def shows(may: str, scene: str = "working", said: str = "", *, in_group: bool = False) -> Line:
    """Return a line of what shows or asks something."""
    return Line(scene, may, said, changes=False, in_group=in_group)


BUTTONS = {
    "accept": changes("assigned", "steward"),
    "urge": changes("working", "reporter"),
    "reopen": changes("closed", f"reporter {ADMINS}"),
    "withdraw": shows("reporter"),
    "really": changes("working", "reporter"),
    "story": shows(CONCERNED),
    "photos": shows(f"reporter {AT_WORK}"),
    "add": shows("reporter follower steward"),
    "answer": shows("reporter", "waiting"),
    "card": shows(CONCERNED),
    "transfer": shows(AT_WORK, "assigned"),
    "give": shows(LEADERS, "new"),
    "to": changes("assigned", AT_WORK, "{colleague}"),
    "leave": shows(EVERYBODY),
    "return": shows("steward", "assigned"),
    "ask": shows("steward"),
    "done": shows("steward"),
    "say": changes("working", "steward", "done-1"),
    "hold": shows("steward"),
    "claim": changes("pool", "steward colleague"),
    "look": shows(f"colleague {AT_WORK}", "pool"),
    "bring": shows("steward", "claimed"),
    "unclaim": changes("claimed", "steward"),
    "vet": changes("review", LEADERS),
    "question": shows(LEADERS, "review"),
    "explain": shows("reporter", "asked"),
    "decline": shows(LEADERS),
    "toissue": changes("review", LEADERS),
    "towish": changes("assigned", LEADERS),
    "publish": changes("fulfilled", "reporter", "words-anonymous"),
    "shown": shows(EVERYBODY, "published"),
    "see": changes("review", "reporter", "anonymous"),
    "helpers": shows(AT_WORK),
    "helper": changes("working", AT_WORK, "{colleague}"),
    "alone": changes("helped", AT_WORK, "{colleague}"),
    "follow": changes("working", "resident"),
    "unfollow": changes("working", "follower"),
    "merge": shows(LEADERS),
    "mergeto": changes("working", LEADERS, "{assigned}"),
    "outcome": shows(LEADERS, "low"),
    "reply": shows("steward", "low"),
    "called": changes("low", LEADERS, "0"),
    "call": shows(LEADERS, "low"),
    "phone": changes("working", AT_WORK),
    "more": shows(AT_WORK),
    "later": shows("steward"),
    "until": shows("steward", said="0"),
    "grant": changes("wanted", LEADERS),
    "deny": changes("wanted", LEADERS),
    "kinds": shows(AT_WORK),
    "kind": changes("working", AT_WORK, "parking"),
    "hasten": changes("working", LEADERS),
    "ease": changes("urgent", LEADERS),
    "escalate": changes("working", LEADERS),
    "note": shows(LEADERS, "closed"),
    "anew": shows(ADMINS, "rejected"),
    "resume": changes("held", "steward"),
    "less": shows(CONCERNED),
    "finish": changes("working", "reporter follower steward", "add", "c:add:{working}", "photo"),
    "stop": shows(EVERYBODY),
    "solved": changes("resolved", "reporter follower"),
    "unsolved": changes("resolved", "reporter follower"),
    "star": changes("resolved", "reporter follower", "5"),
    "tag": changes("closed", "reporter", "fast"),
}

COMMANDS = {
    "start": shows(EVERYBODY),
    "report": shows(EVERYBODY),
    "wish": shows(EVERYBODY),
    "wishes": shows(EVERYBODY),
    "mycases": shows(EVERYBODY),
    "case": shows(CONCERNED, said="{working}"),
    "home": shows(EVERYBODY),
    "phone": shows(EVERYBODY),
    "language": shows(EVERYBODY),
    "help": shows(EVERYBODY),
    "cancel": shows(EVERYBODY),
    "id": shows(EVERYBODY),
    "link": shows(EVERYBODY),
    "unlink": shows(EVERYBODY),
    "tasks": shows(ANY_STAFF),
    "claim": changes("pool", "steward colleague", "{pool}"),
    "away": shows(ANY_STAFF),
    "back": shows(ANY_STAFF),
    "bind": shows(ADMINS, said="丰美小区5号楼", in_group=True),
    "unbind": shows(ADMINS, in_group=True),
    "assign": changes("assigned", LEADERS, "{assigned} 陈秀英"),
    "transfer": changes("working", LEADERS, "{working} 陈秀英"),
    "escalate": changes("working", LEADERS, "{working} 请快一点"),
    "priority": changes("working", LEADERS, "{working} 加急"),
    "urgent": changes("working", LEADERS, "{working}"),
    "normal": changes("urgent", LEADERS, "{urgent}"),
    "merge": changes("working", LEADERS, "{working} {assigned}"),
    "reject": changes("working", LEADERS, "{working} 请打 12345"),
    "reopen": changes("rejected", ADMINS, "{rejected}"),
    "note": changes("closed", LEADERS, "{closed} 钥匙在门卫"),
    "audit": shows(ADMINS, said="{working}"),
    "cases": shows(ANY_LEADER),
    "late": shows(ANY_LEADER),
    "unassigned": shows(ANY_LEADER),
    "find": shows(ANY_LEADER, said="漏水"),
    "export": shows(ANY_ADMIN),
    "broadcast": shows(ANY_ADMIN),
}
