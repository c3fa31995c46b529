"""What a dose does in a person: models as data, solved in closed form.

`model` turns a knowledge file into a model, `compartments` solves it exactly for any piecewise-constant
input, `forecast` checks a request and answers with curves or a refusal. Doses are ketamine base.
"""

from serein.pharmacology.compartments import Bolus, Concentration, Infusion, Modes, concentration, modes
from serein.pharmacology.forecast import Band, Forecast, Settings, band, forecast
from serein.pharmacology.model import Assumption, Parameters, ThreeCompartment

__all__ = [
    "Assumption",
    "Band",
    "Bolus",
    "Concentration",
    "Forecast",
    "Infusion",
    "Modes",
    "Parameters",
    "Settings",
    "ThreeCompartment",
    "band",
    "concentration",
    "forecast",
    "modes",
]
