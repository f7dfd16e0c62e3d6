"""Why nobody could notice a mutant that `equivalent.py` or `equivalent_counts.py` names."""

THRESHOLD = "A threshold between two formulas (or a formula and a table) that are both right there"
SAME = "The same value: rounding, or the next operation, leaves nothing of the change"
UNUSED = "A placeholder in entries that are not used"
ROUNDING = "A change below the rounding of the result"
GAUGE = "Added to all entries alike, and taken away again by the normalisation"
COST = "A size or a count that changes the time and nothing else"
TIE = (
    "A tie of a uniform or a logarithm with a bound: its probability is 2⁻⁵² and it decides nothing"
)
GUARD = "A bound that no value was seen to pass, in 20,000 extreme cases"
UNKNOWN = "numpy takes any negative length for the unknown one"
ROOM = (
    "A proved bound of an error: halved it still holds wherever it was tried, larger it costs time"
)
FAR = "Nothing is ever accepted there: log f is below −440, the logarithm of the least height −130"
