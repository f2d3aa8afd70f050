"""A model is found by its name, by its files, or by the hub's id, or it is said why not."""

import json
import sys
from types import SimpleNamespace

import pytest

from pagereel.errors import InputWrong
from pagereel.model.sizing.known import KNOWN
from pagereel.sizing.models import CONFIG, INDEX, find_model

LLAMA = KNOWN["llama-3.1-8b"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "my-llama"
    made.mkdir()
    (made / CONFIG).write_text(json.dumps(LLAMA), "utf-8")
    return made


def test_a_model_known_by_name_is_its_published_configuration():
    found = find_model("llama-3.1-8b")
    assert (found.architecture.parameters, found.stored_bytes) == (8_030_261_248, None)


def test_a_configuration_is_named_for_its_folder_and_a_folder_has_one(folder):
    by_file, by_folder = find_model(str(folder / CONFIG)), find_model(str(folder))
    assert by_file == by_folder
    assert by_file.architecture.name == "my-llama"
    assert by_file.source == str(folder / CONFIG)


def test_the_index_of_its_weights_says_how_large_they_are(folder):
    index = {"metadata": {"total_size": 16_060_522_496}, "weight_map": {}}
    (folder / INDEX).write_text(json.dumps(index), "utf-8")
    assert find_model(str(folder)).stored_bytes == 16_060_522_496


def test_without_an_index_the_tensors_of_its_files_are_added_up(folder):
    header = b'{"w":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}'
    for name in ("a", "b"):
        tensors = len(header).to_bytes(8, "little") + header + b"\0" * 6
        (folder / f"{name}.safetensors").write_bytes(tensors)
    assert find_model(str(folder)).stored_bytes == 12


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", ":1:2: Expecting property name"),
        ("[1]", "a configuration is a JSON object, not [1]"),
        ("{}", "without num_hidden_layers or n_layer"),
        ('{"model_type": "x", "index_topk": 3}', "an index besides K/V"),
        ("\0", "not text: it has zero bytes"),
    ],
)
def test_a_configuration_that_cannot_be_read_says_why(tmp_path, content, told):
    path = tmp_path / "config.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InputWrong) as refused:
        find_model(str(path))
    assert str(refused.value).startswith(str(path)) and told in str(refused.value)


def test_a_name_that_is_nearly_known_gets_a_hint(tmp_path):
    with pytest.raises(InputWrong, match=r"did you mean `llama-3\.1-8b`\?"):
        find_model("lama-3.1-8b")
    with pytest.raises(InputWrong, match="No such file"):
        find_model(str(tmp_path / "nothing.json"))


def test_a_model_of_the_hub_is_read_from_where_the_hub_s_client_puts_it(folder, monkeypatch):
    def download(model, name):
        if name == INDEX:
            raise OSError("404")
        return str(folder / name)

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=download))
    assert find_model("meta-llama/Llama-3.1-8B").architecture.name == "meta-llama/Llama-3.1-8B"


def test_without_a_network_or_its_client_the_hub_is_told_of(monkeypatch):
    def download(model, name):
        raise ConnectionError("offline\nand more")

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=download))
    with pytest.raises(InputWrong, match="the hub does not give it: 'offline'"):
        find_model("meta-llama/Llama-3.1-8B")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputWrong, match=r"download its config\.json"):
        find_model("meta-llama/Llama-3.1-8B")
