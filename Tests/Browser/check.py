"""What axe-core and the console say of pages, see `run`."""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

DIGITS = Path("fixtures/digits").resolve()
DATA = DIGITS / "digits-test-images-idx3-ubyte"
SCHEMES, WIDTHS = ("light", "dark"), (1280, 390)
# A page that has both faults: who finds none in it is deaf.
FAULTY = """<!DOCTYPE html><html lang="en"><title>a</title><main><h1>a</h1><img src="data:,">
<p style="color:#aaa;background:#fff">too pale</p></main><script>console.error("planted")</script></html>"""
# The least contrast of the words in plots with the page behind them, which axe leaves to others; and how many.
PLOT_WORDS = """
const light = colour => {
  const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const paper = light(getComputedStyle(document.body).backgroundColor);
const ratios = [...document.querySelectorAll('svg text')].map(e => {
  const ink = light(getComputedStyle(e).fill);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
});
return [Math.min(...ratios), ratios.length];
"""


def axe_source():
    folder = Path(importlib.util.find_spec("axe_playwright_python").origin).parent
    return (folder / "axe.min.js").read_text()


class Browser:
    def __init__(self):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.axe = axe_source()

    def look(self, page, scheme, width):
        """What is wrong with a page, in words."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.get(page.as_uri())
        faults = [f"console: {entry['message']}" for entry in self.driver.get_log("browser")]
        wide, room = self.driver.execute_script(
            "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]")
        if wide > room:
            faults.append(f"{wide} wide; expected {room}")
        self.driver.execute_script(self.axe)
        found = self.driver.execute_async_script(
            "axe.run(document).then(arguments[arguments.length - 1])")
        for rule in found["violations"]:
            faults.append(f"axe: {rule['id']} ({rule['impact']}): {rule['nodes'][0]['html'][:200]}")
        if len(found["passes"]) < 5:
            faults.append(f"axe: {len(found['passes'])} rules passed; expected it to have looked")
        return faults

    def contrast(self):
        return self.driver.execute_script(PLOT_WORDS)


def pages(binary, folder, others):
    """The pages of one report, of a list, of data without labels, and of the report that is given."""
    run = [DIGITS / "conv-robust.onnx", "--data", DATA, "--quiet"]
    bare = folder / "bare.idx"
    bare.write_bytes(DATA.read_bytes())
    runs = {
        "one": (run + ["--eps", "0.05", "--counterexamples", folder / "points.npy"],
                ["--data", DATA, "--counterexamples", folder / "points.npy"]),
        "list": (run + ["--eps", "0.02,0.05"], ["--data", DATA]),
        "unlabelled": ([run[0], "--data", bare, "--quiet", "--eps", "0.05"], ["--data", bare]),
    }
    reports = []
    for name, (words, page) in runs.items():
        report = folder / f"{name}.json"
        subprocess.run([binary, *words, "-o", report], check=True)
        reports.append((name, report, page))
    if others:
        reports.append(("given", Path(others[0]), ["--data", others[1]]))
    for name, report, words in reports:
        page = folder / f"{name}.html"
        subprocess.run([binary, "report", report, *words, "-o", page], check=True)
        yield page


def main():
    binary, others = Path(sys.argv[1]).resolve(), sys.argv[2:]
    with tempfile.TemporaryDirectory() as place:
        folder, browser = Path(place), Browser()
        try:
            faulty = folder / "faulty.html"
            faulty.write_text(FAULTY)
            said = " ".join(browser.look(faulty, "light", 1280))
            for fault in ("planted", "image-alt", "color-contrast"):
                if fault not in said:
                    sys.exit(f"a planted fault, {fault}, is not found: {said}")
            least, count, faults = 99.0, 0, []
            for page in pages(binary, folder, others):
                for scheme, width in [(s, w) for s in SCHEMES for w in WIDTHS]:
                    count += 1
                    faults += [f"{page.name}, {scheme}, {width}: {f}" for f in browser.look(page, scheme, width)]
                    ratio, words = browser.contrast()
                    if words < 10 or ratio < 4.5:
                        faults.append(f"{page.name}, {scheme}: {words} words in plots, contrast {ratio:.1f}")
                    least = min(least, ratio)
                print(f"{page.name}: {page.stat().st_size} bytes", flush=True)
        finally:
            browser.driver.quit()
    if faults:
        sys.exit("\n".join(faults))
    print(f"{count} views of pages: axe finds nothing, the console says nothing, the words of plots have a "
          f"contrast of {least:.1f} or more")


main()
