"""Chromium for the browser tests, wkhtmltopdf for Odoo's documents, and fonts for both.

The machine's own are used where it has them. Else Debian's packages are unpacked with all the
libraries they need, and small wrappers on the ``PATH`` tell the programs where everything is.
"""

import shutil
from pathlib import Path

from . import debian
from .console import Trouble
from .workshop import part

BROWSERS = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
PACKAGES = (
    "chromium-headless-shell",
    "wkhtmltopdf",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "fonts-roboto-unhinted",
)
WRAPPER = """\
#!/bin/sh
export LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export FONTCONFIG_FILE="{root}/fonts.conf"
export XDG_DATA_DIRS="{root}/usr/share"
{setting}exec "{root}/{program}" {options} "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/fonts.cache</cachedir>
  <include ignore_missing="yes">{root}/usr/share/fontconfig/conf.avail</include>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""
# Root may not use Chromium's sandbox, nothing here may call home, and no screen is attached.
BROWSER_OPTIONS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --disable-sync --no-first-run"
    " --disable-background-networking --disable-component-update"
)


def prepare() -> list[Path]:
    """Return the folders to put on the ``PATH``: none if the machine has everything."""
    if any(map(shutil.which, BROWSERS)) and shutil.which("wkhtmltopdf"):
        return []
    if not debian.available():
        raise Trouble("Chromium and wkhtmltopdf are needed: please install both and try again.")
    title = "Chromium and wkhtmltopdf from Debian"
    recipe = (PACKAGES, WRAPPER, FONTS, BROWSER_OPTIONS)
    return [part("programs", title, recipe, _unpack) / "bin"]


def _unpack(root: Path) -> None:
    suite = debian.Suite(debian.own_suite(), root)
    suite.update()
    suite.unpack_with_dependencies(PACKAGES, root)
    (root / "fonts.conf").write_text(FONTS.format(root=root))
    shell = "usr/lib/chromium/chromium-headless-shell"
    _wrap(root, "chromium", shell, options=BROWSER_OPTIONS)
    _wrap(root, "wkhtmltopdf", "usr/bin/wkhtmltopdf", setting="export QT_QPA_PLATFORM=offscreen\n")


def _wrap(root: Path, name: str, program: str, *, options: str = "", setting: str = "") -> None:
    folders = {library.parent for library in root.glob("**/lib/**/*.so*")}
    libraries = ":".join(map(str, sorted(f for f in folders if "-linux-" in f.name)))
    wrapper = root / "bin" / name
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(
        WRAPPER.format(
            libraries=libraries, root=root, program=program, options=options, setting=setting
        )
    )
    wrapper.chmod(0o755)
