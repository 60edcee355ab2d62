"""A run's budget, in dollars that add up exactly."""

from decimal import Decimal

from include.processing.errors import PermanentError

BILLIONTH = Decimal("1e-9")


def exact(dollars: float) -> Decimal:
    """To the billionth of a dollar: sums of floats would drift, and the last request that fits be refused."""
    return Decimal(repr(float(dollars))).quantize(BILLIONTH)


def budget_spent(limit: Decimal, reserved: Decimal) -> PermanentError:
    """`reserved` is what is spent, or about to be."""
    return PermanentError(
        "BUDGET_SPENT",
        f"the run's budget of {_shown(limit)} is spent ({_shown(reserved)} reserved)",
        "run it again with a larger budget: what was bought is kept",
    )


def _shown(dollars: Decimal) -> str:
    return f"${dollars.normalize():f}"
