"""The pipeline: seeds to a published version of the graph."""

from zonegraph.build.pipeline import BuildOptions, BuildReport, build

__all__ = ["BuildOptions", "BuildReport", "build"]
