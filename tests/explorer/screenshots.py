"""Screenshots of the main views, kept small and compared with tolerance.

    python tests/explorer/screenshots.py            # renews the references in tests/explorer/screenshots/

A view is drawn with the font that the package carries, and kept as the means of its blocks of BLOCK by BLOCK pixels.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

FOLDER = Path(__file__).with_name("screenshots")
BLOCK = 3
"""Pixels of a screen, in each direction, that are one of a reference."""
REGION = 4
"""Pixels of a reference, in each direction, whose mean is compared."""
TOLERANCE = 35.0
"""Maximum difference of a region, in levels of 256.  Measured on all views: two runs 0, other hinting or antialiasing
at most 0.6, text at whole pixels at most 22; a button left out at least 51, a line of text moved by its height 80, a
colour of tags or of controls changed 80.  Hairlines are below it: panels without borders differ by 6."""
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")
GUESS = ("guess_on_timeout", "guess, one crash")
PAIR = "#1:1.1.0.0;at=2;beside=1:1.1.0.2;beside-instance=wait%2C%20one%20crash"
VIEWS = {
    "tour": (*GUESS, "#;tour=0.2"),
    "loop": ("paxos_duel", "duel", "#;tour=0.4"),
    "embed": ("paxos_duel", "duel", "#0:0.0.0.0.1.0.0.0.0.1.1;loop=3;at=7;embed"),
    "beside": (*GUESS, PAIR),
    "quiz": (*GUESS, "#1:2.0;at=0;quiz"),
}
"""Spec, instance and address of each view."""


class Shot(NamedTuple):
    """One screenshot: which view, on which screen, in which colours."""

    view: str
    size: str
    scheme: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.view}-{self.size}-{self.scheme}"


SHOTS = [Shot(view, size, scheme) for view in VIEWS for size in SIZES for scheme in SCHEMES]


def font_style() -> str:
    """Return a style that draws all text in the font of the package."""
    fonts = files("flpcheck.report.fonts")
    faces = []
    for name, weight in (("DejaVuSans.ttf", "100 500"), ("DejaVuSans-Bold.ttf", "600 900")):
        data = base64.b64encode((fonts / name).read_bytes()).decode()
        faces.append(
            f"@font-face {{ font-family: pinned; font-weight: {weight}; src: url(data:font/ttf;base64,{data}); }}"
        )
    return "".join(faces) + " * { font-family: pinned !important; transition: none !important; }"


def taken(browser: Any, address: str, shot: Shot) -> Image.Image:
    """Return a screenshot of a page at the address of a view."""
    width, height = SIZES[shot.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=shot.scheme, reduced_motion="reduce",
        offline=True, bypass_csp=True,
    )  # fmt: skip
    page = context.new_page()
    page.goto(address + VIEWS[shot.view][2])
    page.wait_for_selector("body[data-configuration]")
    page.add_style_tag(content=font_style())
    page.evaluate("document.fonts.ready.then(() => { app.render(); window.scrollTo(0, 0); })")
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    context.close()
    return image


def reduced(image: Image.Image) -> Image.Image:
    """Return the means of an image's blocks."""
    return image.resize((image.width // BLOCK, image.height // BLOCK), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the greatest difference of a colour in each region, in levels of 256."""
    means = [np.asarray(image, dtype=np.float64) for image in (one, other)]
    apart = np.abs(regions(means[0]) - regions(means[1]))
    found: np.ndarray[Any, np.dtype[np.float64]] = apart.max(axis=2)
    return found


def regions(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the means of all squares of REGION by REGION pixels."""
    sums = np.pad(pixels.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0), (0, 0)))
    far, near = slice(REGION, None), slice(None, -REGION)
    found: np.ndarray[Any, Any] = (sums[far, far] - sums[far, near] - sums[near, far] + sums[near, near]) / REGION**2
    return found


def kept(shot: Shot) -> Image.Image:
    """Return the reference."""
    return Image.open(FOLDER / f"{shot.name}.png").convert("RGB")


def show_difference(file: Path, found: Image.Image, reference: Image.Image) -> Path:
    """Write what is seen, the reference, and where they differ, beside each other into a file."""
    apart = difference(reduced(found), reference)
    heat = Image.fromarray(np.clip(apart * 8, 0, 255).astype(np.uint8)).convert("RGB")
    sheet = Image.new("RGB", (3 * found.width, found.height))
    for place, image in enumerate((found, reference, heat)):
        sheet.paste(image.resize(found.size, Image.Resampling.NEAREST), (place * found.width, 0))
    sheet.save(file)
    return file


def renewed(folder: Path) -> Iterator[str]:
    """Write all references; yield their names."""
    from explorer.browser import launched
    from explorer.test_compare import written

    FOLDER.mkdir(exist_ok=True)
    addresses: dict[tuple[str, str], str] = {}
    with launched() as browser:
        for shot in SHOTS:
            name, instance, _ = VIEWS[shot.view]
            if (name, instance) not in addresses:
                (folder / name).mkdir(exist_ok=True)
                addresses[name, instance] = written(folder / name, name, instance)
            image = reduced(taken(browser, addresses[name, instance], shot))
            image.save(FOLDER / f"{shot.name}.png", optimize=True)
            yield shot.name


if __name__ == "__main__":
    import tempfile

    sys.path.insert(0, str(Path(__file__).parents[1]))
    with tempfile.TemporaryDirectory() as temporary:
        for done in renewed(Path(temporary)):
            print(done)  # noqa: T201
