#!/usr/bin/env python3
"""Makes plan.tsv, the numbering plans that core/phone/src/number reads, from a clone of libphonenumber (Apache-2.0):

    generate.py path/to/libphonenumber > plan.tsv

Of each region it keeps what it takes to turn what people dial into an E.164 number, and which short numbers are nobody's
business but the telephone network's. Formats, carriers and types of numbers are left out.
"""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

COLUMNS = ["region", "country code", "main region of that code", "international prefix", "national prefix, as a pattern",
           "what becomes of it", "national numbers", "their lengths", "lengths dialled only locally", "short numbers", "emergency numbers"]


def shown(clone, path):
    """A file of the clone's last commit."""
    return subprocess.run(["git", "-C", clone, "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout


def pattern(element):
    """A regular expression without the space it is laid out with; `\\d` is ASCII."""
    text = "" if element is None else "".join((element.text or "").split())
    assert not re.search(r"\(\?[^:]", text), f"no look-around: {text}"
    assert not re.search(r"\\[^d]", text), f"no other escapes: {text}"
    return text


def lengths(text):
    """`3,[7-9]` as a set."""
    found = set()
    for part in filter(None, re.findall(r"\[\d+-\d+\]|\d+", text or "")):
        first, _, last = part.strip("[]").partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def written(numbers):
    return ",".join(str(number) for number in sorted(numbers))


def short_numbers(clone):
    found = {}
    for territory in ElementTree.fromstring(shown(clone, "resources/ShortNumberMetadata.xml")).iter("territory"):
        of = lambda kind: pattern(territory.find(f"{kind}/nationalNumberPattern"))
        found[territory.get("id")] = (of("shortCode"), of("emergency"))
    return found


def main(clone):
    short = short_numbers(clone)
    rows = []
    for territory in ElementTree.fromstring(shown(clone, "resources/PhoneNumberMetadata.xml")).iter("territory"):
        region, prefix = territory.get("id"), territory.get("nationalPrefix", "")
        kinds = [kind for kind in territory if kind.tag != "noInternationalDialling" and kind.find("possibleLengths") is not None]
        national = set().union(*(lengths(kind.find("possibleLengths").get("national")) for kind in kinds))
        local = set().union(*(lengths(kind.find("possibleLengths").get("localOnly")) for kind in kinds))
        parsed = re.sub(r"\s", "", territory.get("nationalPrefixForParsing", prefix))
        rows.append([
            region, territory.get("countryCode"), "main" if territory.get("mainCountryForCode") else "",
            re.sub(r"\s", "", territory.get("internationalPrefix", "")), parsed,
            re.sub(r"\s", "", territory.get("nationalPrefixTransformRule", "")),
            pattern(territory.find("generalDesc/nationalNumberPattern")), written(national), written(local - national),
            *short.get(region, ("", "")),
        ])
    commit = subprocess.run(["git", "-C", clone, "log", "-1", "--format=%h of %cs"], check=True, capture_output=True, text=True).stdout
    print("# Made by generate.py from libphonenumber (https://github.com/google/libphonenumber), resources/PhoneNumberMetadata.xml and")
    print(f"# resources/ShortNumberMetadata.xml, commit {commit.strip()}.")
    print("# Copyright (C) 2009, 2013 The Libphonenumber Authors. Licensed under the Apache License, Version 2.0; changed: reduced to this table.")
    print("# " + "\t".join(COLUMNS))
    for row in sorted(rows, key=lambda row: (row[0], int(row[1]))):
        assert not any("\t" in field for field in row)
        print("\t".join(row))


if __name__ == "__main__":
    main(sys.argv[1])
