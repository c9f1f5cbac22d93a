"""What is said on the page where somebody agrees to one notice from a platform that asks for consent first."""

from dataclasses import dataclass

from handlers.texts import translator


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """The words of the page."""

    language: str
    title: str
    text: str
    button: str
    done: str
    elsewhere: str


def consent_words(language: str) -> ConsentWords:
    """Return them in the desk's language."""
    t = translator(language)
    return ConsentWords(
        language=language,
        title=t("Shall we tell you when it is done?"),
        text=t("WeChat lets us write to you later only if you agree. It is one message, and no advertising."),
        button=t("Yes, tell me once"),
        done=t("Thank you. You can close this page now."),
        elsewhere=t("Please open this page in WeChat."),
    )
