"""pgvector and Chroma as contestants, over loopback: one caller, then 64 in several processes.

Usage: servers.py pgvector|chroma PORT WORKLOAD. Both have an HNSW index of M 16 and efConstruction 200, which every
record goes into; PostgreSQL syncs each commit, as it comes. Callers are connections, 16 in each of four processes,
so that Python's lock is not the limit.
"""

import json
import multiprocessing
import sys
import threading
import time
from pathlib import Path

import numpy

DIMENSION = 384
TEXT_BYTES = 200
PROCESSES = 4
THREADS = 16
# Of one caller, and of 64 together: Chroma takes ten times as long.
CALLS = {'pgvector': (500, 4096), 'chroma': (200, 1024)}


def tell(**figure):
    print(json.dumps(figure), flush=True)


class Pgvector:
    def __init__(self, port):
        import pgvector.psycopg
        import psycopg

        address = f'host=127.0.0.1 port={port} user=postgres dbname=postgres'
        self.connection = psycopg.connect(address, autocommit=True, prepare_threshold=2)
        self.connection.execute('CREATE EXTENSION IF NOT EXISTS vector')
        pgvector.psycopg.register_vector(self.connection)

    def create(self):
        columns = f'id bigint PRIMARY KEY, content text, meta jsonb, embedding vector({DIMENSION})'
        self.connection.execute(f'CREATE TABLE items({columns})')
        options = 'WITH (m = 16, ef_construction = 200)'
        self.connection.execute(f'CREATE INDEX ON items USING hnsw (embedding vector_cosine_ops) {options}')

    def record(self, row, text, vector, fields):
        values = (row, text, json.dumps(fields), vector)
        self.connection.execute('INSERT INTO items VALUES (%s, %s, %s, %s)', values)


class Chroma:
    def __init__(self, port):
        import chromadb

        self.client = chromadb.HttpClient(host='127.0.0.1', port=port)
        self.collection = None

    def create(self):
        graph = {'space': 'cosine', 'max_neighbors': 16, 'ef_construction': 200}
        self.client.create_collection('items', configuration={'hnsw': graph}, embedding_function=None)

    def record(self, row, text, vector, fields):
        self.collection = self.collection or self.client.get_collection('items')
        self.collection.add(ids=[str(row)], embeddings=[vector], documents=[text], metadatas=[fields])


def workload(folder):
    base = numpy.fromfile(folder / 'base.f32', '<f4').reshape(-1, DIMENSION)
    texts = (folder / 'texts.bin').read_bytes()

    def row(at):
        text = texts[at * TEXT_BYTES : (at + 1) * TEXT_BYTES].decode()
        return text, base[at], {'domain': f'd{at % 20}', 'importance': at % 10 / 10, 'agent': f'agent-{at % 10}'}

    return row


def callers(kind, port, folder, rows, barrier):
    """One process: 16 threads that take its rows."""
    row_of = workload(folder)
    clients = [kind(port) for _ in range(THREADS)]
    waiting, lock = iter(rows), threading.Lock()

    def call(client):
        while True:
            with lock:
                row = next(waiting, None)
            if row is None:
                return
            client.record(row, *row_of(row))

    threads = [threading.Thread(target=call, args=(client,)) for client in clients]
    barrier.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    barrier.wait()


def main():
    name, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    kind = {'pgvector': Pgvector, 'chroma': Chroma}[name]
    alone, at_once = CALLS[name]
    client, row_of = kind(port), workload(folder)
    client.create()
    times = []
    for row in range(alone):
        values = row_of(row)
        begun = time.perf_counter()
        client.record(row, *values)
        times.append((time.perf_counter() - begun) * 1e6)
    p50, p99 = numpy.percentile(times, [50, 99], method='inverted_cdf')
    tell(measure='record, 1 caller', p50Us=float(p50), p99Us=float(p99))
    barrier = multiprocessing.Barrier(PROCESSES + 1)
    shares = [range(alone + at, alone + at_once, PROCESSES) for at in range(PROCESSES)]
    arguments = [(kind, port, folder, share, barrier) for share in shares]
    processes = [multiprocessing.Process(target=callers, args=given) for given in arguments]
    for process in processes:
        process.start()
    barrier.wait()
    begun = time.perf_counter()
    barrier.wait()
    tell(measure='record, 64 callers', perSecond=at_once / (time.perf_counter() - begun))
    for process in processes:
        process.join()


if __name__ == '__main__':
    main()
