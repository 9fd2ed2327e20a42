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
root="{root}"
usr="$root/usr/lib/{triplet}"
export LD_LIBRARY_PATH="$root/lib/{triplet}:$usr:$usr/pulseaudio"
export FONTCONFIG_FILE="$root/fonts.conf"
export XDG_RUNTIME_DIR="$root/run"
export QT_PLUGIN_PATH="$usr/qt5/plugins" QT_QPA_PLATFORM=offscreen
exec "$root"/{command} "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/fonts.cache</cachedir>
  <alias><family>system-ui</family><prefer><family>Roboto</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Roboto</family></prefer></alias>
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
    with debian.Suite(debian.own_suite(), root) as suite:
        suite.unpack_with_dependencies(PACKAGES, root)
    (root / "run").mkdir(mode=0o700)
    (root / "fonts.conf").write_text(FONTS.format(root=root))
    shell = "usr/lib/chromium/chromium-headless-shell"
    _wrap(root, "chromium", f"{shell} {BROWSER_OPTIONS}")
    _wrap(root, "wkhtmltopdf", "usr/bin/wkhtmltopdf")


def _wrap(root: Path, name: str, command: str) -> None:
    triplet = next(root.glob("usr/lib/*-linux-*")).name
    wrapper = root / "bin" / name
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(WRAPPER.format(root=root, triplet=triplet, command=command))
    wrapper.chmod(0o755)
