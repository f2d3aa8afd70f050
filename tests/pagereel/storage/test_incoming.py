"""A file that somebody else may have made is taken within limits, or refused with a reason."""

import gzip
import hashlib
import os
import socket
import tracemalloc
import zlib
from time import perf_counter

import pytest

from pagereel.storage.incoming import (
    PIECE,
    Obstacle,
    Unreadable,
    bytes_of,
    contents,
    cut,
    digest,
    lines,
    text_of,
    texts,
    unpacked,
)

READERS = {
    "bytes_of": lambda path: bytes_of(path, 99),
    "text_of": lambda path: text_of(path, 99),
    "contents": lambda path: list(contents(path, 99)),
    "digest": digest,
}


@pytest.fixture(params=READERS)
def reader(request):
    return READERS[request.param]


def refusal(work, *given):
    with pytest.raises(Unreadable) as caught:
        work(*given)
    return caught.value


def text_in(data, most=2**20):
    """What is read of bytes, in pieces of one byte and as a whole: it is the same."""
    found = "".join(texts([data]))
    assert "".join(texts(bytes([byte]) for byte in data)) == found
    return found


def test_a_fifo_is_refused_at_once_although_nobody_writes_into_it(tmp_path, reader):
    os.mkfifo(tmp_path / "fifo")
    found = refusal(reader, tmp_path / "fifo")
    assert (found.obstacle, found.message) == (Obstacle.NO_FILE, "a FIFO, not a file")
    assert "save what comes out of it" in found.hint


def test_a_link_to_a_fifo_is_a_fifo(tmp_path, reader):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link.yaml").symlink_to("fifo")
    assert refusal(reader, tmp_path / "link.yaml").obstacle is Obstacle.NO_FILE


def test_a_socket_is_refused(tmp_path, reader, monkeypatch):
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket")
        assert refusal(reader, tmp_path / "socket").message == "a socket, not a file"


def test_a_device_is_refused_without_being_opened(reader, tmp_path):
    (tmp_path / "link").symlink_to("/dev/zero")
    assert refusal(reader, tmp_path / "link").message == "a device, not a file"


def test_a_folder_and_what_is_not_there_are_told_apart(tmp_path, reader):
    assert refusal(reader, tmp_path).obstacle is Obstacle.FOLDER
    missing = refusal(reader, tmp_path / "none")
    assert (missing.obstacle, missing.message) == (Obstacle.MISSING, "No such file or directory")
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(reader, tmp_path / "loop").obstacle is Obstacle.REFUSED


@pytest.mark.parametrize("name", ["a\0b", "half \ud800", "x" * 5000])
def test_what_can_be_no_name_is_no_file(tmp_path, reader, name):
    assert refusal(reader, tmp_path / name).obstacle in (Obstacle.MISSING, Obstacle.REFUSED)


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_not(tmp_path, reader):
    path = tmp_path / "some"
    path.write_bytes(b"x" * 99)
    assert reader(path)
    path.write_bytes(b"x" * 100)
    if reader is not digest:
        found = refusal(reader, path)
        assert (found.obstacle, found.message) == (Obstacle.TOO_LARGE, "larger than 99 B")


def test_a_sparse_file_of_a_terabyte_is_refused_by_its_size(tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert refusal(bytes_of, path, 2**30).message == "larger than 1 GiB"


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"a\r\n", "a\r\n"), (b"\xef\xbb\xbfa", "a"), ("é漢😀".encode(), "é漢😀")],
)
def test_text_is_utf8_with_or_without_a_bom(data, text):
    assert text_in(data) == text


@pytest.mark.parametrize(
    ("data", "instead"),
    [
        ("title: x".encode("utf-16"), "UTF-16"),
        ("title: x".encode("utf-16-le"), "UTF-16"),
        ("title: x".encode("utf-16-be"), "UTF-16"),
        ("title: Заголовок".encode("utf-16-le"), "UTF-16"),
        ("title: x".encode("utf-32"), "UTF-32"),
        (gzip.compress(b"title: x", mtime=0), "a gzip file"),
        (b"PK\x03\x04\x14\0\0\0\x08\0\xff", "a ZIP file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"\0\0\0\x20ftypisom\0", "an MP4 video"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a WAV sound"),
        (b"PAR1\x15\0\x15", "a Parquet file"),
    ],
)
def test_what_is_no_utf8_is_named_for_what_it_is(data, instead):
    found = refusal(text_in, data)
    assert (found.obstacle, found.line) == (Obstacle.NO_TEXT, 1)
    assert str(found) == f"not UTF-8 text; this is {instead}"


def test_text_that_looks_like_a_format_is_text():
    for text in ("%PDF-1.7 is a format", "lib/ftyp", "PAR1", "ID3,x", "BZh91AY&SY"):
        assert text_in(text.encode()) == text


def test_a_byte_that_is_none_of_utf8_is_named_with_its_line():
    found = refusal(text_in, b"a\n\nb: caf\xe9\n")
    assert (found.line, found.hint) == (3, "byte 0xe9 would be `é` in Latin-1")
    assert refusal(text_in, b"a\n\x9f").hint == ""
    assert refusal(text_in, b"a\n\xe2\x82").line == 2  # the euro sign, cut off


def test_a_zero_byte_is_no_text_and_has_a_line():
    found = refusal(text_in, b"a\nb\0")
    assert (found.line, found.message) == (2, "not text: it has zero bytes")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_lines_are_the_same_however_the_file_comes_in_pieces(size):
    text = "one\n\r\r\ntwo\rthree\n\n\u2028é\x85\x0cfour\r"
    data = text.encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    expected = ["one\n", "\r", "\r\n", "two\r", "three\n", "\n", "\u2028é\x85\x0cfour\r"]
    assert list(lines(texts(pieces), 99)) == expected


def test_a_line_without_an_end_is_refused_with_its_number():
    found = refusal(list, lines(["a\n", "b" * 50, "b" * 50], 99))
    assert (found.message, found.line) == ("a line of more than 99 characters", 2)


def test_a_gzip_file_of_several_members_filled_up_with_zeros_is_one_text(tmp_path):
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + bytes(99)
    assert b"".join(unpacked(cut(data), 99)) == b"one two"
    assert b"".join(unpacked([data[i : i + 1] for i in range(len(data))], 99)) == b"one two"
    (tmp_path / "some.gz").write_bytes(data)
    assert b"".join(contents(tmp_path / "some.gz", 999)) == b"one two"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], "the file ends too early: it was cut off"),
        (lambda data: data[:20], "the file ends too early: it was cut off"),
        (lambda data: b"", "the file ends too early: it was cut off"),
        (lambda data: data + b"more", "no gzip file, or a damaged one"),
        (lambda data: data[:40] + b"\xff" + data[41:], "no gzip file, or a damaged one"),
        (lambda data: data[:-6] + b"\0" + data[-5:], "no gzip file, or a damaged one"),
    ],
)
def test_damage_is_told(damage, message):
    whole = gzip.compress(bytes(range(256)) * 20)
    found = refusal(list, unpacked(cut(damage(whole)), 2**20))
    assert (found.obstacle, found.message) == (Obstacle.DAMAGED, message)


@pytest.fixture(scope="module")
def bomb():
    """4 GB of empty lines in 4 MB."""
    member = zlib.compressobj(9, wbits=31)
    packed = member.compress(b"\n" * 2**26) + member.flush()
    return packed * 64


def test_a_small_file_that_would_be_large_is_refused_soon_and_without_the_memory(bomb, tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb)
    assert len(bomb) < 2**22 + 2**20
    tracemalloc.start()
    began = perf_counter()
    try:
        found = refusal(lambda: sum(map(len, contents(path, 2**27))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.message == "unpacked it is larger than 128 MiB"
    assert peak < 16 * PIECE
    assert perf_counter() - began < 3


def test_very_many_empty_members_are_refused():
    assert refusal(list, unpacked(cut(gzip.compress(b"") * 20_000), 99))


def test_the_start_of_a_long_file_can_be_had(bomb, tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb)
    found = lines(texts(contents(path, 2**27)), 99)
    assert [next(found) for _ in range(3)] == ["\n"] * 3
    found.close()


def test_a_digest_is_that_of_the_whole_file(tmp_path):
    data = os.urandom(3 * PIECE + 7)
    (tmp_path / "some").write_bytes(data)
    assert digest(tmp_path / "some") == hashlib.sha256(data).hexdigest()


def test_very_many_blank_lines_are_not_gone_through(monkeypatch):
    monkeypatch.setattr("pagereel.storage.incoming.MOST_LINES", 1000)
    pieces = ("\n" * 400 for _ in range(10))
    with pytest.raises(Unreadable, match="more than 1,000 lines"):
        list(lines(pieces, 100))
    assert len(list(pieces)) == 7
