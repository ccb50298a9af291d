"""The page of the check on a phone, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import Site, chromium, pytestmark, site

__all__ = ["chromium", "pytestmark", "site"]


def test_the_check_on_a_phone(site: Site, chromium: Browser) -> None:
    """From the questions to the result; no script, no cookie, nothing from elsewhere, nothing to scroll sideways."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{site.url}/wellbeing")
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверка рабочего самочувствия")
    for number in range(8):
        page.locator(f"input[name=q{number}]").nth(0 if number in (2, 5, 6) else 4).check()
    page.get_by_label("С кем вы работаете").select_option("primary")
    assert page.locator("html").bounding_box()["width"] <= 360  # type: ignore[index]
    page.get_by_role("button", name="Показать результат").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Похоже, вам сейчас тяжело")
    expect(page.get_by_text("100 из 100")).to_be_visible()
    expect(page.get_by_role("link", name="112")).to_be_visible()
    assert page.locator("html").bounding_box()["width"] <= 360  # type: ignore[index]
    assert page.url == f"{site.url}/wellbeing", "the result is not in the address"
    assert context.cookies() == []
    assert all(url.startswith(site.url) for url in requests)
    page.goto(f"{site.url}/wellbeing")
    expect(page.get_by_text("100 из 100")).to_have_count(0)
    context.close()
