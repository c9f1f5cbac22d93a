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
    "privacy": shows(EVERYBODY),
    "mydata": shows(EVERYBODY),
    "forgetme": shows(EVERYBODY),
    "help": shows(EVERYBODY),
    "cancel": shows(EVERYBODY),
    "id": shows(EVERYBODY),
    "link": shows(EVERYBODY),
    "unlink": shows(EVERYBODY),
    "more": shows(EVERYBODY),
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
    "places": shows(ANY_ADMIN),
    "invite": changes("working", ADMINS, "coordinator 丰美小区5号楼"),
    "reload": shows("root"),
    "stewards": shows(LEADERS, said="丰美小区"),
    "role": changes("working", ADMINS, "陈秀英 头衔 值班红管家"),
    "remove": shows(ADMINS, said="陈秀英"),
    "stats": shows(ANY_LEADER),
    "today": shows(ANY_LEADER),
    "week": shows(ANY_LEADER),
    "lastweek": shows(ANY_LEADER),
    "month": shows(ANY_LEADER),
    "lastmonth": shows(ANY_LEADER),
    "weekly": shows(ANY_LEADER),
    "monthly": shows(ANY_LEADER),
}

STAFF_BUTTONS = {
    "s:list": shows(LEADERS, said="{here}:0"),
    "s:card": shows(LEADERS, said="{colleague}"),
    "s:leaves": shows(ADMINS, said="{colleague}"),
    "s:take": shows(ADMINS, said="{role_colleague}"),
    "s:all": shows(ADMINS, said="{colleague}"),
    "s:gone": changes("working", ADMINS, "{role_steward}"),
    "s:away": shows(LEADERS, said="{colleague}"),
    "s:days": changes("working", LEADERS, "{colleague}:3"),
    "s:cover": changes("working", LEADERS, "{colleague}:{steward}", "s:days:{colleague}:3"),
    "s:back": changes("working", LEADERS, "{colleague}", "s:days:{colleague}:3"),
    "s:hand": changes("working", LEADERS, "{steward}:0", "s:days:{steward}:3"),
    "i:as": changes("working", ADMINS, "{here}:neighbour"),
    "i:revoke": changes("working", ADMINS, "{invitation}"),
    "i:take": changes("working", EVERYBODY, "{token}"),
    "i:no": shows(EVERYBODY, said="{token}"),
    "s:allgone": changes("working", ADMINS, "{steward}"),
}
"""Buttons about people and their roles; what stands behind the verb is said."""

FIGURE_BUTTONS = {
    "u:all": shows(ANY_ADMIN, said="0:0"),
    "u:case": shows(ADMINS, said="{working}:0"),
    "u:person": shows(ANY_ADMIN, said="{steward}:0"),
    "k:1": shows(ANY_LEADER, said="0:"),
    "x:": shows(ANY_ADMIN),
    "f:1": shows(ANY_LEADER, said="t:"),
    "w:": shows(ANY_LEADER),
}
"""Buttons of lists, figures, sheets and the audit: they name no place, so each shows its reader what is theirs."""

WARNING_BUTTONS = {
    "b:see": shows(ADMINS, said="{warning}"),
    "b:show": shows(ADMINS, said="{warning}"),
    "b:missed": shows(ADMINS, said="{warning}"),
    "b:phones": shows(ADMINS, said="{warning}:0"),
    "b:stop": shows(ADMINS, said="{warning}"),
    "b:agree": shows("root", said="{second}"),
    "b:refuse": shows("root", said="{second}"),
    "b:send": shows("admin", said="{draft}"),
    "b:cancel": shows("admin", said="{draft}"),
}
"""Buttons of warnings: of one that goes out, one that waits for a second admin, a draft; all of them the admin's."""

OWN_BUTTONS = {
    "j:yes": shows(EVERYBODY, said="0"),
    "j:no": shows(EVERYBODY, said="0"),
    "j:part": shows(EVERYBODY, said="0"),
    "y:keep": shows(EVERYBODY),
    "h:leave": shows(EVERYBODY),
    "a:show": shows(ANY_STAFF),
    "m:mydata": shows(EVERYBODY),
    "m:forgetme": shows(EVERYBODY),
    "l:mycases": shows(EVERYBODY, said="0"),
    "g:zh": shows(EVERYBODY),
}
"""Buttons about oneself: nobody can press them for another."""

PLACES = {
    "at": shows(ADMINS),
    "change": shows(ADMINS),
    "add": shows(ADMINS),
    "name": shows(ADMINS),
    "aka": shows(ADMINS),
    "where": shows(ADMINS),
    "hours": shows(ADMINS),
    "move": shows(ADMINS),
    "remove": shows(ADMINS),
    "really": shows(ADMINS),  # cases hang on the place of these scenes: whoever may is told so
    "leave": shows(EVERYBODY),
}
"""The buttons of a place's card, pressed for the place of the scenes."""
EFFECTS = {
    "phone number of a reporter": ("admin", ("c:phone:{working}",), "case.contact"),
    "told next rung": ("admin", ("/escalate {working} 快一点",), "case.escalate"),
    "search by name": ("admin", ("/find 姓名 reporter",), "find"),
    "search by telephone number": ("admin", ("/find 8000",), "find"),
    "tie a group": ("admin", ("/bind 丰美小区5号楼",), "group.bound"),
    "untie a group": ("admin", ("/unbind",), "group.unbound"),
    "leave": ("steward", ("/away 3d",), "away"),
    "stand in": ("steward", ("/away 3d", "a:cover:{colleague}"), "cover"),
    "come back": ("steward", ("/away 3d", "/back"), "back"),
    "see what is kept": ("resident", ("/mydata",), "mydata"),
    "be forgotten": ("resident", ("y:forget:{now}",), "forgotten"),
    "give a role": ("admin", ("/role 陈秀英 给 楼长 丰美小区5号楼",), "role.given"),
    "take a role": ("admin", ("s:gone:{role_colleague}",), "role.taken"),
    "invite by a button": ("admin", ("i:as:{here}:neighbour",), "invite.made"),
    "take an invitation back": ("admin", ("i:revoke:{invitation}",), "invite.revoked"),
    "note who is away": ("coordinator", ("s:days:{colleague}:3",), "away.set"),
    "note who is back": ("coordinator", ("s:days:{colleague}:3", "s:back:{colleague}"), "away.ended"),
    "note who is away by words": ("coordinator", ("/away 陈秀英 3d",), "away.set"),
    "add a place": ("admin", ("/places 添加 东区 在 丰美社区",), "place.add"),
    "rename a place": ("admin", ("/places 改名 5号楼 为 五栋",), "place.rename"),
    "set other names": ("admin", ("/places 别名 5号楼：老五栋",), "place.aliases"),
    "set a position": ("admin", ("/places 位置 5号楼：30.25, 120.16",), "place.position"),
    "set working hours": ("admin", ("/places 工作时间 5号楼：8:30-17:30",), "place.hours"),
    "stop a warning": ("admin", ("b:stop:{warning}",), "broadcast.stopped"),
    "see whom a warning missed": ("admin", ("b:missed:{warning}",), "broadcast.missed"),
}
"""What has an effect beside a case, who does it how, and what the audit calls it; what names a group is done in one."""

UNAUDITED = {
    "start": "", "report": "asks", "wish": "asks", "wishes": "shows", "mycases": "shows", "case": "shows",
    "home": "one's own", "phone": "one's own", "language": "one's own", "help": "shows", "cancel": "one's own",
    "more": "shows",
    "id": "shows", "privacy": "shows", "tasks": "shows", "cases": "shows", "late": "shows", "unassigned": "shows",
    "today": "shows", "week": "shows", "lastweek": "shows", "month": "shows", "lastmonth": "shows", "stats": "shows",
    "weekly": "shows", "monthly": "shows", "stewards": "shows", "places": "shows; each change is tried above",
    "remove": "asks", "link": "asks", "unlink": "asks", "reload": "when the file is read",
    "audit": "shows", "forgetme": "asks", "export": "when the sheet is made", "broadcast": "when it is agreed to",
}  # fmt: skip
"""Commands that need no entry by themselves, and why; what is commissioned or agreed to is written down then."""
