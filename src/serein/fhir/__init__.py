"""A FHIR R4 bundle of one patient -> statements that the rules can judge, and what the chart shows.

What counts as what is said in `knowledge/facts` (codes, names, excludes, span); nothing clinical stands here.
"""

from serein.fhir.bundle import LIMIT_BYTES, read_bundle
from serein.fhir.record import Allergy, Coded, Count, Identity, Imported, Medicine, Name, Problem
from serein.fhir.same_person import differences

__all__ = [
    "LIMIT_BYTES",
    "Allergy",
    "Coded",
    "Count",
    "Identity",
    "Imported",
    "Medicine",
    "Name",
    "Problem",
    "differences",
    "read_bundle",
]
