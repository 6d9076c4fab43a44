"""Uses the drawing page in headless Chromium: mouse, finger, keyboard, both themes, and a stopped program.

    python3 browser.py ADDRESS PROCESS CHROMIUM

PROCESS is the id of the program, which is ended at the end. Pictures of the page go to the folder that
CHAINRULE_SCREENSHOTS names.
"""

import os
import pathlib
import signal
import sys

from playwright.sync_api import sync_playwright

# Strokes of each digit, on paper of 100 by 100.
DIGITS = {
    "0": [[(50, 14), (32, 24), (25, 50), (32, 76), (50, 86), (68, 76), (75, 50), (68, 24), (50, 14)]],
    "1": [[(50, 14), (50, 38), (49, 62), (49, 86)]],
    "2": [[(29, 32), (36, 18), (52, 13), (67, 21), (70, 36), (58, 54), (40, 71), (27, 84), (50, 84), (75, 84)]],
    "3": [[(30, 20), (48, 13), (65, 20), (67, 34), (58, 45), (44, 48), (60, 52), (70, 64), (66, 79), (48, 87), (28, 80)]],
    "4": [[(38, 14), (33, 34), (28, 55), (50, 54), (76, 53)], [(65, 16), (63, 50), (61, 87)]],
    "5": [[(36, 16), (33, 43), (50, 41), (65, 49), (69, 65), (60, 81), (44, 86), (28, 79)], [(36, 16), (70, 15)]],
    "6": [[(62, 14), (44, 26), (32, 46), (29, 66), (36, 81), (51, 86), (65, 78), (68, 65), (59, 54), (45, 54), (32, 64)]],
    "7": [[(26, 17), (50, 16), (74, 16), (62, 40), (52, 64), (46, 86)]],
    "8": [[(66, 26), (52, 14), (36, 20), (36, 34), (50, 46), (64, 59), (67, 74), (53, 86), (36, 80), (34, 65), (48, 49), (62, 37), (66, 26)]],
    "9": [[(68, 30), (56, 15), (38, 18), (31, 33), (41, 47), (58, 45), (68, 30), (66, 56), (62, 86)]],
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
GROUPS = ["#stages", "#saliency", "#towards", "#layers"]


class Page:
    """A page in a browser context of its own, with what it wrote to the console."""

    def __init__(self, browser, address, **context):
        self.page = browser.new_context(**context).new_page()
        self.errors = []
        self.page.on("console", lambda note: note.type in ("error", "warning") and self.errors.append(note.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address)
        self.rest()

    def rest(self):
        """Waits until the last drawing is answered. The page's policy forbids `wait_for_function`."""
        for _ in range(400):
            if not self.page.evaluate("asking"):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"no answer: {self.text('#message')}")

    def text(self, selector):
        return self.page.locator(selector).inner_text().replace("\u00a0", " ")

    def draw(self, digit):
        box = self.page.locator("#paper").bounding_box()
        for stroke in DIGITS[digit]:
            places = [(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]) for x, y in stroke]
            self.page.mouse.move(*places[0])
            self.page.mouse.down()
            for place in places[1:]:
                self.page.mouse.move(*place, steps=2)
            self.page.mouse.up()
        self.rest()

    def touch(self, digit):
        """Draws with a finger, by the events that Chromium makes of its own input."""
        session = self.page.context.new_cdp_session(self.page)
        box = self.page.locator("#paper").bounding_box()
        send = lambda kind, points: session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        for stroke in DIGITS[digit]:
            points = [{"x": box["x"] + x / 100 * box["width"], "y": box["y"] + y / 100 * box["height"]} for x, y in stroke]
            send("touchStart", points[:1])
            for point in points[1:]:
                send("touchMove", [point])
            send("touchEnd", [])
        self.rest()

    def pictures(self, group):
        return self.page.eval_on_selector_all(f"{group} canvas", "all => all.map(one => one.toDataURL())")

    def strokes(self):
        return self.page.evaluate("paper.strokes.length")

    def picture(self, name):
        folder = os.environ.get("CHAINRULE_SCREENSHOTS")
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    def fits(self):
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page scrolls sideways by {wide} pixels"


def check(found, expected, name):
    assert found == expected, f"{name}: {found!r} instead of {expected!r}"


def mouse(browser, address):
    """All ten digits are read, and every part of the page changes with them."""
    view = Page(browser, address, viewport={"width": 1280, "height": 900}, color_scheme="light")
    check(view.text("#verdict"), "Nothing is written yet.", "the answer to empty paper")
    view.picture("empty")
    before = None
    for digit in DIGITS:
        view.page.keyboard.press("c")
        view.page.keyboard.press(str((int(digit) + 3) % 10))
        view.draw(digit)
        check(view.text("#best"), digit, "the digit")
        verdict = view.text("#verdict")
        assert verdict.startswith(f"Digit {digit} ("), verdict
        best = view.text("#classes li.best").split("\n")
        check([best[0], f"Digit {digit} ({best[-1]})"], [digit, verdict], "the longest bar")
        way = view.text("#way")
        # The page says so where the steps do not reach the digit.
        assert way.startswith(("From ", "Only from ")) and " % to " in way, way
        pictures = {group: view.pictures(group) for group in GROUPS}
        check([len(list) for list in pictures.values()], [6, 3, 3, 160], "the number of pictures")
        for group, list in pictures.items():
            same = [a == b for a, b in zip(list, before[group])] if before else []
            assert not any(same[:6]), f"{group} is that of the digit before {digit}"
        before = pictures
        print(f"{verdict}; {way}")
    view.fits()

    # The same paper with another digit to become.
    view.page.keyboard.press("c")
    view.draw("7")
    view.page.locator("#targets label").nth(3).click()
    view.rest()
    check(view.text("#target"), "a 3", "the digit to become")
    three = view.pictures("#towards")
    view.picture("light")
    view.page.locator("#targets input").nth(3).press("ArrowRight")
    view.rest()
    check(view.text("#target"), "a 4", "the digit to become by an arrow")
    four = view.pictures("#towards")
    check([three[0] == four[0], three[1] == four[1], three[2] == four[2]], [True, False, False], "another way")

    # Buttons.
    view.page.locator("#clear").click()
    view.draw("5")
    view.page.locator("#undo").click()
    check(view.strokes(), 1, "strokes after undo")
    view.page.locator("#clear").click()
    view.rest()
    check(view.text("#verdict"), "Nothing is written yet.", "the answer after clear")
    view.page.locator("#width").fill("40")
    view.draw("1")
    check(view.page.evaluate("paper.strokes[0].width"), 40, "the width of the pen")

    view.page.locator("#width").fill("22")

    # A busy program is asked again.
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "body": "more than 60 drawings a second: wait a little\n"}
    view.page.route("**/read", lambda route: route.fulfill(**busy), times=1)
    view.page.keyboard.press("c")
    view.page.locator("#message").get_by_text("wait a little").wait_for(timeout=3_000)
    view.rest()
    check(view.page.locator("#message").is_visible(), False, "the message afterwards")
    # So is one that was away for a moment.
    view.page.route("**/read", lambda route: route.abort(), times=1)
    view.draw("4")
    check([view.page.locator("#message").is_visible(), view.text("#best")], [False, "4"], "afterwards")
    check([error for error in view.errors if "Failed to load" not in error], [], "errors in the console")


def keyboard(browser, address):
    """A seven is drawn, undone and cleared without a pointer, and every control is reached."""
    view = Page(browser, address, viewport={"width": 1280, "height": 900}, color_scheme="dark")
    reached = []
    for _ in range(5):
        view.page.keyboard.press("Tab")
        reached.append(view.page.evaluate("document.activeElement.id || document.activeElement.name"))
        outline = view.page.evaluate(
            "[document.activeElement, document.activeElement.parentElement, document.activeElement.nextElementSibling]"
            ".some(one => one && getComputedStyle(one).outlineStyle === 'solid')"
        )
        assert outline, f"the focus on {reached[-1]} is not seen"
    check(reached, ["paper", "undo", "clear", "width", "target"], "the order of the controls")

    view.page.locator("#paper").focus()
    press = lambda keys: [view.page.keyboard.press(key) for key in keys]
    press(["ArrowLeft"] * 9 + ["Space"] + ["Shift+ArrowRight"] * 6)
    press(["ArrowDown", "ArrowDown", "ArrowLeft"] * 9 + ["ArrowDown"] * 4)
    view.rest()
    check(view.text("#best"), "7", "the digit of the keyboard")
    check(view.strokes(), 1, "strokes of the keyboard")
    view.picture("keyboard-dark")
    press(["Space", "ArrowUp", "Space"])
    check(view.strokes(), 2, "strokes after the pen was raised")
    press(["z"])
    check(view.strokes(), 1, "strokes after undo")
    press(["Escape"])
    view.rest()
    check([view.strokes(), view.text("#verdict")], [0, "Nothing is written yet."], "after Escape")
    press(["8"])
    check(view.text("#target"), "an 8", "the digit to become")
    view.draw("2")
    view.page.locator("#spoken").get_by_text("Digit 2").wait_for(state="attached", timeout=3_000)
    view.picture("dark")

    # The pictures follow the theme.
    dark = view.pictures("#layers")
    shade = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
    view.page.emulate_media(color_scheme="light")
    view.rest()
    assert shade != view.page.evaluate("getComputedStyle(document.body).backgroundColor"), "one colour in both themes"
    assert dark != view.pictures("#layers"), "maps keep the colours of the other theme"
    check(view.errors, [], "errors in the console")


def finger(browser, address):
    """A phone of 360 pixels: digits by touch, nothing to scroll sideways, and large enough controls."""
    size = {"width": 360, "height": 740}
    phone = {"viewport": size, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    for scheme, digit in [("light", "3"), ("dark", "9")]:
        view = Page(browser, address, color_scheme=scheme, **phone)
        view.fits()
        view.touch(digit)
        check(view.text("#best"), digit, "the digit of a finger")
        check(view.page.evaluate("scrollY"), 0, "scrolling by the finger that draws")
        view.fits()
        for control in view.page.locator("button, #targets label").all():
            box = control.bounding_box()
            assert min(box["width"], box["height"]) >= 38, f"{control.inner_text()!r} is small: {box}"
        view.picture(f"phone-{scheme}")
        check(view.errors, [], "errors in the console")


def stopped(browser, address, process):
    """A page whose program has stopped says so."""
    view = Page(browser, address, viewport={"width": 1280, "height": 900}, color_scheme="light")
    view.draw("6")
    os.kill(process, signal.SIGTERM)
    view.page.keyboard.press("z")
    view.page.locator("#message").get_by_text("The program has stopped").wait_for(timeout=3_000)
    view.picture("stopped")


def main():
    address, process, chromium = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        print(f"Chromium {browser.version}")
        mouse(browser, address)
        keyboard(browser, address)
        finger(browser, address)
        stopped(browser, address, int(process))
        browser.close()


main()
