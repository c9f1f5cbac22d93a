"""Which menu each role sees, and who sees which."""

from bot.menus import menus
from handlers.commands import COMMANDS
from storage.engine import Store
from tests.cast import PLAIN, open_estate


async def test_who_holds_several_roles_sees_the_menu_of_the_highest(store: Store) -> None:
    await open_estate(store)
    shown = await store.read(lambda session: menus(session, PLAIN, "zh"))
    of = {chat: role for role, chats in shown.chats.items() for chat in chats}
    assert (of["wang"], of["gao"], of["lin"], of["huang"]) == ("steward", "coordinator", "coordinator", "admin")


async def test_a_menu_offers_only_what_its_role_may_do(store: Store) -> None:
    shown = await store.read(lambda session: menus(session, PLAIN, "zh"))
    offered = {role: {name for name, _ in languages["zh"]} for role, languages in shown.commands.items()}
    for role in ("steward", "coordinator", "admin"):
        assert [name for name in offered[role] if COMMANDS[name].roles and role not in COMMANDS[name].roles] == []
    assert "assign" in offered["coordinator"]
    assert "audit" in offered["admin"] - offered["coordinator"]
    assert [name for name in offered["resident"] if COMMANDS[name].roles] == []
