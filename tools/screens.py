"""Pictures of a report's sections for docs/screens, taken with headless Chromium.

    python tools/screens.py report.html docs/screens/wide-zh --width 1280
    python tools/screens.py report.html docs/screens/narrow-en --width 390 --dark --item poetry/quatrain-five/autumn-river

Needs selenium, chromium and chromedriver (dependency group `slow`). Sections taller than 1,400 pixels are cut.
With Pillow at hand the pictures are brought down to 96 colours, a quarter of the size.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import time
from pathlib import Path
from urllib.parse import quote

SECTIONS = "conclusions scores differences counts slices criteria judge people items item analysis efficiency limits origin"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --hide-scrollbars"
)
TALLEST = 1400


def small(png: bytes) -> bytes:
    """The picture in 96 colours, where Pillow is installed."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return png
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(96, Image.Quantize.FASTOCTREE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("out", help="start of the pictures' names")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--item", default="")
    parser.add_argument("--differences", action="store_true", help="mark differing words of the item")
    parser.add_argument("--only", default="", help="names of sections, by comma")
    given = parser.parse_args()

    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in FLAGS.split():
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        metrics = {"width": given.width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        if given.dark:
            dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        address = given.page.resolve().as_uri() + (f"#{quote(given.item, safe='')}" if given.item else "")
        driver.get(address)
        driver.execute_script(
            "for (const s of document.querySelectorAll('main section')) { const d = s.querySelector('details');"
            " if (d) d.open = true; }"
        )
        if given.differences:
            driver.execute_script("document.getElementById('compare').click()")
        time.sleep(0.3)
        wanted = given.only.split(",") if given.only else ["top", *SECTIONS.split()]
        for name in wanted:
            box = (
                [0, 0, given.width, 900]
                if name == "top"
                else driver.execute_script(
                    "const e = document.getElementById(arguments[0]); if (!e || e.hidden) return null;"
                    "const b = e.getBoundingClientRect(); return [0, b.top + scrollY, innerWidth, b.height];",
                    name,
                )
            )
            if not box or box[3] < 10:
                continue
            clip = {
                "x": 0,
                "y": box[1],
                "width": given.width,
                "height": min(box[3] + 12, TALLEST),
                "scale": 1,
            }
            shot = driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
            )
            path = Path(f"{given.out}-{name}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(small(base64.b64decode(shot["data"])))
            print(path)
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
