#!/usr/bin/env python3
"""Reads the tree and says what does not look like the house (CONTRIBUTING.md, "House style").

    python3 tests/tidy/tidy.py

Each rule is a function from a source file to its findings. A finding says where, what, and what to do instead.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINE_COLUMNS = 110
RAW_TEXT_COLUMNS = 130
FUNCTION_LINES = 70
FILE_LINES = 400

# Who may include what takes long to compile: everyone else reaches it through the owner's own header.
HEAVY_HEADERS = {
    r"<boost/(asio|beast|context)": ("src/net/", "src/runtime/", "src/db/postgres", "fakes/", "bench/"),
    r"<simdjson": ("src/base/json/",),
    r"<valijson": ("src/base/json/",),
    r"<CLI/": ("src/cli/",),
    r"<toml\+\+|<toml.hpp": ("src/app/", "src/carriers/local/"),
    r"<spdlog": ("src/base/",),
    r"<phonenumbers/": ("src/base/",),
    r"<prometheus/": ("src/base/",),
    r"<sqlite3.h": ("src/db/", "tests/"),
    r"<libpq-fe.h": ("src/db/", "tests/"),
    # The warehouse moves recordings' files with it, since it signs for S3-compatible stores.
    r"<curl/": ("src/net/ssrf_guard.cpp", "src/warehouse/sync/file_transfer.cpp", "sdk/", "bench/"),
    r"<regex>": ("tests/",),
    r"<iostream>": ("src/cli/", "sdk/examples/", "sdk/tests/", "bench/"),
}

# What must not be written, where it may be, and what to write instead.
BANNED = [
    (r"\bstd::(rand|srand)\b", (), "use the Random that is handed in"),
    (r"\bsystem_clock::now\b", ("src/base/", "sdk/", "bench/"), "use the Clock that is handed in"),
    (r"\bstd::this_thread::sleep", ("_test.cpp", "_testing.cpp", "sdk/", "bench/", "src/base/failpoint.cpp"),
     "use runtime::sleep_for: a fiber must not block its loop"),
    (r"\b(co_await|co_return|co_yield)\b", (), "use a fiber: g++ 12 miscompiles coroutines"),
    (r"\bstd::regex\b", ("tests/",), "use RE2"),
    (r"\b(TODO|FIXME|HACK)\b", (), "do it, or write it down in an issue"),
    (r"\b(strcpy|strcat|sprintf|gets|atoi|atof|localtime|gmtime)\s*\(", ("sdk/examples/", "bench/"), "use the checked counterpart"),
    (r"\busing namespace std;", (), "name what you use"),
    (r"#\s*ifndef \w+_HPP\b", (), "use #pragma once"),
    (r"\bassert\s*\(", (), "use TRUNKLINE_ASSERT or return an error"),
]

FUNCTION_START = re.compile(r"^(?:  )?[A-Za-z_].*\)(?: const)?(?: noexcept)?(?: override)?(?: ->.*)? \{$")


def tracked(*patterns):
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
                             cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def is_allowed(path, places):
    return any(path.startswith(place) or path.endswith(place) for place in places)


def long_lines(path, lines):
    """Text inside raw literals (SQL, callees' words, pages) may be a little longer: nobody can break it."""
    inside_raw = False
    for number, line in enumerate(lines, 1):
        starts, ends = 'R"' in line, ')"' in line
        allowed = RAW_TEXT_COLUMNS if inside_raw or starts else LINE_COLUMNS
        inside_raw = (inside_raw or starts) and not ends
        if len(line) > allowed:
            yield number, f"{len(line)} columns; the house allows {allowed}"


def trailing_blanks(path, lines):
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "ends in blanks"


def long_files(path, lines):
    if len(lines) > FILE_LINES:
        yield len(lines), f"{len(lines)} lines; the house allows {FILE_LINES}: one idea a file"


def long_functions(path, lines):
    """A function begins on a line that ends in `) {` and ends at the brace in the same column."""
    for number, line in enumerate(lines):
        if not FUNCTION_START.match(line) or line.lstrip().startswith(("TEST_SUITE", "namespace")):
            continue
        indent = len(line) - len(line.lstrip())
        for length, later in enumerate(lines[number + 1:], 2):
            if later.startswith(" " * indent + "}"):
                if length > FUNCTION_LINES:
                    yield number + 1, f"a function of {length} lines; the house allows {FUNCTION_LINES}"
                break


def header_opens_with_its_purpose(path, lines):
    if not path.endswith(".hpp") or not lines:
        return
    if not lines[0].startswith("//"):
        yield 1, "a header opens with a comment that says what it is for"
    if "#pragma once" not in lines:
        yield 1, "a header has #pragma once"


def heavy_headers(path, lines):
    for number, line in enumerate(lines, 1):
        if not line.startswith("#include"):
            continue
        for pattern, places in HEAVY_HEADERS.items():
            if re.search(pattern, line) and not is_allowed(path, places):
                yield number, f"{line.split()[1]} is heavy or banned here; its owners are {', '.join(places) or 'nobody'}"


def heavy_headers_in_headers(path, lines):
    if not path.endswith(".hpp") or path.startswith(("sdk/", "bench/")):
        return
    for number, line in enumerate(lines, 1):
        if re.match(r"#include <(boost/asio|boost/beast|simdjson|valijson|CLI/|toml|spdlog|phonenumbers|curl/)", line):
            if not path.endswith("_internal.hpp") and not is_allowed(path, ("src/net/", "src/runtime/", "src/base/json/", "src/db/postgres")):
                yield number, f"{line.split()[1]} in a header makes every reader pay for it"


def banned_words(path, lines):
    for number, line in enumerate(lines, 1):
        for pattern, places, instead in BANNED:
            if re.search(pattern, line) and not is_allowed(path, places):
                yield number, f"{re.search(pattern, line).group(0).strip()} is banned: {instead}"


def names_of_this_machine(path, lines):
    for number, line in enumerate(lines, 1):
        if re.search(r"/(work|home/\w+|root)/\w", line):
            yield number, "a path of one machine"


def one_title(path, lines):
    inside_code = False
    titles = 0
    for line in lines:
        if line.startswith("```"):
            inside_code = not inside_code
        elif not inside_code and line.startswith("# "):
            titles += 1
    if titles != 1:
        yield 1, f"a document has one title; this has {titles}"


def unused_headers():
    """A header that nobody includes is dead."""
    sources = tracked("src", "fakes", "tests", "fuzz", "bench", "sdk")
    included = set()
    for path in sources:
        if path.endswith((".cpp", ".hpp")):
            included.update(re.findall(r'#include [<"]([^">]+)[">]', (ROOT / path).read_text()))
    names = {name.rsplit("/", 1)[-1] for name in included}
    for path in sources:
        if path.endswith(".hpp") and path.rsplit("/", 1)[-1] not in names:
            yield path, 1, "nobody includes this header"


def migrations_are_numbered():
    numbers = sorted(re.match(r".*/migrations/(\d{4})_[a-z0-9_]+\.sql$", path).group(1)
                     for path in tracked("src/*/migrations/*.sql"))
    for earlier, later in zip(numbers, numbers[1:]):
        if earlier == later:
            yield "src", 1, f"two migrations have the number {later}"


CODE_RULES = [long_lines, trailing_blanks, long_files, long_functions, header_opens_with_its_purpose, heavy_headers,
              heavy_headers_in_headers, banned_words, names_of_this_machine]
TEXT_RULES = [trailing_blanks, names_of_this_machine]


def main():
    findings = []
    read = 0

    def apply(rules, path):
        lines = (ROOT / path).read_text().split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        else:
            findings.append((path, len(lines), "does not end in a line break"))
        for rule in rules:
            findings.extend((path, number, text) for number, text in rule(path, lines))

    for path in tracked("*.cpp", "*.hpp"):
        apply(CODE_RULES, path)
        read += 1
    for path in tracked("*.md"):
        apply([one_title, names_of_this_machine], path)
        read += 1
    for path in tracked("*.cmake", "*.txt", "*.sql", "*.py", "*.sh", "*.mjs", "scripts/*", "Makefile"):
        if path.endswith("package-lock.json") or path == "tests/tidy/tidy.py":
            continue
        apply(TEXT_RULES, path)
        read += 1
    findings.extend(unused_headers())
    findings.extend(migrations_are_numbered())

    for path, number, text in findings:
        print(f"{path}:{number}: {text}")
    print(f"tidy: {read} files read, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
