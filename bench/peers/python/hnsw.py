"""A bare graph, without storage, ids or records: hnswlib with M 16 and efConstruction 200, one thread to search with.

Usage: hnsw.py read STORE WORKLOAD. Builds the graph in memory and searches it with several values of ef.
"""

import json
import sys
import time
from pathlib import Path

import hnswlib
import numpy

DIMENSION = 384
K = 10
PASSES = 3
EFS = (50, 100, 200, 400, 800, 1600)


def tell(**figure):
    print(json.dumps(figure), flush=True)


def main():
    phase, _store, folder = sys.argv[1:4]
    assert phase == 'read', phase
    folder = Path(folder)
    base = numpy.fromfile(folder / 'base.f32', '<f4').reshape(-1, DIMENSION)
    queries = numpy.fromfile(folder / 'queries.f32', '<f4').reshape(-1, DIMENSION)
    truth = numpy.fromfile(folder / 'truth.i32', '<i4').reshape(-1, K)
    index = hnswlib.Index('ip', DIMENSION)
    index.init_index(len(base), M=16, ef_construction=200, random_seed=1)
    begun = time.perf_counter()
    index.add_items(base, num_threads=2)
    tell(measure='build, 2 threads', perSecond=len(base) / (time.perf_counter() - begun))
    index.set_num_threads(1)
    for ef in EFS:
        index.set_ef(ef)
        search(index, ef, queries, truth)


def search(index, ef, queries, truth):
    """One query after the other; the first pass counts for nothing."""
    times = []
    for turn in range(PASSES + 1):
        hits = 0
        for query, nearest in zip(queries, truth):
            begun = time.perf_counter()
            found, _ = index.knn_query(query, k=K)
            took = time.perf_counter() - begun
            hits += len(numpy.intersect1d(found[0], nearest))
            if turn > 0:
                times.append(took * 1e6)
    p50, p99 = numpy.percentile(times, [50, 99], method='inverted_cdf')
    tell(measure='search', setting=f'ef {ef}', p50Us=float(p50), p99Us=float(p99), recall=hits / truth.size)


main()
