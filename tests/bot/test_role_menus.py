"""The menu of whoever got or lost a role is renewed on the platform."""

from sqlalchemy.orm import Session

from bot.role_menus import RoleMenus
from cases import posts
from cases.context import Context, actor_of
from cases.posts import Post
from storage.engine import Store
from tests.cases.test_posts import person, role
from tests.cast import PLAIN, Estate, open_estate


async def test_given_and_taken_show_at_the_next_look(store: Store) -> None:
    estate: Estate = await open_estate(store)
    shown: list[tuple[str, str, str | None]] = []

    async def set_menu(chat: str, role: str, language: str | None) -> None:
        shown.append((chat, role, language))

    def give(session: Session) -> None:
        context = Context(session, estate.clock.now(), estate.rules)
        place = estate.rules.tree.by_key("fengmei-3")
        assert place
        posts.give(
            context, actor_of(context, person(session, "zheng")), person(session, "wang"), Post("admin", place.id)
        )

    def take(session: Session) -> None:
        context = Context(session, estate.clock.now(), estate.rules)
        posts.take(context, actor_of(context, person(session, "zheng")), role(session, "chen", "steward"))

    await store.write(give)
    menus = RoleMenus(store, PLAIN, set_menu)
    await menus.look()
    assert shown == [], "what was before, the start has shown"
    await store.write(take)
    await menus.look()
    await menus.look()
    assert shown == [("chen", "resident", None)]
    await estate.says("wang", "/language")
    await estate.presses("wang", "English")

    def take_again(session: Session) -> None:
        context = Context(session, estate.clock.now(), estate.rules)
        posts.take(context, actor_of(context, person(session, "zheng")), role(session, "wang", "admin"))

    await store.write(take_again)
    await menus.look()
    assert shown[1:] == [("wang", "steward", "en")]
