"""Converts one file after another in a LibreOffice that stays open. Run by the Python that LibreOffice talks to.

That Python may be another and older than ours (3.8 on), so this file imports the standard library and ``uno`` only.
``python uno_listener.py PROGRAM …`` starts the program; one JSON line in (source, target), one out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import uno
from com.sun.star.beans import PropertyValue

_START_S = 40
_END_S = 5


def _properties(**values: object) -> tuple[Any, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def connect(pipe: str) -> Any:
    """Return the desktop of the LibreOffice that listens on a pipe, once it does."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    until = time.monotonic() + _START_S
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:  # whatever it says before it listens
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def convert(desktop: Any, source: str, target: str) -> None:
    """A .docx lies at ``target``: macros never run, links are not followed."""
    load = _properties(Hidden=True, ReadOnly=True, MacroExecutionMode=0, UpdateDocMode=0)
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(source), "_blank", 0, load)
    if document is None:
        raise ValueError("no document")
    try:
        document.storeToURL(uno.systemPathToFileUrl(target), _properties(FilterName="MS Word 2007 XML"))
    finally:
        document.close(True)


def main() -> None:
    """Serve until the parent closes our input."""
    pipe = f"pipeline{os.getpid()}"
    command = [*sys.argv[1:], f"--accept=pipe,name={pipe};urp"]
    office = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        desktop = connect(pipe)
        for line in sys.stdin:
            job = json.loads(line)
            try:
                convert(desktop, job["source"], job["target"])
                done = True
            except Exception:  # noqa: BLE001 - the file's fault or LibreOffice's end: the caller judges
                done = False
            sys.stdout.write(json.dumps({"done": done}) + "\n")
            sys.stdout.flush()
        desktop.terminate()  # takes its pipes with it, which a kill leaves lying
        office.wait(_END_S)
    finally:
        office.kill()


if __name__ == "__main__":
    main()
