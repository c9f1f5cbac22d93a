"""What somebody in front of the page sees and does."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
LAPTOP: ViewportSize = {"width": 1440, "height": 900}
PATIENCE = 15_000.0  # milliseconds; a busy machine
_EXPECTED = ("WebSocket connection", "ERR_CONNECTION_REFUSED", "Failed to load resource")  # a server that is away


@dataclass
class Screen:
    """One open page (or one pane of it)."""

    page: Page
    root: Locator

    async def write(self, text: str) -> None:
        """Write into the field."""
        await self.root.locator("textarea").fill(text)

    async def say(self, text: str) -> None:
        """Write and send."""
        await self.write(text)
        await self.root.locator(".send").click()

    async def sees(self, text: str) -> Locator:
        """Wait until a line with the text is in the conversation; returns the newest of them."""
        found = self.root.locator(".line", has_text=text).last
        await found.wait_for(timeout=PATIENCE)
        return found

    async def reply(self, text: str) -> Locator:
        """Wait until the desk says the text."""
        found = self.root.locator(".theirs", has_text=text).last
        await found.wait_for(timeout=PATIENCE)
        return found

    async def sees_welcome(self) -> None:
        """Wait until an empty conversation says what it is for."""
        await self.root.locator(".welcome h2").wait_for(timeout=PATIENCE)

    async def presses(self, label: str) -> None:
        """Press the newest button of that label."""
        await self.root.get_by_role("button", name=label, exact=True).last.click(timeout=PATIENCE)

    async def texts(self) -> list[str]:
        """Return what the bubbles and cards say, oldest first."""
        boxes = self.root.locator(".bubble, .card")
        return [text.strip() for text in await boxes.all_inner_texts()]

    async def is_sent(self, count: int) -> None:
        """Wait until so many own lines are called received and none is on its way."""
        await self.page.wait_for_function(
            "n => { const fates = [...document.querySelectorAll('.mine .fate')].map((f) => f.textContent);"
            "return fates.length === n && fates.every((f) => f === '已送达'); }",
            arg=count,
            timeout=PATIENCE,
        )

    async def measure(self, script: str) -> Any:
        """Evaluate a script in the page."""
        return await self.page.evaluate(script)


@dataclass
class Glass:
    """Opens pages in the browser, each for a new visitor unless told otherwise, and listens to their complaints."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self, host: str, path: str = "/", *, size: ViewportSize = PHONE, locale: str = "zh-CN",
        context: BrowserContext | None = None,
    ) -> Screen:  # fmt: skip
        """Open a page and wait until it is connected."""
        context = context or await self.visitor(size, locale)
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", self._broke)
        await page.goto(f"http://{host}{path}")
        await page.locator("textarea").first.wait_for()
        return Screen(page, page.locator("body"))

    async def visitor(self, size: ViewportSize = PHONE, locale: str = "zh-CN") -> BrowserContext:
        """Return a browser profile of its own."""
        context = await self.browser.new_context(viewport=size, locale=locale)
        self.contexts.append(context)
        return context

    async def close(self) -> None:
        """Close everything."""
        for context in self.contexts:
            await context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(word in message.text for word in _EXPECTED):
            self.complaints.append(message.text)

    def _broke(self, error: Error) -> None:
        self.complaints.append(str(error))
