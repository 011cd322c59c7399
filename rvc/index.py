"""FeatureIndex: nearest-neighbour search over a training set's content, in the community's format.

Conversion blends a source's content with its nearest neighbours in the training data (the R of
RVC). The index is FAISS's IVF-flat: vectors grouped into lists by their k-means centre.
"""

import logging
from math import sqrt
from pathlib import Path

import faiss
import numpy as np

from rvc.errors import VoiceError
from rvc.files import write_atomically
from rvc.untrusted.faiss_file import FaissFile, empty_index, read_faiss_file, wrong_width

NEIGHBOURS = 8
ROWS_PER_LIST = 39  # with fewer, FAISS warns of too few points for k-means
MOST_ROWS = 200_000  # above this k-means first reduces the rows to CENTRES
CENTRES = 10_000
QUERY_ROWS = 1024  # per search: 1024 x 8 neighbours x 768 numbers are 25 MB
# Of a squared distance: a query that is itself in the index gets (nearly) all the weight.
LEAST_DISTANCE = 1e-12

logger = logging.getLogger(__name__)


class FeatureIndex:
    """An open index; `blend` may be called from several threads at once."""

    def __init__(self, search: faiss.Index) -> None:
        self._search = search

    def __len__(self) -> int:
        return self._search.ntotal

    @property
    def channels(self) -> int:
        return self._search.d

    @property
    def nbytes(self) -> int:
        """Return the bytes of the vectors, their ids and the centres of their lists."""
        return len(self) * (4 * self.channels + 8) + self.lists * 4 * self.channels

    @property
    def lists(self) -> int:
        """Return the number of k-means lists; 1 for a flat index."""
        return getattr(self._search, "nlist", 1)

    @property
    def probes(self) -> int:
        """Number of lists searched for a query, as the file asks for; 1 for a flat index."""
        return getattr(self._search, "nprobe", 1)

    def rows(self) -> np.ndarray:
        """Return all vectors (rows, channels) float32."""
        if isinstance(self._search, faiss.IndexIVF):
            self._search.make_direct_map()
        return self._search.reconstruct_n(0, len(self))

    def distances(self, content: np.ndarray) -> np.ndarray:
        """Return squared distances (frames,) of content (frames, channels) to the nearest rows."""
        content = np.ascontiguousarray(content, np.float32)
        return self._search.search(content, 1)[0][:, 0]

    def blend(self, content: np.ndarray, index_rate: float) -> np.ndarray:
        """Return content (frames, channels) blended with its neighbours by index_rate, 0 to 1.

        Neighbours have the weight 1/d^2, where d is the squared distance. A frame without
        neighbours keeps its content.
        """
        if content.ndim != 2 or content.shape[1] != self.channels:
            raise wrong_width(self.channels, content.shape[-1])
        if index_rate <= 0 or len(content) == 0:
            return content
        content = np.ascontiguousarray(content, np.float32)
        parts = range(0, len(content), QUERY_ROWS)
        retrieved = [self._retrieve(content[start : start + QUERY_ROWS]) for start in parts]
        return index_rate * np.concatenate(retrieved) + (1 - index_rate) * content

    def _retrieve(self, content: np.ndarray) -> np.ndarray:
        neighbours = min(NEIGHBOURS, len(self))
        distances, ids, vectors = self._search.search_and_reconstruct(content, neighbours)
        found = (ids >= 0)[..., None]  # (frames, neighbours, 1)
        weights = 1 / np.maximum(distances.astype(np.float64), LEAST_DISTANCE)[..., None] ** 2
        weights = np.where(found, weights, 0.0)
        total = weights.sum(1)
        mean = (weights * np.where(found, vectors, 0.0)).sum(1) / np.where(total > 0, total, 1)
        return np.where(total > 0, mean, content).astype(np.float32)

    def save(self, path: Path) -> Path:
        """Write the index as a file that other RVC programs read; return the path."""
        return write_atomically(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the content of the file that `save` writes."""
        return faiss.serialize_index(self._search).tobytes()

    @classmethod
    def load(cls, path: Path, channels: int | None = None) -> "FeatureIndex":
        """Read a community index; raises VoiceError if damaged, empty, of another type or width."""
        return cls.from_contents(read_faiss_file(Path(path), channels))

    @classmethod
    def from_contents(cls, contents: FaissFile) -> "FeatureIndex":
        """Return an index over vectors that have been read and checked, in their original lists."""
        channels = contents.vectors.shape[1]
        if len(contents.centres) == 0:
            flat = faiss.IndexFlatL2(channels)
            flat.add(np.ascontiguousarray(contents.vectors))
            return cls(flat)
        quantizer = faiss.IndexFlatL2(channels)
        quantizer.add(np.ascontiguousarray(contents.centres))
        search = faiss.IndexIVFFlat(quantizer, channels, len(contents.centres), faiss.METRIC_L2)
        search.is_trained = True
        search.nprobe = contents.probes
        start = 0
        for number, size in enumerate(contents.list_sizes.tolist()):
            if size:
                _fill_list(search, number, contents.vectors[start : start + size], start)
            start += size
        search.ntotal = start
        return cls(search)


def _fill_list(search: faiss.IndexIVFFlat, number: int, vectors: np.ndarray, first: int) -> None:
    codes = np.ascontiguousarray(vectors).view(np.uint8)
    ids = np.arange(first, first + len(vectors), dtype=np.int64)
    lists = search.invlists
    if lists is None:  # only after its lists were moved to another index
        raise ValueError("the index has no lists")
    lists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))


def build_index(content: np.ndarray, *, seed: int = 0) -> FeatureIndex:
    """Return an index of content (rows, channels) float32; deterministic for a seed.

    Raises VoiceError if content is empty or not finite.
    """
    if content.ndim != 2 or len(content) == 0:
        raise empty_index()
    if not np.isfinite(content).all():
        raise VoiceError(
            "The content features hold numbers that are not finite; the index was not built.",
        )
    content = np.ascontiguousarray(content, np.float32)
    if len(content) > MOST_ROWS:
        content = _reduced(content, seed)
    rows, channels = content.shape
    lists = list_count(rows)
    search = faiss.IndexIVFFlat(faiss.IndexFlatL2(channels), channels, lists, faiss.METRIC_L2)
    search.cp.seed = seed + 1
    search.train(content)
    search.nprobe = 1
    search.add(content)
    return FeatureIndex(search)


def list_count(rows: int) -> int:
    """Return the number of lists for `rows` vectors, by the formula of RVC programs."""
    return max(1, min(int(16 * sqrt(rows)), rows // ROWS_PER_LIST))


def _reduced(content: np.ndarray, seed: int) -> np.ndarray:
    """Return k-means centres (CENTRES, channels) of content too large to search."""
    from sklearn.cluster import MiniBatchKMeans  # slow to import, rarely needed

    logger.info("reducing %d rows of content to %d centres", len(content), CENTRES)
    kmeans = MiniBatchKMeans(
        CENTRES,
        init="random",
        n_init=1,
        batch_size=4096,
        random_state=seed,
        compute_labels=False,
    )
    return kmeans.fit(content).cluster_centers_.astype(np.float32)
