#!/usr/bin/env python3
"""Checks that docs/sdk.md quotes the examples as they are, and that every public declaration has a comment.

A quotation is an HTML comment, <!-- calls.cpp: create -->, and the code block after it: what stands between
the two marks //! [create] in examples/calls.cpp. `check_docs.py --write` renews the code blocks.
"""
import pathlib
import re
import sys
import textwrap

SDK = pathlib.Path(__file__).resolve().parent.parent
PAGE = SDK.parent / "docs" / "sdk.md"
QUOTATION = re.compile(r"<!-- (\S+): (.+?) -->\n```cpp\n(.*?)```\n", re.DOTALL)


def snippets():
    """Every marked piece of the examples, by file and name."""
    found = {}
    for path in sorted((SDK / "examples").glob("*.cpp")):
        pieces = re.split(r"^ *//! \[(.+)\]\n", path.read_text(), flags=re.MULTILINE)
        for name, text, closing in zip(pieces[1::4], pieces[2::4], pieces[3::4]):
            assert name == closing, f"{path.name}: [{name}] is closed by [{closing}]"
            assert (path.name, name) not in found, f"{path.name}: [{name}] stands there twice"
            found[path.name, name] = textwrap.dedent(text)
    return found


def check_quotations(write):
    known = snippets()
    page = PAGE.read_text()
    problems = []
    quoted = set()

    def renewed(match):
        key = match[1], match[2]
        quoted.add(key)
        if key not in known:
            problems.append(f"docs/sdk.md quotes {key[0]} [{key[1]}], which does not exist")
            return match[0]
        if match[3] != known[key] and not write:
            problems.append(f"docs/sdk.md quotes {key[0]} [{key[1]}] as it is not; run check_docs.py --write")
        return f"<!-- {key[0]}: {key[1]} -->\n```cpp\n{known[key]}```\n"

    renewed_page = QUOTATION.sub(renewed, page)
    if write:
        page = renewed_page
        PAGE.write_text(page)
    blocks = page.count("```cpp\n")
    if blocks != len(QUOTATION.findall(page)):
        problems.append("docs/sdk.md has C++ that is quoted from nowhere, so nothing compiles it")
    problems += [f"{file} [{name}] is quoted nowhere" for file, name in sorted(set(known) - quoted)]
    for method in public_methods():
        if not re.search(rf"\b{method}\b", page):
            problems.append(f"docs/sdk.md does not mention {method}()")
    return problems


def public_methods():
    """The functions of the clients and the free ones, by name."""
    names = set()
    for name in ("engagement/client.hpp", "voice/client.hpp", "voice/partner_client.hpp", "voice/tool_router.hpp", "webhooks.hpp"):
        text = (SDK / "include" / "trunkline" / name).read_text()
        names |= set(re.findall(r"^(?:  |TRUNKLINE_EXPORT |inline )\w[\w:<>]*&? (\w+)\(.*", text, re.MULTILINE))
    return sorted(names - {"Client", "PartnerClient", "ReplayGuard", "ToolRouter", "begin", "end", "dispatch", "run"})


# A line that begins a declaration people can use, inside a public part of a header.
DECLARATION = re.compile(r"^ *(?:TRUNKLINE_EXPORT |class |struct |enum class |using \w+ = |inline |explicit |virtual "
                         r"|constexpr |static |\[\[noreturn\]\] |[\w:]+(?:<.*>)?[&*]? ~?\w+[\w:]*(?:\(| =|;|\{)|~?\w+\()")
NOT_ONE = re.compile(r"^ *(?:return|throw|if|for|namespace|friend|public:|private:|#|//|template|using v1::|using \w[\w:]*::\w+;"
                     r"|using iterator_concept|using value_type|using difference_type|class \w+;|struct \w+;"
                     r"|[\w:]+\(const \w+&\) = delete|\w+& operator=\(const \w+&\) = delete|virtual ~|~)")


def check_comments():
    problems = []
    for path in sorted((SDK / "include").rglob("*.hpp")):
        lines = path.read_text().splitlines()
        if not lines[0].startswith("/// \\file"):
            problems.append(f"{path.name}: does not say what it is for (/// \\file)")
        hidden, inside = False, False
        for at, line in enumerate(lines):
            if re.match(r"^ ?(private):", line):
                hidden = True
            if re.match(r"^};", line) or re.match(r"^ ?public:", line):
                hidden = False
            if "namespace detail {" in line:
                inside = True
            elif inside:
                inside = not line.startswith("}")
                continue
            indent = len(line) - len(line.lstrip())
            if hidden or inside or indent > 2 or not DECLARATION.match(line) or NOT_ONE.match(line):
                continue
            before = next((each for each in reversed(lines[:at]) if not each.lstrip().startswith("template")), "")
            wrapped = "" if line.endswith((";", "{", "}")) or "//" in line else lines[at + 1]
            if not before.lstrip().startswith("///") and "///<" not in line + wrapped:
                problems.append(f"{path.relative_to(SDK)}:{at + 1}: has no comment: {line.strip()}")
    return problems


def main():
    problems = check_comments() + check_quotations("--write" in sys.argv)
    print("\n".join(problems) if problems else "the documentation and the headers agree with the code")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
