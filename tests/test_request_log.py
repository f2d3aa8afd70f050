"""A request log becomes requests whose contents match nothing."""

import csv
import io

import pytest

from model.request_log import read_request_log

LOG = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
"""


def rows(text):
    return csv.DictReader(io.StringIO(text))


def test_rows_become_requests_at_their_steps():
    first, second = read_request_log(rows(LOG), step_ms=100)
    assert (first.id, first.arrival, len(first.prompt), len(first.output)) == ("1", 0, 374, 44)
    assert (second.arrival, second.prompt, second.output) == (43, range(396), range(109))


@pytest.mark.parametrize("row", ["yesterday,1,1", "2023-11-16,many,1", "2023-11-16,5,0"])
def test_a_row_that_is_no_request_is_named(row):
    with pytest.raises(ValueError, match="row 3 of the request log"):
        list(read_request_log(rows(LOG + row), step_ms=100))
