"""Values as texts write them: Chinese numbers and quantities, dates in EDTF, names folded across scripts. Pure."""

from zonegraph.values._amount import Number
from zonegraph.values.chinese_dates import read_chinese_date
from zonegraph.values.folding import fold, script_of, squeeze, to_simplified
from zonegraph.values.numbers import read_integer, read_number
from zonegraph.values.quantities import Quantity, read_quantity
from zonegraph.values.times import TimeValue, contains, latest_of, overlaps, read_edtf

__all__ = [
    "Number",
    "Quantity",
    "TimeValue",
    "contains",
    "fold",
    "latest_of",
    "overlaps",
    "read_chinese_date",
    "read_edtf",
    "read_integer",
    "read_number",
    "read_quantity",
    "script_of",
    "squeeze",
    "to_simplified",
]
