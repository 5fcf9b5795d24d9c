# SPDX-License-Identifier: MIT
"""quantize as a user meets it: quantize_test.py QUANTIZE. Needs NumPy; ends with 77 without."""

import csv
import os
import pathlib
import sys
import tempfile
import unittest

from quantize_case import NET, make_case, run, write_squeezenet, write_weights

OUTPUTS = {"calibration_table.txt", "comparison.csv", "comparison.txt", "head_room.csv",
           NET + ".octavo"}


def setUpModule():
    global FOLDER, KEEP, MODEL, BASE, MADE
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = pathlib.Path(KEEP.name)
    MODEL = make_case(FOLDER, pictures=4)
    BASE = FOLDER / "base"
    MADE = run(*MODEL, "--images", FOLDER / "pictures", "--scheme", "multiplier", "-o", BASE,
               "--calibrate", "kld", "--corrections", "snap", "--compare-images", 2, "--threads", 2,
               "--report", FOLDER / "page.html")


def tearDownModule():
    KEEP.cleanup()


def table_of(path):
    return dict(line.split() for line in path.read_text().splitlines())


class Case(unittest.TestCase):
    def refused(self, sentence, *arguments, status=1):
        done = run(*arguments)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        self.assertNotIn("quantize: quantize:", done.stderr)
        if status == 1:
            # Passes over pictures leave a line each; of what is wrong there is one.
            wrong = [line for line in done.stderr.splitlines()
                     if line.startswith("quantize: ") and ": note: " not in line]
            self.assertEqual(len(wrong), 1, done.stderr)

    def works(self, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, 0, done)
        return done

    def by_table(self, table, out, *more):
        return (*MODEL, "--scheme", "multiplier", "--table", table, "-o", FOLDER / out, *more)


class CommandLine(Case):
    def test_help(self):
        self.assertIn("--layer-schemes", self.works("--help").stdout)

    def test_wrong_usage(self):
        images = ("--images", "x", "-o", "y", "--scheme", "rshift8")
        for sentence, *arguments in (
                ("--bogus", "--bogus"),
                ("quantize: needs --model",),
                ("quantize: needs --net, the network that the weights belong to", "--model", "x"),
                ("'resnet18' is not one but several", "--net", "resnet18"),
                ("expected one of resnet18-caffe", "--net", "lenet"),
                ("expected all, none, or some of equalize", "--corrections", "magic"),
                ("bias,weights needs --images", *MODEL, "--table", "t", "--scheme", "rshift8",
                 "-o", "y", "--corrections", "weights,bias"),
                ("equalize comes before histograms", *MODEL, "--histograms", "h", "--corrections",
                 "all", *images),
                ("expected one of rshift8", "--scheme", "int4"),
                ("expected one of rshift8", "--scheme", "mixed"),
                ("needs --scheme: multiplier and", *MODEL, "--images", "x", "-o", "y"),
                ("needs --out", *MODEL, "--images", "x", "--scheme", "rshift8"),
                ("needs --images", *MODEL, "--scheme", "rshift8", "-o", "y"),
                ("expected max, kld, percentile or mse", "--calibrate", "median"),
                ("--percentile", "--percentile", "0"),
                ("--kld-step", "--kld-step", "129"),
                ("--threads", "--threads", "0"),
                ("--count", "--count", "0"),
                ("excludes", *MODEL, "--table", "t", "--calibrate", "max", *images),
                ("excludes", *MODEL, "--table", "t", "--histograms", "h", *images),
                ("takes no --shard", *MODEL, "--shard", "1/2", *images),
                ("'0/2', expected i/n", "--shard", "0/2"),
                ("--evaluate: needs --int8", "--evaluate", "x"),
                ("--evaluate: takes no --scheme", "--evaluate", "x", "--int8", "y", "--scheme",
                 "rshift8"),
                ("--model: needs --net", "--evaluate", "x", "--int8", "y", "--model", "z"),
                ("--shard: needs --part", "--evaluate", "x", "--int8", "y", "--shard", "1/2"),
                ("expected ranges or histograms", "--round", "both"),
                ("--round: needs --part", *MODEL, "--images", "x", "--round", "ranges"),
                ("needs --ranges", *MODEL, "--images", "x", "--round", "histograms", "--part", "y"),
                ("--merge: takes no --threads", "--merge", "x", "--threads", "2")):
            with self.subTest(sentence):
                self.refused(sentence, *arguments, status=2)


class Outputs(Case):
    def test_everything_is_there(self):
        self.assertEqual(MADE.returncode, 0, MADE)
        self.assertEqual({entry.name for entry in BASE.iterdir()}, OUTPUTS)
        tensors = len((BASE / "calibration_table.txt").read_text().splitlines())
        self.assertEqual(tensors, 49)
        self.assertEqual(len((BASE / "comparison.csv").read_text().splitlines()), tensors + 1)
        self.assertEqual(len((BASE / "head_room.csv").read_text().splitlines()), 21 + 1)
        self.assertIn("<html", (FOLDER / "page.html").read_text()[:200])
        for line in ("network:      resnet18-caffe, 21 layers with weights, 49 tensors",
                     "scheme:       multiplier", "thresholds:   rule kld, corrections snap",
                     "compared:     49 tensors: ", "worst: ", "first below:  ", "saturated: ",
                     "written: ", "report: ", "time: "):
            self.assertIn(line, MADE.stdout)
        # No terminal: one line for each of the three runs over pictures.
        self.assertEqual([line.split(":")[0] for line in MADE.stderr.splitlines()],
                         ["ranges", "histograms", "comparison"])

    def same_model(self, out):
        for name in (NET + ".octavo", "calibration_table.txt"):
            self.assertEqual((FOLDER / out / name).read_bytes(), (BASE / name).read_bytes(), name)

    def test_the_table_gives_the_same_model(self):
        done = self.works(*self.by_table(BASE / "calibration_table.txt", "again"))
        self.assertEqual(done.stderr, "")
        self.same_model("again")
        self.assertEqual({entry.name for entry in (FOLDER / "again").iterdir()},
                         OUTPUTS - {"comparison.csv", "comparison.txt"})

    def test_threads_do_not_matter(self):
        for threads in (1, 3):
            self.works(*MODEL, "--images", FOLDER / "pictures", "--scheme", "multiplier", "-o",
                       FOLDER / "threads", "--calibrate", "kld", "--corrections", "snap",
                       "--compare-images", 0, "--threads", threads)
            self.same_model("threads")

    def test_an_edited_table_is_taken(self):
        table = table_of(BASE / "calibration_table.txt")
        table["scale2a_branch2a"] = repr(2 * float(table["scale2a_branch2a"]))
        edited = FOLDER / "edited.txt"
        edited.write_text("# edited\n" + "".join(f"{n} {t}\n" for n, t in table.items()))
        done = self.works(*self.by_table(edited, "edited"))
        self.assertIn("edited.txt: entries without effect: 1, the first is res2a_branch2a_relu",
                      done.stderr)
        found = table_of(FOLDER / "edited" / "calibration_table.txt")
        self.assertEqual(float(found["scale2a_branch2a"]), float(table["scale2a_branch2a"]))
        # The relu behind it follows: it keeps its input's threshold.
        self.assertEqual(float(found["res2a_branch2a_relu"]), float(table["scale2a_branch2a"]))
        self.assertNotEqual((FOLDER / "edited" / (NET + ".octavo")).read_bytes(),
                            (BASE / (NET + ".octavo")).read_bytes())

    def test_wrong_tables(self):
        lines = (BASE / "calibration_table.txt").read_text().splitlines(keepends=True)
        wrong = FOLDER / "wrong.txt"

        def refused(sentence, text):
            wrong.write_text(text)
            self.refused(sentence, *self.by_table(wrong, "none"))

        missing = [line for line in lines if not line.startswith("scale3a_branch2a ")]
        refused("wrong.txt: calibration table: no threshold for tensor scale3a_branch2a",
                "".join(missing))
        refused("wrong.txt: the network has no tensor 'scale9'", "".join(lines) + "scale9 1\n")
        for number in ("nan", "inf", "-1", "0", "1e999", "0x10", "1,5", "1e-400", "", "1 2 3"):
            refused("wrong.txt:1: ", f"data {number}\n")
        # A number that a table may hold, but no layer.
        hostile = [line if not line.startswith("scale3a_branch2a ") else
                   "scale3a_branch2a 1e-300\n" for line in lines]
        refused("quantize (multiplier): scale3a_branch2", "".join(hostile))

    def test_layer_schemes(self):
        schemes = FOLDER / "schemes.txt"
        schemes.write_text("# the ends\nscale_conv1 rshift8\nfc1000 rshift-channel\n")
        table = BASE / "calibration_table.txt"
        done = self.works(*self.by_table(table, "mixed", "--layer-schemes", schemes))
        self.assertIn("scheme:       mixed", done.stdout)
        schemes.write_text("scale_conv1 multiplier\n")
        self.works(*self.by_table(table, "same", "--layer-schemes", schemes))
        self.same_model("same")
        for sentence, text in (("schemes.txt:2: the network has no layer 'conv9'",
                                "fc1000 rshift8\nconv9 rshift8\n"),
                               ("schemes.txt:1: scheme 'int4'", "fc1000 int4\n"),
                               ("schemes.txt:1: 'conv1_relu' is a relu", "conv1_relu rshift8\n")):
            schemes.write_text(text)
            self.refused(sentence, *self.by_table(table, "none", "--layer-schemes", schemes))

    def test_a_taken_place_is_refused(self):
        table = BASE / "calibration_table.txt"
        (FOLDER / "file").write_text("")
        self.refused("file: cannot be made", *self.by_table(table, "file"))
        (FOLDER / "taken" / "head_room.csv").mkdir(parents=True)
        self.refused("head_room.csv: is a directory", *self.by_table(table, "taken"))
        self.assertEqual([entry.name for entry in (FOLDER / "taken").iterdir()], ["head_room.csv"])


class Corrections(Case):
    """On SqueezeNet: rounding the weights of a ResNet with feedback takes half a minute."""

    NET = "squeezenet-caffe"
    ALL = ("--scheme", "rshift16", "--compare-images", 2)

    @classmethod
    def setUpClass(cls):
        write_squeezenet(FOLDER / "squeezenet.npz")
        cls.model = ("--model", FOLDER / "squeezenet.npz", "--net", cls.NET)
        cls.equalized = FOLDER / "equalized.npz"
        cls.done, cls.corrected = cls().made("all", "--threads", 1, "--save-float", cls.equalized)
        _, cls.plain = cls().made("plain", "--corrections", "none")
        cls.table = FOLDER / "all" / "calibration_table.txt"

    def made(self, out, *more, model=None):
        done = self.works(*(model or self.model), "--images", FOLDER / "pictures", *self.ALL, "-o",
                          FOLDER / out, *more)
        rows = csv.DictReader((FOLDER / out / "comparison.csv").read_text().splitlines())
        logits = [row for row in rows if row["name"] == "pool10"]
        return done, float(logits[0]["sqnr_db"])

    def same_as_all(self, out, *names):
        for name in (self.NET + ".octavo", "comparison.csv", *names):
            self.assertEqual((FOLDER / "all" / name).read_bytes(),
                             (FOLDER / out / name).read_bytes())

    def test_all_by_default_and_they_help(self):
        self.assertIn("thresholds:   rule mse, corrections equalize,full-range,largest,snap,bias,"
                      "weights", self.done.stdout)
        self.assertNotIn("full range:", self.done.stdout)  # 16-bit biases hold no move
        self.assertEqual([line.split(":")[0] for line in self.done.stderr.splitlines()],
                         ["equalization", "ranges", "histograms", "corrections", "comparison"])
        self.assertGreater(self.corrected, self.plain + 3)

    def test_threads_and_order_do_not_matter(self):
        self.made("all2", "--threads", 3, "--corrections",
                  "weights,bias,largest,full-range,equalize,snap")
        self.same_as_all("all2", "calibration_table.txt")

    def test_the_equalized_network_is_the_same_network(self):
        self.made("from saved", "--corrections", "largest,snap,bias,weights", "--relu-statistics",
                  model=("--model", self.equalized, "--net", self.NET))
        self.same_as_all("from saved")

    def test_a_table_of_the_equalized_network_needs_it(self):
        self.refused("calibration_table.txt: is of an equalized network",
                     *self.model, *self.ALL[:2], "--table", self.table, "-o", FOLDER / "x")
        self.made("by table", "--table", self.table, "--corrections", "equalize,bias,weights")
        self.same_as_all("by table", "calibration_table.txt")
        self.refused("calibration_table.txt: is of a network that was not equalized",
                     *self.model, "--images", FOLDER / "pictures", *self.ALL, "--table",
                     FOLDER / "plain" / "calibration_table.txt", "--corrections", "equalize", "-o",
                     FOLDER / "x")


class FullRange(Case):
    """Tensors moved so that relus use all of int8; on SqueezeNet: convolutions and concats."""

    NET = "squeezenet-caffe"
    FILES = (NET + ".octavo", "comparison.csv", "calibration_table.txt")

    @classmethod
    def setUpClass(cls):
        write_squeezenet(FOLDER / "squeezenet.npz")
        cls.model = ("--model", FOLDER / "squeezenet.npz", "--net", cls.NET)
        cls.done, cls.rows = cls().made("moved")
        _, cls.plain = cls().made("not moved", "--corrections", "snap")
        cls.table = FOLDER / "moved" / "calibration_table.txt"

    def made(self, out, *more):
        corrections = () if "--corrections" in more else ("--corrections", "full-range,snap")
        done = self.works(*self.model, "--images", FOLDER / "pictures", "--scheme", "multiplier",
                          "--compare-images", 2, *corrections, "-o", FOLDER / out, *more)
        text = (FOLDER / out / "comparison.csv").read_text()
        return done, {row["name"]: row for row in csv.DictReader(text.splitlines())}

    def test_moved_tensors_come_nearer_to_float(self):
        self.assertRegex(self.done.stdout, r"full range:   \d+ tensors are stored less their thr")
        moved = self.table.read_text().splitlines()[0].split(": ")[1].split()
        self.assertIn("conv1", moved)
        for name in ("conv1", "pool1"):
            self.assertGreater(float(self.rows[name]["sqnr_db"]),
                               float(self.plain[name]["sqnr_db"]) + 2)
            self.assertEqual(float(self.rows[name]["saturated_low"]), 0)

    def test_a_table_says_what_is_moved(self):
        self.refused("calibration_table.txt: is of a network with moved tensors; give "
                     "--corrections with full-range", *self.model, "--scheme", "multiplier",
                     "--table", self.table, "-o", FOLDER / "x")
        self.made("by table", "--table", self.table, "--corrections", "full-range")
        for name in self.FILES:
            self.assertEqual((FOLDER / "moved" / name).read_bytes(),
                             (FOLDER / "by table" / name).read_bytes())
        plain = FOLDER / "not moved" / "calibration_table.txt"
        self.assertTrue(plain.read_text().startswith("data "))
        done, _ = self.made("nothing moved", "--table", plain, "--corrections", "full-range")
        self.assertNotIn("full range:", done.stdout)

    def test_tables_that_move_what_cannot_be(self):
        lines = self.table.read_text().splitlines(keepends=True)
        for name in ("fire2/squeeze1x1", "absent"):
            edited = FOLDER / "edited.txt"
            edited.write_text(lines[0].rstrip() + " " + name + "\n" + "".join(lines[1:]))
            self.refused(f"edited.txt: '{name}': no tensor that can be moved here", *self.model,
                         "--scheme", "multiplier", "--table", edited, "--corrections",
                         "full-range", "-o", FOLDER / "x")
        group = next(name for name in lines[0].split(": ")[1].split() if name.startswith("fire2"))
        edited.write_text("".join(f"{group} 9\n" if line.startswith(group + " ") else line
                                  for line in lines))
        self.refused("edited.txt: move_tensors: the thresholds of ", *self.model, "--scheme",
                     "multiplier", "--table", edited, "--corrections", "full-range", "-o",
                     FOLDER / "x")

    def test_its_answers_are_compared_with_those_of_the_network_it_was(self):
        labels = FOLDER / "moved labels.txt"
        names = sorted(p.name for p in (FOLDER / "pictures").iterdir())[:3]
        labels.write_text("".join(f"{name} 1\n" for name in names))
        done = self.works("--evaluate", FOLDER / "pictures", "--labels", labels, "--int8",
                          FOLDER / "moved" / self.FILES[0], *self.model)
        self.assertIn("pictures:     3", done.stdout)
        self.assertIn("agreement:", done.stdout)


class WrongInputs(Case):
    def by_images(self, images, *more):
        return (*MODEL, "--images", images, "--scheme", "rshift8", "-o", FOLDER / "none", *more)

    def test_pictures(self):
        (FOLDER / "empty").mkdir()
        self.refused("absent: cannot be read", *self.by_images(FOLDER / "absent"))
        self.refused("empty: has no picture", *self.by_images(FOLDER / "empty"))
        damaged = FOLDER / "damaged"
        damaged.mkdir()
        whole = (FOLDER / "pictures" / "picture 0.bmp").read_bytes()
        (damaged / "a.bmp").write_bytes(whole)
        (damaged / "b.bmp").write_bytes(whole[:-1000])
        (damaged / "c.bmp").write_bytes(whole[:100])
        for threads in (1, 2):
            self.refused("b.bmp", *self.by_images(damaged, "--threads", threads))

    def test_weights(self):
        def spoil(arrays):
            arrays["res3a_branch2a_0"][5, 4, 1, 1] = float("nan")

        write_weights(FOLDER / "nan.npz", spoil)
        self.refused("res3a_branch2a_0: element ", "--model", FOLDER / "nan.npz", "--net", NET,
                     "--images", FOLDER / "pictures", "--scheme", "rshift8", "-o", FOLDER / "none")
        self.refused("absent.npz: there is no such file", "--model", FOLDER / "absent.npz",
                     "--net", NET, "--images", FOLDER / "pictures", "--scheme", "rshift8",
                     "-o", FOLDER / "none")
        self.refused("has no array", "--model", FOLDER / "weights.npz", "--net",
                     "resnet34-caffe", "--images", FOLDER / "pictures", "--scheme", "rshift8",
                     "-o", FOLDER / "none")


class Evaluation(Case):
    INT8 = ("--int8", "base/" + NET + ".octavo", "--labels", "labels.txt")

    def evaluated(self, *more, images="pictures"):
        done = run("--evaluate", images, *self.INT8, *more, cwd=FOLDER)
        self.assertEqual(done.returncode, 0, done)
        return done

    def test_counts_are_those_of_the_csv(self):
        outputs = []
        for threads in (1, 3):
            done = self.evaluated(*MODEL, "--csv", f"{threads}.csv", "--threads", threads)
            outputs.append((done.stdout, (FOLDER / f"{threads}.csv").read_bytes()))
        self.assertEqual(outputs[0], outputs[1])
        rows = list(csv.DictReader((FOLDER / "1.csv").read_text().splitlines()))
        self.assertEqual([row["file"] for row in rows], [f"picture {i}.bmp" for i in range(4)])
        self.assertEqual([int(row["class"]) for row in rows], [0, 331, 662, 993])
        text = outputs[0][0]
        agree = sum(row["int8_top1"] == row["float_top1"] for row in rows)
        top5 = sum(int(row["int8_rank"]) < 5 for row in rows)
        self.assertIn(f"agreement:    top-1  {agree} of 4", text)
        self.assertIn(f"top-5  {top5} of 4", text)
        # The right class is the first one exactly where its rank is 0.
        for row in rows:
            self.assertEqual(row["int8_rank"] == "0", row["int8_top1"] == row["class"])
            self.assertEqual(row["float_rank"] == "0", row["float_top1"] == row["class"])

    def test_labels_decide(self):
        rows = self.csv_of_winners()
        (FOLDER / "right.txt").write_text(
            "".join(f"{row['file']} {row['int8_top1']}\n" for row in rows))
        done = run("--evaluate", "pictures", "--int8", self.INT8[1], "--labels", "right.txt",
                   cwd=FOLDER)
        self.assertIn("int8:         top-1  4 of 4, 100.00 %", done.stdout)

    def csv_of_winners(self):
        self.evaluated("--csv", "winners.csv")
        return list(csv.DictReader((FOLDER / "winners.csv").read_text().splitlines()))

    def test_damaged_pictures(self):
        spoilt = FOLDER / "spoilt"
        spoilt.mkdir()
        for picture in (FOLDER / "pictures").iterdir():
            (spoilt / picture.name).write_bytes(picture.read_bytes())
        (spoilt / "picture 2.bmp").write_bytes(b"BM")
        self.refused("picture 2.bmp", "--evaluate", spoilt, "--int8", FOLDER / self.INT8[1],
                     "--labels", FOLDER / "labels.txt")
        done = self.evaluated("--skip-damaged", "--csv", "damaged.csv", images=spoilt)
        self.assertIn("pictures:     3, and 1 damaged ones left out", done.stdout)
        self.assertIn("picture 2.bmp,662,,,,\n", (FOLDER / "damaged.csv").read_text())

    def test_wrong_sets(self):
        int8 = ("--int8", FOLDER / self.INT8[1])
        self.refused("has 4 pictures and 0 subfolders, expected 1000 of either", "--evaluate",
                     FOLDER / "pictures", *int8)
        self.refused("is resnet18-caffe, expected resnet18-torchvision", "--evaluate",
                     FOLDER / "pictures", *int8, "--net", "resnet18-torchvision")
        self.refused("labels.txt: is no Octavo model", "--evaluate", FOLDER / "pictures",
                     "--int8", FOLDER / "labels.txt")


class Progress(Case):
    def test_a_bar_on_a_terminal(self):
        try:
            import pty
        except ImportError:
            self.skipTest("no pseudo-terminals here")
        import subprocess
        from quantize_case import PROGRAM
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [PROGRAM, "--evaluate", "pictures", *Evaluation.INT8], cwd=FOLDER, stderr=theirs,
            stdout=subprocess.DEVNULL)
        os.close(theirs)
        seen = b""
        try:
            while True:
                data = os.read(ours, 65536)
                if not data:
                    break
                seen += data
        except OSError:
            pass  # the other end was closed
        os.close(ours)
        self.assertEqual(process.wait(), 0)
        drawn = seen.decode().split("\r")
        self.assertTrue(any("4/4" in line and "left, top-1" in line and "[=" in line
                            for line in drawn), drawn)
        self.assertIn("evaluation: 4 pictures in", drawn[-2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
