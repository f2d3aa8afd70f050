"""The record of the toy transformer's attention, as the card `attention` needs it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pagereel.model.storyboard.attention import AttentionRecord, Look
from pagereel.packaged import COURSE

RECORD = COURSE / "recordings" / "toy-attention.json"


@lru_cache(maxsize=1)
def attention_record() -> AttentionRecord:
    """The record that comes with pagereel."""
    told = json.loads(RECORD.read_text("utf-8"))
    looks = (_look(each["words"], one) for each in told["sentences"] for one in each["looks"])
    return AttentionRecord(told["what"], told["layer"], told["seed"], told["sha256"], tuple(looks))


def _look(words: list[str], told: dict[str, Any]) -> Look:
    before = tuple(words[: told["position"] + 1])
    return Look(before, tuple(told["reads"]), tuple(told["scores"]))
