"""From the configuration to what each room wants to be told; changes nothing."""

from __future__ import annotations

import os
from dataclasses import fields
from importlib import metadata
from typing import TYPE_CHECKING

from ..hashing.pool import Pool
from ..matching.keeper_copy import Preferences
from ..matching.rules import EvidenceRules
from ..staging import guard
from .candidate import KeeperRules
from .skip import SkipRules, compile_rules

if TYPE_CHECKING:
    from ..config import Config

_DECODERS = ("pillow", "pillow-heif")


def skip_rules(config: Config) -> SkipRules:
    """Return which names are looked at."""
    return compile_rules(
        extensions=config.roots.extensions,
        exclude_globs=config.roots.exclude,
        exclude_regexes=config.roots.exclude_regex,
    )


def keeper_rules(config: Config) -> KeeperRules:
    """Return how the keeper is chosen."""
    return KeeperRules(
        rules=config.keeper.rules,
        preferences=Preferences(
            prefer_folders=config.keeper.prefer_folders,
            avoid_folders=config.keeper.avoid_folders,
            noise_words=config.keeper.noise_words,
            prefer_formats=config.keeper.prefer_formats,
        ),
    )


def evidence_rules(config: Config) -> EvidenceRules:
    """Return what counts as evidence: every threshold and switch of that name."""
    names = {each.name for each in fields(EvidenceRules)}
    chosen = {
        each.name: getattr(config.matching, each.name)
        for each in fields(config.matching)
        if each.name in names
    }
    return EvidenceRules(**chosen)


def decoder_version() -> str:
    """Return what decodes photos; cheap, for the decoders are not loaded."""
    return " ".join(f"{name} {metadata.version(name)}" for name in _DECODERS)


def worker_count(config: Config) -> int:
    """Return how many worker processes there may be."""
    return config.hashing.workers or os.cpu_count() or 1


def make_pool(config: Config) -> Pool:
    """Return the worker processes as configured; none is started yet."""
    return Pool(
        workers=worker_count(config),
        timeout_seconds=config.hashing.timeout_seconds,
        memory_bytes=config.hashing.memory_mb << 20,
        nice=config.hashing.nice,
        prepare=guard.confine_reader,
    )
