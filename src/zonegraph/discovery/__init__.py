"""What a version holds, counted once when it is made: VoID partitions."""

from zonegraph.discovery.void import DATASET, NODES, VOID_NAME, Rows, statistics, write_statistics

__all__ = ["DATASET", "NODES", "VOID_NAME", "Rows", "statistics", "write_statistics"]
