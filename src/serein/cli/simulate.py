"""serein simulate: a dose in, predicted concentrations of the typical person out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from serein import ENGINE, units
from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.errors import Reason, Refusal, refuse

if TYPE_CHECKING:  # numpy costs more than the rest of a start
    from serein.pharmacology import Forecast

COLUMNS = ("time_min", "ketamine_plasma_ng_per_ml", "ketamine_effect_site_ng_per_ml")


@click.command("simulate")
@click.option("--model", "model_key", required=True, help="Such as kamp-2020.")
@click.option("--weight", required=True, help='Body weight: "70" or "70 kg".')
@click.option("--dose", required=True, help='Of ketamine base, with its unit: "0.5 mg/kg" or "35 mg".')
@click.option("--route", default="intravenous", show_default=True)
@click.option("--over", help='How long it is given: "40 min".  [default: as long as the route usually takes]')
@click.option("--until", required=True, help='End of the simulation: "240 min".')
@click.option("--every", required=True, help='Step: "1 min".')
@click.option("--format", "format_", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def command(
    model_key: str,
    weight: str,
    dose: str,
    route: str,
    over: str | None,
    until: str,
    every: str,
    format_: str,
) -> None:
    """Predict plasma and effect-site concentrations of ketamine after one dose.

    Only routes that the model was made for are simulated; any other is refused, never approximated.

    The curve is of a typical person; no one person follows it. What the model assumes is on stderr.

    \b
    Example:
      serein simulate --model kamp-2020 --weight 70 --dose "0.5 mg/kg" --route intravenous \\
          --over "40 min" --until "240 min" --every "1 min" --format csv
    """
    weight_kg = _in(weight if not _is_plain(weight) else f"{weight} kg", "--weight", "kg")
    dose_mg = _dose_mg(dose, weight_kg)
    written = over or _usual(route)
    minutes = [_in(w, f, "min") for w, f in ((written, "--over"), (until, "--until"), (every, "--every"))]
    forecast = _forecast(model_key, route, weight_kg, dose_mg, minutes)
    for assumption in forecast.marked:
        click.echo(f"note: {assumption.text}", err=True)
    click.echo(_csv(forecast) if format_ == "csv" else _json(forecast, model_key))


def _usual(route: str) -> str:
    """How long a dose usually takes by this route."""
    routes = knowledge_in_use().routes
    if route not in routes:
        raise Refused(refuse(Reason.NOT_KNOWN_HERE, "--route", route, allowed=", ".join(sorted(routes))))
    return routes[route].delivery


def _is_plain(written: str) -> bool:
    return not isinstance(units.number(written, "--weight"), Refusal)


def _in(written: str, field: str, unit: str) -> float:
    quantity = units.parse(written, field, unit, positive=True)
    if isinstance(quantity, Refusal):
        raise Refused(quantity)
    return float(quantity.to(unit))


def _dose_mg(written: str, weight_kg: float) -> float:
    """A dose in mg, or by weight in mg/kg."""
    absolute = units.parse(written, "--dose", "mg", positive=True)
    if isinstance(absolute, Refusal) and absolute.reason is Reason.WRONG_DIMENSION:
        return _in(written, "--dose", "mg/kg") * weight_kg
    return _in(written, "--dose", "mg")


def _forecast(model_key: str, route: str, weight_kg: float, dose_mg: float, minutes: list[float]) -> Forecast:
    knowledge = knowledge_in_use()
    raw = knowledge.models.get(model_key)
    simulated = sorted(k for k, m in knowledge.models.items() if m.get("kind") == "three-compartment")
    if raw is None or model_key not in simulated:
        raise Refused(refuse(Reason.NOT_KNOWN_HERE, "--model", model_key, allowed=", ".join(simulated)))

    from serein.pharmacology import ThreeCompartment, forecast

    over_min, until_min, every_min = minutes
    found = forecast(
        ThreeCompartment.from_data(raw),
        weight_kg=weight_kg,
        dose_mg=dose_mg,
        over_min=over_min,
        until_min=until_min,
        every_min=every_min,
        route=route,
    )
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


def _csv(forecast: Forecast) -> str:
    columns = [getattr(forecast, name).tolist() for name in COLUMNS]
    return "\n".join([",".join(COLUMNS), *(",".join(map(repr, row)) for row in zip(*columns, strict=True))])


def _json(forecast: Forecast, model_key: str) -> bytes:
    columns = {name: getattr(forecast, name).tolist() for name in COLUMNS}
    told = [{"key": a.key, "text": a.text} for a in forecast.marked]
    dose_mg = forecast.settings.dose_mg
    return msgspec.json.encode(
        {"model": model_key, "engine": ENGINE, "dose_mg": dose_mg, **columns, "assumptions": told}
    )
