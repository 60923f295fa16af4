"""`worldctx config show`: the settings."""

from __future__ import annotations

import json

from worldctx.commands.screen import out, write_json
from worldctx.commands.target import AsJson
from worldctx.model.url import without_password

#: Settings that are not shown.
SECRET = frozenset({"token"})


def config_show(as_json: AsJson = False) -> None:
    """Every setting with its value and meaning. Each is read from the environment, as WORLDCTX_<NAME>.

    Example: WORLDCTX_WORKERS=8 worldctx config show
    """
    from worldctx.config import Settings

    values = json.loads(Settings.read().model_dump_json())
    values |= {name: "***" for name in SECRET if values[name]}
    values |= {name: without_password(value) for name, value in values.items() if isinstance(value, str)}
    if as_json:
        write_json(values)
        return
    for name, field in Settings.model_fields.items():
        out.print(f"WORLDCTX_{name.upper()}={'' if values[name] is None else values[name]}", markup=False)
        out.print(f"    {field.description}", style="dim", markup=False)
