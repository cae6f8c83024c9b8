"""A short fuzz run; the long one is `make fuzz`."""

from random import Random

from tests.conformance.corpora import read
from tests.fuzz.mutating import mutated
from tests.fuzz.running import OWN_EXAMPLES, material, run_all


def test_damaged_questionnaires_and_responses_give_issues_and_nothing_else() -> None:
    report = run_all(200, 1, of=material())
    assert report.failures == [], "\n".join(report.lines())
    assert report.compiled > report.mutations / 4
    # Generous, as other things run beside it: the exact limit is for the long run.
    assert report.slowest_call < 10


def test_a_mutation_can_be_repeated_by_its_seed() -> None:
    form = read(sorted(OWN_EXAMPLES.glob("*.json"))[0])
    assert repr(mutated(form, Random(5), others=[form])) == repr(mutated(form, Random(5), others=[form]))
    assert repr(mutated(form, Random(5), others=[form])) != repr(form)
