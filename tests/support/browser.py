"""Debian's Chromium without a screen, driven by Selenium. Skipped where one of them is not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


@contextmanager
def headless(size: str = "1280,940") -> Iterator[Any]:
    """Drive a browser in this ``with``.

    :param size: of the window, in pixels.
    """
    webdriver: Any = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    words = ["--headless=new", "--disable-gpu", f"--window-size={size}", *(["--no-sandbox"] * (os.getuid() == 0))]
    for word in words:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield made
    finally:
        made.quit()


def one(page: Any, selector: str) -> Any:
    """Return the first element that a selector finds."""
    return page.find_element("css selector", selector)


def wait(page: Any, script: str) -> None:
    """Wait until an expression is true."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(page, 20).until(lambda page: page.execute_script(f"return {script}"))
