#!/usr/bin/env python3
"""Checks that the documentation says what the program does.

    tests/docs/check.py [--binary build/dev/trunkline]

Links and anchors lead somewhere; commands, options, paths and make targets that a reader is told to use
exist; pages that list settings, callees, metrics and fail points list those of the program; the example
scenario comes out as expected; what the sources cite of the documentation is there. Python's standard library
only.
"""

import argparse
import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parents[2]
cited_from = ["src", "fakes", "cmake", "scripts", "fuzz", "bench", "sdk", "tests"]
cited_from += ["CMakeLists.txt", "Makefile", "CONTRIBUTING.md"]


class Document:
    """A Markdown file, with its code blocks apart from its prose."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(root))
        self.text = path.read_text()
        self.prose = []  # (line number, text)
        self.blocks = []  # (line number, language, text)
        self.titles = []
        self.anchors = set()
        self._read()

    def _read(self):
        block = None
        counts = {}
        for number, line in enumerate(self.text.splitlines(), 1):
            fence = re.match(r"\s*```(\w*)", line)
            if fence:
                if block is None:
                    block = (number, fence.group(1), [])
                else:
                    self.blocks.append((block[0], block[1], "\n".join(block[2]) + "\n"))
                    block = None
            elif block is not None:
                block[2].append(line)
            else:
                self.prose.append((number, line))
                heading = re.match(r"(#+) (.*)", line)
                if heading:
                    if len(heading.group(1)) == 1:
                        self.titles.append(heading.group(2))
                    anchor = slug(heading.group(2))
                    seen = counts.get(anchor, 0)
                    counts[anchor] = seen + 1
                    self.anchors.add(f"{anchor}-{seen}" if seen else anchor)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")


class Program:
    """The built program, copied away from whoever rebuilds it, in a directory of its own."""

    def __init__(self, binary, directory):
        self.directory = Path(directory)
        self.binary = self.directory / "trunkline"
        shutil.copy2(binary, self.binary)
        ours = ("TRUNKLINE_", "OPENAI_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.helps = {}

    def run(self, *arguments, expected=0):
        done = subprocess.run([self.binary, *arguments], cwd=self.directory, env=self.environment,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != expected:
            told = done.stderr or done.stdout
            raise RuntimeError(f"trunkline {' '.join(arguments)} ended with {done.returncode}: {told}")
        return done.stdout

    def help(self, path):
        if path not in self.helps:
            self.helps[path] = self.run(*path, "--help")
        return self.helps[path]

    def subcommands(self, path):
        listed = self.help(path).partition("Subcommands:\n")[2]
        return set(re.findall(r"^  (\S+)", listed, re.M))

    def problem_with(self, words):
        """What is wrong with a command line after `trunkline`; nothing when it could run."""
        path = ()
        options = set(re.findall(r"(--?[a-z][a-z-]*)", self.help(())))
        position = 0
        while position < len(words):
            word = words[position]
            if word in ("--set", "--config") and not path:
                position += 1
            elif word.startswith("-") or not self.subcommands(path):
                break
            elif word not in self.subcommands(path):
                if word in ("COMMAND", "…"):
                    return None
                return f"there is no command `trunkline {' '.join((*path, word))}`"
            else:
                path = (*path, word)
            position += 1
        options |= set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", self.help(path), re.M))
        for word in words:
            if word.startswith("--") and word.partition("=")[0] not in options:
                return f"`trunkline {' '.join(path)}` has no option {word}"
        return None


class Check:
    def __init__(self, program):
        self.program = program
        self.problems = []
        self.counts = {"links": 0, "commands": 0, "citations": 0}
        pages = [root / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md")]
        pages += sorted((root / "docs").rglob("*.md"))
        self.documents = {page: Document(page) for page in pages if page.exists()}
        described = json.loads(program.run("openapi"))
        self.paths = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$") for path in described["paths"]]
        self.targets = set(re.findall(r"^(\w+):", (root / "Makefile").read_text(), re.M))

    def refuse(self, place, line, message):
        self.problems.append(f"{place}:{line}: {message}" if line else f"{place}: {message}")

    def titles(self):
        for document in self.documents.values():
            if len(document.titles) != 1:
                self.refuse(document.name, 0, f"has {len(document.titles)} titles, not one")

    def links(self):
        for document in self.documents.values():
            for number, line in document.prose:
                for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                    self.link(document, number, target)

    def link(self, document, number, target):
        if re.match(r"[a-z]+:", target):
            return
        self.counts["links"] += 1
        name, _, anchor = target.partition("#")
        path = (document.path.parent / name).resolve() if name else document.path
        if not path.exists():
            self.refuse(document.name, number, f"the link {target} leads nowhere")
        elif anchor and (path not in self.documents or anchor not in self.documents[path].anchors):
            self.refuse(document.name, number, f"{target}: there is no such heading")

    def commands(self):
        for document in self.documents.values():
            for start, language, text in document.blocks:
                if language == "console":
                    for number, words in command_lines(text):
                        self.command(document, start + number, words)
            for number, line in document.prose:
                for words in re.findall(r"`(trunkline [^`]*)`", line):
                    self.command(document, number, words.split())

    def command(self, document, number, words):
        self.counts["commands"] += 1
        words = [word for word in words if not re.match(r"[A-Z_]+=", word)]
        problem = None
        if words[0] in ("trunkline", "build/dev/trunkline"):
            ends = [words.index(mark) for mark in (">", "|") if mark in words]
            problem = self.program.problem_with(words[1 : min(ends, default=len(words))])
        elif words[0] == "make" and words[1] not in self.targets:
            problem = f"there is no `make {words[1]}`"
        elif words[0] == "curl":
            url = next((word for word in words if word.startswith("http://127.0.0.1:8080")), None)
            path = "" if url is None else url.removeprefix("http://127.0.0.1:8080").partition("?")[0]
            if not any(known.match(path) for known in self.paths):
                problem = f"the server has no path {path or '(none given)'}"
        if problem:
            self.refuse(document.name, number, problem)

    def configuration(self):
        page = root / "docs/configuration.md"
        printed = self.program.run("config", "--markdown")
        written = page.read_text()
        if written != printed:
            lines = difflib.unified_diff(written.splitlines(), printed.splitlines(), lineterm="", n=0)
            mend = "run `trunkline config --markdown > docs/configuration.md`: "
            self.refuse("docs/configuration.md", 0, mend + " ".join(list(lines)[3:6]))

    def callees(self):
        printed = self.program.run("simulate", "--print-callees")
        callees = dict(re.findall(r'number = "(\+\d+)"\ndescription = "([^"]*)"', printed))
        if not callees:
            self.refuse("simulate --print-callees", 0, "prints no callees")
        for name in ("README.md", "docs/simulator.md"):
            rows = dict(re.findall(r"^\| `(\+\d+)` \| (.*) \|$", (root / name).read_text(), re.M))
            for number in sorted(callees.keys() | rows.keys()):
                if callees.get(number) != rows.get(number):
                    self.refuse(name, 0, f"{number} is '{callees.get(number)}', not '{rows.get(number)}'")

    def scenario(self):
        page = self.documents[root / "docs/simulator.md"]
        examples = [text for _, language, text in page.blocks if language == "toml"]
        for example in examples:
            (self.program.directory / "scenario.toml").write_text(example)
            try:
                self.program.run("simulate", "--scenario", "scenario.toml",
                                 "--task", "Return a part from order 12345")
            except RuntimeError as failure:
                self.refuse(page.name, 0, f"the example scenario: {failure}")
        if not examples:
            self.refuse(page.name, 0, "has no example scenario")

    def lists(self):
        """Metrics and fail points: the page has those of the sources, and no others."""
        tests = ("_test.cpp", "_testing.cpp")
        sources = [path for path in (root / "src").rglob("*.cpp") if not path.name.endswith(tests)]
        text = "\n".join(path.read_text() for path in sources)
        metrics = set(re.findall(r'\b(?:counter|gauge|histogram)\(\s*"(trunkline_\w+)"', text))
        points = set(re.findall(r'TRUNKLINE_FAIL_POINT\("([\w.]+)"\)', text))
        operations = (root / "docs/operations.md").read_text()
        reliability = (root / "docs/reliability.md").read_text().partition("## Fail points")[2]
        rows = re.findall(r"^\| (`.*?`) \|", reliability, re.M)
        listed_metrics = set(re.findall(r"^\| `(trunkline_\w+)` \|", operations, re.M))
        listed_points = set(re.findall(r"`([\w.]+)`", "\n".join(rows)))
        for what, page, ours, theirs in (("metric", "docs/operations.md", metrics, listed_metrics),
                                         ("fail point", "docs/reliability.md", points, listed_points)):
            for name in sorted(ours - theirs):
                self.refuse(page, 0, f"the {what} {name} is missing")
            for name in sorted(theirs - ours):
                self.refuse(page, 0, f"there is no {what} {name}")

    def decisions(self):
        folder = root / "docs/decisions"
        index = (folder / "README.md").read_text()
        numbers = {}
        for page in sorted(folder.glob("[0-9]*.md")):
            if page.name not in index:
                self.refuse("docs/decisions/README.md", 0, f"does not list {page.name}")
            if page.name[:4] in numbers:
                self.refuse(f"docs/decisions/{page.name}", 0, f"has the number of {numbers[page.name[:4]]}")
            numbers[page.name[:4]] = page.name

    def citations(self):
        for place in cited_from:
            path = root / place
            files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
            for file in files:
                made = {"node_modules", "__pycache__", "build"} & set(file.relative_to(root).parts)
                if made or file == Path(__file__).resolve():
                    continue
                try:
                    self.citations_of(file)
                except UnicodeDecodeError:
                    continue

    def citations_of(self, file):
        name = str(file.relative_to(root))
        # A sentence may go on in the next line of its comment.
        text = re.sub(r"\n\s*(//|#) ?", " ", file.read_text())
        for match in re.finditer(r"(?<![\w/.-])docs/[\w/.-]*\w", text):
            self.counts["citations"] += 1
            cited = root / match.group()
            if not cited.exists():
                self.refuse(name, 0, f"cites {match.group()}, which is not there")
                continue
            if cited.is_dir():
                continue
            page = cited.read_text()
            heading = re.match(r', "([^"]+)"', text[match.end() :])
            if heading and not re.search(rf"^#+ {re.escape(heading.group(1))}$", page, re.M):
                self.refuse(name, 0, f"cites '{heading.group(1)}' of {match.group()}: no such heading")
            before = text[: match.start()]
            item = re.search(r"(?:\b([CFIR]\d+)|\brule (\d+))(?: \([^)]*\))? of $", before, re.I)
            if item and not defines(page, item.group(1), item.group(2)):
                cited_item = item.group(1) or "rule " + item.group(2)
                self.refuse(name, 0, f"cites {cited_item} of {match.group()}, which has none")

    def run(self):
        for check in (self.titles, self.links, self.commands, self.configuration, self.callees, self.scenario,
                      self.lists, self.decisions, self.citations):
            check()


def defines(page, item, rule):
    """Whether a page has the control, fault, invariant or rule, at the start of a row or of a line."""
    if rule:
        return re.search(rf"^{rule}\. ", page, re.M) is not None
    return re.search(rf"^\|(?: [CFIR]\d+,)* {item}\b", page, re.M) is not None


def command_lines(block):
    """The commands of a console block, each with the number of its line. One may go on over several lines."""
    lines = block.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.startswith("$ "):
            continue
        command = line[2:]
        for further in lines[number:]:
            try:
                shlex.split(command)
            except ValueError:  # a quote is still open, or the line ends in a backslash
                command = command.removesuffix("\\") + "\n" + further
            else:
                if not command.endswith("\\"):
                    break
                command = command.removesuffix("\\") + further
        yield number, shlex.split(command)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=root / "build/dev/trunkline", type=Path, help="the built program")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trunkline-docs-") as directory:
        check = Check(Program(arguments.binary.resolve(), directory))
        check.run()
    for problem in check.problems:
        print(problem)
    counts = ", ".join(f"{count} {what}" for what, count in check.counts.items())
    found = len(check.problems)
    verdict = f"{found} problem{'' if found == 1 else 's'}" if found else "all is well"
    print(f"docs: {len(check.documents)} documents, {counts}: {verdict}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
