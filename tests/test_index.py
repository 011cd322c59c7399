"""FeatureIndex: RVC's retrieval, its guards, and files read without FAISS."""

import struct
from pathlib import Path

import faiss
import numpy as np
import pytest

from rvc.errors import VoiceError
from rvc.index import FeatureIndex, build_index, list_count
from rvc.untrusted.faiss_file import read_faiss_file

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_INDEX = GOLDEN / "added_IVF8_Flat_nprobe_1_reference_v1.index"


def random_content(rows: int, channels: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, channels)).astype(np.float32)


def test_golden_retrieval():
    golden = np.load(GOLDEN / "retrieval_and_loudness.npz")
    index = FeatureIndex.load(GOLDEN_INDEX, 256)
    assert len(index) == 320
    blended = index.blend(golden["queries"], 0.75)
    expected = golden["blended_index_rate_0_75"]
    assert blended.dtype == np.float32
    assert np.abs(blended - expected).max() <= 1e-4 * np.abs(expected).max()


def test_our_reader_sees_what_faiss_sees():
    contents = read_faiss_file(GOLDEN_INDEX)
    theirs = faiss.read_index(str(GOLDEN_INDEX)).reconstruct_n(0, 320)
    ours = contents.vectors[np.lexsort(contents.vectors.T)]
    np.testing.assert_array_equal(ours, theirs[np.lexsort(theirs.T)])
    assert contents.centres.shape == (8, 256)
    assert contents.list_sizes.sum() == 320


@pytest.mark.parametrize("rows", [1, 5, 39, 400])
def test_a_saved_index_opens_here_and_in_faiss(tmp_path, rows):
    content = random_content(rows)
    index = build_index(content)
    path = index.save(tmp_path / "voice.index")
    theirs = faiss.read_index(str(path))
    assert (theirs.ntotal, theirs.nlist, theirs.nprobe) == (rows, list_count(rows), 1)
    again = FeatureIndex.load(path, 16)
    queries = random_content(30, seed=1)
    np.testing.assert_allclose(again.blend(queries, 0.5), index.blend(queries, 0.5), atol=1e-6)


def test_list_count_follows_the_community():
    assert [list_count(rows) for rows in (1, 78, 320, 100_000)] == [1, 2, 8, 2564]
    assert list_count(1_000_000) == 16_000


def test_the_seed_decides():
    content = random_content(400)
    once, again = build_index(content, seed=3), build_index(content, seed=3)
    queries = random_content(20, seed=1)
    np.testing.assert_array_equal(once.blend(queries, 1.0), again.blend(queries, 1.0))


def test_weights_are_the_inverse_square_of_faiss_distances():
    content = np.array([[0.0, 0.0], [3.0, 0.0]], np.float32)
    blended = build_index(content).blend(np.array([[1.0, 0.0]], np.float32), 1.0)
    near, far = 1 / 1.0**2, 1 / 4.0**2  # squared distances 1 and 4, squared again
    np.testing.assert_allclose(blended, [[3 * far / (near + far), 0]], rtol=1e-6)


def test_a_query_in_the_index_finds_itself_and_stays_finite():
    content = random_content(50)
    blended = build_index(content).blend(content, 1.0)
    np.testing.assert_allclose(blended, content, atol=1e-5)


def test_fewer_rows_than_neighbours():
    blended = build_index(random_content(3)).blend(random_content(4, seed=1), 1.0)
    assert np.isfinite(blended).all()


def test_a_frame_whose_list_is_empty_keeps_its_own_content():
    index = FeatureIndex.from_contents(
        read_faiss_file(GOLDEN_INDEX).__class__(
            vectors=random_content(4, 2),
            centres=np.array([[0, 0], [100, 100]], np.float32),
            list_sizes=np.array([4, 0]),
        )
    )
    query = np.array([[99.0, 99.0], [0.0, 0.0]], np.float32)
    blended = index.blend(query, 1.0)
    np.testing.assert_array_equal(blended[0], query[0])
    assert not np.array_equal(blended[1], query[1])


def test_rate_zero_changes_nothing():
    query = random_content(4, seed=1)
    np.testing.assert_array_equal(build_index(random_content(50)).blend(query, 0.0), query)


def test_wrong_width_is_a_sentence(tmp_path):
    index = build_index(random_content(50))
    with pytest.raises(VoiceError, match="16 numbers"):
        index.blend(random_content(3, channels=8), 0.5)
    path = index.save(tmp_path / "a.index")
    with pytest.raises(VoiceError, match="another kind of voice"):
        FeatureIndex.load(path, 768)


@pytest.mark.parametrize("content", [np.zeros((0, 16)), np.full((3, 16), np.nan)])
def test_nothing_to_build_from(content):
    with pytest.raises(VoiceError):
        build_index(content.astype(np.float32))


def test_an_empty_trained_index_is_named(tmp_path):
    search = faiss.index_factory(16, "IVF4,Flat")
    search.train(random_content(200))
    faiss.write_index(search, str(tmp_path / "trained.index"))
    with pytest.raises(VoiceError, match="added_"):
        FeatureIndex.load(tmp_path / "trained.index")


def test_a_flat_index_is_read(tmp_path):
    content = random_content(20)
    search = faiss.IndexFlatL2(16)
    search.add(content)
    faiss.write_index(search, str(tmp_path / "flat.index"))
    index = FeatureIndex.load(tmp_path / "flat.index", 16)
    np.testing.assert_allclose(index.blend(content, 1.0), content, atol=1e-5)


@pytest.mark.parametrize("factory", ["HNSW8", "IVF4,SQ8", "SQ8", "PCA8,Flat"])
def test_other_types_are_refused_without_their_code(tmp_path, factory):
    search = faiss.index_factory(16, factory)
    search.train(random_content(400))
    search.add(random_content(400))
    path = tmp_path / "other.index"
    faiss.write_index(search, str(path))
    code = path.read_bytes()[:4].decode()
    with pytest.raises(VoiceError, match=f"^(?!.*{code}).*not an index of the kind"):
        FeatureIndex.load(path)


def test_sparse_list_sizes_are_read(tmp_path):
    """FAISS writes only non-empty lists if more than half of them are empty."""
    search = faiss.IndexIVFFlat(faiss.IndexFlatL2(2), 2, 16)
    search.train(np.mgrid[:8, :8].reshape(2, -1).T.astype(np.float32))
    search.add(np.array([[0, 0], [0.1, 0]], np.float32))
    path = tmp_path / "sparse.index"
    faiss.write_index(search, str(path))
    assert b"sprs" in path.read_bytes()
    assert len(FeatureIndex.load(path, 2)) == 2


def test_every_truncation_is_a_sentence(tmp_path):
    whole = build_index(random_content(40, 4)).save(tmp_path / "a.index").read_bytes()
    path = tmp_path / "cut.index"
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(VoiceError):
            read_faiss_file(path)


def test_a_damaged_byte_never_escapes_as_another_error(tmp_path):
    data = build_index(random_content(40, 4)).save(tmp_path / "a.index").read_bytes()
    path = tmp_path / "bad.index"
    for position in range(180):  # all headers, before the vectors
        for value in (0, 255):
            changed = bytearray(data)
            changed[position] = value
            path.write_bytes(changed)
            try:
                contents = read_faiss_file(path)
            except VoiceError:
                continue
            assert len(contents.vectors) == 40


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_vectors_out_of_reason_are_refused(tmp_path, value):
    search = faiss.IndexFlatL2(2)
    search.add(np.array([[1.0, value]], np.float32))
    faiss.write_index(search, str(tmp_path / "a.index"))
    with pytest.raises(VoiceError, match="damaged"):
        FeatureIndex.load(tmp_path / "a.index")


def test_a_header_that_asks_for_everything_is_refused(tmp_path):
    header = b"IxF2" + struct.pack("<iqqqBi", 16, 2**60, 0, 0, 1, 1) + struct.pack("<q", 2**62)
    (tmp_path / "a.index").write_bytes(header)
    with pytest.raises(VoiceError, match="at most"):
        FeatureIndex.load(tmp_path / "a.index")


def test_the_lists_a_file_asks_to_search_are_searched(tmp_path):
    content, queries = random_content(400), random_content(60, seed=1)
    theirs = faiss.deserialize_index(np.frombuffer(build_index(content).to_bytes(), np.uint8))
    theirs.nprobe = 6  # as the recipe of April 2023 writes it
    faiss.write_index(theirs, str(tmp_path / "voice.index"))
    index = FeatureIndex.load(tmp_path / "voice.index")
    assert index.probes == 6
    distances, _, vectors = theirs.search_and_reconstruct(queries, 8)
    weights = (1 / distances.astype(np.float64) ** 2)[..., None]
    expected = (weights * vectors).sum(1) / weights.sum(1)
    np.testing.assert_allclose(index.blend(queries, 1.0), expected, atol=1e-4)
    one = build_index(content).blend(queries, 1.0)
    assert (np.abs(one - expected).max(1) > 1e-3).mean() > 0.2  # one list finds other neighbours
    again = faiss.deserialize_index(np.frombuffer(index.to_bytes(), np.uint8))
    assert again.nprobe == 6


def test_a_file_cannot_ask_for_more_lists_than_it_has(tmp_path):
    theirs = faiss.deserialize_index(
        np.frombuffer(build_index(random_content(400)).to_bytes(), np.uint8)
    )
    theirs.nprobe = 10_000
    faiss.write_index(theirs, str(tmp_path / "voice.index"))
    index = FeatureIndex.load(tmp_path / "voice.index")
    assert index.probes == index.lists == list_count(400)
