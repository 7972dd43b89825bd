#!/usr/bin/env python3
"""Writes an object file with the part of ICU's data that `al` uses, to be linked in place of the Swift runtime's whole 34 MB. Prints the symbol of
the whole, which the linker is to wrap (`--wrap`).

usage: icu_data.py <lib_FoundationICU.a> <out.o>

Kept: time zones, properties and normalization of characters, the root of every kind of resource and English. Left out: all other languages, whose
absence ICU answers with the root; converters of old character sets, dictionaries for line breaks, transliteration, names of characters. `al`
writes numbers and dates in one form whatever the machine's language is.

The format of the package is ICU's common data (ICU user guide, "ICU Data", and ucmndata.h): a header, then a table of names and offsets, sorted.
"""

import pathlib, re, struct, subprocess, sys, tempfile

MEMBER = "icu_packaged_data.cpp.o"
ENGLISH = {"root", "en", "en_US", "en_US_POSIX", "pool", "res_index"}


def is_kept(name):
    """`name` as in the package, without the package's own name: `en.res`, `zone/en.res`, `brkitr/thaidict.dict`."""
    folder, _, file = name.rpartition("/")
    stem, _, kind = file.rpartition(".")
    if folder == "translit" or kind in ("cnv", "dict") or file == "unames.icu":
        return False
    # A file is a language's when it is called like one; all others are tables that stand for themselves.
    is_language = kind == "res" and (folder or re.fullmatch(r"[a-z]{2,3}(_\w+)?", stem))
    return not is_language or stem in ENGLISH or folder == "brkitr" and stem == "root"


def items(data):
    """Header, and the items by name."""
    size, = struct.unpack_from("<H", data)
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD":
        sys.exit("this is no package of ICU")
    count, = struct.unpack_from("<I", data, size)
    entries = [struct.unpack_from("<II", data, size + 4 + 8 * index) for index in range(count)]
    ends = [offset for _, offset in entries[1:]] + [len(data) - size]
    found = {}
    for (name, offset), end in zip(entries, ends):
        text = data[size + name:data.index(b"\0", size + name)].decode()
        found[text] = data[size + offset:size + end]
    return data[:size], found


def package(header, found):
    """The items as a package again, each at a multiple of 16 bytes."""
    names, table, place = b"", [], 4 + 8 * len(found)
    for name in found:
        table.append(place + len(names))
        names += name.encode() + b"\0"
    # As a whole, so that the offsets hold wherever the package lies.
    def padded(length):
        return -(len(header) + length) % 16
    body, offsets = b"", []
    start = place + len(names) + padded(place + len(names))
    for content in found.values():
        offsets.append(start + len(body))
        body += content + bytes(-len(content) % 16)
    entries = b"".join(struct.pack("<II", *pair) for pair in zip(table, offsets))
    head = header + struct.pack("<I", len(found)) + entries + names
    return head + bytes(padded(place + len(names))) + body


def main():
    library, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        base = pathlib.Path(directory)
        whole = base / "whole.o"
        whole.write_bytes(subprocess.run(["ar", "p", library, MEMBER], check=True, capture_output=True).stdout)
        symbols = subprocess.run(["nm", whole], check=True, capture_output=True, text=True).stdout
        whole_symbol = re.search(r"\bicudt\d+_dat\b", symbols).group()
        symbol = "__wrap_" + whole_symbol
        subprocess.run(["objcopy", "-O", "binary", "-j", ".rodata", whole, base / "whole.dat"], check=True)
        data = (base / "whole.dat").read_bytes()
        header, found = items(data)
        kept = {name: content for name, content in found.items() if is_kept(name.partition("/")[2])}
        (base / "kept.dat").write_bytes(package(header, kept))
        (base / "kept.S").write_text(
            f'.section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, @object\n{symbol}:\n.incbin "{base}/kept.dat"\n'
            f'.size {symbol}, . - {symbol}\n.section .note.GNU-stack,"",@progbits\n')
        subprocess.run(["cc", "-c", base / "kept.S", "-o", out], check=True)
        print(whole_symbol)
        print(f"ICU: {len(kept)} of {len(found)} items, {(base / 'kept.dat').stat().st_size >> 10} of {len(data) >> 10} KB", file=sys.stderr)


if __name__ == "__main__":
    main()
