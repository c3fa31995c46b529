"""A letter as a PDF that a screen reader can read (PDF/UA)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent / "documents" / "letter.typ"


def made(data: dict[str, Any]) -> bytes:
    """The PDF of one letter. `data` is all text; see the template for its names."""
    import typst

    with tempfile.TemporaryDirectory(prefix="serein-letter-") as folder:
        root = Path(folder)
        (root / "data.json").write_text(json.dumps(data), encoding="utf-8")
        main = root / "letter.typ"
        main.write_bytes(TEMPLATE.read_bytes())
        return typst.compile(str(main), root=str(root), pdf_standards="ua-1")
