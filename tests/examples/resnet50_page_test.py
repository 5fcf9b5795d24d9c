# SPDX-License-Identifier: MIT
"""The page of `resnet50 --report`, in a browser: resnet50_page_test.py RESNET50

Needs Chromium (Debian's chromium) and Pillow; says so and ends with 77 where one is missing. The
page is opened at several widths, bright and dark, with a script behind it that points, clicks and
measures, and writes down what it found.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
if BROWSER is None:
    print("skipped: no chromium here")
    sys.exit(77)
try:
    from PIL import Image
except ImportError:
    print("skipped: this Python has no Pillow")
    sys.exit(77)

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync "
         "--disable-dev-shm-usage --hide-scrollbars --virtual-time-budget=5000 "
         "--enable-logging=stderr --v=0").split()

# Runs behind the page's own script; its findings go into an attribute that --dump-dom shows.
PROBE = r"""
<script>
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (element) => element.getClientRects().length > 0;
  const found = { width: innerWidth, page: document.documentElement.scrollWidth };

  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 &&
                         a.top < b.bottom - 2 && b.top < a.bottom - 2;
  found.overlaps = [];
  found.outside = [];
  const look = () => {
    for (const chart of all("svg.plot, svg.column g.node")) {
      const texts = all(":scope > text", chart).filter(visible);
      const boxes = texts.map((text) => text.getBoundingClientRect());
      for (let i = 0; i < boxes.length; ++i) {
        for (let k = 0; k < i; ++k) {
          if (meet(boxes[i], boxes[k])) {
            found.overlaps.push(texts[k].textContent + " / " + texts[i].textContent);
          }
        }
        const frame = chart.closest("section").getBoundingClientRect();
        if (boxes[i].left < frame.left || boxes[i].right > frame.right) {
          found.outside.push(texts[i].textContent);
        }
      }
    }
    for (const node of all("g.node")) {
      const box = node.querySelector(".box").getBoundingClientRect();
      for (const text of all("text", node).filter(visible)) {
        if (text.getBoundingClientRect().right > box.right) found.outside.push(text.textContent);
      }
    }
  };
  look();
  for (const fold of all("details")) fold.open = true;
  look();
  found.cut = all(".scroll").filter((part) => part.scrollWidth > part.clientWidth + 1)
                            .map((part) => part.closest("section").id);
  found.pageOpen = document.documentElement.scrollWidth;

  const hint = document.getElementById("hint");
  const mark = document.querySelector("rect.layer") || document.querySelector("g.node .box");
  const point = (x, y) => mark.dispatchEvent(
    new PointerEvent("pointermove", { bubbles: true, clientX: x, clientY: y }));
  found.hiddenBefore = hint.hidden;
  for (const [x, y] of [[3, 3], [innerWidth - 3, innerHeight - 3]]) {
    point(x, y);
    const box = hint.getBoundingClientRect();
    if (box.left < 0 || box.right > innerWidth || box.top < 0) found.outside.push("hint");
  }
  found.hint = hint.textContent;
  document.body.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
  found.hiddenAfter = hint.hidden;

  const column = (table, index) => [...table.tBodies[0].rows].map((row) => {
    const cell = row.cells[index];
    return "v" in cell.dataset ? Number(cell.dataset.v || -Infinity) : cell.textContent;
  });
  found.unsorted = [];
  found.sorts = 0;
  for (const table of all("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      const before = column(table, head.cellIndex).map(String).sort().join();
      for (const click of [1, 2]) {
        head.click();
        ++found.sorts;
        const values = column(table, head.cellIndex);
        const up = head.getAttribute("aria-sort") === "ascending";
        const good = values.every((v, i) => i === 0 ||
          (up ? values[i - 1] <= v : values[i - 1] >= v));
        if (!good || values.map(String).sort().join() !== before) {
          found.unsorted.push(table.className + " " + head.textContent);
        }
      }
    }
  }
  document.documentElement.dataset.found = JSON.stringify(found);
})();
</script>
"""


def browse(page, width, height, *flags):
    """What Chromium prints of a page, and the lines of its console."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={profile}",
                               f"--window-size={width},{height}", *flags, page.as_uri()],
                              capture_output=True, text=True, timeout=300)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console


def probe(page, folder, width):
    text = page.read_text(encoding="utf-8")
    probed = folder / "probed.html"
    probed.write_text(text.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    dom, console = browse(probed, width, 900, "--dump-dom")
    written = re.search(r'data-found="([^"]*)"', dom)
    found = json.loads(written[1].replace("&quot;", '"').replace("&amp;", "&")) if written else None
    return dom, console, found


def section(dom, name):
    return re.search(rf'<section id="{name}">.*?</section>', dom, re.S)[0]


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.kept.name)
        cls.labels = cls.folder / "labels.txt"
        cls.labels.write_text("<script>alert(\"1\")</script>&'\n" * 1000)
        cls.full = cls.folder / "full.html"
        cls.run_program("--report", cls.full, "--save", cls.folder, "--labels", cls.labels,
                        "--no-check")
        cls.saved = cls.folder / "saved.html"
        cls.checked = cls.run_program("--report", cls.saved, "--model",
                                      cls.folder / "resnet50.octavo", "--check")

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    @classmethod
    def run_program(cls, *arguments):
        done = subprocess.run([str(PROGRAM), "--repeat", "3", *map(str, arguments)],
                              capture_output=True, text=True)
        if done.returncode != 0 or "report: " not in done.stdout:
            raise AssertionError(done)
        return done.stdout

    def test_one_file_of_text(self):
        for page in (self.full, self.saved):
            text = page.read_text(encoding="utf-8")
            self.assertLess(len(text), 1500000)
            for outside in ("http:", "https:", "@import", "url(", "<link", str(self.folder)):
                self.assertNotIn(outside, text)
            self.assertEqual(text.count("<script"), 1)
            self.assertNotIn("alert(\"", text)

    def check_marks(self, dom, counts):
        for name, mark, expected in counts:
            self.assertEqual(section(dom, name).count(mark), expected, (name, mark))

    def check_found(self, found, width):
        self.assertIsNotNone(found, "the script behind the page did not come to its end")
        self.assertLessEqual(found["page"], found["width"], f"wider than {width}")
        self.assertLessEqual(found["pageOpen"], found["width"], f"wider than {width}")
        self.assertEqual(found["overlaps"], [], width)
        self.assertEqual(found["outside"], [], width)
        self.assertEqual(found["cut"], [], f"tables that do not fit, {width}")
        self.assertTrue(found["hiddenBefore"] and found["hiddenAfter"])
        self.assertEqual(found["unsorted"], [])

    def test_full_page(self):
        for width in (1280, 1000, 760, 500):
            dom, console, found = probe(self.full, self.folder, width)
            self.assertEqual(console, [])
            self.check_found(found, width)
            self.assertIn("data_quant\ninput", found["hint"])
            self.assertEqual(found["sorts"], 2 * (10 + 11 + 5))
        self.check_marks(dom, [
            ("sees", "<img ", 1), ("network", 'class="node ', 57 + 122),
            ("time", 'class="mark layer ', 57), ("time", 'class="layer-row"', 57),
            ("time", 'class="mark time ', 57), ("time", 'class="ideal ', 54),
            ("agreement", 'class="mark dot sqnr', 122),
            ("agreement", 'class="mark dot cosine', 122),
            ("ranges", 'class="card"', 72), ("ranges", 'class="histogram"', 72 + 54),
            ("memory", 'class="mark tensor ', 57), ("memory", 'class="mark row ', 122)])
        self.assertEqual(dom.count('class="absent"'), 0)
        self.assertNotIn("every way of running it", dom)

    def test_saved_model(self):
        dom, console, found = probe(self.saved, self.folder, 1280)
        self.assertEqual(console, [])
        self.check_found(found, 1280)
        self.check_marks(dom, [
            ("time", 'class="mark layer ', 57), ("memory", 'class="mark row ', 122),
            ("agreement", 'class="absent"', 1), ("ranges", 'class="absent"', 1),
            ("agreement", "<svg", 0), ("sees", 'class="float"', 0)])
        self.assertIn("check:        all 122 tensors equal", self.checked)
        self.assertIn("every way of running it gives the same bytes", dom)

    def test_pictures(self):
        for name, flags in (("bright", ()), ("dark", ("--force-dark-mode",))):
            shot = self.folder / (name + ".png")
            _, console = browse(self.full, 1280, 5000, f"--screenshot={shot}", *flags)
            self.assertEqual(console, [])
            with Image.open(shot) as opened:
                picture = opened.convert("RGB")
            self.assertEqual(picture.size, (1280, 5000))
            colours = picture.getcolors(1 << 24)
            self.assertGreater(len(colours), 1000)
            most, paper = max(colours)
            self.assertLess(most, 0.9 * 1280 * 5000)
            self.assertEqual(min(paper) > 200, name == "bright", paper)

    def test_whole_or_not_at_all(self):
        taken = self.folder / "taken"
        taken.mkdir()
        model = self.folder / "resnet50.octavo"
        done = subprocess.run([str(PROGRAM), "--repeat", "1", "--report", str(taken), "--model",
                               str(model)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("taken", done.stderr)
        self.assertEqual(list(taken.iterdir()), [])
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("taken.")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
